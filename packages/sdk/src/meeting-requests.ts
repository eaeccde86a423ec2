/**
 * What requests about meeting recordings take (contract, meeting-recordings §2 to §9): filters, whom an administrator
 * acts for, which recordings are moved, who is given a share.
 */
import { requireText } from './api.ts'
import { InvalidArgument } from './error/webex-error.ts'
import type { CallOptions } from './options.ts'
import { type BatchOptions, batchesOf } from './recording-requests.ts'

/** Most people that one command shares a recording with. */
const EMAILS_MAX = 100

/** Whom an administrator acts for; the caller itself when absent. Anybody else's is ignored. */
export interface HostOptions extends CallOptions {
  readonly hostEmail?: string | undefined
}

/** Options of commands that name recordings. */
export interface MeetingBatchOptions extends HostOptions, Pick<BatchOptions, 'chunk'> {}

/** Filters of the list of a site; all of them must hold. */
export interface AdminMeetingQuery {
  /** Inclusive. Without `from` and `to` the server shows the last seven days. */
  readonly from?: Date | string | undefined
  /** Exclusive. */
  readonly to?: Date | string | undefined
  /** Series, scheduled meeting or instance; `siteUrl` is ignored then. */
  readonly meetingId?: string | undefined
  readonly siteUrl?: string | undefined
  /** Exact, and only tags that this client has set. */
  readonly integrationTag?: string | undefined
  /** Part of the topic, in any letter case. */
  readonly topic?: string | undefined
  readonly format?: 'MP4' | 'ARF' | (string & {}) | undefined
  readonly serviceType?:
    | 'MeetingCenter'
    | 'EventCenter'
    | 'SupportCenter'
    | 'TrainingCenter'
    | (string & {})
    | undefined
  /** `purged` is for compliance officers alone. */
  readonly status?: 'available' | 'deleted' | 'purged' | (string & {}) | undefined
  /** Recordings on one page, 1 to 100. */
  readonly max?: number | undefined
}

/** Filters of the caller's list. */
export interface MeetingQuery extends AdminMeetingQuery {
  readonly hostEmail?: string | undefined
}

/** Whose recordings a service app asks about: one of the two. */
export type GroupIdentity =
  | { readonly personId: string; readonly hostEmail?: undefined }
  | { readonly hostEmail: string; readonly personId?: undefined }

/** Filters of the list of one person. */
export type GroupMeetingQuery = GroupIdentity & Omit<AdminMeetingQuery, 'meetingId' | 'status'>

/** Which recordings: those that are named, or whatever is in the recycle bin. */
export type MeetingSelection =
  | {
      readonly recordingIds: readonly string[]
      readonly all?: false | undefined
      readonly siteUrl?: string | undefined
    }
  | { readonly all: true; readonly recordingIds?: undefined; readonly siteUrl?: string | undefined }

/** Who is given a share, and who loses it; at least one of them. */
export interface AccessChange {
  readonly addEmails?: readonly string[] | undefined
  readonly removeEmails?: readonly string[] | undefined
  /** Whether those who were added are told; true when absent. */
  readonly sendEmail?: boolean | undefined
  readonly hostEmail?: string | undefined
}

/** The bodies of a move. Without a `flag` there is no "all". */
export function meetingMoveBodies(
  selection: MeetingSelection,
  flag: 'restoreAll' | 'purgeAll' | undefined,
  chunk: boolean | undefined,
): Readonly<Record<string, unknown>>[] {
  const { siteUrl } = selection
  if (selection.all === true) {
    if (selection.recordingIds !== undefined) throw new InvalidArgument('give recordingIds or all, not both')
    if (flag === undefined) throw new InvalidArgument('recordings are named here: there is no all')
    return [{ [flag]: true, siteUrl }]
  }
  return batchesOf(selection.recordingIds ?? [], chunk).map((recordingIds) => ({ recordingIds, siteUrl }))
}

/** The body of a change of access. */
export function accessBody(change: AccessChange): AccessChange {
  const { addEmails = [], removeEmails = [] } = change
  if (addEmails.length + removeEmails.length === 0)
    throw new InvalidArgument('give addEmails or removeEmails')
  for (const emails of [addEmails, removeEmails]) {
    if (emails.length > EMAILS_MAX)
      throw new InvalidArgument(`addEmails and removeEmails may name ${EMAILS_MAX} people each`)
    for (const email of emails) requireText('each email', email)
  }
  const { sendEmail, hostEmail } = change
  return { addEmails: change.addEmails, removeEmails: change.removeEmails, sendEmail, hostEmail }
}

/** Where the identity goes: a person into the query, an email into a header. */
export function groupRequest(
  { personId, hostEmail }: GroupIdentity,
  { headers }: CallOptions,
): { readonly personId: string | undefined; readonly headers: CallOptions['headers'] } {
  if ((personId === undefined) === (hostEmail === undefined))
    throw new InvalidArgument('give personId or hostEmail, one of the two')
  if (hostEmail === undefined) return { personId: requireText('personId', personId), headers }
  return { personId: undefined, headers: { ...headers, hostEmail: requireText('hostEmail', hostEmail) } }
}
