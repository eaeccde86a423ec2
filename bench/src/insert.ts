/**
 * How many recordings a second are added to the catalogue, one by one as calls end and in batches, against bare
 * `node:sqlite` that inserts the same rows (recording, facts, event) into the same tables in commits of the same size and
 * durability in the same run? Goal: 0.7 of it (limits).
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { SILENT } from '@tandem/base'
import { openDatabase } from '@tandem/store'
import { Catalogue, eventData } from '../../packages/recordings/src/catalogue/catalogue.ts'
import {
  type FinishedRecording,
  factsRowOf,
  recordingOf,
  rowOf,
} from '../../packages/recordings/src/catalogue/recording.ts'
import { CATALOGUE_MIGRATIONS } from '../../packages/recordings/src/catalogue/tables.ts'
import { SEARCH_MIGRATIONS, type SearchTables } from '../../packages/recordings/src/search/tables.ts'
import { TrigramIndex } from '../../packages/recordings/src/search/trigram-index.ts'
import type { BenchResult } from './result.ts'

const GOAL_RATIO = 0.7
/** How many calls end at the same moment in the first scenario; their commits are shared, also by the peer. */
const AT_ONCE = 32
/** Recordings of one commit in the second: what an import publishes together. */
const BATCH = 500

interface Scenario {
  readonly name: 'one by one' | 'in batches'
  readonly rows: number
  readonly perCommit: number
}

