/** How far a long command is, on one line of a terminal that is written over; nothing where stderr is a file or a pipe. */

/** Longest pause between two lines, so that a fast command does not spend its time on them. */
const SHOW_MS = 200

/** One line of progress. */
export class Progress {
  readonly #what: string
  #shownAt = 0

  /** `what` is counted: `files looked at`. */
  constructor(what: string) {
    this.#what = what
  }

  /** Shows a count now and then. */
  show(count: number): void {
    const now = Date.now()
    if (!process.stderr.isTTY || now - this.#shownAt < SHOW_MS) return
    this.#shownAt = now
    process.stderr.write(`\r${count} ${this.#what}`)
  }

  /** Clears the line. */
  end(): void {
    if (this.#shownAt > 0) process.stderr.write('\r\x1b[K')
  }
}
