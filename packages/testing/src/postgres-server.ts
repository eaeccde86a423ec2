/**
 * A PostgreSQL server of its own for a test file, from Debian's package: a scratch cluster on a free loopback port, with
 * fsync on as in production. Each test takes a fresh database of it. Its default collation is a language's and not
 * bytes, so that a column without `COLLATE "C"` sorts wrong and is noticed.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where Debian's package puts its programs, one folder for each release. */
const PROGRAMS = '/usr/lib/postgresql'
/** How long the server may take to start; a busy machine needs several seconds. */
const START_MS_MAX = 30_000
/** Pause between two looks at whether it takes connections. */
const LOOK_MS = 25
/** The user that owns it, when the tests run as root, which PostgreSQL refuses. */
const SYSTEM_USER = 'postgres'

/** Why tests that need PostgreSQL are skipped here; for `skip`, false when they are not. */
export function postgresSkip(): string | false {
  if (programs() === undefined) return `PostgreSQL is not installed (Debian: postgresql, in ${PROGRAMS})`
  if (isRoot() && systemUser() === undefined) return `there is no user ${SYSTEM_USER} to run PostgreSQL as`
  return false
}

/** Whether a server can be started here. */
export function hasPostgres(): boolean {
  return postgresSkip() === false
}

/** One running server. */
export class PostgresServer {
  readonly #folder: string
  readonly #port: number
  readonly #password: string
  #process: ChildProcess | undefined
  #databases = 0
  readonly #atExit = (): void => this.#end()

  private constructor(folder: string, port: number, password: string) {
    this.#folder = folder
    this.#port = port
    this.#password = password
  }

  /** Makes a cluster and starts it. `settings` are added to those of the server, as `fsync: 'off'`. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-postgres-'))
    const password = randomBytes(12).toString('hex')
    const passwordFile = join(folder, 'password')
    writeFileSync(passwordFile, password)
    chmodSync(passwordFile, 0o600)
    const user = systemUser()
    if (isRoot() && user !== undefined) for (const path of [folder, passwordFile]) chownSync(path, ...user)
    const server = new PostgresServer(folder, await freePort(), password)
    try {
      // The cluster is thrown away, so making it may skip the syncs; running it does not.
      run('initdb', [
        ...['-D', join(folder, 'data'), '--no-sync', '-U', 'tandem', '--auth=scram-sha-256'],
        ...[`--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C.UTF-8'],
        ...['--locale-provider=icu', '--icu-locale=en-US'],
      ])
      await server.resume(settings)
    } catch (error) {
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
    return server
  }

  /** The address of one of its databases; `postgres` is always there. */
  url(database: string, login: { readonly user?: string; readonly password?: string } = {}): string {
    const { user = 'tandem', password = this.#password } = login
    return `postgres://${user}:${password}@127.0.0.1:${this.#port}/${database}`
  }

  /** Makes an empty database and returns its address. `options` end the statement, as `ENCODING 'LATIN1'`. */
  async createDatabase(options = ''): Promise<string> {
    const name = `test_${++this.#databases}`
    this.sql('postgres', `CREATE DATABASE ${name} ${options}`)
    return this.url(name)
  }

  /** Carries out one statement as the superuser and returns what `psql` prints, without headings. */
  sql(database: string, statement: string): string {
    return execFileSync(
      program('psql'),
      ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', statement, this.url(database)],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    ).trim()
  }

  /** Ends the server at once, as a crash does; `resume` starts it again over the same data. */
  async crash(): Promise<void> {
    await this.#stop('SIGQUIT')
  }

  /** Starts it again. */
  async resume(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const options = {
      listen_addresses: '127.0.0.1',
      port: String(this.#port),
      unix_socket_directories: this.#folder,
      shared_buffers: '32MB',
      max_connections: '60',
      fsync: 'on',
      ...settings,
    }
    const [command, ...rest] = asServerUser(program('postgres'), [
      ...['-D', join(this.#folder, 'data')],
      ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ])
    const child = spawn(command, rest, { stdio: 'ignore', cwd: this.#folder })
    child.unref() // A test that forgets to stop it still ends; the server then ends with the process.
    this.#process = child
    process.on('exit', this.#atExit)
    const giveUpAt = Date.now() + START_MS_MAX
    while (!this.#takesConnections()) {
      if (child.exitCode !== null || Date.now() > giveUpAt) throw new Error('PostgreSQL did not start')
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }

  /** Ends it and deletes its folder. */
  async stop(): Promise<void> {
    await this.#stop('SIGINT')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #takesConnections(): boolean {
    try {
      execFileSync(program('pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(this.#port)])
      return true
    } catch {
      return false
    }
  }

  async #stop(signal: NodeJS.Signals): Promise<void> {
    process.off('exit', this.#atExit)
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.ref()
    child.kill(signal)
    await gone
  }

  /** When this process ends without `stop`. */
  #end(): void {
    this.#process?.kill('SIGQUIT')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function run(name: string, args: readonly string[]): void {
  const [command, ...rest] = asServerUser(program(name), args)
  execFileSync(command, rest, { stdio: ['ignore', 'ignore', 'pipe'], cwd: tmpdir() })
}

/** `setpriv` becomes the program itself, so a signal to our child is one to the server. */
function asServerUser(command: string, args: readonly string[]): [string, ...string[]] {
  if (!isRoot()) return [command, ...args]
  const user = systemUser() ?? [0, 0]
  return ['setpriv', `--reuid=${user[0]}`, `--regid=${user[1]}`, '--init-groups', command, ...args]
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

function systemUser(): [uid: number, gid: number] | undefined {
  try {
    const ask = (flag: string): number =>
      Number(execFileSync('id', [flag, SYSTEM_USER], { encoding: 'utf8' }))
    return [ask('-u'), ask('-g')]
  } catch {
    return undefined
  }
}

function program(name: string): string {
  return join(programs() ?? PROGRAMS, name)
}

/** The newest release that is installed. */
function programs(): string | undefined {
  if (!existsSync(PROGRAMS)) return undefined
  const releases = readdirSync(PROGRAMS).toSorted((a, b) => Number(b) - Number(a))
  return releases.map((each) => join(PROGRAMS, each, 'bin')).find((each) => existsSync(join(each, 'initdb')))
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
