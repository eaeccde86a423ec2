/**
 * Faults of a running process (promises P1, P2, P4): killed at random moments, killed on entry to the n-th durable system
 * call, and given errors by its disk. What follows is always the same: start again, and compare everything.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Random } from '@tandem/testing'
import { Life, type LifeOptions } from './life.ts'
import type { Bug } from './seed-bug.ts'

/** The calls with which something becomes durable, or is on its way there. */
export const DURABLE_CALLS = ['fsync', 'fdatasync', 'rename', 'unlink', 'pwrite64', 'write'] as const
export type DurableCall = (typeof DURABLE_CALLS)[number]

/** Lives of one folder: more would only make reports longer. */
const STRIKES_PER_LIFE = 12
/** How long a worker is left at work before it is killed. */
const WORK_MS_MIN = 100
const WORK_MS_SPREAD = 1_200
/** Operations of a run whose end is decided by its fault. */
const OPS = 160

/** What happened. */
export interface Strikes {
  readonly strikes: number
  readonly acked: number
  readonly failed: number
  readonly reconciles: number
  readonly readyMsMax: number
  readonly quarantined: number
  readonly faults: readonly string[]
  /** Names of the errors that operations ended with, each with one of its sentences. */
  readonly named: ReadonlyMap<string, string>
}

/** How much of it, and with which bug. */
export interface StrikeOptions {
  readonly random: Random
  readonly template: string
  readonly bug?: Bug
  /** `imports` is work that needs to read nothing of what it wrote, and is not killed before it began. */
  readonly kind?: 'everything' | 'imports'
  /** No further strike after this moment of `performance.now()`. */
  readonly until?: number
}

/** Why strace cannot be used here; false when it can. */
export function straceSkip(): string | false {
  const found = spawnSync('strace', ['-e', 'trace=none', 'true'])
  if (found.error !== undefined) return 'strace is not installed'
  return found.status === 0 ? false : 'strace may not trace here'
}

/** Kills the worker at random moments, its start and recovery included. */
export async function killAtRandom(kills: number, options: StrikeOptions): Promise<Strikes> {
  const { random } = options
  return await strike(kills, options, async (life) => {
    const worker = life.start()
    // One in five dies before anybody could ask it for anything.
    const mayBeEarly = options.kind !== 'imports'
    const early = mayBeEarly && random.chance(0.2) ? wait(100 + random.below(900)) : undefined
    if (early !== undefined) await Promise.race([early, worker.ended])
    else if (await life.reconcile(worker)) {
      life.work(worker, { seed: seedOf(random), ops: 1_000_000, kind: options.kind ?? 'everything' })
      await Promise.race([wait(WORK_MS_MIN + random.below(WORK_MS_SPREAD)), worker.ended])
    }
    worker.kill()
    life.note(await worker.ended)
    return 'struck'
  })
}

/** Leaves the worker in peace for so many operations: what it does wrong then, it does by itself. */
export async function leaveInPeace(ops: number, options: StrikeOptions): Promise<Strikes> {
  return await strike(1, options, async (life) => {
    const worker = life.start()
    if (await life.reconcile(worker)) {
      life.work(worker, { seed: seedOf(options.random), ops })
      await worker.next('worked')
    }
    life.note(await worker.close())
    return 'missed'
  })
}

/** One moment in which the worker dies. */
export interface Point {
  readonly call: DurableCall
  readonly n: number
}

/** Kills the worker on entry to each of these calls. */
export async function killAtCalls(points: readonly Point[], options: StrikeOptions): Promise<Strikes> {
  return await strike(points.length, options, async (life, n) => {
    const { call, n: when } = points[n] as Point // Inside of the list.
    const worker = life.start({ strace: injecting(call, `signal=SIGKILL:when=${when}`) })
    let struck = true
    if (await life.reconcile(worker)) {
      life.work(worker, { seed: seedOf(options.random), ops: OPS })
      struck = (await worker.next('worked')) === undefined
    }
    worker.kill() // When the call did not come so often.
    life.note(await worker.ended)
    return struck ? 'struck' : 'missed'
  })
}

/** One error of the disk. */
export interface DiskError extends Point {
  readonly error: 'EIO' | 'ENOSPC'
}

