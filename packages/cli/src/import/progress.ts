/**
 * How far an import is, in one line of the terminal that rewrites itself; nowhere else, so that logs stay short.
 */
import { tableLines } from '../output.ts'

/** How often the line is rewritten at most, in milliseconds. */
const EVERY_MS = 100

/** Where the line goes. */
export interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** The line of one batch. */
export class Progress {
  readonly #terminal: Terminal
  readonly #now: () => number
  readonly #files: number
  #done = 0
  #failed = 0
  /** Bytes of files under way, by their names. */
  readonly #underWay = new Map<string, number>()
  #doneBytes = 0
  #writtenAt = Number.NEGATIVE_INFINITY

  constructor(
    files: number,
    terminal: Terminal = process.stderr,
    now: () => number = () => performance.now(),
  ) {
    this.#files = files
    this.#terminal = terminal
    this.#now = now
  }

  /** So many bytes of a file are there. */
  received(name: string, bytes: number): void {
    this.#underWay.set(name, bytes)
    this.#write()
  }

  /** A file is over. */
  ended(name: string, isFailed: boolean): void {
    this.#doneBytes += this.#underWay.get(name) ?? 0
    this.#underWay.delete(name)
    this.#done += 1
    if (isFailed) this.#failed += 1
    this.#write()
  }

  /** Takes the line away, so that something else can be printed. */
  clear(): void {
    if (this.#terminal.isTTY === true) this.#terminal.write('\r\u001b[K')
    this.#writtenAt = Number.NEGATIVE_INFINITY
  }

  #write(): void {
    if (this.#terminal.isTTY !== true || this.#now() - this.#writtenAt < EVERY_MS) return
    this.#writtenAt = this.#now()
    const bytes = this.#underWay.values().reduce((sum, each) => sum + each, this.#doneBytes)
    const failed = this.#failed === 0 ? '' : `, ${this.#failed} failed`
    const [line = ''] = tableLines([
      [`${this.#done} of ${this.#files} files${failed}, ${(bytes / 1e6).toFixed(1)} MB sent`],
    ])
    this.#terminal.write(`\r${line.slice(0, (this.#terminal.columns ?? 80) - 1)}\u001b[K`)
  }
}
