/**
 * `tandem phone`: the headless softphone with flags for everything it can do. Without a script it stays until it is told
 * to end (Ctrl-C, SIGTERM); with one it ends when the script does, and fails when the script fails.
 */

import type { PhoneEvent, PhoneOptions, VoiceSource } from '@tandem/phone'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { CommandFailure } from '../failure.ts'
import { loadPhone } from '../load.ts'

interface Flags {
  readonly user: string
  readonly password?: string
  readonly domain: string
  readonly proxy: { readonly host: string; readonly port: number }
  readonly transport: 'udp' | 'tcp'
  readonly listen?: { readonly host: string; readonly port: number }
  readonly name?: string
  readonly autoAnswer?: true | string
  readonly talk: boolean
  readonly refer: boolean
  readonly dnd: boolean
  readonly maxCalls: number
  readonly codec?: readonly ('PCMU' | 'PCMA')[]
  readonly ptime: number
  readonly tone?: number
  readonly play?: string
  readonly loop: boolean
  readonly recordTo?: string
  readonly expires: number
  readonly register: boolean
  readonly script?: string
  readonly json: boolean
}

const SIP_PORT = 5060

/** Adds the command. */
export function addPhone(program: Command): void {
  program
    .command('phone')
    .description('a scriptable SIP softphone without a window: registers, calls, answers, plays, records')
    .requiredOption('--user <NAME>', 'SIP user name of the device')
    .option('--password <TEXT>', 'its SIP password; better in the environment variable SIP_PASSWORD')
    .requiredOption('--domain <NAME>', 'SIP domain of the organisation')
    .requiredOption('--proxy <HOST[:PORT]>', 'where the server is heard', parseAddress)
    .addOption(new Option('--transport <NAME>', 'how to reach it').choices(['udp', 'tcp']).default('udp'))
    .option('--listen <HOST[:PORT]>', 'own address; the one that reaches the proxy when absent', parseAddress)
    .option('--name <TEXT>', 'display name')
    .option(
      '--auto-answer [WHEN]',
      'answer by itself: always, header (when the caller asks), or a time such as 2s',
    )
    .option('--talk', 'advertise and obey NOTIFY talk and hold', false)
    .option('--refer', 'obey REFER: call where the peer says', false)
    .option('--dnd', 'do not disturb: every caller hears busy', false)
    .option(
      '--max-calls <COUNT>',
      'calls at once, 1 to 16; a further caller hears busy',
      parseRange(1, 16),
      4,
    )
    .option('--codec <NAMES>', 'codecs in order, PCMU and PCMA', parseCodecs)
    .option('--ptime <MS>', 'packet time to receive, 10 to 60', parseRange(10, 60), 20)
    .option('--tone <HZ>', 'say a tone', parseRange(1, 3_800))
    .option('--play <FILE>', 'say a WAV file (8 kHz, mono, 16 bits)')
    .option('--loop', 'say it again and again', false)
    .option('--record-to <FILE>', 'write what is heard into a WAV file; call 2 goes to FILE-2')
    .option('--expires <SECONDS>', 'registration time', parseRange(10, 86_400), 300)
    .option('--no-register', 'do not register')
    .option(
      '--script <STEPS>',
      'steps separated by ; such as: wait ringing; answer; wait 5s; #2 answer; digits 12#; hangup',
    )
    .option('--json', 'print each event as a line of JSON', false)
    .action(run)
}

async function run(flags: Flags): Promise<void> {
  const password = flags.password ?? process.env['SIP_PASSWORD']
  if (password === undefined) throw new CommandFailure('Give --password or set SIP_PASSWORD.')
  const stopped = signalled()
  const { openPhone, parseScript, runScript } = await loadPhone()
  const steps = flags.script === undefined ? undefined : parseScript(flags.script)
  const phone = await openPhone(optionsOf(flags, password, await autoAnswerOf(flags.autoAnswer)))
  const tell = (event: Told): void => console.log(flags.json ? jsonOf(event) : textOf(event))
  tell({ kind: 'listening', ...phone.address })
  phone.on(tell)
  try {
    if (flags.register) await Promise.race([phone.register(), stopped])
    const script = steps === undefined ? undefined : runScript(phone, steps, 0)
    const ended = await Promise.race([stopped, ...(script === undefined ? [] : [script])])
    if (ended === 'stopped' && steps !== undefined)
      throw new CommandFailure('The script was stopped before its end.')
  } finally {
    await phone.close()
  }
}

function optionsOf(flags: Flags, password: string, autoAnswer: PhoneOptions['autoAnswer']): PhoneOptions {
  const source = sourceOf(flags)
  return {
    user: flags.user,
    password,
    domain: flags.domain,
    proxy: { host: flags.proxy.host, port: flags.proxy.port || SIP_PORT, transport: flags.transport },
    honourTalk: flags.talk,
    honourRefer: flags.refer,
    doNotDisturb: flags.dnd,
    maxCalls: flags.maxCalls,
    ptimeMs: flags.ptime,
    registerExpiresSeconds: flags.expires,
    ...(flags.listen === undefined ? {} : { listen: flags.listen }),
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(autoAnswer === undefined ? {} : { autoAnswer }),
    ...(flags.codec === undefined ? {} : { codecs: flags.codec }),
    ...(source === undefined ? {} : { source }),
    ...(flags.recordTo === undefined ? {} : { recordTo: flags.recordTo }),
  }
}

function sourceOf({ tone, play, loop }: Flags): VoiceSource | undefined {
  if (tone !== undefined && play !== undefined) throw new CommandFailure('Give --tone or --play, not both.')
  if (tone !== undefined) return { kind: 'tone', frequencyHz: tone }
  return play === undefined ? undefined : { kind: 'file', path: play, repeats: loop }
}

async function autoAnswerOf(when: true | string | undefined): Promise<PhoneOptions['autoAnswer']> {
  if (when === undefined) return undefined
  if (when === true || when === 'always') return true
  if (when === 'header') return 'header'
  const { parseMs } = await loadPhone()
  const afterMs = parseMs(when)
  if (afterMs === undefined)
    throw new CommandFailure('--auto-answer is always, header, or a time such as 2s or 500ms.')
  return { afterMs }
}

function signalled(): Promise<'stopped'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('stopped'))
  })
}

/** What is printed: events, and before them all where the phone is heard. */
type Told = PhoneEvent | { readonly kind: 'listening'; readonly host: string; readonly port: number }

function jsonOf({ kind, ...facts }: Told): string {
  return JSON.stringify({ event: kind, at: new Date().toISOString(), ...facts })
}

function textOf({ kind, ...facts }: Told): string {
  const words = Object.entries(facts).map(
    ([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`,
  )
  return [new Date().toISOString().slice(11, 23), kind, ...words].join(' ')
}

/** HOST, HOST:PORT, [IPv6] or [IPv6]:PORT; port 0 when there is none. */
function parseAddress(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/i.exec(text)
  const port = Number(match?.[3] ?? 0)
  if (match === null || port > 65_535)
    throw new InvalidArgumentError('It is HOST or HOST:PORT, with an IPv6 address in brackets.')
  return { host: match[1] ?? match[2] ?? '', port }
}

function parseCodecs(text: string): ('PCMU' | 'PCMA')[] {
  return text.split(',').map((name) => {
    const codec = name.trim().toUpperCase()
    if (codec === 'PCMU' || codec === 'PCMA') return codec
    throw new InvalidArgumentError('The codecs are PCMU and PCMA, separated by a comma.')
  })
}

function parseRange(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`It is a whole number from ${min} to ${max}.`)
  }
}
