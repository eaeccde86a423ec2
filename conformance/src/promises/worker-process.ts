/**
 * One run of the worker as the harness sees it: started bare or under strace, told what to do, its ledger read to the
 * last line that it wrote before it died.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Ledger } from './ledger.ts'
import { type Command, LEDGER_FD, type LedgerLine } from './protocol.ts'
import { BUG_VARIABLE, type Bug } from './seed-bug.ts'

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))
/** A worker that says nothing for so long hangs; ten times what its slowest answer takes under strace. */
const SILENCE_MS_MAX = 60_000
/** The pipe is empty when nothing came for so long while its writer is stopped. */
const DRAIN_MS = 60

/** How to run it. */
export interface WorkerOptions {
  readonly dataFolder: string
  readonly scratch: string
  readonly ledger: Ledger
  /** Arguments of strace, with what to inject; bare when absent. */
  readonly strace?: readonly string[]
  readonly bug?: Bug | undefined
  /** Without jobs of its own, so that only the harness moves its scrub. */
  readonly still?: boolean
}

/** How it ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
}

/** A running worker. */
export class WorkerProcess {
  readonly #child: ChildProcess
  readonly #ledger: Ledger
  readonly #isTraced: boolean
  readonly #lines: LedgerLine[] = []
  #output = ''
  #heardAt = performance.now()
  #wake: () => void = () => {}
  #ending: Ending | undefined
  readonly ended: Promise<Ending>

  constructor({ dataFolder, scratch, ledger, strace, bug, still = false }: WorkerOptions) {
    const node = [process.execPath, WORKER, dataFolder, scratch, ...(still ? ['still'] : [])]
    const [command, ...args] = strace === undefined ? node : ['strace', ...strace, ...node]
    this.#ledger = ledger
    this.#isTraced = strace !== undefined
    this.#child = spawn(command as string, args, {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        // `when=` of strace counts for each thread: with one thread of the pool it means the n-th call of all.
        UV_THREADPOOL_SIZE: '1',
        // Half of a start is reading our sources.
        NODE_COMPILE_CACHE: join(tmpdir(), 'tandem-promises-compiled'),
        ...(bug === undefined ? {} : { [BUG_VARIABLE]: bug }),
      },
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-20_000)
      })
    this.#child.stdin?.on('error', () => {}) // It died; its end tells.
    const ledgerPipe = this.#child.stdio[LEDGER_FD] as Readable
    createInterface({ input: ledgerPipe }).on('line', (line) => this.#heard(line))
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        ledger.cut()
        this.#ending = { code, signal, output: this.#output }
        this.#wake()
        resolve(this.#ending)
      })
    })
  }

  /** The next line of this kind; undefined when it ended before. */
  async next<Kind extends LedgerLine['k']>(
    kind: Kind,
  ): Promise<Extract<LedgerLine, { readonly k: Kind }> | undefined> {
    for (;;) {
      for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift())
        if (line.k === kind) return line as Extract<LedgerLine, { readonly k: Kind }> // Just compared.
      if (this.#ending !== undefined) return undefined
      if (performance.now() - this.#heardAt > SILENCE_MS_MAX) {
        this.kill()
        throw new Error(`the worker says nothing any more:\n${this.#output}`)
      }
      await Promise.race([new Promise<void>((resolve) => (this.#wake = resolve)), wait(1_000)])
    }
  }

  /** Tells it what to do. */
  send(command: Command): void {
    this.#heardAt = performance.now()
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`)
  }

  /** Ends it in the middle of whatever it does; under strace the worker itself, since strace would let it run on. */
  kill(): void {
    const worker = this.#isTraced ? childOf(this.#child.pid) : this.#child.pid
    if (worker === undefined || this.#ending !== undefined) return
    try {
      process.kill(worker, 'SIGKILL')
    } catch {
      // It died by itself in this moment.
    }
  }

  /** Stops all its threads; resolves when they stand and everything that they wrote was read. */
  async freeze(): Promise<void> {
    this.#child.kill('SIGSTOP')
    await this.frozen()
  }

  /** Resolves when it has stopped itself and everything that it wrote was read. */
  async frozen(): Promise<void> {
    while (this.#ending === undefined && !isStopped(this.#child.pid)) await wait(5)
    do await wait(DRAIN_MS)
    while (performance.now() - this.#heardAt < DRAIN_MS)
  }

  /** Lets it go on. */
  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  /** Has it close its library and end. */
  async close(): Promise<Ending> {
    this.send({ c: 'close' })
    return await this.ended
  }

  #heard(text: string): void {
    this.#heardAt = performance.now()
    let line: LedgerLine
    try {
      line = JSON.parse(text) as LedgerLine // Of our worker.
    } catch {
      return // Cut off by its death.
    }
    this.#ledger.take(line)
    if (!['begin', 'done', 'failed', 'violation'].includes(line.k)) this.#lines.push(line)
    this.#wake()
  }
}

function isStopped(pid: number | undefined): boolean {
  try {
    return / T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, ''))
  } catch {
    return true // It is gone.
  }
}

function childOf(pid: number | undefined): number | undefined {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
    return children[0] === '' ? undefined : Number(children[0])
  } catch {
    return undefined // It is gone.
  }
}
