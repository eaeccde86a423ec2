/**
 * `tandem token create`: a bearer token for one person of the directory, straight from the data folder; the server need
 * not run. The token is printed once and kept nowhere in readable form.
 */
import { type Command, InvalidArgumentError } from 'commander'
import { loadServer } from '../load.ts'

interface Flags {
  readonly person: string
  readonly organization?: string
  readonly scopes: readonly string[]
  readonly expires?: number
  readonly note?: string
  readonly dataFolder?: string
  readonly config?: string
  readonly quiet: boolean
}

const DAY_MS = 86_400_000
const EXPIRES_MS_MAX = 3_650 * DAY_MS // Ten years: longer is a token for ever, which needs no number.
const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY_MS }

/** Adds the command. */
export function addToken(program: Command): void {
  const token = program.command('token').description('bearer tokens of the REST API')
  token
    .command('create')
    .description('make a token for a person of the directory and print it')
    .requiredOption('--person <EMAIL>', 'whose token it is')
    .option(
      '--organization <NAME>',
      'name or SIP domain, when two organisations have a person with that email',
    )
    .option('--scopes <SCOPES>', 'what it may do, separated by spaces or commas', parseScopes, ['spark:all'])
    .option('--expires <TIME>', 'how long it works, such as 12h or 30d; for ever when absent', parseTime)
    .option('--note <TEXT>', 'what it is for')
    .option('--data, --data-folder <DIR>', 'data folder of the server (TANDEM_DATA_FOLDER)')
    .option('--config <FILE>', 'YAML file of settings (TANDEM_CONFIG)')
    .option('--quiet', 'print the token and nothing else', false)
    .action(create)
}

async function create(flags: Flags): Promise<void> {
  const { createToken, openOperatorData, readConfig } = await loadServer()
  const { dataFolder, config: file } = flags
  const config = readConfig({ flags: { dataFolder, config: file }, env: process.env })
  const data = await openOperatorData(config)
  try {
    const made = await createToken(data.db, {
      email: flags.person,
      scopes: flags.scopes,
      ...(flags.organization === undefined ? {} : { organization: flags.organization }),
      ...(flags.expires === undefined ? {} : { lifetimeMs: flags.expires }),
      ...(flags.note === undefined ? {} : { note: flags.note }),
    })
    console.log(made.token)
    if (flags.quiet) return
    const until =
      made.expiresAt === undefined ? 'for ever' : `until ${new Date(made.expiresAt).toISOString()}`
    console.error(
      `A token of ${flags.person} with ${made.scopes.join(' ')}; it works ${until}. It is shown only now.`,
    )
  } finally {
    await data.close()
  }
}

function parseScopes(text: string): string[] {
  return text.split(/[\s,]+/).filter((scope) => scope !== '')
}

/** `90m`, `12h`, `30d` in milliseconds. */
function parseTime(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
  const ms = Number(number) * (UNITS[unit] ?? 0)
  if (ms > 0 && ms <= EXPIRES_MS_MAX) return ms
  throw new InvalidArgumentError('It is a time such as 90m, 12h or 30d, at most 3650d.')
}
