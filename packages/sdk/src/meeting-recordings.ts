/**
 * Meeting recordings: those that the caller hosted or was given a share of, and for administrators, compliance officers
 * and service apps those of others (contract, meeting-recordings). `hostEmail` makes an administrator act for a host.
 */
import { bodyFor, type Query, requireText, segment, urlOf } from './api.ts'
import { InvalidArgument } from './error/webex-error.ts'
import type { Download } from './http/download.ts'
import type { Transport } from './http/requester.ts'
import { type DownloadOptions, downloadLink, rangeHeader } from './http/signed-link.ts'
import {
  type AccessChange,
  type AdminMeetingQuery,
  accessBody,
  type GroupIdentity,
  type GroupMeetingQuery,
  groupRequest,
  type HostOptions,
  type MeetingBatchOptions,
  type MeetingQuery,
  type MeetingSelection,
  meetingMoveBodies,
} from './meeting-requests.ts'
import type { CallOptions } from './options.ts'
import { Pager } from './pager/pager.ts'
import { checkPageSize } from './recording-query.ts'
import { type DeleteReason, deleteBody } from './recording-requests.ts'
import type {
  AdminMeetingRecording,
  GroupMeetingRecording,
  MeetingRecording,
  MeetingRecordingDetails,
} from './wire.ts'

const PATH = '/recordings'

/** The files of a meeting recording, by the names of their links. */
const LINKS = {
  recording: 'recordingDownloadLink',
  audio: 'audioDownloadLink',
  transcript: 'transcriptDownloadLink',
} as const

/** `client.recordings`. */
export class MeetingRecordings {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** What the caller hosted or was given a share of, newest first. */
  list(query: MeetingQuery = {}, options: CallOptions = {}): Pager<MeetingRecording> {
    return this.#pager(PATH, { ...query }, options)
  }

  /** The recordings of a site, newest first, for administrators and compliance officers: 30 days at most. */
  listForAdmin(query: AdminMeetingQuery = {}, options: CallOptions = {}): Pager<AdminMeetingRecording> {
    return this.#pager(`/admin${PATH}`, { ...query }, options)
  }

  /**
   * What one person hosted, for a service app with access to the recordings of a group.
   *
   * @example client.recordings.listForGroup({ personId, from: '2026-02-01' })
   */
  listForGroup(query: GroupMeetingQuery, options: CallOptions = {}): Pager<GroupMeetingRecording> {
    const { personId, headers } = groupRequest(query, options)
    const { hostEmail: _, ...filters } = query
    return this.#pager(`/group${PATH}`, { ...filters, personId }, { ...options, headers })
  }

  /** One recording, with its links where the caller may download. */
  async get(
    id: string,
    options: HostOptions & { readonly siteUrl?: string | undefined } = {},
  ): Promise<MeetingRecordingDetails> {
    const { siteUrl, hostEmail } = options
    const headers = siteUrl === undefined ? options.headers : { ...options.headers, siteUrl }
    const path = `${PATH}/${segment('id', id)}`
    const request = { method: 'GET', path, query: { hostEmail } } as const
    return (await bodyFor(this.#transport, request, { ...options, headers })) as MeetingRecordingDetails // What a 200 carries.
  }

  /** One recording that one person hosted, for a service app. */
  async getForGroup(
    id: string,
    identity: GroupIdentity,
    options: CallOptions = {},
  ): Promise<MeetingRecordingDetails> {
    const { personId, headers } = groupRequest(identity, options)
    const path = `/group${PATH}/${segment('id', id)}`
    const request = { method: 'GET', path, query: { personId } } as const
    return (await bodyFor(this.#transport, request, { ...options, headers })) as MeetingRecordingDetails // What a 200 carries.
  }

  /** Takes it from everybody but compliance officers, for good. Only a compliance officer has to say why. */
  async delete(id: string, why: DeleteReason = {}, options: HostOptions = {}): Promise<void> {
    const path = `${PATH}/${segment('id', id)}`
    const { hostEmail } = options
    const request = { method: 'DELETE', path, query: { hostEmail }, body: deleteBody(why) } as const
    await bodyFor(this.#transport, request, options)
  }

  /** The same for any recording of a site that the administrator manages. */
  async adminDelete(id: string, options: CallOptions = {}): Promise<void> {
    const path = `/admin${PATH}/${segment('id', id)}`
    await bodyFor(this.#transport, { method: 'DELETE', path }, options)
  }

  /** Into the recycle bin: all of those that are named, or none of them. */
  async softDelete(
    selection: Pick<Extract<MeetingSelection, { all?: false | undefined }>, 'recordingIds' | 'siteUrl'>,
    options: MeetingBatchOptions = {},
  ): Promise<void> {
    await this.#move('softDelete', undefined, selection, options)
  }

  /** Out of the recycle bin: all of those that are named, or none of them; or whatever is in it. */
  async restore(selection: MeetingSelection, options: MeetingBatchOptions = {}): Promise<void> {
    await this.#move('restore', 'restoreAll', selection, options)
  }

  /** From the recycle bin to compliance officers alone, for good. */
  async purge(selection: MeetingSelection, options: MeetingBatchOptions = {}): Promise<void> {
    await this.#move('purge', 'purgeAll', selection, options)
  }

  /**
   * Shares a recording with people, or unshares it.
   *
   * @example await client.recordings.share(id, { addEmails: ['ben@radio.test'], sendEmail: false })
   */
  async share(id: string, change: AccessChange, options: CallOptions = {}): Promise<void> {
    const path = `${PATH}/${segment('id', id)}/accessList`
    await bodyFor(this.#transport, { method: 'POST', path, body: accessBody(change) }, options)
  }

  /** The same for the recording of a share link. */
  async shareByLink(webShareLink: string, change: AccessChange, options: CallOptions = {}): Promise<void> {
    const body = { webShareLink: requireText('webShareLink', webShareLink), ...accessBody(change) }
    await bodyFor(this.#transport, { method: 'POST', path: `${PATH}/accessList`, body }, options)
  }

  /** Fetches a file of it over its signed link, without the token; asks for the details first when given an id. */
  async download(
    recording: string | MeetingRecordingDetails,
    file: keyof typeof LINKS = 'recording',
    options: DownloadOptions & HostOptions = {},
  ): Promise<Download> {
    if (!Object.hasOwn(LINKS, file)) throw new InvalidArgument(`there is no file ${file} of a recording`)
    rangeHeader(options.range) // Before anything is asked.
    const details = typeof recording === 'string' ? await this.get(recording, options) : recording
    const link = details.temporaryDirectDownloadLinks?.[LINKS[file]]
    const what = file === 'recording' ? 'video' : file
    return downloadLink(this.#transport, { recordingId: details.id, what, link }, options)
  }

  #pager<Item>(path: string, query: AdminMeetingQuery & Query, options: CallOptions): Pager<Item> {
    checkPageSize(query.max)
    return new Pager<Item>(this.#transport, urlOf(this.#transport, path, query), options)
  }

  async #move(
    name: string,
    flag: 'restoreAll' | 'purgeAll' | undefined,
    selection: MeetingSelection,
    options: MeetingBatchOptions,
  ): Promise<void> {
    const { hostEmail } = options
    for (const body of meetingMoveBodies(selection, flag, options.chunk)) {
      const request = { method: 'POST', path: `${PATH}/${name}`, query: { hostEmail }, body } as const
      await bodyFor(this.#transport, request, options)
    }
  }
}
