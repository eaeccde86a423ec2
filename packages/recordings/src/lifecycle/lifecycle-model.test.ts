/** Promise P16: retention and hold are stronger than people, clocks and crashes. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, it, type TestContext } from 'node:test'
import { PostgresServer, postgresSkip, Random } from '@tandem/testing'
import { type LifecycleModelReport, type LifeUnderTest, lifecycleModel } from './lifecycle-model.ts'
import { ORG, TestLife } from './test-life.ts'

/** More by `LIFE_STEPS` and another sequence by `LIFE_SEED`; the harness goes to 100,000. */
const STEPS = Number(process.env['LIFE_STEPS'] ?? 3_000)
const SEED = Number(process.env['LIFE_SEED'] ?? 16)
/** Every how many crashes the database is really closed and opened again, which takes longer than all the rest. */
const REOPENED_EVERY = 8

let server: PostgresServer | undefined
before(async () => {
  if (postgresSkip() === false) server = await PostgresServer.start()
})
after(() => server?.stop())

it(`lets nothing leave early, held or unseen in ${STEPS} random steps (P16)`, async (test) => {
  // In memory where there is such a folder: what a sync costs is not the question here.
  const life = new TestLife(existsSync('/dev/shm') ? { parent: '/dev/shm' } : {})
  const { moved, refused, purgedByTime, erased, crashes, clockJumps } = await run(test, life, STEPS)
  // A run in which little happened is void.
  assert.ok(moved > STEPS / 20 && refused > STEPS / 20, `${moved} moved, ${refused} refused`)
  assert.ok(purgedByTime > STEPS / 500 && erased > STEPS / 100, `${purgedByTime} by time, ${erased} erased`)
  assert.ok(crashes > STEPS / 200 && clockJumps > STEPS / 100, `${crashes} crashes, ${clockJumps} jumps`)
})

it('does the same on PostgreSQL', { skip: postgresSkip() }, async (test) => {
  const url = (await server?.createDatabase()) ?? ''
  await run(test, new TestLife({ url }), Math.min(STEPS, 300))
})

async function run(test: TestContext, life: TestLife, steps: number): Promise<LifecycleModelReport> {
  test.after(() => life.close())
  let audited = 0
  let opened = 0
  const open = async (): Promise<LifeUnderTest> => {
    await (opened++ % REOPENED_EVERY === 0 ? life.open() : life.restart())
    return {
      db: life.db,
      holds: life.holds,
      retention: life.retention,
      keptTime: life.keptTime,
      lifecycle: life.lifecycle(),
      add: (n, { ownerId, locationId }) => life.add(n, { owner_id: ownerId, location_id: locationId }),
      audited: async () => {
        const rows = await life.auditRows(audited)
        audited = rows.at(-1)?.seq ?? audited
        return rows.map((row) => `${row.action} ${row.recording_id ?? '-'}`)
      },
      failVault: (fails) => {
        life.vaultFails = fails
      },
      destroyed: () => new Set(life.destroyed),
    }
  }
  const random = new Random(SEED)
  const report = await lifecycleModel({ seed: SEED, steps, random, clock: life, orgId: ORG, open })
  test.diagnostic(JSON.stringify(report))
  return report
}
