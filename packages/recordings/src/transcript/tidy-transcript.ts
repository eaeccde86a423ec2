/**
 * What every transcript is held to, wherever it comes from: limits, and texts on one line without control characters,
 * so that all three forms and the search index can hold the same words (issue 4, Transcripts).
 */
import type { Transcript, TranscriptSegment } from './transcripts.ts'

/** Largest transcript in any form: a day of fast speech takes about 2 MiB. */
export const TRANSCRIPT_BYTES_MAX: number = 16 * 1_024 * 1_024
/** Most stretches of speech: a day of one-second stretches, rounded up. */
export const TRANSCRIPT_SEGMENTS_MAX = 100_000
/** Longest text of one stretch: ten minutes of fast speech. */
export const SEGMENT_CHARACTERS_MAX = 20_000
/** Longest name of a speaker. */
export const SPEAKER_CHARACTERS_MAX = 200
/** Longest language tag; RFC 5646 §4.4.1 wants at least 35. */
export const LANGUAGE_CHARACTERS_MAX = 35
/** Longest name of what made a transcript. */
export const ENGINE_CHARACTERS_MAX = 100
/** Latest moment: a recording of a week. */
export const TRANSCRIPT_MS_MAX: number = 7 * 24 * 60 * 60 * 1_000

/** The shape of a language tag, such as `de` or `pt-BR` (RFC 5646 §2.1); that it is registered is not checked. */
const LANGUAGE = /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/
// Control characters of ISO 646 and ISO 8859 beside what `\s` holds.
const BLANKS = /[\s\u0000-\u001f\u007f-\u009f]+/g

/** Puts a text on one line: runs of blanks and control characters become one space, halves of characters U+FFFD. */
export function onOneLine(text: string): string {
  return text.toWellFormed().replace(BLANKS, ' ').trim()
}

/** Whether a text is a language tag. */
export function isLanguage(text: string): boolean {
  return text.length <= LANGUAGE_CHARACTERS_MAX && LANGUAGE.test(text)
}

/**
 * The transcript as it is kept: texts on one line, empty stretches left out, in the order of time. A sentence that names
 * the stretch, counted from 1, when it breaks a limit.
 */
export function tidyTranscript(transcript: Transcript): Transcript | string {
  const language = transcript.language ?? ''
  if (language !== '' && !isLanguage(language))
    return `The language ${JSON.stringify(language.slice(0, 50))} is not a language tag such as "en" or "pt-BR"`
  const engine = onOneLine(transcript.engine)
  if (engine === '') return 'The engine has no name; "import" does for a transcript from elsewhere'
  if (engine.length > ENGINE_CHARACTERS_MAX)
    return `The engine's name has ${engine.length} characters; at most ${ENGINE_CHARACTERS_MAX} are allowed`
  if (transcript.segments.length > TRANSCRIPT_SEGMENTS_MAX)
    return `The transcript has ${transcript.segments.length} segments; at most ${TRANSCRIPT_SEGMENTS_MAX} are allowed`
  const segments: TranscriptSegment[] = []
  for (const [index, segment] of transcript.segments.entries()) {
    const tidied = tidySegment(segment)
    if (typeof tidied === 'string') return `Segment ${index + 1}: ${tidied}`
    if (tidied.text !== '') segments.push(tidied)
  }
  segments.sort((a, b) => a.startMs - b.startMs) // Stable: who spoke first in the file stays first.
  return { ...(language === '' ? {} : { language }), engine, segments }
}

function tidySegment(segment: TranscriptSegment): TranscriptSegment | string {
  const { startMs, endMs } = segment
  for (const at of [startMs, endMs]) {
    if (!Number.isSafeInteger(at) || at < 0 || at > TRANSCRIPT_MS_MAX)
      return `the time ${at} is not a whole number of milliseconds from 0 to ${TRANSCRIPT_MS_MAX}`
  }
  if (endMs < startMs) return `it ends at ${endMs} ms, before its beginning at ${startMs} ms`
  const text = onOneLine(segment.text)
  if (text.length > SEGMENT_CHARACTERS_MAX)
    return `its text has ${text.length} characters; at most ${SEGMENT_CHARACTERS_MAX} are allowed`
  const speaker = onOneLine(segment.speaker ?? '')
  if (speaker.length > SPEAKER_CHARACTERS_MAX)
    return `its speaker's name has ${speaker.length} characters; at most ${SPEAKER_CHARACTERS_MAX} are allowed`
  return { startMs, endMs, ...(speaker === '' ? {} : { speaker }), text }
}
