/**
 * Transcripts as JSON, the form in which they are kept: `{"language", "engine", "segments": [{"startMs", "endMs",
 * "speaker", "text"}]}`. Reading checks every member and names the one that is wrong.
 */
import type { Transcript, TranscriptSegment } from './transcripts.ts'

/** Writes a tidied transcript. */
export function renderJson(transcript: Transcript): string {
  const { language, engine, segments } = transcript
  return JSON.stringify({
    ...(language === undefined ? {} : { language }),
    engine,
    segments: segments.map(({ startMs, endMs, speaker, text }) => ({
      startMs,
      endMs,
      ...(speaker === undefined ? {} : { speaker }),
      text,
    })),
  })
}

/** Reads a transcript, not tidied yet; a sentence that names place and fault when it is none. */
export function parseJson(text: string): Transcript | string {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : String(error)}`
  }
  const whole = membersOf(value)
  if (whole === undefined) return 'A transcript is an object with the member "segments"'
  const { language, engine = 'import', segments } = whole
  if (language !== undefined && typeof language !== 'string') return '"language" is not a text'
  if (typeof engine !== 'string') return '"engine" is not a text'
  if (!Array.isArray(segments)) return '"segments" is not a list'
  const read: TranscriptSegment[] = []
  for (const [index, each] of (segments as readonly unknown[]).entries()) {
    const segment = segmentOf(each)
    if (typeof segment === 'string') return `"segments[${index}]${segment}`
    read.push(segment)
  }
  return { ...(language === undefined ? {} : { language }), engine, segments: read }
}

/** A fault continues the name of the segment. */
function segmentOf(value: unknown): TranscriptSegment | string {
  const members = membersOf(value)
  if (members === undefined) return '" is not an object'
  const { startMs, endMs, speaker, text } = members
  if (typeof startMs !== 'number') return '.startMs" is not a number'
  if (typeof endMs !== 'number') return '.endMs" is not a number'
  if (typeof text !== 'string') return '.text" is not a text'
  if (speaker !== undefined && typeof speaker !== 'string') return '.speaker" is not a text'
  return { startMs, endMs, ...(speaker === undefined ? {} : { speaker }), text }
}

function membersOf(value: unknown): { readonly [Name in string]?: unknown } | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return value as { readonly [Name in string]?: unknown } // Each member is checked where it is used.
}
