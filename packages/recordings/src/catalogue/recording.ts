/**
 * A recording as the rest of the server sees it: the contract's object with moments as Unix milliseconds, which whoever
 * answers a request renders in the zone of that request (converged-recordings §2; README §6).
 */
import type { RecordingFacts } from '../facts.ts'
import type { RetentionStamp } from '../retention/retention-of.ts'
import { fold, storable } from '../search/fold.ts'
import type { RecordingFactsTable, RecordingTable } from './tables.ts'

/** Where a recording stands (converged-recordings §1). */
export type RecordingStatus = 'available' | 'deleted' | 'purged'

/** A stretch that should be in the audio and is not. Moments in Unix milliseconds. */
export interface RecordingGap {
  readonly from: number
  /** Absent when nobody knows how long the call went on. */
  readonly to?: number
  readonly why: string
}

/** One recording of the catalogue. */
export interface Recording {
  readonly id: string
  readonly orgId: string
  readonly topic: string
  /** When the file was produced. */
  readonly createTime: number
  /** When recording started. */
  readonly timeRecorded: number
  readonly ownerId: string
  readonly ownerType: 'user' | 'place' | 'virtualLine' | 'callQueue'
  readonly ownerName: string
  readonly ownerEmail: string
  readonly format: 'MP3' | 'MP4'
  /** Pauses excluded, rounded. */
  readonly durationSeconds: number
  readonly sizeBytes: number
  readonly serviceType: 'calling' | 'customerAssist' | 'meeting'
  readonly storageRegion: string
  readonly status: RecordingStatus
  readonly serviceData: { readonly locationId: string; readonly callSessionId: string }
  readonly callId: string
  /** Of the file, lower-case hex. */
  readonly sha256: string
  readonly vaultKey: string
  /** Cut off by a crash or a disk error and finished later; `gaps` says what is missing. */
  readonly recovered: boolean
  readonly gaps: readonly RecordingGap[]
  /** How the file is stored; `bare` is what releases before encryption left, until the scrub takes it in. */
  readonly storage: 'sealed' | 'hashed' | 'bare'
  readonly origin: 'call' | 'import'
  /** Its owner gets no links. */
  readonly downloadPrevented: boolean
}

/** How ids are compared: without hyphens and without regard to case (contract README §2). */
export function idKey(id: string): string {
  return id.replaceAll('-', '').toLowerCase()
}

/** How topics are searched: without regard to case. */
export function foldTopic(topic: string): string {
  return fold(topic)
}

/** The default topic: `Call with Mira Okafor-20260203 0922`, the minute being that of `createTime` in UTC. */
export function defaultTopic(remoteName: string, createTime: number): string {
  const iso = new Date(createTime).toISOString()
  const day = iso.slice(0, 10).replaceAll('-', '')
  return `Call with ${remoteName}-${day} ${iso.slice(11, 13)}${iso.slice(14, 16)}`
}

/** A row without its place in the order of rows, which the database gives. */
export type NewRecordingRow = Omit<RecordingTable, 'seq'>

/** The recording that a row holds. */
export function recordingOf(row: NewRecordingRow): Recording {
  return {
    id: row.id,
    orgId: row.org_id,
    topic: row.topic,
    createTime: Number(row.create_time),
    timeRecorded: Number(row.time_recorded),
    ownerId: row.owner_id,
    ownerType: row.owner_type as Recording['ownerType'], // Written by `rowOf` from this very type.
    ownerName: row.owner_name,
    ownerEmail: row.owner_email,
    format: row.format as Recording['format'], // As above.
    durationSeconds: Math.round(Number(row.duration_ms) / 1_000),
    sizeBytes: Number(row.size_bytes),
    serviceType: row.service_type as Recording['serviceType'], // As above.
    storageRegion: row.storage_region,
    status: row.status as RecordingStatus, // As above.
    serviceData: { locationId: row.location_id, callSessionId: row.call_session_id },
    callId: row.call_id,
    sha256: row.sha256,
    vaultKey: row.vault_key,
    recovered: Number(row.recovered) === 1,
    gaps: JSON.parse(row.gaps) as RecordingGap[], // As above.
    storage: row.storage as Recording['storage'], // As above.
    origin: row.origin as Recording['origin'], // As above.
    downloadPrevented: Number(row.download_prevented) === 1,
  }
}

/** What there is to say about a file that was just made. */
export interface FinishedRecording {
  readonly id: string
  readonly facts: RecordingFacts
  readonly createTime: number
  readonly durationMs: number
  readonly sizeBytes: number
  readonly sha256: string
  readonly vaultKey: string
  readonly storageRegion: string
  readonly storage: Recording['storage']
  readonly recovered: boolean
  readonly gaps: readonly RecordingGap[]
  /** How long it is kept; absent: no policy, counted from its making. */
  readonly retention?: RetentionStamp & { readonly kept_from: number }
}

/** The row that stands beside it. */
export function factsRowOf(finished: FinishedRecording): RecordingFactsTable {
  return { id_key: idKey(finished.id), facts: JSON.stringify(finished.facts) }
}

/** The row of a finished recording. */
export function rowOf(finished: FinishedRecording): NewRecordingRow {
  const { opening } = finished.facts
  const topic = storable(defaultTopic(opening.remoteName, finished.createTime))
  return {
    id: finished.id,
    id_key: idKey(finished.id),
    org_id: opening.orgId,
    owner_id: opening.ownerId,
    owner_type: opening.ownerType,
    owner_name: storable(opening.ownerName),
    owner_email: storable(opening.ownerEmail),
    owner_email_key: storable(opening.ownerEmail).toLowerCase(),
    location_id: opening.locationId,
    call_session_id: opening.callSessionId,
    call_id: opening.callId,
    topic,
    topic_key: foldTopic(topic),
    create_time: finished.createTime,
    time_recorded: opening.startedAt,
    duration_ms: Math.round(finished.durationMs),
    size_bytes: finished.sizeBytes,
    format: 'MP3',
    service_type: opening.ownerType === 'callQueue' ? 'customerAssist' : 'calling',
    storage_region: finished.storageRegion,
    status: 'available',
    sha256: finished.sha256,
    vault_key: finished.vaultKey,
    recovered: finished.recovered ? 1 : 0,
    gaps: JSON.stringify(finished.gaps),
    storage: finished.storage,
    origin: 'call',
    parties: partiesOf(finished.facts),
    status_at: finished.createTime,
    ...(finished.retention ?? { kept_from: finished.createTime, retain_until: null, erase_at_end: 0 }),
    bin_until: null,
    held: 0,
    download_prevented: 0,
  }
}

/** Names and numbers of the parties, folded, each once: what a search for a person or a number looks through. */
function partiesOf(facts: RecordingFacts): string {
  const { opening, closing } = facts
  const parties = [opening.callingParty, opening.calledParty, closing?.answererInfo, closing?.connectedParty]
  const words = parties.flatMap((party) => [party?.name, userPart(party?.number)])
  const known = [opening.remoteName, ...words].filter((word) => word !== undefined && word !== '')
  return foldTopic([...new Set(known)].join('\n'))
}

/** The user part of a SIP or tel URI: the number, or what stands for one. */
function userPart(uri: string | undefined): string | undefined {
  return /^(?:sips?|tel):([^@;]+)/.exec(uri ?? '')?.[1]
}