/** Runs the benchmark. `value` is the rate one by one; `ratio` the worse of the two. */
export async function run(options: { readonly tiny?: boolean } = {}): Promise<BenchResult> {
  const tiny = options.tiny === true
  const scenarios: readonly Scenario[] = [
    { name: 'one by one', rows: tiny ? 640 : 16_000, perCommit: AT_ONCE },
    { name: 'in batches', rows: tiny ? 2_000 : 40_000, perCommit: BATCH },
  ]
  const details: Record<string, unknown> = {}
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-insert-'))
  let worst = Number.POSITIVE_INFINITY
  let value = 0
  let checksum = 0
  try {
    for (const scenario of scenarios) {
      const recordings = Array.from({ length: scenario.rows }, (_, n) => finished(n))
      const bare = await bareRate(join(folder, `${scenario.perCommit}-bare.db`), recordings, scenario)
      const ours = await ourRate(join(folder, `${scenario.perCommit}-ours.db`), recordings, scenario)
      const ratio = ours.rowsPerSecond / bare
      worst = Math.min(worst, ratio)
      if (scenario.name === 'one by one') value = Math.round(ours.rowsPerSecond)
      checksum += ours.added
      details[scenario.name] = {
        ours: Math.round(ours.rowsPerSecond),
        bare: Math.round(bare),
        ratio: Number(ratio.toFixed(3)),
        indexedAfterMs: Math.round(ours.indexedAfterMs),
      }
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  return {
    bench: 'insert',
    value,
    unit: 'recordings a second',
    against: 'bare node:sqlite, the same rows in the same commits',
    ratio: Number(worst.toFixed(3)),
    goal: GOAL_RATIO,
    ok: tiny || worst >= GOAL_RATIO,
    checksum,
    details,
  }
}

/** Every row through the catalogue; the index follows in the background, and its rest is timed apart. */
async function ourRate(
  file: string,
  recordings: readonly FinishedRecording[],
  { name, perCommit }: Scenario,
): Promise<{ readonly rowsPerSecond: number; readonly added: number; readonly indexedAfterMs: number }> {
  const migrations = { ...CATALOGUE_MIGRATIONS, ...SEARCH_MIGRATIONS }
  const db = await openDatabase<SearchTables>({ file, migrations, logger: SILENT })
  const index = new TrigramIndex(db)
  const catalogue = new Catalogue(db, { index })
  const startedAt = performance.now()
  let added = 0
  for (let at = 0; at < recordings.length; at += perCommit) {
    const some = recordings.slice(at, at + perCommit)
    const adding = name === 'in batches' ? [catalogue.add(some)] : some.map((each) => catalogue.add([each]))
    for (const count of await Promise.all(adding)) added += count
  }
  const endedAt = performance.now()
  await index.catchUp()
  const indexedAfterMs = performance.now() - endedAt
  await db.close()
  return { rowsPerSecond: (recordings.length * 1_000) / (endedAt - startedAt), added, indexedAfterMs }
}

/** The same rows by three prepared statements; the tables and their indexes are ours, without the trigram table. */
async function bareRate(
  file: string,
  recordings: readonly FinishedRecording[],
  { perCommit }: Scenario,
): Promise<number> {
  const made = await openDatabase({
    file,
    migrations: { ...CATALOGUE_MIGRATIONS, ...SEARCH_MIGRATIONS },
    logger: SILENT,
  })
  await made.close()
  const db = new DatabaseSync(file)
  db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON')
  const insert = (table: string, columns: readonly string[]) =>
    db.prepare(`insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`)
  const first = rowsOf(recordings[0] as FinishedRecording) // The bench makes some.
  const statements = Object.entries(first).map(([table, row]) => insert(table, Object.keys(row)))
  const startedAt = performance.now()
  for (let at = 0; at < recordings.length; at += perCommit) {
    db.exec('BEGIN IMMEDIATE')
    for (const each of recordings.slice(at, at + perCommit))
      for (const [nth, row] of Object.values(rowsOf(each)).entries())
        statements[nth]?.run(...(Object.values(row) as SQLInputValue[]))
    db.exec('COMMIT')
  }
  const rate = (recordings.length * 1_000) / (performance.now() - startedAt)
  db.close()
  return rate
}

function rowsOf(finishedRecording: FinishedRecording): Readonly<Record<string, object>> {
  const row = rowOf(finishedRecording)
  const outbox = {
    ...{ org_id: row.org_id, resource: 'convergedRecordings', event: 'created', person_id: row.owner_id },
    ...{ key: row.id, payload: JSON.stringify(eventData(recordingOf(row))), created_at: row.create_time },
  }
  return { recording: row, recording_facts: factsRowOf(finishedRecording), outbox }
}

/** People and places come again and again; ids and hashes never. */
function uuidOf(n: number): string {
  return `0e2b7a64-3a0f-4f0e-8a64-${String(n).padStart(12, '0')}`
}

function finished(n: number): FinishedRecording {
  const createTime = Date.UTC(2026, 1, 3) + n * 1_000
  const number = `sip:+4930${String((n * 31_337) % 10_000_000).padStart(7, '0')}@pbx.example.com;user=phone`
  return {
    id: randomUUID(),
    facts: {
      opening: {
        ...{ orgId: '1f7a4b9e-0d52-4b6b-9d35-5f2c8e17aa40', ownerId: uuidOf(n % 5_000), ownerType: 'user' },
        ...{
          ownerName: 'Tomas Lind',
          ownerEmail: `person${n % 5_000}@example.com`,
          locationId: uuidOf(n % 200),
        },
        ...{ callSessionId: randomUUID(), callId: `callhalf-${n}:0`, personality: 'originator' },
        callingParty: { actor: { type: 'USER', id: uuidOf(n % 5_000) }, number: 'sip:2107@pbx.example.com' },
        calledParty: { actor: { type: 'EXTERNAL' }, name: `Mira Okafor ${n % 997}`, number },
        ...{
          recordingType: 'alwaysON',
          remoteName: `Mira Okafor ${n % 997}`,
          startedAt: createTime - 60_000,
        },
      },
      notes: [],
      closing: { stoppedAt: createTime },
    },
    createTime,
    durationMs: 60_000,
    sizeBytes: 480_000,
    sha256: randomBytes(32).toString('hex'),
    vaultKey: `1f7a4b9e/2026/02/${n}.mp3`,
    storageRegion: 'DE',
    storage: 'sealed',
    recovered: false,
    gaps: [],
  }
}
