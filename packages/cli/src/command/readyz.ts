/**
 * `tandem readyz`: asks a server whether it takes work, and may wait until it does. For the health check of a container
 * and for scripts that go on once the server is up; it loads neither server nor client.
 */
import { type Command, InvalidArgumentError } from 'commander'
import { CommandFailure } from '../failure.ts'
import { loadServer } from '../load.ts'
import { sentence } from '../output.ts'

const DEFAULT_HOST = '127.0.0.1'
const DEFAULT_PORT = '8081'
/** How long one answer may take. */
const ANSWER_MS_MAX = 2_000
/** How soon it is asked again while waiting. */
const AGAIN_MS = 200
/** Longest wait: an hour, above any start. */
const WAIT_SECONDS_MAX = 3_600

interface Flags {
  readonly wait: number
  readonly url?: string
  readonly config?: string
}

/** Adds the command. */
export function addReadyz(program: Command): void {
  program
    .command('readyz')
    .description('say whether the server takes work; exit code 0 when it does, else 1')
    .option('--wait <SECONDS>', 'wait so long for it to become ready', parseWait, 0)
    .option('--url <URL>', 'origin of its management port (default: as the settings say)', parseUrl)
    .option('--config <FILE>', 'YAML file of settings (TANDEM_CONFIG)')
    .action(readyz)
}

async function readyz(flags: Flags): Promise<void> {
  const url = new URL('/readyz', flags.url ?? (await managementUrl(flags.config)))
  const giveUpAt = performance.now() + flags.wait * 1_000
  for (;;) {
    const why = await unready(url)
    if (why === undefined) break
    const leftMs = giveUpAt - performance.now()
    if (leftMs <= 0) throw new CommandFailure(why)
    await new Promise((resolve) => setTimeout(resolve, Math.min(AGAIN_MS, leftMs)))
  }
  console.log('ready')
}

/** Why the server takes no work; undefined when it does. */
async function unready(url: URL): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX), redirect: 'error' })
    const body = (await response.json()) as {
      readonly status?: unknown
      readonly notReady?: readonly { readonly part: string; readonly why: string }[]
    }
    if (response.status === 200 && body.status === 'ready') return undefined
    const parts = (body.notReady ?? []).map(({ part, why }) => `${part}: ${why}`)
    return sentence(`The server is ${[String(body.status), ...parts].join('; ')}`)
  } catch {
    return `No server answers at ${url.origin}: is it started, and is this its management port?`
  }
}

/** Where the settings say that the management port is; only a file of settings needs the server's package for it. */
async function managementUrl(config: string | undefined): Promise<string> {
  const { env } = process
  let host = env['TANDEM_MANAGEMENT_HOST'] ?? DEFAULT_HOST
  let port = env['TANDEM_MANAGEMENT_PORT'] ?? DEFAULT_PORT
  if ((config ?? env['TANDEM_CONFIG'] ?? '') !== '') {
    const settings = (await loadServer()).readConfig({ flags: { config }, env })
    host = settings.managementHost
    port = String(settings.managementPort)
  }
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  const url = `http://${name.includes(':') ? `[${name}]` : name}:${port}`
  if (URL.canParse(url)) return url
  throw new CommandFailure(`The settings of the management port make no address: ${sentence(url)}`)
}

function parseUrl(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text
  throw new InvalidArgumentError('It must be an address such as http://127.0.0.1:8081.')
}

function parseWait(text: string): number {
  const seconds = Number(text)
  if (/^\d{1,4}$/.test(text) && seconds <= WAIT_SECONDS_MAX) return seconds
  throw new InvalidArgumentError(`It must be a whole number of seconds, ${WAIT_SECONDS_MAX} at most.`)
}
