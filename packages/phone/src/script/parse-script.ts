/**
 * The small language of `tandem phone --script`: steps separated by `;` or line ends, a word and its arguments each.
 *
 *   wait ringing; answer; wait 5s; #2 answer; #1 resume; digits 12#; hangup
 *
 * `#2` before a step names the call that it is for: the phone counts its calls from 1, those that came and those it
 * placed. Without it the call at hand is meant: the ringing one for `answer` and its like, else the one talked in.
 */
import { PHONE_EVENT_KINDS, type PhoneEventKind } from '../events/event.ts'
import { PhoneError } from '../phone-error.ts'
import type { VoiceSource } from '../voice/source.ts'

/** What a step does. */
export type ScriptAction =
  | { readonly kind: 'register' | 'unregister' | 'answer' | 'early' | 'hangup' }
  | { readonly kind: 'hold' | 'resume' | 'mute' | 'unmute' }
  | {
      readonly kind: 'dial'
      readonly destination: string
      readonly from?: string
      readonly anonymous: boolean
    }
  | { readonly kind: 'reject'; readonly status: number }
  | { readonly kind: 'redirect' | 'transfer'; readonly destination: string }
  /** Hands the peer over to the peer of that call. */
  | { readonly kind: 'attended'; readonly other: number }
  | { readonly kind: 'digits'; readonly digits: string; readonly by: 'rtp' | 'info' }
  | { readonly kind: 'switch'; readonly what: 'dnd' | 'silent'; readonly on: boolean }
  | { readonly kind: 'play'; readonly source: VoiceSource }
  | { readonly kind: 'pause'; readonly ms: number }
  | { readonly kind: 'wait'; readonly events: readonly PhoneEventKind[]; readonly timeoutMs: number }
  | { readonly kind: 'expect'; readonly what: ExpectedState }
  | { readonly kind: 'expectDigits'; readonly digits: string }

/** What a call can be expected to be. */
export type ExpectedState = (typeof EXPECTED_STATES)[number]

/** The words of `expect`. */
export const EXPECTED_STATES = [
  'idle',
  'dialling',
  'incoming',
  'established',
  'talking',
  'held',
  'muted',
  'over',
] as const

/** One step, the call that it names, and where it stands, both from 1. */
export interface ScriptStep {
  readonly action: ScriptAction
  readonly call?: number
  readonly line: number
  readonly column: number
}

/** Longest script, so that a mistaken file is refused and not run. */
export const SCRIPT_STEPS_MAX = 1_000
/** Keys that one step presses at most: the queue of the audio holds no more. */
export const SCRIPT_KEYS_MAX = 64
/** How long `wait EVENT` waits when it does not say. */
export const WAIT_MS = 30_000
const WAIT_MS_MAX = 24 * 3_600_000 // A day: beyond it a time is a mistake.

const BUSY = 486 // What `reject` says, RFC 3261 §21.4.24.
const DECLINED = 603 // What `decline` says, §21.6.2.

/** Each word, how it is written, and what becomes of its arguments: undefined when they are no good. */
const VERBS: Readonly<Record<string, readonly [string, (argument: string) => ScriptAction | undefined]>> = {
  register: ['register', plain('register')],
  unregister: ['unregister', plain('unregister')],
  dial: ['dial DESTINATION [as LINE] [anonymously]', parseDial],
  answer: ['answer', plain('answer')],
  early: ['early', plain('early')],
  reject: ['reject [STATUS]', (argument) => parseReject(argument, BUSY)],
  decline: ['decline [STATUS]', (argument) => parseReject(argument, DECLINED)],
  redirect: ['redirect DESTINATION', (argument) => parseTo('redirect', argument)],
  hangup: ['hangup', plain('hangup')],
  hold: ['hold', plain('hold')],
  resume: ['resume', plain('resume')],
  mute: ['mute', plain('mute')],
  unmute: ['unmute', plain('unmute')],
  digits: ['digits KEYS', (argument) => parseKeys(argument, 'rtp')],
  dtmf: ['dtmf KEYS', (argument) => parseKeys(argument, 'rtp')],
  'info-digits': ['info-digits KEYS', (argument) => parseKeys(argument, 'info')],
  transfer: ['transfer DESTINATION', (argument) => parseTo('transfer', argument)],
  attended: ['attended #CALL', parseAttended],
  dnd: ['dnd on|off', (argument) => parseSwitch('dnd', argument)],
  silent: ['silent on|off', (argument) => parseSwitch('silent', argument)],
  play: ['play tone HZ|FILE|silence', parsePlay],
  wait: ['wait TIME, wait EVENT [within TIME]', parseWait],
  expect: [`expect ${EXPECTED_STATES.join('|')}|digits KEYS`, parseExpect],
}

/** How every step is written, for messages and manuals. */
export const SCRIPT_STEPS: readonly string[] = Object.values(VERBS).map(([form]) => form)

