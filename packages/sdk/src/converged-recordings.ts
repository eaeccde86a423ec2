/**
 * Converged recordings: the caller's own list, details, metadata, and the sound itself.
 */
import { type QueryValue, segment, urlOf } from './api.ts'
import { InvalidArgument, NoDownloadLink } from './error/webex-error.ts'
import { type Download, download } from './http/download.ts'
import { sendForJson, type Transport } from './http/requester.ts'
import type { CallOptions } from './options.ts'
import { Pager } from './pager/pager.ts'
import type { ConvergedRecording, ConvergedRecordingDetails, RecordingMetadata } from './wire.ts'

/** Filters of a list; all of them must hold. A string date passes through untouched, a `Date` goes out in UTC. */
export interface RecordingQuery {
  /** Inclusive. Without `from` and `to` the server shows the last seven days. */
  readonly from?: Date | string | undefined
  /** Exclusive. */
  readonly to?: Date | string | undefined
  readonly status?: 'available' | 'deleted' | (string & {}) | undefined
  readonly serviceType?: 'calling' | 'customerAssist' | 'meeting' | 'all' | (string & {}) | undefined
  readonly format?: 'MP3' | 'MP4' | (string & {}) | undefined
  readonly ownerType?: 'user' | 'place' | 'virtualLine' | 'callQueue' | (string & {}) | undefined
  readonly storageRegion?: string | undefined
  readonly locationId?: string | undefined
  /** Part of the topic, in any letter case. */
  readonly topic?: string | undefined
  /** Recordings on one page, 1 to 100; the server's default is 10. The pager asks for as many pages as there are. */
  readonly max?: number | undefined
}

const PAGE_ITEMS_MAX = 100 // The contract's; the server answers 400 beyond it.

/** How a recording is downloaded. */
export interface DownloadOptions extends CallOptions {
  /** Bytes to fetch, both ends included; without `end` up to the end of the file. */
  readonly range?: { readonly start: number; readonly end?: number } | undefined
}

/** `client.convergedRecordings`. */
export class ConvergedRecordings {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The caller's own recordings, newest first. */
  list(query: RecordingQuery = {}, options: CallOptions = {}): Pager<ConvergedRecording> {
    const { max } = query
    if (max !== undefined && !(Number.isInteger(max) && max >= 1 && max <= PAGE_ITEMS_MAX))
      throw new InvalidArgument(`max must be a whole number from 1 to ${PAGE_ITEMS_MAX}`)
    const url = urlOf(this.#transport, '/convergedRecordings', query as Readonly<Record<string, QueryValue>>) // All members are.
    return new Pager(this.#transport, url, options)
  }

  /** One recording, with links that work for three hours where the caller may download. */
  async get(id: string, options: CallOptions = {}): Promise<ConvergedRecordingDetails> {
    const url = urlOf(this.#transport, `/convergedRecordings/${segment('id', id)}`)
    const { body } = await sendForJson(this.#transport, { method: 'GET', url, options })
    return body as ConvergedRecordingDetails // What a 200 of this path carries.
  }

  /** Who spoke with whom, and what happened in the call; undefined when the server has nothing (204). */
  async getMetadata(
    id: string,
    options: CallOptions & { readonly showAllTypes?: boolean | undefined } = {},
  ): Promise<RecordingMetadata | undefined> {
    const path = `/convergedRecordings/${segment('id', id)}/metadata`
    const url = urlOf(this.#transport, path, { showAllTypes: options.showAllTypes })
    const { body } = await sendForJson(this.#transport, { method: 'GET', url, options })
    return body as RecordingMetadata | undefined // What a 200 of this path carries; undefined after a 204.
  }

  /**
   * Fetches the MP3 over its signed link, asking for the details first when given an id. The link carries its own
   * right: neither the token nor any header of the API goes to it. `timeoutMs` ends with the headers.
   */
  async downloadAudio(
    recording: string | ConvergedRecordingDetails,
    options: DownloadOptions = {},
  ): Promise<Download> {
    const headers = rangeHeader(options.range)
    const details = typeof recording === 'string' ? await this.get(recording, options) : recording
    const link = details.temporaryDirectDownloadLinks?.audioDownloadLink
    if (link === undefined || link === '')
      throw new NoDownloadLink(
        `recording ${details.id} has no audio link for this caller: ask as its owner or as a compliance officer`,
      )
    const url = URL.canParse(link, this.#transport.baseUrl)
      ? new URL(link, this.#transport.baseUrl)
      : undefined
    if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:'))
      throw new NoDownloadLink(`the audio link of recording ${details.id} is not a web address`)
    const { signal } = options
    return download(this.#transport, { method: 'GET', url, headers, anonymous: true, options: { signal } })
  }
}

function rangeHeader(range: DownloadOptions['range']): Record<string, string> {
  if (range === undefined) return {}
  const { start, end } = range
  const sound =
    Number.isInteger(start) && start >= 0 && (end === undefined || (Number.isInteger(end) && end >= start))
  if (!sound)
    throw new InvalidArgument('range must have whole numbers, start from 0 and end not before start')
  return { range: `bytes=${start}-${end ?? ''}` }
}
