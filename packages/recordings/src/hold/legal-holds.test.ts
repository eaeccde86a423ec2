/** Legal holds: converged-recordings §1; promise P16. */
import assert from 'node:assert/strict'
import { beforeEach, it } from 'node:test'
import { onEachEngine } from '../lifecycle/engines.test.ts'
import { ADMIN, OFFICER, ORG, type TestLife, uuid } from '../lifecycle/test-life.ts'
import type { Hold } from './holds.ts'
import { HOLD_PAGE_MAX, HOLD_RECORDINGS_MAX } from './legal-holds.ts'

onEachEngine('LegalHolds', (open) => {
  let life: TestLife
  beforeEach(async () => {
    life = await open()
  })

  async function place(...numbers: number[]): Promise<Hold> {
    const hold = await life.holds.place(OFFICER, { recordingIds: numbers.map(uuid), reason: 'case 7' })
    assert.ok('placedAt' in hold)
    return hold
  }

  it('are placed on all recordings or none, each once, of any status, in the own organisation alone', async () => {
    for (const n of [1, 2]) await life.add(n)
    await life.add(3, { org_id: 'other' })
    await life.lifecycle().move(ADMIN, 'softDelete', { ids: [uuid(2)] })
    await life.lifecycle().move(ADMIN, 'purge', { ids: [uuid(2)] })
    const refused = async (n: number) =>
      assert.deepEqual(await life.holds.place(OFFICER, { recordingIds: [uuid(1), uuid(n)], reason: 'x' }), {
        kind: 'missing',
        id: uuid(n),
      })
    await refused(3)
    await refused(9)
    assert.deepEqual((await life.holds.list(ORG, { max: 10 })).items, [])
    const recordingIds = [uuid(1), uuid(2), uuid(1).toUpperCase()]
    const hold = await life.holds.place(OFFICER, { recordingIds, reason: 'case 7' })
    assert.ok('placedAt' in hold)
    assert.deepEqual(hold.recordingIds, [1, 2].map(uuid))
    assert.deepEqual(await life.holds.get(ORG, hold.id), hold)
    assert.equal(await life.holds.get('other', hold.id), undefined)
    assert.deepEqual((await life.lifecycle().keeping(ORG, uuid(2)))?.holds, [hold.id])
    assert.deepEqual((await life.audited()).slice(-2), ['officer hold.placed 1', 'officer hold.placed 2'])
  })

  it('free a recording only when the last of them is released, each once', async () => {
    await life.add(1)
    const [first, second] = [await place(1), await place(1)]
    const lifecycle = life.lifecycle()
    const remove = () => lifecycle.move(ADMIN, 'softDelete', { ids: [uuid(1)] })
    const releases = await Promise.all([1, 2, 3].map(() => life.holds.release(OFFICER, first.id, 'done')))
    assert.deepEqual(releases.toSorted(), ['done', 'released', 'released'])
    assert.deepEqual(await remove(), { kind: 'held', id: uuid(1) })
    assert.equal(await life.holds.release(OFFICER, 'nowhere', 'done'), 'missing')
    assert.equal(await life.holds.release({ ...OFFICER, orgId: 'other' }, second.id, 'done'), 'missing')
    assert.equal(await life.holds.release(OFFICER, second.id.toUpperCase(), 'over'), 'done')
    assert.deepEqual(await remove(), { kind: 'done', count: 1 })
    const released = await life.holds.get(ORG, second.id)
    assert.deepEqual([released?.releasedBy, released?.releaseReason], ['officer', 'over'])
  })

  it('hold a thousand recordings and not one more', async () => {
    const ids = Array.from({ length: HOLD_RECORDINGS_MAX + 1 }, (_, at) => uuid(at + 1))
    await Promise.all(ids.map((_, at) => life.add(at + 1)))
    await assert.rejects(life.holds.place(OFFICER, { recordingIds: ids, reason: 'x' }), RangeError)
    await assert.rejects(life.holds.place(OFFICER, { recordingIds: [], reason: 'x' }), RangeError)
    const hold = await life.holds.place(OFFICER, { recordingIds: ids.slice(1), reason: 'x' })
    assert.ok('placedAt' in hold)
    assert.equal(await life.holds.release(OFFICER, hold.id, 'y'), 'done')
    const held = await life.db.kysely.selectFrom('recording').select('held').where('held', '<>', 0).execute()
    assert.deepEqual(held, [])
  })

  it('are listed newest first by pages, in force or not, and by recording', async () => {
    for (const n of [1, 2]) await life.add(n)
    const holds: Hold[] = []
    for (let n = 0; n < 7; n++) {
      if (n % 2 === 0) life.time += 1_000 // Every other pair shares its moment.
      holds.push(await place(n === 3 ? 2 : 1))
    }
    await life.holds.release(OFFICER, holds[0]?.id ?? '', 'over')
    const expected = holds
      .toSorted((a, b) => b.placedAt - a.placedAt || (b.id > a.id ? 1 : -1))
      .map((hold) => hold.id)
    const seen: string[] = []
    for (let cursor: { at: number; id: string } | undefined; ; ) {
      const page = await life.holds.list(ORG, { max: 2, ...(cursor === undefined ? {} : { cursor }) })
      seen.push(...page.items.map((hold) => hold.id))
      if (page.next === undefined) break
      cursor = page.next
    }
    assert.deepEqual(seen, expected)
    const count = async (query: { readonly active?: boolean; readonly recordingId?: string }) =>
      (await life.holds.list(ORG, { max: HOLD_PAGE_MAX, ...query })).items.length
    assert.deepEqual([await count({ active: true }), await count({ active: false })], [6, 1])
    assert.deepEqual([await count({ recordingId: uuid(2) }), await count({ recordingId: uuid(9) })], [1, 0])
    assert.deepEqual((await life.holds.list('other', { max: 10 })).items, [])
  })
})
