/**
 * Fills a catalogue with recordings that the database makes by itself, many thousands a second: for plans and benchmarks.
 * They look like a year of calls of 5,000 people at 200 places, one each half minute, and belong to one organisation.
 */
import { type Database, dialectOf, sql } from '@tandem/store'
import type { CatalogueTables } from './tables.ts'

/** The organisation of the rows. */
export const MANY_ROWS_ORG = '1f7a4b9e-0d52-4b6b-9d35-5f2c8e17aa40'
/** The moment of the first row; each later one comes `MANY_ROWS_STEP_MS` after it. */
export const MANY_ROWS_START: number = Date.UTC(2026, 0, 1)
/** Between two rows. */
export const MANY_ROWS_STEP_MS = 30_000
/** Rows that one statement makes: a second's work, and a commit that fits into memory. */
const MADE_AT_A_TIME = 50_000

/** The owner of row `n`. */
export function ownerOfRow(n: number): string {
  return `0e2b7a64-3a0f-4f0e-8a64-${String(n % 5_000).padStart(12, '0')}`
}

/** The location of row `n`. */
export function locationOfRow(n: number): string {
  return `7d5f0a9c-1f67-4a2e-bb1e-${String(n % 200).padStart(12, '0')}`
}

/** Makes rows 1 to `count`, with facts and without events. Topics hold `Okafor` always and `Zebra n` once. */
export async function makeManyRows(
  db: Database<CatalogueTables>,
  count: number,
  progress: (made: number) => void = () => {},
): Promise<void> {
  for (let from = 1; from <= count; from += MADE_AT_A_TIME) {
    const to = Math.min(count, from + MADE_AT_A_TIME - 1)
    const statement = sql.raw(insertOf(from, to, dialectOf(db.kysely) === 'postgres'))
    await db.commit([{ compile: () => statement.compile(db.kysely) }])
    progress(to)
  }
}

function insertOf(from: number, to: number, isPostgres: boolean): string {
  const padded = (value: string) =>
    isPostgres ? `lpad((${value})::text, 12, '0')` : `printf('%012d', ${value})`
  const key = `'5b0c7f2e6c1d4e0f9a53' || ${padded('n')}`
  // Names repeat as people do: a few often, most seldom.
  const name = `case when n % 3 = 0 then 'Mira Okafor' when n % 3 = 1 then 'Tomas Okafor-' || (n % 1009) else 'Ines' || (n * 7919 % 99991) || ' Okafor' end`
  const topic = `'Call with ' || name || '-20260203 ' || (1000 + n % 1440) || case when n % 40000 = 7 then ' Zebra ' || n else '' end`
  const at = `${MANY_ROWS_START} + n * ${MANY_ROWS_STEP_MS}`
  return `insert into recording (id_key, id, org_id, owner_id, owner_type, owner_name, owner_email, owner_email_key,
      location_id, call_session_id, call_id, topic, topic_key, parties, create_time, time_recorded, duration_ms, size_bytes,
      format, service_type, storage_region, status, sha256, vault_key, recovered, gaps, storage, origin, status_at,
      kept_from, erase_at_end, held, download_prevented)
    with recursive
      numbers (n) as (select cast(${from} as bigint) union all select n + 1 from numbers where n < ${to}),
      named as (select n, ${name} as name from numbers),
      topics as (select n, name, ${topic} as topic, ${at} as at from named)
    select ${key}, '5b0c7f2e-6c1d-4e0f-9a53-' || ${padded('n')}, '${MANY_ROWS_ORG}',
      '0e2b7a64-3a0f-4f0e-8a64-' || ${padded('n % 5000')}, case when n % 50000 = 9 then 'place' else 'user' end, name,
      'person' || (n % 5000) || '@example.com', 'person' || (n % 5000) || '@example.com',
      '7d5f0a9c-1f67-4a2e-bb1e-' || ${padded('n % 200')}, 'c0a4d1b2-9f7e-4b60-8f0a-' || ${padded('n')},
      'callhalf-' || n || ':0', topic, lower(topic), lower(name) || '${isPostgres ? "' || chr(10) || '" : "' || char(10) || '"}+4930' || (n * 31337 % 10000000),
      at, at - 65000, 60000 + n % 600000, 480000 + n % 4000000,
      case when n % 50000 = 11 then 'MP4' else 'MP3' end, case when n % 50000 = 11 then 'meeting' else 'calling' end,
      'DE', case when n % 97 = 5 then 'deleted' else 'available' end,
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495' || ${padded('n')}, 'org/2026/02/' || n || '.mp3', 0, '[]',
      'sealed', 'call', at, at, 0, 0, 0
    from topics`
}
