/**
 * A whole Tandem on loopback, in a scratch folder, on ports that nobody uses: for the demo, the conformance suites and the
 * benchmarks. It is started and asked the way an operator does it: by the `tandem` command, in processes of their own.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Child } from './child.ts'
import { freePorts } from './free-ports.ts'

const CLI = fileURLToPath(new URL('../packages/cli/bin/tandem.mjs', import.meta.url))
/** A start takes a second; on a busy machine it takes many. */
const READY_MS_MAX = 60_000
/** A hundred legs may learn their sources at once; many times that share the ports afterwards. */
const RTP_PORTS = 200

/** What may be chosen; the rest is taken care of. */
export interface StageOptions {
  /** YAML of the directory; the demo one when absent. */
  readonly directory?: string
  /** The recording mode of everybody in the demo directory, in place of their own. */
  readonly recording?: 'Always' | 'Never'
  /** Further settings, as environment variables. */
  readonly settings?: Readonly<Record<string, string>>
  /** Done to the data folder before the first start. */
  readonly prepare?: (dataFolder: string) => void | Promise<void>
  /** How many RTP ports the server may use; every leg that rings without audio takes a pair. */
  readonly rtpPorts?: number
  /** Put before the node command, e.g. `['taskset', '-c', '0']`. */
  readonly wrapper?: readonly string[]
}

/** The scopes of a person who uses calls and recordings. */
export const USER_SCOPES: readonly string[] = [
  'spark:calls_read',
  'spark:calls_write',
  'spark:recordings_read',
  'spark:recordings_write',
  'spark:people_read',
]

/** One server with its folder and ports; it can be killed and started again on the same data. */
export class Stage {
  readonly folder: string
  readonly httpPort: number
  readonly sipPort: number
  readonly #options: StageOptions
  readonly #rtpPortMin: number
  readonly #phones: Child[] = []
  #server: Child | undefined

  private constructor(
    options: StageOptions,
    folder: string,
    ports: { http: number; sip: number; rtp: number },
  ) {
    this.#options = options
    this.folder = folder
    this.httpPort = ports.http
    this.sipPort = ports.sip
    this.#rtpPortMin = ports.rtp
  }

  /** Makes the folder, finds the ports and starts the server. Resolves when it is ready. */
  static async open(options: StageOptions = {}): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-'))
    const http = await freePorts(2)
    const sip = await freePorts(2)
    const rtp = await freePorts(options.rtpPorts ?? RTP_PORTS)
    const stage = new Stage(options, folder, { http, sip, rtp })
    const directory =
      options.directory ?? (options.recording === undefined ? undefined : demoDirectory(options.recording))
    if (directory !== undefined) writeFileSync(stage.directoryFile, directory)
    await options.prepare?.(stage.dataFolder)
    await stage.start()
    return stage
  }

  get url(): string {
    return `http://127.0.0.1:${this.httpPort}`
  }

  /** Where `/metrics` is, with health and readiness; the second of the ports that `httpPort` is the first of. */
  get managementUrl(): string {
    return `http://127.0.0.1:${this.httpPort + 1}`
  }

  get dataFolder(): string {
    return join(this.folder, 'data')
  }

  get directoryFile(): string {
    return join(this.folder, 'directory.yaml')
  }

  /** The server's process. */
  get server(): Child {
    if (this.#server === undefined) throw new Error('the server has not been started')
    return this.#server
  }

  /** Settings of the server, as environment variables. */
  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      TANDEM_DATA_FOLDER: this.dataFolder,
      TANDEM_HTTP_HOST: '127.0.0.1',
      TANDEM_HTTP_PORT: String(this.httpPort),
      TANDEM_MANAGEMENT_PORT: String(this.httpPort + 1),
      TANDEM_SIP_LISTEN: `udp:127.0.0.1:${this.sipPort},tcp:127.0.0.1:${this.sipPort}`,
      TANDEM_MEDIA_HOST: '127.0.0.1',
      TANDEM_MEDIA_PORT_MIN: String(this.#rtpPortMin),
      TANDEM_MEDIA_PORT_MAX: String(this.#rtpPortMin + (this.#options.rtpPorts ?? RTP_PORTS) - 1),
      ...(!existsSync(this.directoryFile) ? {} : { TANDEM_DIRECTORY_FILE: this.directoryFile }),
      ...this.#options.settings,
    }
  }

  /** Starts the server, for the first time or again. */
  async start(): Promise<void> {
    const [command, ...args] = [...(this.#options.wrapper ?? []), process.execPath, CLI, 'serve']
    if (command === undefined) throw new Error('there is no command to start')
    this.#server = new Child('tandem serve', command, args, { env: this.env })
    await this.#server.waitFor(/ready/i, READY_MS_MAX)
  }

  /** Runs one `tandem` command to its end and returns what it printed on stdout. */
  async tandem(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], { env: this.env })
    return stdout
  }

  /** A token of one person. */
  async token(email: string, scopes: readonly string[] = USER_SCOPES): Promise<string> {
    return (
      await this.tandem('token', 'create', '--person', email, '--scopes', scopes.join(' '), '--quiet')
    ).trim()
  }

  /** Starts a softphone as a process of its own; resolves when it has registered. */
  async phone(name: string, ...args: string[]): Promise<Child> {
    const phone = new Child(
      name,
      process.execPath,
      [CLI, 'phone', '--json', '--proxy', `127.0.0.1:${this.sipPort}`, ...args],
      { env: this.env },
    )
    this.#phones.push(phone)
    await phone.waitFor(/"registered"/, 10_000)
    return phone
  }

  /** Ends the phones and drains the server; returns the server's exit code. */
  async stop(): Promise<number> {
    await Promise.all(this.#phones.map((phone) => phone.stop(3_000)))
    return await this.server.stop(20_000)
  }

  /** Ends whatever still runs, then removes the folder. Safe after `stop`. */
  async close(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** The demo directory with one recording mode for everybody. */
function demoDirectory(recording: string): string {
  const file = fileURLToPath(new URL('../packages/server/demo/directory.yaml', import.meta.url))
  return readFileSync(file, 'utf8').replaceAll(/recording: \w+/g, `recording: ${recording}`)
}
