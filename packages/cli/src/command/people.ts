/** `tandem people`: finds, adds, changes and removes people of the organisation, as its administrator. */
import type { Person, WebexClient } from '@tandem/sdk'
import type { Command } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../api-command.ts'
import { pathOf, withDirectory } from '../directory-client.ts'
import { CommandFailure } from '../failure.ts'
import { printFacts, printJson, printTable } from '../output.ts'

interface ListFlags extends ApiFlags {
  readonly name?: string
  readonly location?: string
}

interface ChangeFlags extends ApiFlags {
  readonly email?: string
  readonly name?: string
  readonly extension?: string
  readonly number?: readonly string[]
  readonly location?: string
  readonly role?: readonly string[]
  readonly timezone?: string
  readonly recording?: string
}

/** Adds the commands. */
export function addPeople(program: Command): void {
  const people = program.command('people').description('people of the organisation')
  addApiCommand(people, 'list', 'who there is')
    .option('--name <TEXT>', 'only names that begin so')
    .option('--location <ID>', 'only of this location')
    .action(list)
  addApiCommand(people, 'show', 'one person').argument('<EMAIL-OR-ID>').action(show)
  withMembers(addApiCommand(people, 'add', 'add a person').argument('<EMAIL>'))
    .requiredOption('--name <NAME>', 'first and last name')
    .requiredOption('--extension <DIGITS>', 'unique in the organisation')
    .action(add)
  withMembers(
    addApiCommand(people, 'set', 'change a person; what is not named stays').argument('<EMAIL-OR-ID>'),
  )
    .option('--email <EMAIL>', 'another address')
    .option('--name <NAME>', 'first and last name')
    .option('--extension <DIGITS>', 'unique in the organisation')
    .action(set)
  addApiCommand(people, 'remove', 'remove a person with phones and tokens; recordings stay')
    .argument('<EMAIL-OR-ID>')
    .action(remove)
}

function withMembers(command: Command): Command {
  return command
    .option('--number <NUMBER...>', 'numbers such as +4930123456, instead of the ones before')
    .option('--location <NAME-OR-ID>', 'needed where there are several')
    .option('--role <ROLE...>', 'admin, complianceOfficer; everybody is a user')
    .option('--timezone <ZONE>', 'such as Europe/Berlin')
    .option('--recording <MODE>', 'such as Always or Never')
}

async function list({ json, name, location }: ListFlags, command: Command): Promise<void> {
  const query = { displayName: name, locationId: location, callingData: true, max: 1_000 }
  const people = await withClient(command, (client) => client.paginate<Person>('/people', query).toArray())
  if (json) return printJson(people)
  const rows = people.map((person) => [
    person.extension ?? '',
    person.displayName,
    person.emails[0] ?? '',
    numbersOf(person),
    person.id,
  ])
  printTable(['EXTENSION', 'NAME', 'EMAIL', 'NUMBERS', 'ID'], rows, 'Nobody.')
}

async function show(who: string, { json }: ApiFlags, command: Command): Promise<void> {
  const id = await withClient(command, (client) => idOf(client, who))
  const query = { callingData: true }
  const answer = await withClient(command, (client) => client.request('GET', pathOf('people', id), { query }))
  if (json) return printJson(answer.body)
  const person = answer.body as Person // What a 200 of this path carries.
  printFacts({
    name: person.displayName,
    email: person.emails[0],
    extension: person.extension,
    numbers: numbersOf(person) || undefined,
    timezone: person.timezone,
    id: person.id,
  })
}

async function add(email: string, flags: ChangeFlags, command: Command): Promise<void> {
  const body = { ...membersOf(flags), email }
  const answer = await withDirectory(command, (client) => client.request('POST', '/people', { body }))
  if (flags.json) return printJson(answer.body)
  console.log((answer.body as Person).id)
}

async function set(who: string, flags: ChangeFlags, command: Command): Promise<void> {
  const body = membersOf(flags)
  if (Object.keys(body).length === 0) command.error('error: name something to change')
  const id = await withClient(command, (client) => idOf(client, who))
  const answer = await withDirectory(command, (client) =>
    client.request('PUT', pathOf('people', id), { body }),
  )
  if (flags.json) printJson(answer.body)
}

async function remove(who: string, _: ApiFlags, command: Command): Promise<void> {
  const id = await withClient(command, (client) => idOf(client, who))
  await withDirectory(command, (client) => client.request('DELETE', pathOf('people', id)))
}

function membersOf(flags: ChangeFlags): Readonly<Record<string, unknown>> {
  const { email, name, extension, number, location, role, timezone, recording } = flags
  const members = { email, name, extension, numbers: number, location, roles: role, timezone, recording }
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

/** The id of a person whom somebody names by email or by id. */
export async function idOf(client: WebexClient, who: string): Promise<string> {
  if (!who.includes('@')) return who
  const [person] = await client.paginate<Person>('/people', { email: who }).toArray()
  if (person === undefined) throw new CommandFailure(`Nobody in the organisation has the email ${who}.`)
  return person.id
}

function numbersOf(person: Person): string {
  return (person.phoneNumbers ?? [])
    .filter(({ type }) => type === 'work')
    .map(({ value }) => value)
    .join(' ')
}
