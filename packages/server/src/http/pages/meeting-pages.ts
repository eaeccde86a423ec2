/**
 * `GET` and `POST /recordings/{recordingId}/{page}`: play or download a meeting recording with its password and without a
 * token (meeting-recordings §1). The recording must be available and its media there; `download` also that downloading is
 * not prevented. Anything else is one and the same 404 page. A wrong password is a 403, too many of them a 429.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { type Actor, idKey, LINK_MS_MAX, type LinkedFile, type Recording } from '@tandem/recordings'
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { Services } from '../operation.ts'
import { PAGE_HEADERS } from './html-page.ts'
import { type MeetingPage, missingPage, passwordPage, playerPage, waitPage } from './meeting-page.ts'
import { PasswordAttempts } from './password-attempts.ts'

/** How long a download may be begun after the password, in milliseconds. */
const DOWNLOAD_MS = 5 * 60_000
/** How much longer than its length a recording may be played: pauses, and a second look. */
const PLAY_SPARE_MS = 60 * 60_000

/** `GET`: asks for the password. */
export function showMeetingRecording(services: Services): RouteHandlerMethod {
  return async (request, reply) => {
    const opening = await openingOf(request, services)
    if (opening === undefined) return send(reply, 404, missingPage())
    return send(reply, 200, passwordPage(opening.page))
  }
}

/** `POST` with the form's `password`: plays, or sends the browser to the file. */
export function openMeetingRecording(services: Services): RouteHandlerMethod {
  const attempts = new PasswordAttempts()
  return async (request, reply) => {
    const opening = await openingOf(request, services)
    if (opening === undefined) return send(reply, 404, missingPage())
    const { recording, page } = opening
    const [key, source, now] = [idKey(recording.id), request.ip, services.now()]
    const waitSeconds = attempts.waitSeconds(key, source, now)
    if (waitSeconds > 0) return send(reply.header('retry-after', waitSeconds), 429, waitPage(waitSeconds))
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
    const { audit } = services.recordings
    const actor = visitorOf(request, recording)
    if (!isSame(form.get('password') ?? '', opening.password)) {
      attempts.failed(key, source, now)
      const detail = { operation: 'openMeetingRecording', page, error: 'password_wrong' }
      audit.addSoon({ actor, action: 'refused', recordingId: recording.id, detail })
      return send(reply, 403, passwordPage(page, 'This is not the password of the recording.'))
    }
    const detail = { api: 'meetings', page, by: 'password' }
    await audit.add([{ actor, action: 'recording.read', recordingId: recording.id, detail }])
    return page === 'download'
      ? reply
          .headers(PAGE_HEADERS)
          .code(303)
          .header('location', pathOf(opening, opening.main, services))
          .send()
      : send(reply, 200, player(opening, services))
  }
}

/** What a good address opens once the password is right. */
interface Opening {
  readonly page: MeetingPage
  readonly recording: Recording
  readonly password: string
  readonly main: LinkedFile
  readonly contentType: string
  readonly hasTranscript: boolean
}

async function openingOf(request: FastifyRequest, services: Services): Promise<Opening | undefined> {
  const { recordingId = '', page } = request.exchange.params ?? {}
  if (page !== 'play' && page !== 'download') return undefined
  const found = await services.recordings.meetings.find(recordingId)
  if (found === undefined || found.recording.status !== 'available') return undefined
  const { recording, meeting } = found
  if (page === 'download' && recording.downloadPrevented) return undefined
  const files = await services.recordings.files(recording)
  const main = (['video', 'audio'] as const).find((name) => files.has(name))
  if (main === undefined) return undefined
  return {
    page,
    recording,
    password: meeting.password,
    main,
    contentType: files.get(main)?.contentType ?? '',
    hasTranscript: files.has('transcript') && !recording.downloadPrevented,
  }
}

function player(opening: Opening, services: Services): string {
  const { recording, main, contentType, hasTranscript } = opening
  const kind = main === 'video' ? 'video' : 'audio'
  return playerPage({
    topic: recording.topic,
    media: { kind, path: pathOf(opening, main, services), contentType },
    ...(hasTranscript ? { captionsPath: pathOf(opening, 'transcript', services) } : {}),
  })
}

/** A signed path for whoever knew the password: to begin a download soon, or to play to the end. */
function pathOf({ recording, page }: Opening, file: LinkedFile, services: Services): string {
  const playMs = Math.min(LINK_MS_MAX, recording.durationSeconds * 1_000 + PLAY_SPARE_MS)
  const query = services.recordings.links.sign({
    recordingId: recording.id,
    file,
    personId: '',
    role: page,
    status: recording.status,
    expiresAt: services.now() + (page === 'download' ? DOWNLOAD_MS : playMs),
  })
  return `/media/${encodeURIComponent(recording.id)}/${file}?${query}`
}

/** Nobody is known by name: the log has the recording's organisation and that it was the password. */
function visitorOf(request: FastifyRequest, recording: Recording): Actor {
  return { orgId: recording.orgId, personId: '', as: 'user', trackingId: request.exchange.trackingId }
}

/** Compares in a time that tells nothing; an empty password opens nothing. */
function isSame(given: string, password: string): boolean {
  const [one, other] = [given, password].map((text) => createHash('sha256').update(text).digest())
  if (one === undefined || other === undefined) return false
  return timingSafeEqual(one, other) && password !== ''
}

function send(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply.code(status).headers(PAGE_HEADERS).send(html)
}
