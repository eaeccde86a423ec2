/**
 * The small language of `tandem phone --script`: steps separated by `;` or line ends, a word and its argument each.
 *
 *   wait ringing; answer; wait 5s; dtmf 12#; hangup
 *
 * `wait EVENT` takes any event name of `events.ts`; `ringing` means both our phone ringing and the far one. A limit may
 * follow: `wait established within 10s`.
 */
import { PHONE_EVENT_KINDS, type PhoneEventKind } from '../events/event.ts'
import { PhoneError } from '../phone-error.ts'
import type { VoiceSource } from '../voice/source.ts'

/** One step. */
export type ScriptStep =
  | { readonly kind: 'register' | 'unregister' | 'answer' | 'hangup' | 'hold' | 'resume' }
  | { readonly kind: 'dial'; readonly destination: string }
  | { readonly kind: 'reject'; readonly status: number }
  | { readonly kind: 'dtmf'; readonly digits: string }
  | { readonly kind: 'play'; readonly source: VoiceSource }
  | { readonly kind: 'pause'; readonly ms: number }
  | { readonly kind: 'wait'; readonly events: readonly PhoneEventKind[]; readonly timeoutMs: number }

/** Longest script, so that a mistaken file is refused and not run. */
export const SCRIPT_STEPS_MAX = 1_000
/** How long `wait EVENT` waits when it does not say. */
export const WAIT_MS = 30_000
const WAIT_MS_MAX = 24 * 3_600_000 // A day: beyond it a time is a mistake.

const PLAIN = new Set(['register', 'unregister', 'answer', 'hangup', 'hold', 'resume'] as const)
type Plain = typeof PLAIN extends Set<infer Word> ? Word : never

/** The steps of a script; throws `PhoneError` that names the first faulty one. */
export function parseScript(text: string): ScriptStep[] {
  const lines = text.split(/[;\n]/).map((line) => line.trim())
  const steps = lines.filter((line) => line !== '').map(parseStep)
  if (steps.length > SCRIPT_STEPS_MAX) throw new PhoneError(`a script has at most ${SCRIPT_STEPS_MAX} steps`)
  return steps
}

function parseStep(line: string): ScriptStep {
  const [word = '', ...rest] = line.split(/\s+/)
  const argument = rest.join(' ')
  const step = stepOf(word.toLowerCase(), argument)
  if (step !== undefined) return step
  throw new PhoneError(
    `"${line}" is no step: use register, unregister, dial DESTINATION, answer, reject [STATUS], hangup, hold, resume, dtmf KEYS, play tone HZ|FILE|silence, wait TIME, or wait EVENT [within TIME]`,
  )
}

function stepOf(word: string, argument: string): ScriptStep | undefined {
  if (isPlain(word)) return argument === '' ? { kind: word } : undefined
  if (word === 'dial') return argument === '' ? undefined : { kind: 'dial', destination: argument }
  if (word === 'dtmf')
    return /^[0-9*#A-D]{1,64}$/i.test(argument) ? { kind: 'dtmf', digits: argument } : undefined
  if (word === 'reject') {
    const status = argument === '' ? 486 : Number(argument)
    return Number.isInteger(status) && status >= 300 && status <= 699 ? { kind: 'reject', status } : undefined
  }
  if (word === 'play') return parsePlay(argument)
  return word === 'wait' ? parseWait(argument) : undefined
}

function isPlain(word: string): word is Plain {
  return (PLAIN as ReadonlySet<string>).has(word)
}

function parsePlay(argument: string): ScriptStep | undefined {
  if (argument === '') return undefined
  if (argument === 'silence') return { kind: 'play', source: { kind: 'silence' } }
  const tone = /^tone\s+(\d+(?:\.\d+)?)$/.exec(argument)?.[1]
  if (tone !== undefined) return { kind: 'play', source: { kind: 'tone', frequencyHz: Number(tone) } }
  return { kind: 'play', source: { kind: 'file', path: argument, repeats: false } }
}

function parseWait(argument: string): ScriptStep | undefined {
  const ms = parseMs(argument)
  if (ms !== undefined) return { kind: 'pause', ms }
  const [, name = '', limit] = /^(\w+)(?:\s+within\s+(\S+))?$/.exec(argument) ?? []
  const timeoutMs = limit === undefined ? WAIT_MS : parseMs(limit)
  if (timeoutMs === undefined) return undefined
  if (name === 'ringing') return { kind: 'wait', events: ['ringing', 'incoming'], timeoutMs }
  const event = PHONE_EVENT_KINDS.find((kind) => kind === name)
  return event === undefined ? undefined : { kind: 'wait', events: [event], timeoutMs }
}

/** `5s`, `200ms`, `2m`, `1.5s`: milliseconds; undefined for anything else or more than a day. */
export function parseMs(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text) ?? []
  if (unit === '') return undefined
  const ms = Number(number) * (unit === 'ms' ? 1 : unit === 's' ? 1_000 : unit === 'm' ? 60_000 : 3_600_000)
  return ms <= WAIT_MS_MAX ? ms : undefined
}
