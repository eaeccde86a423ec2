/** wxc_sdk, the Python SDK that integrations use against Webex: installed into a folder of its own, and driven a method at a time. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Child } from '../../../tools/child.ts'

const run = promisify(execFile)
/** The version that the contract was read from. */
const VERSION = '1.37.0'
const FOLDER = join(tmpdir(), `tandem-wxc-sdk-${VERSION}`)
const DRIVER = fileURLToPath(new URL('../../wxc/driver.py', import.meta.url))
const INSTALL_MS_MAX = 180_000
const ANSWER_MS_MAX = 20_000

/** What a method gave back. */
export interface WxcAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: results are looked into by the tests, which know what they asked for.
  readonly result?: any
  /** The HTTP status behind a `RestError`. */
  readonly status?: number
  readonly description?: string
  /** The name of any other exception. */
  readonly raised?: string
  readonly text?: string
}

/** Installs wxc_sdk where it is not yet; why it cannot be had, or false. */
export async function withoutWxc(): Promise<string | false> {
  const python = join(FOLDER, 'bin', 'python')
  try {
    if (!existsSync(python)) await run('python3', ['-m', 'venv', FOLDER], { timeout: INSTALL_MS_MAX })
    const isThere = await run(python, ['-c', 'import wxc_sdk']).then(
      () => true,
      () => false, // It is installed next.
    )
    if (!isThere)
      await run(python, ['-m', 'pip', 'install', '--quiet', `wxc-sdk==${VERSION}`], {
        timeout: INSTALL_MS_MAX,
      })
    return false
  } catch (error) {
    const last = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error)
    return `wxc_sdk is not installed (PyPI: wxc-sdk==${VERSION}): ${last}`
  }
}

/** How a method fared over a whole run. */
export interface Fared {
  done: number
  readonly failures: string[]
}

/** A running wxc_sdk. */
export class Wxc {
  /** Every method that was called in this process, by name. */
  static readonly ran: Map<string, Fared> = new Map()
  readonly #child: Child
  #count = 0

  constructor(baseUrl: string) {
    this.#child = new Child('wxc_sdk', join(FOLDER, 'bin', 'python'), [DRIVER, baseUrl])
  }

  /** Calls a method, e.g. `telephony.calls.dial`, with its arguments by name. */
  async ask(token: string, method: string, args: Readonly<Record<string, unknown>> = {}): Promise<WxcAnswer> {
    const id = ++this.#count
    this.#child.process.stdin?.write(`${JSON.stringify({ id, token, method, args })}\n`)
    const [line] = await this.#child.waitFor(new RegExp(`^\\{"id": ${id}, .*$`, 'm'), ANSWER_MS_MAX)
    const answer = JSON.parse(line) as WxcAnswer // What the driver prints.
    const fared = Wxc.ran.get(method) ?? { done: 0, failures: [] }
    Wxc.ran.set(method, fared)
    if (answer.status === undefined && answer.raised === undefined) fared.done += 1
    else fared.failures.push(`${answer.status ?? answer.raised}`)
    return answer
  }

  stop(): Promise<number> {
    return this.#child.stop(2_000)
  }
}
