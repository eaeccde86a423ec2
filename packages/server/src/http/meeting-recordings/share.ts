/**
 * `POST /recordings/{recordingId}/accessList` and `POST /recordings/accessList` (meeting-recordings §6): shares a meeting
 * recording of the acting host with people, or unshares it. There is no mailer, so `sendEmail` has no effect (§6 allows it).
 */
import type { AccessListRequest, TokenOperationId } from '@tandem/contract'
import { bodyReader } from '../body.ts'
import { refused } from '../converged-recordings/actor.ts'
import { Failure, invalid } from '../failure.ts'
import type { ApiRequest, Operation, Services } from '../operation.ts'
import { actingFor, hostEmailOf } from './acting.ts'
import { foundMeeting } from './found-meeting.ts'

type ShareOperationId = Extract<TokenOperationId, `shareMeetingRecording${string}`>

const readById = bodyReader('AccessListRequest')
const readByLink = bodyReader('LinkAccessListRequest')

/** Shares the recording of the path. */
export const shareMeetingRecording: Operation = {
  id: 'shareMeetingRecording',
  async run(request, services) {
    const body = await readById(request.body)
    return share(request, services, 'shareMeetingRecording', {
      body,
      id: request.params['recordingId'] ?? '',
    })
  },
}

/** Shares the recording of a share link, which is the address of its page. */
export const shareMeetingRecordingByLink: Operation = {
  id: 'shareMeetingRecordingByLink',
  async run(request, services) {
    const body = await readByLink(request.body)
    const id = linkedId(body.webShareLink, services.publicUrl)
    return share(request, services, 'shareMeetingRecordingByLink', { body, id })
  },
}

async function share(
  request: ApiRequest,
  services: Services,
  operation: ShareOperationId,
  { body, id }: { readonly body: AccessListRequest; readonly id: string | undefined },
): Promise<Record<string, never>> {
  const change = changeOf(body)
  const hostEmail = hostEmailOf(request, operation, body.hostEmail)
  const acting = await actingFor(request, services, operation, hostEmail)
  const { actor, access } = acting
  try {
    if (id === undefined) throw new Failure('recording_not_found')
    const { recording, isHosted } = await foundMeeting(services, operation, acting, id)
    if (!isHosted) throw new Failure('not_the_host')
    if (!access.shareRecordingsEnabled) throw new Failure('access_forbidden')
    if (!(await services.recordings.meetings.share(actor, recording.id, change)))
      throw new Failure('recording_not_found') // Erased since it was looked up.
    return {}
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (error.error !== 'recording_not_found') throw await refused(services, { actor, operation }, error)
    // What is not seen was written down where it was looked for.
    throw operation === 'shareMeetingRecordingByLink' ? new Failure('share_link_unknown') : error
  }
}

/** Who is added and removed; each counts once, letter case aside. */
function changeOf(body: AccessListRequest): {
  readonly add: readonly string[]
  readonly remove: readonly string[]
} {
  const [add, remove] = [emails('addEmails', body.addEmails), emails('removeEmails', body.removeEmails)]
  if (add.size + remove.size === 0) throw invalid('addEmails or removeEmails', 'is required')
  if (add.keys().some((key) => remove.has(key)))
    throw invalid('addEmails', 'and removeEmails name the same person')
  return { add: [...add.values()], remove: [...remove.values()] }
}

function emails(name: string, given: readonly string[] | undefined): ReadonlyMap<string, string> {
  for (const email of given ?? [])
    if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw invalid(name, 'must hold email addresses')
  return new Map((given ?? []).map((email) => [email.toLowerCase(), email]))
}

/** The recording that a link of ours names; undefined for any other text. */
function linkedId(link: string, publicUrl: string): string | undefined {
  const url = URL.parse(link)
  if (url?.origin !== new URL(publicUrl).origin) return undefined
  const id = /^\/recordings\/([^/]+)\/(?:play|download)\/?$/.exec(url.pathname)?.[1]
  try {
    return id && decodeURIComponent(id)
  } catch {
    return undefined // A broken escape names nothing.
  }
}
