/**
 * Transcripts for people: `[mm:ss] Speaker: text`, a line for each stretch, hours in front when there are any. Whole
 * seconds, and where a stretch ends is not written: reading takes it to last until the next one.
 */
import type { Transcript, TranscriptSegment } from './transcripts.ts'

/** How long the last stretch is taken to be: nothing in this form tells. */
const LAST_MS = 1_000
const LINE = /^\[(?:(\d+):)?(\d{1,2}):([0-5]\d)(?:[.,](\d{1,3}))?\][ \t]*(.*)$/

/** Writes a tidied transcript. */
export function renderText(transcript: Transcript): string {
  return transcript.segments.map((segment) => `${lineOf(segment)}\n`).join('')
}

/** Reads a transcript, not tidied yet; a sentence that names line and fault when it is none. */
export function parseText(text: string): Transcript | string {
  const said: { startMs: number; speaker: string; text: string }[] = []
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/)
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const match = LINE.exec(line)
    const last = said.at(-1)
    if (match === null) {
      if (line.startsWith('[') || last === undefined)
        return `Line ${index + 1}: a line begins with its time, as in [01:23] Mira Okafor: Good morning`
      last.text += ` ${line}` // A long line that was wrapped.
      continue
    }
    const [hours, minutes, seconds] = match.slice(1, 4).map((digits) => Number(digits ?? 0))
    if (match[1] !== undefined && (minutes ?? 0) > 59)
      return `Line ${index + 1}: ${match[2]} minutes are no time beside hours`
    const startMs = (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1_000
    said.push({ startMs: startMs + Number((match[4] ?? '').padEnd(3, '0')), ...speakerOf(match[5] ?? '') })
  }
  said.sort((a, b) => a.startMs - b.startMs)
  return {
    engine: 'import',
    segments: said.map((each, index) => ({
      startMs: each.startMs,
      endMs: said[index + 1]?.startMs ?? each.startMs + LAST_MS,
      ...(each.speaker === '' ? {} : { speaker: each.speaker }),
      text: each.text,
    })),
  }
}

/** The first colon before a blank ends the speaker; with nothing before it, nobody is named. */
function speakerOf(said: string): { speaker: string; text: string } {
  const colon = /:(?:[ \t]|$)/.exec(said)?.index
  if (colon === undefined) return { speaker: '', text: said }
  return { speaker: said.slice(0, colon).trim(), text: said.slice(colon + 1) }
}

function lineOf({ startMs, speaker, text }: TranscriptSegment): string {
  const seconds = Math.floor(startMs / 1_000)
  const hours = Math.floor(seconds / 3_600)
  const [minute, second] = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) =>
    String(part).padStart(2, '0'),
  )
  const time = `[${hours === 0 ? '' : `${hours}:`}${minute}:${second}]`
  const name = (speaker ?? '').replace(/:+(?= |$)/g, '').trim() // The colon before a blank ends a name.
  if (name !== '') return `${time} ${name.replace(/ +/g, ' ')}: ${text}`
  // Words with a colon would be read as somebody's name: an empty name says that they are not.
  return /:(?: |$)/.test(text) ? `${time} : ${text}` : `${time} ${text}`
}