/** Has calls fail: what is not acknowledged must be named, and what is acknowledged must hold (P4, R4). */
export async function failCalls(errors: readonly DiskError[], options: StrikeOptions): Promise<Strikes> {
  return await strike(errors.length, options, async (life, n) => {
    const { call, n: when, error } = errors[n] as DiskError // Inside of the list.
    const before = life.ledger.failed
    const worker = life.start({ strace: injecting(call, `error=${error}:when=${when}`) })
    if (!(await life.reconcile(worker))) {
      // A start that meets the error may refuse, in one sentence.
      const { code, output } = await worker.ended
      if (code !== 1 || !/\b(?:StoreError|StorageFault|VaultUnusable|EIO|ENOSPC)\b/.test(output))
        life.faults.push(`${call} ${error}: the start ended with ${code}: ${output.slice(-300)}`)
      return 'struck'
    }
    life.work(worker, { seed: seedOf(options.random), ops: OPS })
    const worked = await worker.next('worked')
    if (worked === undefined) life.faults.push(`${call} ${error} at ${when}: the worker did not go on`)
    else if (worked.acked === 0 && life.ledger.failed === before)
      life.faults.push(`${call} ${error} at ${when}: nothing was acknowledged and nothing failed`)
    worker.kill()
    life.note(await worker.ended)
    return life.ledger.failed > before ? 'struck' : 'missed'
  })
}

/** How often the busiest thread makes each call until it is ready, and in a whole run of work. */
export async function countCalls(
  template: string,
): Promise<Readonly<Record<DurableCall, { readonly ready: number; readonly worked: number }>>> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-calls-'))
  try {
    const runs: Record<string, number>[] = []
    for (const ops of [0, OPS]) {
      const life = new Life({ template })
      const prefix = join(folder, `calls-${ops}`)
      const worker = life.start({
        strace: [
          '-ff',
          '--seccomp-bpf',
          '-qq',
          '-o',
          prefix,
          '-e',
          `trace=${DURABLE_CALLS.join(',')}`,
          '-e',
          'signal=none',
        ],
      })
      if (await life.reconcile(worker)) {
        life.work(worker, { seed: 7, ops })
        await worker.next('worked')
      }
      worker.kill()
      await worker.ended
      life.remove()
      runs.push(busiest(folder, `calls-${ops}.`))
    }
    const [ready, worked] = runs
    return Object.fromEntries(
      DURABLE_CALLS.map((call) => [call, { ready: ready?.[call] ?? 0, worked: worked?.[call] ?? 0 }]),
    ) as Record<DurableCall, { ready: number; worked: number }> // One entry for each call.
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Each file is the trace of one thread. */
function busiest(folder: string, prefix: string): Record<string, number> {
  const most: Record<string, number> = {}
  for (const name of readdirSync(folder).filter((each) => each.startsWith(prefix))) {
    const calls: Record<string, number> = {}
    for (const line of readFileSync(join(folder, name), 'latin1').split('\n')) {
      const call = /^(\w+)\(/.exec(line)?.[1]
      if (call !== undefined) calls[call] = (calls[call] ?? 0) + 1
    }
    for (const [call, times] of Object.entries(calls)) most[call] = Math.max(most[call] ?? 0, times)
  }
  return most
}

/** Strikes one folder after another until enough was struck; reconciles each a last time, orphans put away. */
async function strike(
  total: number,
  options: StrikeOptions,
  once: (life: Life, n: number) => Promise<'struck' | 'missed'>,
): Promise<Strikes> {
  const { template, bug, until = Number.POSITIVE_INFINITY } = options
  const lifeOptions: LifeOptions = { template, bug }
  const sum = { strikes: 0, acked: 0, failed: 0, reconciles: 0, readyMsMax: 0, quarantined: 0 }
  const faults: string[] = []
  const named = new Map<string, string>()
  for (let n = 0; n < total && performance.now() < until; ) {
    const life = new Life(lifeOptions)
    try {
      for (let inLife = 0; inLife < STRIKES_PER_LIFE && n < total && performance.now() < until; inLife++) {
        if ((await once(life, n)) === 'struck') sum.strikes++
        n++
        if (life.faults.length > 0) break // One is enough, and it stays in the ledger's way.
      }
      if (life.faults.length === 0) {
        const worker = life.start({ still: true })
        if (!(await life.reconcile(worker, { putAway: true })))
          life.faults.push('the last start did not become ready')
        life.note(await worker.close())
      }
      sum.acked += life.ledger.acked
      sum.failed += life.ledger.failed
      sum.reconciles += life.reconciles
      sum.quarantined += life.quarantined
      sum.readyMsMax = Math.max(sum.readyMsMax, ...life.readyMs)
      faults.push(...life.faults)
      for (const [name, sentence] of life.ledger.faults) named.set(name, sentence)
      if (faults.length > 0) break
    } finally {
      life.remove()
    }
  }
  return { ...sum, faults, named }
}

/** `--seccomp-bpf` spares the calls that are not asked for; with it strace 6.1 injects errors but no signals. */
function injecting(call: DurableCall, what: string): string[] {
  const fast = what.startsWith('error') ? ['--seccomp-bpf'] : []
  const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:${what}`, '-e', 'signal=none']
  return ['-f', ...fast, '-qq', '-o', '/dev/null', ...inject]
}

function seedOf(random: Random): number {
  return 1 + random.below(2 ** 30)
}
