/**
 * Transcripts of recordings: read, have made, or bring along. Only who may hear a recording may read what was said.
 */
import { segment } from '../api.ts'
import { InvalidArgument } from '../error/webex-error.ts'
import { type Download, download } from '../http/download.ts'
import { sendForJson, type Transport } from '../http/requester.ts'
import type { CallOptions } from '../options.ts'
import type { NewTranscript, RecordingTranscript } from '../wire.ts'
import { tandemUrl } from './tandem-url.ts'

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  vtt: 'text/vtt;charset=utf-8',
  txt: 'text/plain;charset=utf-8',
  json: 'application/json;charset=utf-8',
}

/** A transcript as a file has it. */
export interface TranscriptText {
  readonly format: 'vtt' | 'txt' | 'json'
  readonly text: string
}

/** `client.tandem.transcripts`. */
export class Transcripts {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** How far it is, and what was said. */
  async get(recordingId: string, options: CallOptions = {}): Promise<RecordingTranscript> {
    const url = tandemUrl(this.#transport, pathOf(recordingId), { format: 'json' })
    const { body } = await sendForJson(this.#transport, { method: 'GET', url, options })
    return body as RecordingTranscript // What a 200 of this path carries.
  }

  /** The file: WebVTT unless another form is asked for. */
  async download(
    recordingId: string,
    format: TranscriptText['format'] = 'vtt',
    options: CallOptions = {},
  ): Promise<Download> {
    const url = tandemUrl(this.#transport, pathOf(recordingId), { format })
    return download(this.#transport, { method: 'GET', url, headers: { accept: '*/*' }, options })
  }

  /**
   * Stores a transcript that was made elsewhere, in place of an earlier one.
   *
   * @example await client.tandem.transcripts.put(id, { format: 'vtt', text: 'WEBVTT\n\n00:00.000 --> 00:01.000\nHello' })
   */
  async put(
    recordingId: string,
    transcript: NewTranscript | TranscriptText,
    options: CallOptions = {},
  ): Promise<void> {
    const url = tandemUrl(this.#transport, pathOf(recordingId))
    const ask = { method: 'PUT', url, options } as const
    if (!('text' in transcript)) {
      await sendForJson(this.#transport, { ...ask, body: transcript })
      return
    }
    const contentType = CONTENT_TYPES[transcript.format]
    if (contentType === undefined) throw new InvalidArgument('the format of a transcript is vtt, txt or json')
    const bytes = new TextEncoder().encode(transcript.text)
    await sendForJson(this.#transport, { ...ask, bytes, headers: { 'content-type': contentType } })
  }

  /** Has one made, again if there is one; `get` says how far it is. Fails where no transcriber is configured. */
  async request(
    recordingId: string,
    request: { readonly language?: string | undefined } = {},
    options: CallOptions = {},
  ): Promise<void> {
    const url = tandemUrl(this.#transport, pathOf(recordingId))
    const body = { language: request.language }
    await sendForJson(this.#transport, { method: 'POST', url, body, options })
  }
}

function pathOf(recordingId: string): `/${string}` {
  return `/recordings/${segment('recordingId', recordingId)}/transcript`
}
