/**
 * What commands print on stdout: a table for people, JSON for programs. Names come from whoever calls, so control
 * characters, which could rewrite a terminal, are shown as `?` in everything but JSON, where they are escaped anyway.
 */

/** Prints a value as JSON with an indent of two. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, undefined, 2))
}

/** Prints rows under their headings, aligned. Without a row only a sentence on stderr, so that pipes stay empty. */
export function printTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  none: string,
): void {
  if (rows.length === 0) console.error(none)
  else for (const line of tableLines([headings, ...rows])) console.log(line)
}

/** Prints names and values, one a line; what has no value is left out. */
export function printFacts(facts: Readonly<Record<string, string | undefined>>): void {
  const rows = Object.entries(facts).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  for (const line of tableLines(rows)) console.log(line)
}

/** The lines of a table, two blanks between columns. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(clean))
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  )
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** The text without anything that a terminal would obey: control characters and those that turn the direction. */
export function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
}

/** A text as a sentence: with a capital and a full stop, and nothing that a terminal would obey. Names of members stay. */
export function sentence(text: string): string {
  const begun = clean(text).replace(/^[a-z](?=[a-z'’]*(?:[\s,.:;]|$))/, (letter) => letter.toUpperCase())
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}
