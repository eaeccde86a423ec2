/** What each attack found, for the table at the end. */

/** One row. */
interface Finding {
  readonly promiseCase: string
  readonly tool: string
  readonly found: string
}

/** The rows so far. */
export class Findings {
  readonly #rows: Finding[] = []

  add(promiseCase: string, tool: string, found: string): void {
    this.#rows.push({ promiseCase, tool, found })
  }

  /** In the order of the cases. */
  toString(): string {
    const rows = this.#rows.toSorted((a, b) => a.promiseCase.localeCompare(b.promiseCase))
    const lines = [{ promiseCase: 'case', tool: 'tool', found: 'what it found' }, ...rows]
    const width = Math.max(...lines.map(({ tool }) => tool.length))
    return lines
      .map((row) => `${row.promiseCase.padEnd(5)} ${row.tool.padEnd(width)}  ${row.found}`)
      .join('\n')
  }
}
