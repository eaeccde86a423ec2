/**
 * A recording as lists show it (converged-recordings §2), and how a page of them leaves the database: as one JSON text.
 * Handing 100 rows from the database thread as objects costs more than finding them; one text costs half as much.
 */
import { type DialectName, sql } from '@tandem/store'
import type { Recording } from './recording.ts'

/** What a list shows of a recording; whoever needs more asks for the recording itself. */
export type ListedRecording = Pick<
  Recording,
  | 'id'
  | 'orgId'
  | 'topic'
  | 'createTime'
  | 'timeRecorded'
  | 'ownerId'
  | 'ownerType'
  | 'ownerEmail'
  | 'format'
  | 'durationSeconds'
  | 'sizeBytes'
  | 'serviceType'
  | 'storageRegion'
  | 'status'
  | 'serviceData'
>

/** The columns of a listed row, in the order of its JSON array. */
export const LISTED_COLUMNS = [
  'id',
  'topic',
  'create_time',
  'time_recorded',
  'owner_id',
  'owner_type',
  'owner_email',
  'format',
  'duration_ms',
  'size_bytes',
  'service_type',
  'storage_region',
  'status',
  'location_id',
  'call_session_id',
] as const

/** One row of a page: the values of `LISTED_COLUMNS`. */
type ListedRow = readonly [
  id: string,
  topic: string,
  createTime: number,
  timeRecorded: number,
  ownerId: string,
  ownerType: Recording['ownerType'],
  ownerEmail: string,
  format: Recording['format'],
  durationMs: number,
  sizeBytes: number,
  serviceType: Recording['serviceType'],
  storageRegion: string,
  status: Recording['status'],
  locationId: string,
  callSessionId: string,
]

/** The rows of a subquery named `listed`, newest first, as one JSON text. */
export function listedJson(dialect: DialectName): ReturnType<typeof sql<string>> {
  const columns = sql.join(LISTED_COLUMNS.map((column) => sql.ref(`listed.${column}`)))
  const order = sql`order by listed.create_time desc, listed.id desc`
  return dialect === 'sqlite'
    ? sql<string>`json_group_array(json_array(${columns}) ${order})`
    : sql<string>`coalesce(json_agg(json_build_array(${columns}) ${order}), '[]')::text`
}

/** Reads what `listedJson` gave for one organisation. */
export function listedOf(orgId: string, json: string): ListedRecording[] {
  const rows = JSON.parse(json) as readonly ListedRow[] // Made by `listedJson` from columns of these types.
  return rows.map((row) => ({
    id: row[0],
    orgId,
    topic: row[1],
    createTime: row[2],
    timeRecorded: row[3],
    ownerId: row[4],
    ownerType: row[5],
    ownerEmail: row[6],
    format: row[7],
    durationSeconds: Math.round(row[8] / 1_000),
    sizeBytes: row[9],
    serviceType: row[10],
    storageRegion: row[11],
    status: row[12],
    serviceData: { locationId: row[13], callSessionId: row[14] },
  }))
}

/** Pages of several branches as one, in the order of every list: by time, ties by id as plain text, both descending. */
export function mergedPages(pages: readonly (readonly ListedRecording[])[]): readonly ListedRecording[] {
  if (pages.length === 1) return pages[0] ?? []
  return pages.flat().toSorted((a, b) => {
    if (a.createTime !== b.createTime) return b.createTime - a.createTime
    return a.id < b.id ? 1 : a.id > b.id ? -1 : 0
  })
}
