/**
 * How long after hang-up can a recording be fetched? Journals go through the real reader, encoder, vault and database:
 * one call, again and again; a hundred calls of a minute that end at once; one call of an hour. Goals for the 99th
 * percentile: 2 s, 10 s, 3 s (limits). As in life, the encoder follows while the call lasts and is told when it ends.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { SILENT } from '@tandem/base'
import {
  LIBRARY_MIGRATIONS,
  type LibraryTables,
  MP3_BITS_PER_SECOND,
  openRecordings,
  type Recordings,
} from '@tandem/recordings'
import { openDatabase } from '@tandem/store'
import {
  JOURNAL_EPOCH,
  type WrittenRecording,
  WrittenSegment,
} from '../../packages/recordings/src/journal/written-journal.ts'
import type { BenchResult } from './result.ts'

const ORG = 'bench'
const HOUR_S = 3_600
/** What the encoder may still have to do when a call ends: its settling time, a poll, and one write of its file. */
const UNSETTLED_MS = 4_000
const CATCH_UP_MS_MAX = 120_000
/** Content of a sealed chunk. */
const CHUNK_BYTES = 1 << 16

interface Scenario {
  readonly name: 'one' | 'hundred' | 'hour'
  readonly calls: number
  readonly seconds: number
  readonly rounds: number
  readonly goalMs: number
}

/** Runs the benchmark. `value` is the p99 of one call; `ratio` the worst of the three against its goal. */
export async function run(options: { readonly tiny?: boolean } = {}): Promise<BenchResult> {
  const tiny = options.tiny === true
  const scenarios: readonly Scenario[] = [
    { name: 'one', calls: 1, seconds: 5, rounds: tiny ? 2 : 20, goalMs: 2_000 },
    { name: 'hundred', calls: tiny ? 5 : 100, seconds: tiny ? 5 : 60, rounds: 1, goalMs: 10_000 },
    { name: 'hour', calls: 1, seconds: tiny ? 60 : HOUR_S, rounds: 1, goalMs: 3_000 },
  ]
  const results: Record<string, number> = {}
  let worst = 0
  let checksum = 0
  for (const scenario of scenarios) {
    const measured = await measure(scenario)
    const p99 = percentile(measured.delaysMs, 0.99)
    results[`${scenario.name}P99Ms`] = Math.round(p99)
    results[`${scenario.name}P50Ms`] = Math.round(percentile(measured.delaysMs, 0.5))
    worst = Math.max(worst, p99 / scenario.goalMs)
    checksum = (checksum + measured.bytes) >>> 0
  }
  return {
    bench: 'available',
    value: results['oneP99Ms'] ?? 0,
    unit: 'ms',
    against: 'goals of 2 s for one call, 10 s for a hundred at once, 3 s for an hour',
    ratio: Number(worst.toFixed(3)),
    goal: 1,
    ok: worst <= 1,
    checksum,
    details: results,
  }
}

async function measure(scenario: Scenario): Promise<{ readonly delaysMs: number[]; readonly bytes: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-available-'))
  const kek = randomBytes(32)
  mkdirSync(join(folder, 'journal'))
  const db = await openDatabase<LibraryTables>({
    file: join(folder, 'tandem.db'),
    attach: { keys: join(folder, 'keys', 'recordings.keys') },
    migrations: LIBRARY_MIGRATIONS,
    logger: SILENT,
  })
  const recordings = await openRecordings({
    db,
    dataFolder: folder,
    kek,
    linkKey: kek,
    logger: SILENT,
    onAlarm: () => {},
    storageRegion: 'DE',
  })
  try {
    const delaysMs: number[] = []
    const pollMs = 5 + scenario.calls // Asking must not be the load.
    let bytes = 0
    for (let round = 0; round < scenario.rounds; round++) {
      const ended = await hold(scenario, { folder, kek, recordings })
      delaysMs.push(...(await Promise.all(ended.map((id) => untilAvailable(recordings, id, pollMs)))))
      for (const id of ended) bytes += (await recordings.get(ORG, id))?.sizeBytes ?? 0
      await recordings.idle()
    }
    return { delaysMs, bytes }
  } finally {
    await recordings.close()
    await db.close()
    rmSync(folder, { recursive: true })
  }
}

/** Lets the calls of one round happen, waits until the encoder has followed them, and ends them all on disk. */
async function hold(
  scenario: Scenario,
  place: { readonly folder: string; readonly kek: Uint8Array; readonly recordings: Recordings },
): Promise<string[]> {
  const { calls, seconds } = scenario
  const segment = new WrittenSegment(join(place.folder, 'journal'), place.kek)
  const live: WrittenRecording[] = []
  const body = seconds * 1_000 - 1_000
  for (let call = 0; call < calls; call++) {
    const recording = segment.open(randomUUID(), facts()).join(0)
    live.push(recording)
    place.recordings.opened(recording.id)
    const stretch = 60_000
    for (let at = 0; at < body; at += stretch)
      segment.append(recording.talk(at, Math.min(at + stretch, body)))
  }
  // At least the beginning: in life the thread starts with the call, not with its end.
  const expected = Math.max(1, ((body - UNSETTLED_MS) * MP3_BITS_PER_SECOND) / 8_000)
  for (const recording of live) await caughtUp(place.folder, recording.id, expected)
  for (const recording of live) {
    segment.append(recording.talk(body, seconds * 1_000))
    segment.append(recording.close(seconds * 1_000).take())
  }
  return live.map((recording) => recording.id)
}

async function caughtUp(folder: string, id: string, bytes: number): Promise<void> {
  const part = join(folder, 'vault', 'tmp', `${id}.mp3.part`)
  const giveUpAt = performance.now() + CATCH_UP_MS_MAX
  // Sealed chunk by chunk: what is encoded of the last one is in memory.
  const written = Math.floor(bytes / CHUNK_BYTES) * CHUNK_BYTES
  while ((statSync(part, { throwIfNoEntry: false })?.size ?? -1) < written) {
    if (performance.now() > giveUpAt) throw new Error(`the encoder did not follow: ${part} stays short`)
    await wait(20)
  }
}

/** Says that the call has ended, and waits until the API would show its recording. */
async function untilAvailable(recordings: Recordings, id: string, pollMs: number): Promise<number> {
  const hungUpAt = performance.now()
  recordings.closed(id)
  while ((await recordings.get(ORG, id)) === undefined) await wait(pollMs)
  return performance.now() - hungUpAt
}

function facts(): Readonly<Record<string, unknown>> {
  return {
    orgId: ORG,
    ownerId: 'owner',
    ownerEmail: 'o@example.com',
    remoteName: 'Peer',
    startedAt: JOURNAL_EPOCH.wallAt,
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0
}
