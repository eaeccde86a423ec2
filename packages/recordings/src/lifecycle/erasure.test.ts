/** Erasure and what is due by itself: converged-recordings §1, §6; storage rule R3; promise P16. */
import assert from 'node:assert/strict'
import { beforeEach, it } from 'node:test'
import { outboxEvent, readOutbox } from '@tandem/store'
import { DAY_MS } from '../retention/retention-of.ts'
import { onEachEngine } from './engines.test.ts'
import { ErasureTraces } from './erasure-traces.ts'
import { COMMIT_RECORDINGS_MAX } from './kept-rows.ts'
import { BIN_MS_DEFAULT } from './options.ts'
import { ADMIN, OFFICER, ORG, START, type TestLife, uuid } from './test-life.ts'

const DONE = { kind: 'done', count: 1 }
const YEAR_MS = 365 * DAY_MS

onEachEngine('Erasure', (open) => {
  let life: TestLife
  beforeEach(async () => {
    life = await open()
  })

  const count = async (table: 'recording_facts' | 'recording_file' | 'recording_erasure') =>
    (await life.db.kysely.selectFrom(table).selectAll().execute()).length

  async function addFile(n: number, file: string): Promise<void> {
    const row = { storage: 'sealed', sha256: '00', size_bytes: 1, content_type: 'text/vtt' }
    const id_key = uuid(n).replaceAll('-', '')
    await life.db.kysely
      .insertInto('recording_file')
      .values({ id_key, file, vault_key: `${uuid(n)}.${file}`, ...row })
      .execute()
  }

  it('takes rows, key and every file, leaves an audit row without content, and empties what was announced', async () => {
    await life.add(1)
    await life.add(2)
    await addFile(1, 'transcript')
    await addFile(2, 'transcript')
    const created = { orgId: ORG, resource: 'convergedRecordings', event: 'created', createdAt: START }
    await life.db.commit(
      [1, 2].map((n) => outboxEvent(life.db, { ...created, key: uuid(n), payload: { topic: `Call ${n}` } })),
    )
    let checkpoints = 0
    const removed: string[] = []
    const lifecycle = life.lifecycle({
      checkpoint: async () => {
        checkpoints++
      },
      search: {
        removeStatements: (key) => {
          removed.push(key)
          return []
        },
      },
      dependents: ['recording_hold_item', 'recording_nowhere'],
    })
    assert.deepEqual(await lifecycle.erase(OFFICER, uuid(1), { reason: 'audit', comment: 'case 7' }), DONE)
    assert.deepEqual(await life.statuses(), { 2: 'available' })
    assert.deepEqual(life.destroyed, [uuid(1)])
    assert.deepEqual(life.removed, [`${uuid(1)}.mp3`, `${uuid(1)}.transcript`])
    assert.deepEqual(removed, [uuid(1).replaceAll('-', '')])
    assert.equal(checkpoints, 1)
    assert.equal(await new ErasureTraces(life.db).pending(), 1, 'what a restart must know')
    assert.deepEqual([await count('recording_facts'), await count('recording_file')], [1, 1])
    assert.equal(await count('recording_erasure'), 0)
    assert.deepEqual(await life.audited(), ['officer recording.erased 1'])
    const events = await readOutbox(life.db, { after: 0, limit: 10 })
    assert.deepEqual(
      events.map((event) => [event.event, event.payload]),
      [
        ['created', { id: uuid(1) }],
        ['created', { topic: 'Call 2' }],
        [
          'deleted',
          {
            id: uuid(1),
            ownerId: 'tomas',
            ownerEmail: 'Tomas@example.com',
            ownerType: 'user',
            serviceType: 'calling',
            storageRegion: 'DE',
            serviceData: { locationId: 'berlin', callSessionId: 'session' },
          },
        ],
      ],
    )
    const settled = await life.db.kysely.selectFrom('recording_settled').selectAll().execute()
    assert.deepEqual(
      settled.map((row) => row.how),
      ['erased'],
      'its journal does not bring it back',
    )
    const again = await lifecycle.erase(OFFICER, uuid(1), {})
    assert.deepEqual(again, { kind: 'missing', id: uuid(1) })
  })

  it('is refused under hold and under retention, in every status (§1)', async () => {
    await life.retention.set(OFFICER, { scope: 'organization', scopeId: ORG, keepDays: 5, eraseAtEnd: false })
    await life.add(1)
    const lifecycle = life.lifecycle()
    const until = START + 5 * DAY_MS
    const retained = { kind: 'retained', id: uuid(1), until }
    assert.deepEqual(await lifecycle.erase(OFFICER, uuid(1), {}), retained)
    await lifecycle.move(ADMIN, 'softDelete', { ids: [uuid(1)] })
    assert.deepEqual(await lifecycle.move(ADMIN, 'purge', { ids: [uuid(1)] }), retained)
    life.time = until - 1
    assert.deepEqual(await lifecycle.erase(OFFICER, uuid(1), {}), retained)
    life.time = until
    const hold = await life.holds.place(OFFICER, { recordingIds: [uuid(1)], reason: 'case' })
    assert.deepEqual(await lifecycle.erase(OFFICER, uuid(1), {}), { kind: 'held', id: uuid(1) })
    assert.ok('placedAt' in hold)
    await life.holds.release(OFFICER, hold.id, 'closed')
    assert.deepEqual(await lifecycle.erase(OFFICER, uuid(1), {}), DONE)
  })

  it('sees a policy that the row does not know yet (P16)', async () => {
    await life.add(1)
    await life.retention.set(OFFICER, { scope: 'location', scopeId: 'berlin', keepDays: 5, eraseAtEnd: true })
    await life.db.kysely.updateTable('recording').set({ retain_until: null }).execute()
    const outcome = await life.lifecycle().erase(OFFICER, uuid(1), {})
    assert.deepEqual(outcome, { kind: 'retained', id: uuid(1), until: START + 5 * DAY_MS })
  })

  it('is finished by the next sweep when key or files could not go (R3)', async () => {
    await life.add(1)
    life.vaultFails = true
    await assert.rejects(life.lifecycle().erase(OFFICER, uuid(1), {}), /vault/)
    assert.deepEqual(await life.statuses(), {})
    assert.equal(await count('recording_erasure'), 1)
    await life.open()
    life.vaultFails = false
    await life.lifecycle().sweep()
    assert.deepEqual(life.removed, [`${uuid(1)}.mp3`])
    assert.deepEqual(life.destroyed, [uuid(1), uuid(1)], 'destroying twice does no harm')
    assert.equal(await count('recording_erasure'), 0)
  })

  it('empties bins to the millisecond, in bounded commits, all but what is kept (§1)', async () => {
    const numbers = Array.from({ length: COMMIT_RECORDINGS_MAX + 10 }, (_, at) => at + 1)
    for (const n of numbers) await life.add(n, n === 3 ? { org_id: 'other' } : {})
    const lifecycle = life.lifecycle()
    await lifecycle.move(ADMIN, 'softDelete', { allOf: 'tomas' })
    await lifecycle.move({ ...ADMIN, orgId: 'other' }, 'softDelete', { ids: [uuid(3)] })
    await life.holds.place(OFFICER, { recordingIds: [uuid(1)], reason: 'case' })
    await life.retention.set(OFFICER, { scope: 'location', scopeId: 'paris', keepDays: 90, eraseAtEnd: true })
    await life.db.kysely
      .updateTable('recording')
      .set({ retain_until: START + 90 * DAY_MS })
      .where('id', '=', uuid(2))
      .execute()
    life.time += BIN_MS_DEFAULT - 1
    assert.deepEqual(await lifecycle.sweep(), { purged: 0, erased: 0, postponed: false })
    life.time += 1
    assert.deepEqual(await lifecycle.sweep(), { purged: numbers.length - 2, erased: 0, postponed: false })
    const statuses = await life.statuses()
    assert.deepEqual(
      [1, 2, 3, 4].map((n) => statuses[n]),
      ['deleted', 'deleted', 'purged', 'purged'],
    )
    assert.equal(
      (await life.audited()).filter((row) => row.startsWith('system recording.purged')).length,
      108,
    )
  })

  it('erases what is to be erased when its retention ends, whatever its status, unless it is held (§1)', async () => {
    await life.retention.set(OFFICER, { scope: 'organization', scopeId: ORG, keepDays: 5, eraseAtEnd: true })
    for (const n of [1, 2, 3]) await life.add(n)
    await life.retention.set(OFFICER, { scope: 'owner', scopeId: 'mira', keepDays: 5, eraseAtEnd: false })
    await life.add(4, { owner_id: 'mira' })
    await life.holds.place(OFFICER, { recordingIds: [uuid(2)], reason: 'case' })
    const lifecycle = life.lifecycle()
    await lifecycle.move(ADMIN, 'softDelete', { ids: [uuid(3)] })
    life.time += 5 * DAY_MS - 1
    assert.equal((await lifecycle.sweep()).erased, 0)
    life.time += 1
    assert.deepEqual(await lifecycle.sweep(), { purged: 0, erased: 2, postponed: false })
    assert.deepEqual(await life.statuses(), { 2: 'available', 4: 'available' })
    assert.deepEqual(life.destroyed, [1, 3].map(uuid))
  })

  it('does nothing while the clock is doubted, and says so when something would be due (P16)', async () => {
    await life.add(1)
    const lifecycle = life.lifecycle()
    life.wallOffset = 10 * YEAR_MS
    assert.deepEqual(await lifecycle.sweep(), { purged: 0, erased: 0, postponed: false })
    await lifecycle.move(ADMIN, 'softDelete', { ids: [uuid(1)] })
    assert.deepEqual(await lifecycle.sweep(), { purged: 0, erased: 0, postponed: true })
    life.time += BIN_MS_DEFAULT
    assert.deepEqual(await lifecycle.sweep(), { purged: 0, erased: 0, postponed: true })
    life.wallOffset = 0
    assert.deepEqual(await lifecycle.sweep(), { purged: 1, erased: 0, postponed: false })
  })
})
