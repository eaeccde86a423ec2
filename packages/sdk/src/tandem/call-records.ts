/**
 * Call detail records: one for each conversation that has ended, oldest first, for administrators. Both ways stream, so a
 * year of records needs no more memory than a line.
 */
import { ConnectionFailed, UnreadableResponse } from '../error/webex-error.ts'
import { type Download, download } from '../http/download.ts'
import type { Transport } from '../http/requester.ts'
import type { CallOptions } from '../options.ts'
import type { CallRecord } from '../wire.ts'
import { tandemUrl } from './tandem-url.ts'

const RECORD_CHARS_MAX = 4_194_304 // A conversation of a thousand legs has a tenth of it; more is no record.

/** The time that is asked about. A string passes through untouched, a `Date` goes out in UTC. */
export interface CallRecordQuery {
  /** Inclusive. Without `from` and `to` the server shows the last seven days. */
  readonly from?: Date | string | undefined
  /** Exclusive. */
  readonly to?: Date | string | undefined
}

/** `client.tandem.callRecords`. */
export class CallRecords {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The file as the server makes it: CSV for a spreadsheet (the default), NDJSON for a program. */
  async export(
    query: CallRecordQuery & { readonly format?: 'csv' | 'ndjson' | (string & {}) | undefined } = {},
    options: CallOptions = {},
  ): Promise<Download> {
    const { from, to, format } = query
    const url = tandemUrl(this.#transport, '/callRecords', { from, to, format })
    return download(this.#transport, { method: 'GET', url, headers: { accept: '*/*' }, options })
  }

  /**
   * The records one by one. Fails with `ConnectionFailed` or `UnreadableResponse` when they break off before their end.
   *
   * @example for await (const record of client.tandem.callRecords.list({ from: '2026-02-01' })) total += record.calls.length
   */
  async *list(query: CallRecordQuery = {}, options: CallOptions = {}): AsyncGenerator<CallRecord, void> {
    const { stream } = await this.export({ ...query, format: 'ndjson' }, options)
    for await (const line of linesOf(stream, options.signal)) yield recordOf(line)
  }
}

function recordOf(line: string): CallRecord {
  try {
    return JSON.parse(line) as CallRecord // What a line of this answer is.
  } catch (cause) {
    throw new UnreadableResponse('the call records broke off in the middle of one', { cause })
  }
}

/** The lines of a stream, empty ones left out. Whoever stops listening ends the request, and so does the signal. */
async function* linesOf(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void> {
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  const cancel = (): Promise<void> => reader.cancel().catch(() => {}) // It has ended or failed: nothing is left to end.
  signal?.addEventListener('abort', cancel, { once: true })
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await read(reader)
      signal?.throwIfAborted()
      const lines = (rest + (done ? decoder.decode() : decoder.decode(value, { stream: true }))).split('\n')
      rest = done ? '' : (lines.pop() ?? '')
      if (rest.length > RECORD_CHARS_MAX)
        throw new UnreadableResponse(`a call record is longer than ${RECORD_CHARS_MAX} characters`)
      for (const line of lines) if (line.trim() !== '') yield line
      if (done) return
    }
  } finally {
    signal?.removeEventListener('abort', cancel)
    await cancel()
  }
}

async function read(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    return await reader.read()
  } catch (cause) {
    throw new ConnectionFailed('the connection was lost while call records came in', { cause })
  }
}
