/** Recordings made for tests of search: texts from few pieces, so that words are common, rare, short and overlapping. */
import type { Database } from '@tandem/store'
import { idKey, type NewRecordingRow, type RecordingStatus } from '../catalogue/recording.ts'
import type { TranscriptTables } from '../transcript/tables.ts'
import type { TranscriptSegment } from '../transcript/transcripts.ts'
import { fold } from './fold.ts'
import type { SearchTables } from './tables.ts'

/** The moment of the first one. */
export const START: number = Date.UTC(2026, 1, 3)

/** One of them. */
export interface SampleRecording {
  readonly n: number
  readonly id: string
  readonly createTime: number
  readonly topic: string
  readonly parties: string
  /** Empty: no transcript. */
  readonly speech: string
  readonly segments?: readonly TranscriptSegment[]
  readonly orgId?: string
  readonly ownerId?: string
  readonly status?: RecordingStatus
}

const PIECES = [
  ...[
    'Call with ',
    'Mira ',
    'Okafor',
    '-2026',
    '0203 ',
    'ÖSTERREICH',
    'straße ',
    'ΟΔΟΣ',
    'ΟΔΟΣΑ',
    '100% ',
    'a_b',
  ],
  ...['\\', '"', "'", '日本', '語', '🎧🎙', 'ana', 'banana ', 'x', ' ', 'İstanbul', 'e\u0301', 'NEAR(', '*'],
]

/** The id of a number. */
export function uuidOf(n: number): string {
  return `5b0c7f2e-6c1d-4e0f-9a53-${n.toString(16).padStart(12, '0')}`
}

/** Some recordings; the same for the same seed. */
export function sampleTexts(seed: number, count: number): SampleRecording[] {
  let state = seed
  const below = (limit: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % limit
  }
  const text = (most: number) =>
    Array.from({ length: below(most + 1) }, () => PIECES[below(below(2) === 0 ? 6 : PIECES.length)]).join('')
  return Array.from({ length: count }, (_, at) => ({
    n: at + 1,
    id: uuidOf(at + 1),
    createTime: START + below(60), // Some at the same moment.
    topic: text(6),
    parties: fold(text(3)),
    speech: below(3) === 0 ? text(12) : '',
  }))
}

/** Puts one into the database as catalogue and transcripts would. */
export async function storeSample(
  db: Database<SearchTables & TranscriptTables>,
  sample: SampleRecording,
): Promise<void> {
  const transcript = {
    id_key: idKey(sample.id),
    org_id: sample.orgId ?? 'org',
    ...{ state: 'done', engine: 'test', language: null, wanted_language: null, runner: null, error: null },
    text: sample.speech,
    segments: JSON.stringify(sample.segments ?? []),
    ...{ attempts: 0, next_at: null, cost_units: 0, updated_at: 0 },
  }
  await db.commit([
    db.kysely.insertInto('recording').values(rowOfSample(sample)),
    ...(sample.speech === '' ? [] : [db.kysely.insertInto('recording_transcript').values(transcript)]),
  ])
}

function rowOfSample(sample: SampleRecording): NewRecordingRow {
  const { id, createTime, topic, parties, orgId = 'org', ownerId = 'owner', status = 'available' } = sample
  return {
    ...{ id, id_key: idKey(id), org_id: orgId, owner_id: ownerId, status, topic, parties },
    topic_key: fold(topic),
    ...{
      owner_type: 'user',
      owner_name: 'Tomas',
      owner_email: 't@example.com',
      owner_email_key: 't@example.com',
    },
    ...{ location_id: 'location', call_session_id: 'session', call_id: 'call', format: 'MP3' },
    ...{ service_type: 'calling', storage_region: 'DE', sha256: 'ab', vault_key: id, gaps: '[]' },
    ...{ create_time: createTime, time_recorded: createTime, duration_ms: 1, size_bytes: 1, recovered: 0 },
    ...{
      storage: 'sealed',
      origin: 'call',
      status_at: createTime,
      kept_from: createTime,
      retain_until: null,
    },
    ...{ erase_at_end: 0, bin_until: null, held: 0, download_prevented: 0 },
  }
}
