/**
 * The body of `POST /tandem/v1/imports`: what is known of a recording that comes from elsewhere. Owner and organisation
 * are those of the directory, whatever the body says (case A06); moments are read in the zone of the request.
 */
import { randomBytes } from 'node:crypto'
import {
  type CreateImportRequest,
  canonicalUuid,
  decodeCallSessionId,
  parseTime,
  rawKey,
  type Zone,
} from '@tandem/contract'
import type { ImportRequest, MeetingFacts, Owner } from '@tandem/recordings'
import { bodyReader } from '../body.ts'
import { clientIdOf } from '../client-id.ts'
import { rawOwnerId } from '../converged-recordings/list-query.ts'
import { given } from '../converged-recordings/recording-ids.ts'
import { Failure, invalid } from '../failure.ts'
import { preferredSite } from '../meeting-recordings/site.ts'
import type { ApiRequest, Services } from '../operation.ts'
import { requestZone } from '../request-zone.ts'
import { serviceDataOf } from './service-data.ts'
import { parsedTranscript } from './transcript-change.ts'

/** Random bytes of a password that nobody gave: a meeting recording without one would be open to everybody. */
const PASSWORD_BYTES = 12
/** How far ahead of ours the clock of whoever made a recording may be: a day hides no zone that was forgotten. */
export const AHEAD_MS_MAX: number = 24 * 60 * 60_000

const read = bodyReader('CreateImportRequest')

/** What the imports are asked to do; throws the 400 or 404 that the body earns. */
export async function importRequest(request: ApiRequest, services: Services): Promise<ImportRequest> {
  const body = await read(request.body)
  const { topic, sha256, sizeBytes, fileName, storageRegion, locationId } = body
  if (topic.trim() === '') throw invalid('topic', 'must not be blank')
  const site = () => preferredSite(services, request.caller.orgId)
  const meeting =
    body.meeting === undefined ? undefined : await meetingOf(body.meeting, clientIdOf(request.caller), site)
  const serviceType = body.serviceType ?? (meeting === undefined ? 'calling' : 'meeting')
  if ((serviceType === 'meeting') !== (meeting !== undefined))
    throw invalid('meeting', 'is required with serviceType meeting, and with that alone')
  const transcript = body.transcript
  return {
    ...{ topic: topic.trim(), serviceType, ...momentsOf(body, requestZone(request).zone, services.now()) },
    ...(storageRegion === undefined ? {} : { storageRegion }),
    ...(body.callSessionId === undefined ? {} : { callSessionId: sessionOf(body.callSessionId) }),
    ...(locationId === undefined ? {} : { locationId: locationOf(locationId) }),
    ...(meeting === undefined ? {} : { meeting }),
    ...(transcript === undefined
      ? {}
      : { transcript: parsedTranscript(services, transcript.text, transcript.format, 'transcript.text') }),
    ...(body.serviceData == null ? {} : { serviceData: serviceDataOf(body.serviceData) }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(fileName === undefined ? {} : { fileName }),
    owner: await ownerOf(body, request.caller.orgId, services),
  }
}

async function ownerOf(body: CreateImportRequest, orgId: string, services: Services): Promise<Owner> {
  const [email, id] = [given(body.ownerEmail), given(body.ownerId)]
  if ((email === undefined) === (id === undefined))
    throw invalid('ownerEmail', 'or ownerId is required, one of the two')
  const rawId = id === undefined ? undefined : rawOwnerId(id)
  const owner =
    email === undefined
      ? rawId && (await services.owners.byId(orgId, rawId))
      : await services.owners.byEmail(orgId, email)
  if (owner === undefined || owner === '')
    throw new Failure('owner_not_found', `${email === undefined ? 'ownerId' : 'ownerEmail'} names nobody`)
  return owner
}

function momentsOf(
  body: CreateImportRequest,
  zone: Zone,
  now: number,
): Pick<ImportRequest, 'createTime' | 'timeRecorded'> {
  const createTime = momentOf('createTime', body.createTime, zone, now)
  const timeRecorded = momentOf('timeRecorded', body.timeRecorded, zone, now)
  if (timeRecorded !== undefined && createTime !== undefined && timeRecorded > createTime)
    throw invalid('timeRecorded', 'must not be later than createTime')
  return {
    ...(createTime === undefined ? {} : { createTime }),
    ...(timeRecorded === undefined ? {} : { timeRecorded }),
  }
}

function momentOf(name: string, text: string | undefined, zone: Zone, now: number): number | undefined {
  if (text === undefined) return undefined
  const at = parseTime(text, zone)
  if (at === undefined)
    throw invalid(name, 'must be a date or date-time of ISO 8601, such as 2026-02-03T10:15:00Z')
  if (at > now + AHEAD_MS_MAX) throw invalid(name, 'must not lie in the future')
  return at
}

function sessionOf(id: string): string {
  return decodeCallSessionId(id)?.toLowerCase() ?? canonicalUuid(id)
}

function locationOf(id: string): string {
  const raw = rawKey(id, ['LOCATION'])
  if (raw === undefined) throw invalid('locationId', 'must be the id of a location')
  return raw
}

async function meetingOf(
  meeting: NonNullable<CreateImportRequest['meeting']>,
  clientId: string,
  preferred: () => Promise<string>,
): Promise<MeetingFacts> {
  const { integrationTags = [], scheduledMeetingId, meetingSeriesId } = meeting
  return {
    meetingId: meeting.meetingId ?? '', // One is made for it.
    ...(scheduledMeetingId === undefined ? {} : { scheduledMeetingId }),
    ...(meetingSeriesId === undefined ? {} : { meetingSeriesId }),
    siteUrl: given(meeting.siteUrl) ?? (await preferred()),
    password: given(meeting.password) ?? randomBytes(PASSWORD_BYTES).toString('base64url'),
    serviceType: meeting.serviceType ?? 'MeetingCenter',
    format: meeting.format ?? 'MP4',
    integrationTags: integrationTags.map((tag) => ({ clientId: clientId, tag })),
  }
}
