/** Child processes for the demo, conformance and benchmarks: started, watched for a line, ended by pid. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'

/** How much of a child's output is kept for the report when something goes wrong. */
const OUTPUT_CHARS_MAX = 200_000

/** A process that we started, with what it has printed so far. */
export class Child {
  readonly process: ChildProcess
  readonly name: string
  #output = ''
  #listeners: (() => void)[] = []
  readonly exited: Promise<number>
  #exitCode: number | undefined

  constructor(name: string, command: string, args: readonly string[], options: SpawnOptions = {}) {
    this.name = name
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options })
    const take = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString('utf8')).slice(-OUTPUT_CHARS_MAX)
      this.#wake()
    }
    this.process.stdout?.on('data', take)
    this.process.stderr?.on('data', take)
    this.exited = new Promise((resolve, reject) => {
      this.process.once('error', reject)
      this.process.once('close', (code, signal) => {
        this.#exitCode = code ?? (signal === null ? 1 : 128)
        this.#wake()
        resolve(this.#exitCode)
      })
    })
    this.exited.catch(() => {}) // Whoever waits for the exit sees it; nobody else needs to.
  }

  /** Everything printed so far, both streams. */
  get output(): string {
    return this.#output
  }

  /** The exit code; undefined while it runs. */
  get exitCode(): number | undefined {
    return this.#exitCode
  }

  /** Resolves with the match when the output holds it; rejects when the process ends or the time is over first. */
  async waitFor(pattern: RegExp, waitMs: number): Promise<RegExpMatchArray> {
    const giveUpAt = performance.now() + waitMs
    for (;;) {
      const match = this.#output.match(pattern)
      if (match !== null) return match
      const leftMs = giveUpAt - performance.now()
      if (this.#exitCode !== undefined)
        throw new Error(
          `${this.name} ended with ${this.#exitCode} before it said ${pattern}:\n${this.#output}`,
        )
      if (leftMs <= 0)
        throw new Error(`${this.name} did not say ${pattern} within ${waitMs} ms:\n${this.#output}`)
      await this.#change(leftMs)
    }
  }

  /** Asks the process to end, then makes it. Returns its exit code. */
  async stop(graceMs = 10_000): Promise<number> {
    if (this.#exitCode !== undefined) return this.#exitCode
    this.process.kill('SIGTERM')
    const timer = setTimeout(() => this.process.kill('SIGKILL'), graceMs)
    const code = await this.exited
    clearTimeout(timer)
    return code
  }

  /** Ends the process as a power cut would. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL')
    await this.exited
  }

  #change(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs)
      this.#listeners.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #wake(): void {
    const listeners = this.#listeners
    this.#listeners = []
    for (const listener of listeners) listener()
  }
}

/** Resolves when `check` returns something; asks again every `everyMs`, and rejects with `what` after `waitMs`. */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined> | T | undefined,
  { waitMs = 10_000, everyMs = 25 } = {},
): Promise<T> {
  const giveUpAt = performance.now() + waitMs
  for (;;) {
    const found = await check()
    if (found !== undefined) return found
    if (performance.now() > giveUpAt) throw new Error(`${what}: not within ${waitMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
