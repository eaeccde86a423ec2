/**
 * The server as a program: reads the settings, starts, says what a person needs next, obeys signals. SIGTERM and SIGINT
 * drain (a second one ends at once), SIGHUP applies the directory file again.
 */
import { enableCompileCache } from 'node:module'
import { resolve } from 'node:path'
import { type ConfigSources, readConfig } from '../config/read-config.ts'
import { guardCrashOutput } from '../observe/crash-output.ts'
import { StartFailure } from '../start-failure.ts'
import { compactSoon } from './compact.ts'
import type { RunningServer } from './start-server.ts'

/** Runs the server until it is told to stop. Resolves with the exit code: 0 after a drain, 1 when it could not go on. */
export async function serve(sources: ConfigSources): Promise<number> {
  enableCompileCache() // Later starts skip the work of reading the sources again.
  process.umask(0o077) // What is written from here on is for this user alone, keys and database first (promise P12).
  const unguard = guardCrashOutput()
  try {
    return await run(sources)
  } finally {
    unguard()
  }
}

async function run(sources: ConfigSources): Promise<number> {
  let server: RunningServer
  try {
    const config = readConfig(sources)
    const { startServer } = await import('./start-server.ts')
    server = await startServer(config)
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error
    process.stderr.write(`${error.message}\n`)
    return 1
  }
  const reload = (): void => void server.reloadDirectory()
  process.on('SIGHUP', reload)
  const signals = listenForSignals() // Before it says that it is ready: whoever reads that may end it at once.
  process.stdout.write(banner(server))
  compactSoon()
  try {
    const end = await Promise.race([signals.first, server.died])
    if (end === undefined) process.stdout.write('Stopping: no new calls; calls in progress may end.\n')
    else process.stderr.write(`${end.replace(/\.$/, '')}; start the server again.\n`)
    const enough = end === undefined ? signals.second : signals.first
    const cut = await Promise.race([server.stop().then(() => false), enough.then(() => true)])
    if (cut) {
      process.stderr.write('Ended at once: what was in progress is finished at the next start.\n')
      process.exit(1) // Sockets and threads are still open; nobody is to wait for them.
    }
    return end === undefined ? 0 : 1
  } finally {
    process.off('SIGHUP', reload)
    signals.off()
  }
}

interface Signals {
  /** Resolves at the first signal that ends the program. */
  readonly first: Promise<undefined>
  /** Resolves at the second one. */
  readonly second: Promise<undefined>
  off(): void
}

/**
 * Listens for signals until `off`: with one listener throughout, since between two of them a signal would end the process
 * as if nobody listened.
 */
function listenForSignals(): Signals {
  const first = Promise.withResolvers<undefined>()
  const second = Promise.withResolvers<undefined>()
  let count = 0
  const take = (): void => {
    count += 1
    if (count === 1) first.resolve(undefined)
    else second.resolve(undefined)
  }
  process.on('SIGTERM', take)
  process.on('SIGINT', take)
  return {
    first: first.promise,
    second: second.promise,
    off() {
      process.off('SIGTERM', take)
      process.off('SIGINT', take)
    },
  }
}

/** What a person needs next. */
export function banner(
  server: Pick<
    RunningServer,
    'publicUrl' | 'managementUrl' | 'sipAddresses' | 'directory' | 'config' | 'setupUrl'
  >,
): string {
  const { config, directory, managementUrl, publicUrl, setupUrl, sipAddresses } = server
  const { organizations, people, devices, demo } = directory
  const token =
    setupUrl === undefined
      ? 'tandem token create --person EMAIL'
      : `${setupUrl}\n               open it once within 24 hours for the first administrator token`
  const warnings: string[] = []
  if (demo && !(sipAddresses.every(isLoopback) && isLoopback(config.httpHost)))
    warnings.push(
      'The demo directory has passwords that everybody can read; apply your own before others reach this.',
    )
  if (config.publicUrl === '' && !isLoopback(config.httpHost))
    warnings.push(`Links will begin with ${publicUrl}; say how others reach this server with --public-url.`)
  if (config.chaos !== '')
    warnings.push(`The setting chaos is on (${config.chaos}): THIS SERVER FAILS REQUESTS ON PURPOSE.`)
  return `Tandem is ready.
  REST API     ${publicUrl}/v1
  SIP          ${sipAddresses.join(', ')}
  Management   ${managementUrl}/readyz and /metrics
  Data         ${resolve(config.dataFolder)}
  Directory    ${organizations} organisations, ${people} people, ${devices} devices${demo ? ' (demo)' : ''}
  Token        ${token}
${warnings.map((warning) => `  Warning      ${warning}\n`).join('')}Ctrl-C stops it.
`
}

function isLoopback(address: string): boolean {
  return /(^|:)127\.|^localhost$|(^|\[)::1(\]|$)/.test(address)
}
