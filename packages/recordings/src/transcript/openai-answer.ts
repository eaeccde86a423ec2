/**
 * The answers of `/v1/audio/transcriptions`, read with care: `verbose_json` is `{"language", "duration", "text",
 * "segments": [{"start", "end", "text"}]}` with seconds, `json` is `{"text"}`, `text` the words alone.
 */
import { isLanguage } from './tidy-transcript.ts'
import { TranscriberError } from './transcriber.ts'

/** What is asked for as `response_format`. */
export type ResponseForm = 'verbose_json' | 'json' | 'text'

/** An answer. Times in milliseconds from the beginning of what was sent. */
export interface HeardAnswer {
  readonly text: string
  /** Whether `segments` tells when what was said. */
  readonly timed: boolean
  readonly segments: readonly { readonly startMs: number; readonly endMs: number; readonly text: string }[]
  /** A language tag. */
  readonly language?: string
  readonly durationMs?: number
}

/** Whisper's own rule for words heard in silence: probably no speech, and unlikely words. */
const NO_SPEECH_MIN = 0.6
const LOG_PROBABILITY_MAX = -1

/** Reads an answer; a `TranscriberError` when it has not the form that was asked for. */
export function hearAnswer(body: string, form: ResponseForm): HeardAnswer {
  if (form === 'text') return { text: body.trim(), timed: false, segments: [] }
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    throw garbage('is not JSON')
  }
  if (typeof value !== 'object' || value === null) throw garbage('is not an object')
  const { text, segments, language, duration } = value as Readonly<Record<string, unknown>> // Checked one by one.
  if (typeof text !== 'string') throw garbage('has no "text"')
  const tag = typeof language === 'string' ? languageOf(language) : undefined
  return {
    text: text.trim(),
    // Words without a single time are as good as `json`.
    timed: Array.isArray(segments) && (segments.length > 0 || text.trim() === ''),
    segments: Array.isArray(segments) ? segments.flatMap(segmentOf) : [],
    ...(tag === undefined ? {} : { language: tag }),
    ...(typeof duration === 'number' && duration > 0 ? { durationMs: Math.round(duration * 1_000) } : {}),
  }
}

function segmentOf(value: unknown): { startMs: number; endMs: number; text: string }[] {
  const segment = (value ?? {}) as Readonly<Record<string, unknown>> // Checked one by one.
  const { start, end, text, no_speech_prob: noSpeech, avg_logprob: probability } = segment
  if (!isTime(start) || !isTime(end) || typeof text !== 'string') throw garbage('has a segment without times')
  if (text.trim() === '') return []
  if (Number(noSpeech) > NO_SPEECH_MIN && Number(probability) < LOG_PROBABILITY_MAX) return []
  return [{ startMs: Math.round(start * 1_000), endMs: Math.round(end * 1_000), text: text.trim() }]
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

/** A tag of what is a tag already, or the English name of a language, as OpenAI answers it. */
function languageOf(name: string): string | undefined {
  if (/^[a-z]{2,3}(?:-|$)/i.test(name) && isLanguage(name)) return name
  tags ??= new Map(twoLetters().map((tag) => [(names.of(tag) ?? tag).toLowerCase(), tag]))
  return tags.get(name.toLowerCase())
}

const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'code' })
let tags: ReadonlyMap<string, string> | undefined

function twoLetters(): string[] {
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  return letters.flatMap((first) => letters.map((second) => first + second))
}

/** Another try may meet a server that answers properly: a proxy's page in between is the usual cause. */
function garbage(how: string): TranscriberError {
  return new TranscriberError(`The transcriber's answer ${how}`, { again: true })
}
