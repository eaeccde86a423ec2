/**
 * The row, the facts and the event of an imported recording. Calls are MP3, as the contract has it (README Ruling 4); a
 * meeting may be either. Retention counts from the making of the recording, never from the future.
 */
import { randomUUID } from 'node:crypto'
import type { Compilable, Database } from '@tandem/store'
import { outboxEvent } from '@tandem/store'
import { eventData } from '../catalogue/catalogue.ts'
import { foldTopic, idKey, type NewRecordingRow, recordingOf } from '../catalogue/recording.ts'
import type { CatalogueTables } from '../catalogue/tables.ts'
import { meetingEventData } from '../meeting/meeting-event.ts'
import type { MeetingFacts } from '../meeting/meeting-recordings.ts'
import type { StoredMedia } from './import-vault.ts'
import type { ImportRequest } from './imports.ts'
import type { MediaFacts } from './media-facts.ts'

/** The columns that say how long a recording is kept. */
export interface RetentionColumns {
  readonly retain_until: number | null
  readonly erase_at_end: 0 | 1
}

/** What a row is made of. */
export interface ImportedRecording {
  readonly id: string
  readonly orgId: string
  readonly request: ImportRequest
  readonly media: MediaFacts
  readonly stored: StoredMedia
  readonly storageRegion: string
  /** Unix milliseconds. */
  readonly now: number
  /** Kept time: what `kept_from` may not exceed. */
  readonly keptNow: number
}

/** The row. Retention is stamped by whoever knows the policies. */
export function importedRow(imported: ImportedRecording): NewRecordingRow {
  const { id, request, media, stored, now, keptNow } = imported
  const { owner } = request
  const durationMs = durationOf(media)
  const createTime = request.createTime ?? now
  const timeRecorded = request.timeRecorded ?? madeAtOf(media) ?? createTime - durationMs
  const isMeeting = request.serviceType === 'meeting'
  return {
    id,
    id_key: idKey(id),
    org_id: imported.orgId,
    owner_id: owner.id,
    owner_type: owner.type,
    owner_name: owner.name,
    owner_email: owner.email,
    owner_email_key: owner.email.toLowerCase(),
    location_id: request.locationId ?? owner.locationId,
    // A call always shows one (converged-recordings §2): one that nobody knows is a session of its own.
    call_session_id: request.callSessionId ?? (isMeeting ? '' : randomUUID()),
    call_id: '',
    topic: request.topic,
    topic_key: foldTopic(request.topic),
    create_time: createTime,
    time_recorded: timeRecorded,
    duration_ms: durationMs,
    size_bytes: stored.sizeBytes,
    format: media.kind === 'mp4' ? 'MP4' : 'MP3',
    service_type: request.serviceType,
    storage_region: request.storageRegion ?? imported.storageRegion,
    status: 'available',
    sha256: stored.sha256,
    vault_key: stored.key,
    recovered: 0,
    gaps: JSON.stringify(gapsOf(media, timeRecorded + durationMs)),
    storage: stored.storage,
    origin: 'import',
    parties: partiesOf(request),
    status_at: now,
    kept_from: Math.min(createTime, keptNow),
    retain_until: null,
    erase_at_end: 0,
    bin_until: null,
    held: 0,
    download_prevented: 0,
  }
}

/** The event that announces it: that of its own resource (webhooks §3). */
export function importedEvent(
  db: Database<CatalogueTables>,
  row: NewRecordingRow,
  meeting: MeetingFacts | undefined,
  now: number,
): Compilable {
  const recording = recordingOf(row)
  return outboxEvent(db, {
    orgId: row.org_id,
    resource: meeting === undefined ? 'convergedRecordings' : 'recordings',
    event: 'created',
    personId: row.owner_id,
    key: row.id,
    payload: meeting === undefined ? eventData(recording) : meetingEventData(recording, meeting),
    createdAt: now,
  })
}

/** How long the sound of a file is. */
export function durationOf(media: MediaFacts): number {
  switch (media.kind) {
    case 'mp3':
      return media.mp3.durationMs
    case 'wav':
      return media.wav.durationMs
    case 'mp4':
      return media.mp4.durationMs
  }
}

function madeAtOf(media: MediaFacts): number | undefined {
  return media.kind === 'mp4' ? media.mp4.madeAt : undefined
}

/** What is missing at the end of a damaged file is said of its recording, as of one that a crash cut off. */
function gapsOf(media: MediaFacts, endAt: number): readonly { from: number; why: string }[] {
  if (media.kind !== 'mp3') return []
  const { isCutOff, strayBytes } = media.mp3
  if (isCutOff) return [{ from: endAt, why: 'the end of the imported file is missing' }]
  return strayBytes > 0 ? [{ from: endAt, why: `${strayBytes} bytes of the imported file are no sound` }] : []
}

/** Names and numbers that the sender gave, folded, each once: what a search for a person looks through. */
function partiesOf(request: ImportRequest): string {
  const roles = ['callingParty', 'calledParty', 'answererInfo', 'connectedParty']
  const words = roles.flatMap((role) => {
    const { name, number } = membersOf(request.serviceData?.[role])
    const user = typeof number === 'string' ? /^(?:sips?:|tel:)?([^@;]+)/.exec(number)?.[1] : undefined
    return [name, user].filter((word): word is string => typeof word === 'string' && word !== '')
  })
  return foldTopic([...new Set(words)].join('\n'))
}

function membersOf(value: unknown): { readonly name?: unknown; readonly number?: unknown } {
  return typeof value === 'object' && value !== null ? value : {}
}
