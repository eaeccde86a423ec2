/** What was seen in each scene, as a table for people: Markdown, a row for each operation. */

/** One row. */
export interface ProgrammeRow {
  readonly operation: string
  readonly api: readonly string[]
  readonly wire: readonly string[]
  readonly states: readonly string[]
  readonly events: readonly string[]
  readonly peer: string
}

/** Rows in the order in which they were played. */
export class Programme {
  readonly #rows: ProgrammeRow[] = []

  add(row: ProgrammeRow): void {
    this.#rows.push(row)
  }

  /** The table; empty without rows. */
  print(): string {
    if (this.#rows.length === 0) return ''
    const head = ['operation', 'API call', 'on the wire', 'states each party listed', 'events', 'peer']
    const rows = this.#rows
      .toSorted((one, other) => one.operation.localeCompare(other.operation))
      .map((row) => [
        row.operation,
        cell(row.api),
        cell(row.wire),
        cell(row.states),
        cell(row.events),
        row.peer,
      ])
    return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  }
}

function cell(lines: readonly string[]): string {
  return lines.length === 0 ? '–' : lines.map((line) => line.replaceAll('|', '\\|')).join('<br>')
}
