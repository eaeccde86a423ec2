/** `tandem devices`: adds and removes phones, and gives them passwords, which are shown once. */
import type { Command } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../api-command.ts'
import { pathOf, withDirectory } from '../directory-client.ts'
import { printFacts, printJson } from '../output.ts'
import { idOf } from './people.ts'

interface AddFlags extends ApiFlags {
  readonly person?: string
  readonly workspace?: string
  readonly name?: string
}

/** What the server says of a phone. */
interface Account {
  readonly id: string
  readonly sipUser: string
  readonly sipPassword?: string
  readonly realm: string
  readonly servers: readonly string[]
}

/** Adds the commands. */
export function addDevices(program: Command): void {
  const devices = program.command('devices').description('phones of the organisation')
  addApiCommand(devices, 'add', 'add a phone, and show its password')
    .argument('<SIP-USER>', 'the name that it registers by')
    .option('--person <EMAIL-OR-ID>', 'whose it is')
    .option('--workspace <ID>', 'where it stands')
    .option('--name <NAME>', 'what people call it; the SIP user unless given')
    .action(add)
  addApiCommand(devices, 'password', 'make a new password for a phone, and show it')
    .argument('<ID>')
    .action(password)
  addApiCommand(devices, 'remove', 'remove a phone').argument('<ID>').action(remove)
}

async function add(sipUser: string, flags: AddFlags, command: Command): Promise<void> {
  const { person, workspace, name = sipUser } = flags
  if ((person === undefined) === (workspace === undefined))
    command.error('error: give --person or --workspace, one of them')
  const owner =
    person === undefined
      ? { workspaceId: workspace }
      : { personId: await withClient(command, (client) => idOf(client, person)) }
  const body = { name, sipUser, ...owner }
  const answer = await withDirectory(command, (client) => client.request('POST', '/devices', { body }))
  printAccount(answer.body, flags)
}

async function password(id: string, flags: ApiFlags, command: Command): Promise<void> {
  const path = pathOf('devices', id, 'password')
  const answer = await withDirectory(command, (client) => client.request('POST', path))
  printAccount(answer.body, flags)
}

async function remove(id: string, _: ApiFlags, command: Command): Promise<void> {
  await withDirectory(command, (client) => client.request('DELETE', pathOf('devices', id)))
}

function printAccount(body: unknown, { json }: ApiFlags): void {
  if (json) {
    printJson(body)
    return
  }
  const account = body as Account // What a 200 or 201 of these paths carries.
  printFacts({
    user: account.sipUser,
    password: account.sipPassword,
    realm: account.realm,
    servers: account.servers.join(' '),
    id: account.id,
  })
  console.error('The password is shown this once.')
}
