/**
 * The forms of a transcript: WebVTT, plain text and JSON, written and read (issue 4, Transcripts). What is read is
 * tidied, so that whatever can be read can be kept; what cannot earns one sentence that says where and why.
 */

import { parseText, renderText } from './plain-text.ts'
import { TRANSCRIPT_BYTES_MAX, tidyTranscript } from './tidy-transcript.ts'
import { parseJson, renderJson } from './transcript-json.ts'
import type { Transcript, TranscriptFormat } from './transcripts.ts'
import { parseVtt, renderVtt } from './webvtt.ts'

const FORMS = {
  vtt: { contentType: 'text/vtt; charset=utf-8', render: renderVtt, parse: parseVtt },
  txt: { contentType: 'text/plain; charset=utf-8', render: renderText, parse: parseText },
  json: { contentType: 'application/json; charset=utf-8', render: renderJson, parse: parseJson },
} as const

/** The text in one form, with its media type. */
export function renderTranscript(
  transcript: Transcript,
  format: TranscriptFormat,
): { readonly contentType: string; readonly text: string } {
  const { contentType, render } = FORMS[format]
  return { contentType, text: render(transcript) }
}

/** Reads one form; a sentence that names place and fault when the text is not of it or breaks a limit. */
export function parseTranscript(text: string, format: TranscriptFormat): Transcript | string {
  const bytes = Buffer.byteLength(text)
  if (bytes > TRANSCRIPT_BYTES_MAX)
    return `The transcript has ${bytes} bytes; at most ${TRANSCRIPT_BYTES_MAX} are allowed`
  const read = FORMS[format].parse(text)
  return typeof read === 'string' ? read : tidyTranscript(read)
}
