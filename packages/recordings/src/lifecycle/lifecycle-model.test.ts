/** Promise P16: retention and hold are stronger than people, clocks and crashes. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Random } from '@tandem/testing'
import { type LifeUnderTest, lifecycleModel } from './lifecycle-model.ts'
import { ORG, TestLife } from './test-life.ts'

/** More by `LIFE_STEPS` and another sequence by `LIFE_SEED`; the harness goes to 100,000. */
const STEPS = Number(process.env['LIFE_STEPS'] ?? 3_000)
const SEED = Number(process.env['LIFE_SEED'] ?? 16)

it(`lets nothing leave early, held or unseen in ${STEPS} random steps (P16)`, async (test) => {
  const life = new TestLife()
  test.after(() => life.close())
  let audited = 0
  const open = async (): Promise<LifeUnderTest> => {
    const { db, holds, retention, keptTime } = await life.open()
    return {
      db,
      holds,
      retention,
      keptTime,
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
  const report = await lifecycleModel({
    seed: SEED,
    steps: STEPS,
    random: new Random(SEED),
    clock: life,
    orgId: ORG,
    open,
  })
  test.diagnostic(JSON.stringify(report))
  // A run in which little happened is void.
  const { moved, refused, purgedByTime, erased, crashes, clockJumps } = report
  assert.ok(moved > STEPS / 10 && refused > STEPS / 20, `${moved} moved, ${refused} refused`)
  assert.ok(purgedByTime > STEPS / 300 && erased > STEPS / 100, `${purgedByTime} by time, ${erased} erased`)
  assert.ok(crashes > STEPS / 200 && clockJumps > STEPS / 100, `${crashes} crashes, ${clockJumps} jumps`)
})
