/**
 * Promise P16: the model of the library's own tests, run for longer: random deletes, restores, purges, holds, policies,
 * clocks that jump by ten years, crashes, erasures cut off in the middle, each step compared with a model.
 */
import { existsSync } from 'node:fs'
import { Random } from '@tandem/testing'
import { lifecycleModel } from '../../../packages/recordings/src/lifecycle/lifecycle-model.ts'
import { ORG, TestLife } from '../../../packages/recordings/src/lifecycle/test-life.ts'
import type { Finding } from './finding.ts'

/** Steps of one model: each has a database of its own, so that none grows slow. */
const STEPS_PER_MODEL = 2_500
/** Every how many crashes the database is really closed and opened, which takes longer than all the rest. */
const REOPENED_EVERY = 8

/** Takes so many steps. */
export async function liveThrough(
  steps: number,
  options: { readonly seed: number; readonly until?: number },
): Promise<Finding> {
  const { seed, until = Number.POSITIVE_INFINITY } = options
  const sum = { steps: 0, purgedByTime: 0, erased: 0, crashes: 0, clockJumps: 0 }
  const faults: string[] = []
  for (let run = 0; sum.steps < steps && faults.length === 0 && performance.now() < until; run++) {
    try {
      const report = await model(seed + run, Math.min(STEPS_PER_MODEL, steps - sum.steps))
      for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += report[name]
    } catch (error) {
      faults.push(String(error))
    }
  }
  // A run in which little happened is void, whatever its length.
  if (faults.length === 0 && (sum.erased < sum.steps / 100 || sum.clockJumps < sum.steps / 100))
    faults.push(`only ${sum.erased} erased and ${sum.clockJumps} clock jumps in ${sum.steps} steps`)
  return {
    promise: 'P16',
    did: 'random lives against a model, clocks ±10 years, crashes',
    reached: `${faults.length} violations in ${sum.steps} steps; ${sum.clockJumps} jumps, ${sum.crashes} crashes, ${sum.erased} erased, ${sum.purgedByTime} purged by time`,
    asked: '0 violations in 100,000 steps, 0 early purges',
    load: sum.steps,
    loadMin: 100_000,
    faults,
  }
}

async function model(seed: number, steps: number) {
  // In memory where there is such a folder: what a sync costs is not the question here.
  const life = new TestLife(existsSync('/dev/shm') ? { parent: '/dev/shm' } : {})
  let [audited, opened] = [0, 0]
  try {
    return await lifecycleModel({
      ...{ seed, steps, clock: life, orgId: ORG, random: new Random(seed) },
      async open() {
        await (opened++ % REOPENED_EVERY === 0 ? life.open() : life.restart())
        return {
          ...{ db: life.db, holds: life.holds, retention: life.retention, keptTime: life.keptTime },
          lifecycle: life.lifecycle(),
          add: (n, { ownerId, locationId }) => life.add(n, { owner_id: ownerId, location_id: locationId }),
          async audited() {
            const rows = await life.auditRows(audited)
            audited = rows.at(-1)?.seq ?? audited
            return rows.map((row) => `${row.action} ${row.recording_id ?? '-'}`)
          },
          failVault(fails) {
            life.vaultFails = fails
          },
          destroyed: () => new Set(life.destroyed),
        }
      },
    })
  } finally {
    await life.close()
  }
}
