/**
 * A real S3 server for tests: OpenStack Swift with its S3 interface, from Debian's packages, one process for each kind of
 * server, in a scratch folder and on loopback ports of its own. It keeps objects on disk with checksums, checks
 * signatures and speaks multipart uploads; one replica, and no versioning or object lock.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/** The programs, and so the Debian packages, that it takes. */
const SERVERS = ['account', 'container', 'object', 'proxy'] as const
const READY_MS_MAX = 30_000
const POLL_MS = 100

/** A running S3 server. */
export interface S3Server {
  /** `http://127.0.0.1:port`; buckets are in the path. */
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  stop(): Promise<void>
}

/** Why no S3 server can be started here; undefined when one can. */
export function s3Missing(): string | undefined {
  const missing = [...SERVERS.map((name) => `swift-${name}-server`), 'swift-ring-builder'].filter(
    (program) => spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status !== 0,
  )
  return missing.length === 0 ? undefined : `${missing.join(', ')} not installed`
}

/** Starts one. It has no bucket yet. */
export async function startS3(): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-s3-'))
  const etc = join(folder, 'etc')
  mkdirSync(etc)
  mkdirSync(join(folder, 'srv', 'disk'), { recursive: true })
  const ports = await freePorts(SERVERS.length)
  const processes: ChildProcess[] = []
  const server: S3Server = {
    endpoint: `http://127.0.0.1:${ports[3]}`,
    region: 'us-east-1',
    accessKeyId: 'tandem:tester',
    secretAccessKey: 'secret-of-tester',
    async stop() {
      await Promise.all(processes.map(end))
      rmSync(folder, { recursive: true, force: true })
    },
  }
  try {
    for (const [at, name] of SERVERS.entries()) {
      const port = ports[at] as number
      const file = join(etc, `${name}-server.conf`)
      writeFileSync(file, name === 'proxy' ? proxyConfig(folder, port) : storageConfig(folder, name, port))
      if (name !== 'proxy') makeRing(etc, name, port)
    }
    for (const name of SERVERS) {
      const config = join(etc, `${name}-server.conf`)
      processes.push(spawn(`swift-${name}-server`, [config], { stdio: 'ignore' }))
    }
    for (const port of ports) await untilReady(`http://127.0.0.1:${port}/`, processes)
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

function storageConfig(folder: string, name: string, port: number): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
user = ${userInfo().username}
swift_dir = ${folder}/etc
devices = ${folder}/srv
mount_check = false
disable_fallocate = true
workers = 0
[pipeline:main]
pipeline = ${name}-server
[app:${name}-server]
use = egg:swift#${name}
`
}

function proxyConfig(folder: string, port: number): string {
  const filters = ['catch_errors', 'gatekeeper', 'listing_formats', 'bulk', 'slo']
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
user = ${userInfo().username}
swift_dir = ${folder}/etc
workers = 0
[pipeline:main]
pipeline = catch_errors gatekeeper listing_formats cache bulk s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_tandem_tester = secret-of-tester .admin
${filters.map((name) => `[filter:${name}]\nuse = egg:swift#${name}\n`).join('')}`
}

function makeRing(etc: string, name: string, port: number): void {
  const ring = (...args: string[]): void => {
    execFileSync('swift-ring-builder', [join(etc, `${name}.builder`), ...args], { stdio: 'ignore' })
  }
  ring('create', '4', '1', '0')
  ring('add', `r1z1-127.0.0.1:${port}/disk`, '1')
  ring('rebalance')
}

async function untilReady(url: string, processes: readonly ChildProcess[]): Promise<void> {
  const giveUpAt = performance.now() + READY_MS_MAX
  for (;;) {
    const dead = processes.find((each) => each.exitCode !== null)
    if (dead !== undefined) throw new Error(`${dead.spawnfile} ended with ${dead.exitCode}`)
    const answer = await fetch(url).catch(() => undefined)
    if (answer !== undefined) return // Whatever it says to a question that is none.
    if (performance.now() > giveUpAt) throw new Error(`${url} does not answer`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return
  const gone = new Promise((resolve) => process.once('exit', resolve))
  process.kill('SIGKILL') // Its data is thrown away.
  await gone
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject)
          server.listen(0, '127.0.0.1', () => {
            const address = server.address()
            resolve(typeof address === 'object' && address !== null ? address.port : 0)
          })
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