/** The steps of a script; throws `PhoneError` that names the first faulty one and its place. */
export function parseScript(text: string): ScriptStep[] {
  const steps: ScriptStep[] = []
  for (const [index, content] of text.split('\n').entries())
    for (const part of content.matchAll(/[^;]+/g)) {
      const step = part[0].trim()
      if (step === '') continue
      const column = part.index + part[0].indexOf(step) + 1
      steps.push(parseStep(step, { line: index + 1, column }))
    }
  if (steps.length > SCRIPT_STEPS_MAX) throw new PhoneError(`a script has at most ${SCRIPT_STEPS_MAX} steps`)
  return steps
}

function parseStep(text: string, place: { readonly line: number; readonly column: number }): ScriptStep {
  const [, number, word = '', argument = ''] = /^(?:#(\d{1,6})\s+)?(\S+)(?:\s+(.+))?$/.exec(text) ?? []
  const verb = Object.hasOwn(VERBS, word.toLowerCase()) ? VERBS[word.toLowerCase()] : undefined
  const action = verb?.[1](argument)
  if (action !== undefined)
    return number === undefined ? { action, ...place } : { action, call: Number(number), ...place }
  const forms = verb === undefined ? SCRIPT_STEPS.join(', ') : verb[0]
  throw new PhoneError(`"${text}" is no step (line ${place.line}, column ${place.column}): use ${forms}`)
}

type PlainKind =
  | 'register'
  | 'unregister'
  | 'answer'
  | 'early'
  | 'hangup'
  | 'hold'
  | 'resume'
  | 'mute'
  | 'unmute'

function plain(kind: PlainKind): (argument: string) => ScriptAction | undefined {
  return (argument) => (argument === '' ? { kind } : undefined)
}

function parseDial(argument: string): ScriptAction | undefined {
  const [, destination, from, anonymously] = /^(\S+)(?:\s+as\s+(\S+))?(\s+anonymously)?$/.exec(argument) ?? []
  if (destination === undefined) return undefined
  const anonymous = anonymously !== undefined
  return { kind: 'dial', destination, anonymous, ...(from === undefined ? {} : { from }) }
}

function parseReject(argument: string, otherwise: number): ScriptAction | undefined {
  const status = argument === '' ? otherwise : Number(argument)
  return Number.isInteger(status) && status >= 300 && status <= 699 ? { kind: 'reject', status } : undefined
}

function parseTo(kind: 'redirect' | 'transfer', argument: string): ScriptAction | undefined {
  return /^\S+$/.test(argument) ? { kind, destination: argument } : undefined
}

function parseAttended(argument: string): ScriptAction | undefined {
  const other = /^#(\d{1,6})$/.exec(argument)?.[1]
  return other === undefined ? undefined : { kind: 'attended', other: Number(other) }
}

function parseKeys(argument: string, by: 'rtp' | 'info'): ScriptAction | undefined {
  return isKeys(argument) ? { kind: 'digits', digits: argument, by } : undefined
}

function isKeys(text: string): boolean {
  return text.length <= SCRIPT_KEYS_MAX && /^[0-9*#A-D]+$/i.test(text)
}

function parseSwitch(what: 'dnd' | 'silent', argument: string): ScriptAction | undefined {
  return argument === 'on' || argument === 'off' ? { kind: 'switch', what, on: argument === 'on' } : undefined
}

function parsePlay(argument: string): ScriptAction | undefined {
  if (argument === '') return undefined
  if (argument === 'silence') return { kind: 'play', source: { kind: 'silence' } }
  const tone = /^tone\s+(\d+(?:\.\d+)?)$/.exec(argument)?.[1]
  if (tone !== undefined) return { kind: 'play', source: { kind: 'tone', frequencyHz: Number(tone) } }
  return { kind: 'play', source: { kind: 'file', path: argument, repeats: false } }
}

function parseWait(argument: string): ScriptAction | undefined {
  const ms = parseMs(argument)
  if (ms !== undefined) return { kind: 'pause', ms }
  const [, name = '', limit] = /^(\w+)(?:\s+within\s+(\S+))?$/.exec(argument) ?? []
  const timeoutMs = limit === undefined ? WAIT_MS : parseMs(limit)
  if (timeoutMs === undefined) return undefined
  if (name === 'ringing') return { kind: 'wait', events: ['ringing', 'incoming'], timeoutMs }
  const event = PHONE_EVENT_KINDS.find((kind) => kind === name)
  return event === undefined ? undefined : { kind: 'wait', events: [event], timeoutMs }
}

function parseExpect(argument: string): ScriptAction | undefined {
  const digits = /^digits\s+(\S+)$/.exec(argument)?.[1]
  if (digits !== undefined)
    return isKeys(digits) ? { kind: 'expectDigits', digits: digits.toUpperCase() } : undefined
  const what = EXPECTED_STATES.find((state) => state === argument)
  return what === undefined ? undefined : { kind: 'expect', what }
}

/** `5s`, `200ms`, `2m`, `1.5s`: milliseconds; undefined for anything else or more than a day. */
export function parseMs(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text) ?? []
  if (unit === '') return undefined
  const ms = Number(number) * (unit === 'ms' ? 1 : unit === 's' ? 1_000 : unit === 'm' ? 60_000 : 3_600_000)
  return ms <= WAIT_MS_MAX ? ms : undefined
}
