/**
 * How long does a page of 100 take among a million recordings (`--rows 5000000` for more, `--postgres` for the other
 * engine): first, deep, and by each filter; measured in the process, as whoever answers a request waits for it. Then the
 * first page over HTTP, against a static string of the same size from the same Fastify in the same run (limits: 2 ms
 * first, deep and by owner, 20 ms by location and topic at the 99th percentile; 0.055 of the static string).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SILENT } from '@tandem/base'
import { type Database, type DatabasePlace, openDatabase, sql } from '@tandem/store'
import { PostgresServer } from '@tandem/testing'
import fastify from 'fastify'
import { Catalogue, type RecordingQuery } from '../../packages/recordings/src/catalogue/catalogue.ts'
import {
  locationOfRow,
  MANY_ROWS_ORG,
  MANY_ROWS_START,
  MANY_ROWS_STEP_MS,
  makeManyRows,
  ownerOfRow,
} from '../../packages/recordings/src/catalogue/many-rows.ts'
import { CATALOGUE_MIGRATIONS } from '../../packages/recordings/src/catalogue/tables.ts'
import { SEARCH_MIGRATIONS, type SearchTables } from '../../packages/recordings/src/search/tables.ts'
import { TrigramIndex } from '../../packages/recordings/src/search/trigram-index.ts'
import { httpRate } from './http-load.ts'
import type { BenchResult } from './result.ts'

const ROWS = 1_000_000
const TINY_ROWS = 5_000
const GOAL_HTTP = 0.055
const PAGE = 100
const DEEP_PAGE = 10_000

interface Options {
  readonly tiny?: boolean
  readonly rows?: number
  readonly postgres?: boolean
}

type Case = readonly [name: string, goalMs: number, query: (turn: number) => Partial<RecordingQuery>]

/** Runs the benchmark. `value` is the p99 of the first page in milliseconds; `ratio` that of HTTP. */
export async function run(options: Options = {}): Promise<BenchResult> {
  const tiny = options.tiny === true
  const rows = options.rows ?? (tiny ? TINY_ROWS : ROWS)
  const turns = tiny ? 20 : 1_000
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-list-'))
  const server =
    options.postgres === true ? await PostgresServer.start({ shared_buffers: '512MB' }) : undefined
  try {
    const place =
      server === undefined ? { file: join(folder, 'tandem.db') } : { url: await server.createDatabase() }
    const { db, catalogue, seedMs, indexMs } = await seeded(place, rows)
    const details: Record<string, unknown> = {
      engine: server === undefined ? 'SQLite' : 'PostgreSQL',
      rows,
      seedMs,
      indexMs,
    }
    let ok = true
    let value = 0
    let checksum = 0
    for (const [name, goalMs, query] of casesOf(rows)) {
      const times: number[] = []
      for (let turn = -Math.ceil(turns / 10); turn < turns; turn++) {
        const startedAt = performance.now()
        const page = await catalogue.list({ ...EVERYTHING, ...query(Math.abs(turn)) })
        if (turn >= 0) times.push(performance.now() - startedAt)
        checksum = (checksum + page.items.length) >>> 0
      }
      const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)]
      if (name === 'first page') value = p99
      ok &&= p99 <= goalMs
      details[name] = { p50Ms: rounded(p50), p99Ms: rounded(p99), goalMs }
    }
    const http = await overHttp(catalogue, tiny ? 200 : 5_000)
    await db.close()
    details['http'] = http
    return {
      bench: 'list',
      value: rounded(value),
      unit: 'ms, p99 of the first page',
      against: 'a static string of the same size over HTTP',
      ratio: rounded(http.ratio),
      goal: GOAL_HTTP,
      ok: tiny || (ok && http.ratio >= GOAL_HTTP),
      checksum,
      details,
    }
  } finally {
    await server?.stop()
    rmSync(folder, { recursive: true })
  }
}

const EVERYTHING: RecordingQuery = {
  orgId: MANY_ROWS_ORG,
  from: 0,
  to: Number.MAX_SAFE_INTEGER,
  status: 'available',
  max: PAGE,
}

function casesOf(rows: number): readonly Case[] {
  const before = (n: number) => ({
    cursor: { createTime: MANY_ROWS_START + Math.max(1, n) * MANY_ROWS_STEP_MS, id: '' },
  })
  return [
    ['first page', 2, () => ({})],
    [`page ${DEEP_PAGE}`, 2, (turn) => before(rows - Math.min(rows / 2, PAGE * DEEP_PAGE) - turn)],
    ['by owner', 2, (turn) => ({ ownerId: ownerOfRow(turn * 7) })],
    ['by owner email', 2, (turn) => ({ ownerEmail: `Person${turn % 5_000}@example.com` })],
    ['recycle bin', 2, () => ({ status: 'deleted' })],
    ['by location', 20, (turn) => ({ locationId: locationOfRow(turn) })],
    ['by service, usual', 20, () => ({ serviceType: 'calling' })],
    ['by service, rare', 20, () => ({ serviceType: 'meeting' })],
    ['by format, rare', 20, () => ({ format: 'MP4' })],
    ['by owner type, rare', 20, () => ({ ownerType: 'place' })],
    ['by region', 20, () => ({ storageRegion: 'DE' })],
    ['topic, common word', 20, () => ({ topic: 'OKAFOR' })],
    [
      'topic, rare word',
      20,
      (turn) => ({ topic: `zebra ${7 + 40_000 * (turn % Math.max(1, rows / 40_000))}` }),
    ],
    ['topic, middling word', 20, (turn) => ({ topic: `okafor-${100 + (turn % 900)}-` })],
    ['topic, in no recording', 20, (turn) => ({ topic: `quagga${turn}` })],
    ['topic and location', 20, (turn) => ({ topic: 'tomas', locationId: locationOfRow(turn) })],
  ]
}

async function seeded(place: DatabasePlace, rows: number) {
  const migrations = { ...CATALOGUE_MIGRATIONS, ...SEARCH_MIGRATIONS }
  const db: Database<SearchTables> = await openDatabase<SearchTables>({
    ...place,
    migrations,
    logger: SILENT,
  })
  const index = new TrigramIndex(db)
  const startedAt = performance.now()
  await makeManyRows(db, rows)
  const madeAt = performance.now()
  await index.catchUp()
  await db.commit([{ compile: () => sql`analyze`.compile(db.kysely) }])
  const indexedAt = performance.now()
  return {
    db,
    catalogue: new Catalogue(db, { index }),
    seedMs: Math.round(madeAt - startedAt),
    indexMs: Math.round(indexedAt - madeAt),
  }
}

/** The first page and a string as long, one after the other, by the same clients. */
async function overHttp(catalogue: Catalogue, requests: number) {
  const page = async () => JSON.stringify({ items: (await catalogue.list(EVERYTHING)).items })
  const text = await page()
  const app = fastify({ logger: false })
  app.get('/page', async (_, reply) => reply.type('application/json;charset=UTF-8').send(await page()))
  app.get('/static', async (_, reply) => reply.type('application/json;charset=UTF-8').send(text))
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo // It listens.
  for (const path of ['/page', '/static']) await httpRate({ port, path, requests: requests / 10 })
  const pages = await httpRate({ port, path: '/page', requests })
  const strings = await httpRate({ port, path: '/static', requests })
  await app.close()
  return {
    bytes: Buffer.byteLength(text),
    pagesPerSecond: Math.round(pages),
    stringsPerSecond: Math.round(strings),
    ratio: pages / strings,
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

function rounded(value: number): number {
  return Number(value.toFixed(3))
}
