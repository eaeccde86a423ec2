/**
 * SIPVicious, the scanners that knock at every SIP port of the internet: installed into a folder of their own, and run as
 * programs against our own server on loopback.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Child } from '../../../tools/child.ts'

const run = promisify(execFile)
/** The version whose answers the suite knows. */
const VERSION = '0.3.8'
const FOLDER = join(tmpdir(), `tandem-sipvicious-${VERSION}`)
const INSTALL_MS_MAX = 120_000
/** How long a tool waits for an answer that does not come before it gives up, in seconds. */
const SILENCE_SECONDS = 3
const LOCALHOST = '127.0.0.1'

/** One of its programs: who is there, which extensions, which password. */
export type Scanner = 'svmap' | 'svwar' | 'svcrack'

/** What a scanner said in the end. */
export interface Scan {
  /** The words of each row of its table, the header left out. */
  readonly rows: readonly (readonly string[])[]
  readonly output: string
  readonly ms: number
}

/** Installs it where it is not yet; why it cannot be had, or false. */
export async function withoutSipvicious(): Promise<string | false> {
  const python = join(FOLDER, 'bin', 'python')
  try {
    if (!existsSync(python)) await run('python3', ['-m', 'venv', FOLDER], { timeout: INSTALL_MS_MAX })
    if (!existsSync(programOf('svwar')))
      await run(python, ['-m', 'pip', 'install', '--quiet', `sipvicious==${VERSION}`], {
        timeout: INSTALL_MS_MAX,
      })
    return false
  } catch (error) {
    const last = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error)
    return `sipvicious is not installed (PyPI: sipvicious==${VERSION}): ${last}`
  }
}

/** Runs a scanner against the SIP port of a server on loopback, from `localPort`, to its end. */
export async function scan(
  scanner: Scanner,
  options: { readonly port: number; readonly localPort: number; readonly msMax: number },
  ...args: readonly string[]
): Promise<Scan> {
  const beganAt = performance.now()
  const patience = scanner === 'svmap' ? [] : ['--maximumtime', String(SILENCE_SECONDS)]
  const child = new Child(scanner, programOf(scanner), [
    ...['-p', String(options.port), '-P', String(options.localPort), '-b', LOCALHOST],
    ...patience,
    ...args,
    LOCALHOST,
  ])
  const timer = setTimeout(() => void child.stop(1_000), options.msMax)
  await child.exited
  clearTimeout(timer)
  const ms = performance.now() - beganAt
  if (ms >= options.msMax)
    throw new Error(`${scanner} did not end within ${options.msMax} ms: ${child.output}`)
  if (/Traceback|^Usage:/m.test(child.output)) throw new Error(`${scanner} could not be run: ${child.output}`)
  return { rows: rowsOf(child.output), output: child.output, ms }
}

function programOf(scanner: Scanner): string {
  return join(FOLDER, 'bin', `sipvicious_${scanner}`)
}

/** A table is drawn with bars; its first row is the header. */
function rowsOf(output: string): string[][] {
  const lines = output.split('\n').filter((line) => line.startsWith('|'))
  const cells = lines.map((line) => line.split('|').slice(1, -1))
  return cells.slice(1).map((row) => row.map((cell) => cell.trim()))
}
