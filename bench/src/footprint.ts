/**
 * How much memory does an idle server take, and how soon is it ready? The first start is that of a fresh checkout: an
 * empty data folder and an empty compile cache. The peer in the same run is a Fastify that serves one route and nothing
 * else.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Child } from '../../tools/child.ts'
import { Stage } from '../../tools/stage.ts'
import type { BenchResult } from './result.ts'

const GOAL_MB = 160
const GOAL_READY_MS = 2_000
const IDLE_MS = 5_000
const STARTS = 3
const BARE_FASTIFY = `
  const { default: fastify } = await import('fastify')
  const app = fastify()
  app.get('/', async () => 'ok')
  await app.listen({ port: 0, host: '127.0.0.1' })
  console.log('ready')
`

function residentMb(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round((Number(kilobytes) / 1024) * 10) / 10
}

/** The benchmark. */
export async function run({ tiny = false }: { tiny?: boolean } = {}): Promise<BenchResult> {
  const root = fileURLToPath(new URL('../../packages/server/', import.meta.url))
  const bare = new Child('bare fastify', process.execPath, ['--input-type=module', '-e', BARE_FASTIFY], {
    cwd: root,
  })
  await bare.waitFor(/ready/, 10_000)
  const cache = mkdtempSync(join(tmpdir(), 'tandem-cache-'))
  const firstAt = performance.now()
  const stage = await Stage.open({ settings: { TANDEM_LOG_LEVEL: 'error', NODE_COMPILE_CACHE: cache } })
  const firstMs = Math.round(performance.now() - firstAt)
  const readyMs: number[] = []
  let firstMb = 0
  let serverMb = 0
  let bareMb = 0
  const idleMs = tiny ? 500 : IDLE_MS
  try {
    await wait(idleMs)
    firstMb = residentMb(stage.server.process.pid ?? 0)
    for (let start = 0; start < (tiny ? 1 : STARTS); start++) {
      await stage.server.stop()
      const startedAt = performance.now()
      await stage.start()
      readyMs.push(Math.round(performance.now() - startedAt))
    }
    await wait(idleMs)
    serverMb = residentMb(stage.server.process.pid ?? 0)
    bareMb = residentMb(bare.process.pid ?? 0)
  } finally {
    await bare.stop()
    await stage.close()
    rmSync(cache, { recursive: true, force: true })
  }
  const slowest = Math.max(firstMs, ...readyMs)
  return {
    bench: 'footprint',
    value: serverMb,
    unit: 'MB resident, idle',
    against: `bare Fastify, ${bareMb} MB`,
    ratio: Math.round((serverMb / bareMb) * 100) / 100,
    goal: GOAL_MB,
    ok: serverMb <= GOAL_MB && slowest <= GOAL_READY_MS,
    checksum: serverMb,
    details: {
      'first start to ready, ms': firstMs,
      'first start, MB resident': firstMb,
      'later starts to ready, ms': readyMs,
      'goal, ms': GOAL_READY_MS,
    },
  }
}
