/**
 * Transcripts as WebVTT (W3C, https://www.w3.org/TR/webvtt1/ §4 and §6): a cue for each stretch, `<v Name>` around it for
 * its speaker. Language and engine stand in NOTE comments, since the format has no place for them.
 *
 * Reading follows the parser of §6.1 with one difference: where that drops what it does not understand, this says in
 * which line it is, because words of a recording must not get lost unnoticed.
 */
import type { Transcript, TranscriptSegment } from './transcripts.ts'
import { cueSegments } from './webvtt-cue.ts'

const ARROW = '-->'
const TIME = /^(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})/
const NOTED = /^(?:NOTE )?(Language|Engine):\s*(.*)$/

/** Writes a tidied transcript. */
export function renderVtt(transcript: Transcript): string {
  const notes = [`NOTE Engine: ${escaped(transcript.engine)}`]
  if (transcript.language !== undefined) notes.unshift(`NOTE Language: ${transcript.language}`)
  const cues = transcript.segments.map(cueOf)
  return `${['WEBVTT', ...notes, ...cues].join('\n\n')}\n`
}

/** Reads a transcript, not tidied yet; a sentence that names line and fault when it is none. */
export function parseVtt(text: string): Transcript | string {
  const lines = text
    .replace(/^\ufeff/, '')
    .replaceAll('\0', '\ufffd')
    .split(/\r\n|\n|\r/)
  if (!/^WEBVTT(?:[ \t]|$)/.test(lines[0] ?? '')) return 'Line 1: a WebVTT file begins with WEBVTT'
  const noted: { language?: string; engine?: string } = {}
  const segments: TranscriptSegment[] = []
  let at = 1
  for (; at < lines.length && lines[at] !== '' && !lines[at]?.includes(ARROW); at++) note(noted, lines[at])
  while (at < lines.length) {
    if (lines[at] === '') {
      at += 1
      continue
    }
    const end = endOfBlock(lines, at)
    const block = lines.slice(at, end)
    const isCue = block.slice(0, 2).some((line) => line.includes(ARROW))
    if (!isCue && /^(?:NOTE|STYLE|REGION)(?:[ \t]|$)/.test(block[0] ?? '')) {
      note(noted, block[0])
      at = end
      continue
    }
    const read = readCue(block, at + 1)
    if (typeof read === 'string') return read
    segments.push(...read)
    at = end
  }
  const { language, engine = 'import' } = noted
  return { ...(language === undefined ? {} : { language }), engine, segments }
}

/** The line after a block: a blank one, or the timings of a cue that follows without one (§6.1). */
function endOfBlock(lines: readonly string[], start: number): number {
  let timed = lines[start]?.includes(ARROW) ?? false
  for (let at = start + 1; at < lines.length; at++) {
    if (lines[at] === '') return at
    if (lines[at]?.includes(ARROW)) {
      if (timed || at > start + 1) return at
      timed = true
    }
  }
  return lines.length
}

/** `first` is the number of the block's first line. */
function readCue(block: readonly string[], first: number): TranscriptSegment[] | string {
  const offset = block[0]?.includes(ARROW) ? 0 : 1
  const timings = block[offset]
  if (timings === undefined || !timings.includes(ARROW))
    return `Line ${first}: a cue needs its times, as in 00:01.000 --> 00:02.500`
  const [startText = '', ...rest] = timings.split(ARROW)
  const startMs = timeOf(startText.trim(), { whole: true })
  // Settings may follow the end; where a cue is drawn does not concern a transcript.
  const endMs = timeOf(rest.join(ARROW).trim(), { whole: false })
  if (startMs === undefined || endMs === undefined)
    return `Line ${first + offset}: ${JSON.stringify(timings.slice(0, 80))} holds no times such as 00:01.000 --> 00:02.500`
  if (endMs < startMs) return `Line ${first + offset}: the cue ends before it begins`
  return cueSegments(block.slice(offset + 1).join('\n'), { startMs, endMs })
}

/** Milliseconds of a timestamp (§6.3); `whole` when nothing may follow it. */
function timeOf(text: string, { whole }: { readonly whole: boolean }): number | undefined {
  const match = TIME.exec(text)
  if (match === null) return undefined
  const rest = text.slice(match[0].length)
  if (rest !== '' && (whole || !/^[ \t]/.test(rest))) return undefined
  const [hours, minutes, seconds, millis] = match.slice(1).map((digits) => Number(digits ?? 0))
  return (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1_000 + (millis ?? 0)
}

function note(noted: { language?: string; engine?: string }, line: string | undefined): void {
  const match = NOTED.exec(line ?? '')
  const value = match?.[2]?.trim() ?? ''
  if (match === null || value === '') return
  if (match[1] === 'Language') noted.language = value
  else noted.engine = withoutEscapes(value)
}

function cueOf(segment: TranscriptSegment): string {
  const { startMs, endMs, speaker, text } = segment
  const voice = speaker === undefined ? '' : `<v ${escaped(speaker)}>`
  return `${stamp(startMs)} ${ARROW} ${stamp(endMs)}\n${voice}${escaped(text)}`
}

function stamp(ms: number): string {
  const [hours, minutes, seconds] = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1_000) % 60].map((part) =>
    String(Math.floor(part)).padStart(2, '0'),
  )
  return `${hours}:${minutes}:${seconds}.${String(ms % 1_000).padStart(3, '0')}`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function withoutEscapes(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
