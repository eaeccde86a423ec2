/**
 * `tandem person`: what an operator does about the passwords of people, straight in the data folder; the server need not run.
 * A password comes from the terminal, unseen, or from stdin; never from the command line, which others on the machine see.
 */
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Command } from 'commander'
import { CommandFailure } from '../failure.ts'
import { loadServer } from '../load.ts'

interface Flags {
  readonly organization?: string
  readonly dataFolder?: string
  readonly config?: string
}

/** Longest input that is read: the longest password, in any writing, and more. */
const INPUT_CHARS_MAX = 4_096

/** Adds the commands. */
export function addPerson(program: Command): void {
  const person = program.command('person').description('sign-in of the people of the directory')
  const named = (command: Command): Command =>
    command
      .argument('<EMAIL>', 'whom it is about')
      .option(
        '--organization <NAME>',
        'name or SIP domain, when two organisations have a person with that email',
      )
      .option('--data, --data-folder <DIR>', 'data folder of the server (TANDEM_DATA_FOLDER)')
      .option('--config <FILE>', 'YAML file of settings (TANDEM_CONFIG)')
  named(
    person.command('password').description('set a password: asked for at a terminal, else read from stdin'),
  ).action(password)
  named(
    person
      .command('invite')
      .description('print a link with which a person sets a password, once within 72 hours'),
  ).action(invite)
}

async function password(email: string, flags: Flags): Promise<void> {
  const { openOperatorData, readConfig, setPersonPassword } = await loadServer()
  const text = process.stdin.isTTY ? await askTwice() : await readStdin()
  const data = await openOperatorData(readConfig({ flags: settingsOf(flags), env: process.env }))
  try {
    await setPersonPassword(data.db, personOf(email, flags), text)
    console.error(`The password of ${email} is set; whoever was signed in as ${email} is signed out.`)
  } finally {
    await data.close()
  }
}

async function invite(email: string, flags: Flags): Promise<void> {
  const { invitePerson, openOperatorData, readConfig } = await loadServer()
  const config = readConfig({ flags: settingsOf(flags), env: process.env })
  const data = await openOperatorData(config)
  try {
    const { url, expiresAt } = await invitePerson(data.db, personOf(email, flags), config)
    console.log(url)
    console.error(
      `It works once, until ${new Date(expiresAt).toISOString()}; an older link of ${email} is dead.`,
    )
  } finally {
    await data.close()
  }
}

function personOf(email: string, { organization }: Flags): { email: string; organization?: string } {
  return organization === undefined ? { email } : { email, organization }
}

function settingsOf({ dataFolder, config }: Flags): Record<string, string | undefined> {
  return { dataFolder, config }
}

async function askTwice(): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    const ask = async (question: string): Promise<string> => {
      process.stderr.write(question)
      const answer = await lines.question('')
      process.stderr.write('\n')
      return answer
    }
    const first = await ask('New password: ')
    if ((await ask('The same again: ')) !== first) throw new CommandFailure('The two are not the same.')
    return first
  } finally {
    lines.close()
  }
}

/** The first line of stdin. */
async function readStdin(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk)
    if (text.length > INPUT_CHARS_MAX) break
  }
  return text.split(/\r?\n/, 1)[0] ?? ''
}
