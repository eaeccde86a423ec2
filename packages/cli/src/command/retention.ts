/**
 * `tandem retention list`, `set`, `remove`: how long recordings are kept. The longest policy that applies counts, and what
 * a recording was promised never becomes less.
 */
import type { WebexClient } from '@tandem/sdk'
import { Argument, type Command, InvalidArgumentError } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../api-command.ts'
import { printJson, printTable } from '../output.ts'

interface SetFlags extends ApiFlags {
  readonly days: number
  readonly erase: boolean
}

const SCOPES = ['organization', 'location', 'owner']

/** Adds the commands. */
export function addRetention(program: Command): void {
  const retention = program.command('retention').description('how long recordings are kept')
  addApiCommand(retention, 'list', 'all policies').action(list)
  withScope(addApiCommand(retention, 'set', 'keep recordings so long, as a compliance officer'))
    .requiredOption('--days <N>', 'days from the making of a recording', (text) => {
      if (/^\d{1,6}$/.test(text) && Number(text) > 0) return Number(text)
      throw new InvalidArgumentError('It is a whole number of days.')
    })
    .option('--erase', 'and erase them then; otherwise they merely may go', false)
    .action(set)
  withScope(addApiCommand(retention, 'remove', 'remove a policy; what is kept by it stays kept')).action(
    remove,
  )
}

function withScope(command: Command): Command {
  return command
    .addArgument(new Argument('<SCOPE>', 'whose recordings').choices(SCOPES))
    .argument('[ID]', 'of the location or owner; the organisation is your own')
}

async function list({ json }: ApiFlags, command: Command): Promise<void> {
  const items = await withClient(command, (client) => client.tandem.retention.list())
  if (json) return printJson(items)
  const rows = items.map((item) => [
    item.scope,
    String(item.keepDays),
    item.eraseAtEnd ? 'yes' : 'no',
    item.set,
    item.scopeId,
  ])
  printTable(['SCOPE', 'DAYS', 'ERASED THEN', 'SET', 'ID'], rows, 'No policies: nothing is kept by a rule.')
}

async function set(scope: string, id: string | undefined, flags: SetFlags, command: Command): Promise<void> {
  const { days: keepDays, erase: eraseAtEnd } = flags
  const policy = await withClient(command, async (client) =>
    client.tandem.retention.set(scope, await idOf(client, scope, id, command), { keepDays, eraseAtEnd }),
  )
  if (flags.json) return printJson(policy)
  console.error(`${policy.extended} recordings are kept longer now.`)
}

async function remove(scope: string, id: string | undefined, _: ApiFlags, command: Command): Promise<void> {
  await withClient(command, async (client) =>
    client.tandem.retention.delete(scope, await idOf(client, scope, id, command)),
  )
}

async function idOf(
  client: WebexClient,
  scope: string,
  id: string | undefined,
  command: Command,
): Promise<string> {
  if (id !== undefined) return id
  if (scope !== 'organization') command.error(`error: give the id of the ${scope}`)
  return (await client.people.me()).orgId
}
