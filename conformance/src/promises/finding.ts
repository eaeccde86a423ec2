/**
 * What a proof found about one promise, and the table of all of them: what was done, the figure reached, the figure asked,
 * and whether the load was enough to prove anything. A run below its minimum is void, and says so.
 */

/** One line of the table. */
export interface Finding {
  readonly promise: string
  /** What was done. */
  readonly did: string
  /** The figure that came out. */
  readonly reached: string
  /** The figure that `promises.md` asks for. */
  readonly asked: string
  /** How much was done, in whatever it counts. */
  readonly load: number
  /** Less proves nothing in the long form. */
  readonly loadMin: number
  /** Everything that was not as promised. */
  readonly faults: readonly string[]
  /** Why it was not run here. */
  readonly skipped?: string
}

/** What is to be said of a finding. */
export function verdictOf(finding: Finding): 'ok' | 'BROKEN' | 'void' | 'skipped' {
  if (finding.skipped !== undefined) return 'skipped'
  if (finding.faults.length > 0) return 'BROKEN'
  return finding.load < finding.loadMin ? 'void' : 'ok'
}

/** The table for people. */
export function table(findings: readonly Finding[]): string {
  const lines = findings.map((finding) => [
    finding.promise,
    finding.skipped === undefined ? finding.did : `${finding.did}: skipped, ${finding.skipped}`,
    finding.reached,
    finding.asked,
    `${finding.load} of ${finding.loadMin}`,
    verdictOf(finding),
  ])
  const rows = [['promise', 'what was done', 'reached', 'asked', 'load of minimum', 'verdict'], ...lines]
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const print = (row: readonly string[]): string =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
  const faults = findings.flatMap(({ promise, faults: found }) =>
    found.slice(0, 5).map((fault) => `  ${promise}: ${fault}`),
  )
  return [...rows.map(print), ...faults].map((line) => line.trimEnd()).join('\n')
}
