/**
 * Converged recordings: the recordings of calls, and of meetings that were imported: lists, details, metadata, files, and
 * every move of their life (contract, converged-recordings). What a method may do depends on the role of the token.
 */
import { bodyFor, type QueryValue, segment, urlOf } from './api.ts'
import type { Download } from './http/download.ts'
import type { Transport } from './http/requester.ts'
import { type DownloadOptions, downloadLink, type FileLink, rangeHeader } from './http/signed-link.ts'
import type { CallOptions } from './options.ts'
import { Pager } from './pager/pager.ts'
import {
  type AdminRecordingQuery,
  checkPageSize,
  type RecordingQuery,
  splitRange,
} from './recording-query.ts'
import {
  type BatchOptions,
  type DeleteReason,
  deleteBody,
  moveBodies,
  type Reassignment,
  type RecordingSelection,
  reassignBodies,
} from './recording-requests.ts'
import type { ConvergedRecording, ConvergedRecordingDetails, RecordingMetadata } from './wire.ts'

const PATH = '/convergedRecordings'

type Links = NonNullable<ConvergedRecordingDetails['temporaryDirectDownloadLinks']>

/** `client.convergedRecordings`. */
export class ConvergedRecordings {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The caller's own recordings, newest first. */
  list(query: RecordingQuery = {}, options: CallOptions = {}): Pager<ConvergedRecording> {
    checkPageSize(query.max)
    return new Pager(this.#transport, urlOf(this.#transport, PATH, valuesOf(query)), options)
  }

  /**
   * The recordings of the organisation, newest first, for administrators and compliance officers.
   *
   * @example client.convergedRecordings.listForAdmin({ from: '2026-01-01T00:00:00Z', splitRange: true, max: 100 })
   */
  listForAdmin(query: AdminRecordingQuery = {}, options: CallOptions = {}): Pager<ConvergedRecording> {
    checkPageSize(query.max)
    const { splitRange: split, ...rest } = query
    const ranges = split === true ? splitRange(query, this.#transport.clock) : [{}]
    const urls = ranges.map((range) =>
      urlOf(this.#transport, `/admin${PATH}`, valuesOf({ ...rest, ...range })),
    )
    return new Pager(this.#transport, urls, options)
  }

  /** The same as `listForAdmin`: the role of the token decides what is seen. */
  listForCompliance(query: AdminRecordingQuery = {}, options: CallOptions = {}): Pager<ConvergedRecording> {
    return this.listForAdmin(query, options)
  }

  /** One recording, with links that work for three hours where the caller may download. */
  async get(id: string, options: CallOptions = {}): Promise<ConvergedRecordingDetails> {
    const path = `${PATH}/${segment('id', id)}`
    const body = await bodyFor(this.#transport, { method: 'GET', path }, options)
    return body as ConvergedRecordingDetails // What a 200 of this path carries.
  }

  /** Who spoke with whom, and what happened in the call; undefined when the server has nothing (204). */
  async getMetadata(
    id: string,
    options: CallOptions & { readonly showAllTypes?: boolean | undefined } = {},
  ): Promise<RecordingMetadata | undefined> {
    const path = `${PATH}/${segment('id', id)}/metadata`
    const query = { showAllTypes: options.showAllTypes }
    const body = await bodyFor(this.#transport, { method: 'GET', path, query }, options)
    return body as RecordingMetadata | undefined // What a 200 of this path carries; undefined after a 204.
  }

  /**
   * Into the recycle bin, as owner or administrator. A compliance officer erases it for good, and must say why unless it
   * is an own one.
   *
   * @example await client.convergedRecordings.delete(id, { reason: 'audit', comment: 'Ticket 4711' })
   */
  async delete(id: string, why: DeleteReason = {}, options: CallOptions = {}): Promise<void> {
    const path = `${PATH}/${segment('id', id)}`
    await bodyFor(this.#transport, { method: 'DELETE', path, body: deleteBody(why) }, options)
  }

  /**
   * Gives recordings a new owner, as an administrator.
   *
   * @example await client.convergedRecordings.reassign({ ownerEmail: 'ada@radio.test', reassignOwnerEmail: 'ben@radio.test' })
   */
  async reassign(request: Reassignment, options: BatchOptions = {}): Promise<void> {
    await this.#post('reassign', reassignBodies(request, options.chunk), options)
  }

  /** Into the recycle bin: all of those that are named, or none of them. */
  async softDelete(selection: RecordingSelection, options: BatchOptions = {}): Promise<void> {
    await this.#post('softDelete', moveBodies(selection, 'trashAll', options.chunk), options)
  }

  /** Out of the recycle bin: all of those that are named, or none of them. */
  async restore(selection: RecordingSelection, options: BatchOptions = {}): Promise<void> {
    await this.#post('restore', moveBodies(selection, 'restoreAll', options.chunk), options)
  }

  /** From the recycle bin to compliance officers alone, for good: all of those that are named, or none of them. */
  async purge(selection: RecordingSelection, options: BatchOptions = {}): Promise<void> {
    await this.#post('purge', moveBodies(selection, 'purgeAll', options.chunk), options)
  }

  /**
   * Fetches the MP3 over its signed link, asking for the details first when given an id. The link carries its own
   * right: neither the token nor any header of the API goes to it. `timeoutMs` ends with the headers.
   */
  async downloadAudio(
    recording: string | ConvergedRecordingDetails,
    options: DownloadOptions = {},
  ): Promise<Download> {
    return this.#download(recording, 'audio', (links) => links.audioDownloadLink, options)
  }

  /** Fetches the recording as it was made: the video of an MP4, else the same file as `downloadAudio`. */
  async downloadRecording(
    recording: string | ConvergedRecordingDetails,
    options: DownloadOptions = {},
  ): Promise<Download> {
    return this.#download(recording, 'video', (links) => links.recordingDownloadLink, options)
  }

  /** Fetches the transcript, as WebVTT. */
  async downloadTranscript(
    recording: string | ConvergedRecordingDetails,
    options: DownloadOptions = {},
  ): Promise<Download> {
    return this.#download(recording, 'transcript', (links) => links.transcriptDownloadLink, options)
  }

  async #download(
    recording: string | ConvergedRecordingDetails,
    what: FileLink['what'],
    linkOf: (links: Links) => string | undefined,
    options: DownloadOptions,
  ): Promise<Download> {
    rangeHeader(options.range) // Before anything is asked.
    const details = typeof recording === 'string' ? await this.get(recording, options) : recording
    const links = details.temporaryDirectDownloadLinks
    const link = links === undefined ? undefined : linkOf(links)
    return downloadLink(this.#transport, { recordingId: details.id, what, link }, options)
  }

  async #post(name: string, bodies: readonly unknown[], options: BatchOptions): Promise<void> {
    for (const body of bodies)
      await bodyFor(this.#transport, { method: 'POST', path: `${PATH}/${name}`, body }, options)
  }
}

function valuesOf(query: RecordingQuery): Readonly<Record<string, QueryValue>> {
  return query as Readonly<Record<string, QueryValue>> // All members are.
}
