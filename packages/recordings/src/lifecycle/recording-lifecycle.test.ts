/** The life of recordings: converged-recordings §1, §6, §8, §9; meeting-recordings §4, §5; promise P16. */
import assert from 'node:assert/strict'
import { beforeEach, it } from 'node:test'
import { type Kysely, readOutbox } from '@tandem/store'
import type { MeetingTables } from '../meeting/tables.ts'
import { DAY_MS } from '../retention/retention-of.ts'
import { onEachEngine } from './engines.test.ts'
import { COMMIT_RECORDINGS_MAX } from './kept-rows.ts'
import { BIN_MS_DEFAULT } from './options.ts'
import { ADMIN, OFFICER, ORG, owner, START, type TestLife, USER, uuid } from './test-life.ts'

onEachEngine('RecordingLifecycle', (open) => {
  let life: TestLife
  beforeEach(async () => {
    life = await open()
  })

  it('moves to the bin, back, to the bin and out of it, with events and audit rows (§9, §11)', async () => {
    await life.add(1)
    const lifecycle = life.lifecycle()
    const ids = [uuid(1)]
    const done = { kind: 'done', count: 1 }
    assert.deepEqual(await lifecycle.move(USER, 'softDelete', { ids, ownerIds: ['tomas'] }), done)
    assert.deepEqual((await lifecycle.keeping(ORG, uuid(1)))?.binUntil, START + BIN_MS_DEFAULT)
    assert.deepEqual(await lifecycle.move(ADMIN, 'restore', { ids }), done)
    assert.equal((await lifecycle.keeping(ORG, uuid(1)))?.binUntil, undefined)
    await lifecycle.move(ADMIN, 'softDelete', { ids })
    assert.deepEqual(await lifecycle.move(ADMIN, 'purge', { ids }), done)
    assert.deepEqual(await life.statuses(), { 1: 'purged' })
    assert.deepEqual(await life.events(), [
      'convergedRecordings deleted 1 deleted',
      'convergedRecordings updated 1 available',
      'convergedRecordings deleted 1 deleted',
      'convergedRecordings deleted 1 purged',
    ])
    assert.deepEqual(await life.audited(), [
      'tomas recording.softDeleted 1',
      'admin recording.restored 1',
      'admin recording.softDeleted 1',
      'admin recording.purged 1',
    ])
    assert.deepEqual(await life.db.kysely.selectFrom('commit_guard').selectAll().execute(), [])
  })

  it('judges every id before it changes any: not there, then state, then what keeps it (§9)', async () => {
    for (const n of [1, 2, 3, 4, 5]) await life.add(n)
    await life.add(6, { owner_id: 'mira' })
    await life.add(7, { org_id: 'other' })
    const lifecycle = life.lifecycle()
    await lifecycle.move(ADMIN, 'softDelete', { ids: [2, 3, 4].map(uuid) })
    await life.holds.place(OFFICER, { recordingIds: [uuid(3)], reason: 'case' })
    const before = await life.statuses()
    const ask = (kind: 'softDelete' | 'restore' | 'purge', ...numbers: number[]) =>
      lifecycle.move(USER, kind, { ids: numbers.map(uuid), ownerIds: ['tomas'] })
    assert.deepEqual(await ask('purge', 2, 3, 1, 6), { kind: 'missing', id: uuid(6) })
    assert.deepEqual(await ask('purge', 2, 3, 1, 7), { kind: 'missing', id: uuid(7) })
    assert.deepEqual(await ask('purge', 2, 99), { kind: 'missing', id: uuid(99) })
    const available = { kind: 'wrongStatus', id: uuid(1), status: 'available' }
    assert.deepEqual(await ask('purge', 2, 3, 1, 5), available)
    assert.deepEqual(await ask('purge', 2, 3), { kind: 'held', id: uuid(3) })
    assert.deepEqual(await ask('softDelete', 1, 2), { kind: 'wrongStatus', id: uuid(2), status: 'deleted' })
    assert.deepEqual(await ask('restore', 2, 1), available)
    assert.deepEqual(await life.statuses(), before)
    assert.deepEqual(await ask('restore', 3), { kind: 'done', count: 1 }, 'a hold does not forbid restoring')
  })

  it('counts an id once, however it is written, and purged ones as missing (README §2, §9)', async () => {
    await life.add(10)
    const lifecycle = life.lifecycle()
    const ids = [uuid(10), uuid(10).toUpperCase(), uuid(10).replaceAll('-', '')]
    assert.deepEqual(await lifecycle.move(ADMIN, 'softDelete', { ids }), { kind: 'done', count: 1 })
    await lifecycle.move(ADMIN, 'purge', { ids })
    for (const kind of ['softDelete', 'restore', 'purge', 'withdraw'] as const)
      assert.deepEqual(await lifecycle.move(ADMIN, kind, { ids }), { kind: 'missing', id: ids[2] })
  })

  it('takes a hundred ids at once, and not one more (§9)', async () => {
    const numbers = Array.from({ length: COMMIT_RECORDINGS_MAX + 1 }, (_, at) => at + 1)
    for (const n of numbers) await life.add(n)
    const lifecycle = life.lifecycle()
    const ids = numbers.map(uuid)
    await assert.rejects(lifecycle.move(ADMIN, 'softDelete', { ids }), RangeError)
    const outcome = await lifecycle.move(ADMIN, 'softDelete', { ids: ids.slice(1) })
    assert.deepEqual(outcome, { kind: 'done', count: COMMIT_RECORDINGS_MAX })
  })

  it('takes everything eligible of an owner, and leaves what is kept (§9)', async () => {
    for (let n = 1; n <= COMMIT_RECORDINGS_MAX + 5; n++) await life.add(n)
    await life.add(500, { owner_id: 'mira' })
    const lifecycle = life.lifecycle()
    await life.holds.place(OFFICER, { recordingIds: [uuid(7)], reason: 'case' })
    const count = COMMIT_RECORDINGS_MAX + 4
    assert.deepEqual(await lifecycle.move(USER, 'softDelete', { allOf: 'tomas' }), { kind: 'done', count })
    assert.deepEqual(await lifecycle.move(USER, 'purge', { allOf: 'tomas' }), { kind: 'done', count })
    assert.deepEqual(await lifecycle.move(USER, 'purge', { allOf: 'tomas' }), { kind: 'done', count: 0 })
    const statuses = await life.statuses()
    assert.deepEqual([statuses[7], statuses[8], statuses[500]], ['available', 'purged', 'available'])
  })

  it('never does two moves of one recording at once (P16)', async () => {
    for (const n of [1, 2]) await life.add(n)
    const lifecycle = life.lifecycle()
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => lifecycle.move(ADMIN, 'softDelete', { ids: [uuid(1), uuid(2)] })),
    )
    assert.equal(outcomes.filter((outcome) => outcome.kind === 'done').length, 1)
    assert.equal((await life.events()).length, 2)
    const [held, purged] = await Promise.all([
      life.holds.place(OFFICER, { recordingIds: [uuid(1)], reason: 'case' }),
      lifecycle.move(ADMIN, 'purge', { ids: [uuid(1)] }),
    ])
    const { status } = (await lifecycle.keeping(ORG, uuid(1))) ?? {}
    assert.ok('placedAt' in held)
    assert.equal(status === 'purged', purged.kind === 'done', 'held before or purged before, never both')
  })

  it('withdraws a meeting recording from all but compliance officers (meeting-recordings §4)', async () => {
    await life.add(1, { service_type: 'meeting' })
    await life.add(2)
    const kysely = life.db.kysely as unknown as Kysely<MeetingTables> // Of the meetings' migration.
    await kysely
      .insertInto('meeting_recording')
      .values({
        ...{ id_key: uuid(1).replaceAll('-', ''), org_id: ORG, meeting_id: 'm', scheduled_meeting_id: '' },
        ...{ meeting_series_id: 'series', site_url: 'site', password: 'x' },
        ...{ center: 'MeetingCenter', meeting_format: 'MP4' },
      })
      .execute()
    const lifecycle = life.lifecycle()
    const target = { ids: [uuid(1)], only: 'meeting' } as const
    assert.deepEqual(await lifecycle.move(USER, 'withdraw', { ids: [uuid(2)], only: 'meeting' }), {
      kind: 'missing',
      id: uuid(2),
    })
    assert.deepEqual(await lifecycle.move(USER, 'withdraw', target), { kind: 'done', count: 1 })
    assert.deepEqual(await lifecycle.move(OFFICER, 'withdraw', target), { kind: 'done', count: 0 })
    assert.deepEqual(await life.audited(), ['tomas recording.withdrawn 1'])
    const [event] = await readOutbox(life.db, { after: 0, limit: 10 })
    assert.equal(event?.resource, 'recordings')
    assert.deepEqual(event?.payload, {
      id: uuid(1),
      hostUserId: 'tomas',
      hostEmail: 'Tomas@example.com',
      topic: 'Call 1',
      siteUrl: 'site',
      meetingId: 'm',
      meetingSeriesId: 'series',
      createTime: '2026-02-03T00:00:00Z',
      status: 'purged',
    })
  })

  it('gives recordings a new owner in the three forms, purged ones excepted (§8)', async () => {
    for (const n of [1, 2, 3, 4]) await life.add(n)
    await life.add(5, { owner_id: 'mira' })
    const lifecycle = life.lifecycle()
    await lifecycle.move(ADMIN, 'softDelete', { ids: [uuid(2), uuid(4)] })
    await lifecycle.move(ADMIN, 'purge', { ids: [uuid(4)] })
    const to = owner('ines')
    const reassign = (request: { readonly from?: string; readonly ids?: readonly string[] }) =>
      lifecycle.reassign(ADMIN, { to, ...request })
    assert.deepEqual(await reassign({ ids: [1, 4].map(uuid) }), { kind: 'missing', id: uuid(4) })
    assert.deepEqual(await reassign({ ids: [1, 5].map(uuid), from: 'mira' }), { kind: 'done', count: 1 })
    assert.deepEqual(await reassign({ from: 'tomas' }), { kind: 'done', count: 3 })
    assert.deepEqual(await reassign({ ids: [1, 2].map(uuid) }), { kind: 'done', count: 0 })
    const rows = await life.db.kysely.selectFrom('recording').selectAll().orderBy('seq').execute()
    assert.deepEqual(
      rows.map((row) => [row.owner_id, row.owner_type, row.owner_email_key, row.status]),
      [
        ['ines', 'user', 'ines@example.com', 'available'],
        ['ines', 'user', 'ines@example.com', 'deleted'],
        ['ines', 'user', 'ines@example.com', 'available'],
        ['tomas', 'user', 'tomas@example.com', 'purged'],
        ['ines', 'user', 'ines@example.com', 'available'],
      ],
    )
    const events = await readOutbox(life.db, { after: 0, limit: 100 })
    const updated = events.filter((event) => event.event === 'updated')
    assert.deepEqual(
      updated.map((event) => [event.personId, event.key]),
      [5, 1, 2, 3].map((n) => ['ines', uuid(n)]),
    )
  })

  it('adds what the new owner is promised, and takes nothing away (P16)', async () => {
    await life.retention.set(OFFICER, { scope: 'owner', scopeId: 'tomas', keepDays: 10, eraseAtEnd: true })
    await life.retention.set(OFFICER, { scope: 'owner', scopeId: 'ines', keepDays: 20, eraseAtEnd: false })
    await life.add(1)
    const lifecycle = life.lifecycle()
    const keeping = async () => {
      const { retainUntil, eraseAtEnd } = (await lifecycle.keeping(ORG, uuid(1))) ?? {}
      return [((retainUntil ?? 0) - START) / DAY_MS, eraseAtEnd]
    }
    assert.deepEqual(await keeping(), [10, true])
    await lifecycle.reassign(ADMIN, { to: owner('ines'), ids: [uuid(1)] })
    assert.deepEqual(await keeping(), [20, false])
    await lifecycle.reassign(ADMIN, { to: owner('tomas'), ids: [uuid(1)] })
    assert.deepEqual(await keeping(), [20, false])
    await life.retention.remove(OFFICER, 'owner', 'ines')
    assert.deepEqual(await keeping(), [20, false])
  })

  it('changes a topic with an event, a switch without one, and nothing without any trace (§11)', async () => {
    await life.add(1)
    const lifecycle = life.lifecycle()
    assert.deepEqual(await lifecycle.update(USER, uuid(1), { topic: 'Über' }), { kind: 'done', count: 1 })
    await lifecycle.update(USER, uuid(1), { downloadPrevented: true })
    assert.deepEqual(await lifecycle.update(USER, uuid(1), { topic: 'Über', downloadPrevented: true }), {
      kind: 'done',
      count: 0,
    })
    const row = await life.db.kysely.selectFrom('recording').selectAll().executeTakeFirst()
    assert.deepEqual([row?.topic, row?.topic_key, row?.download_prevented], ['Über', 'über', 1])
    assert.deepEqual(await life.events(), ['convergedRecordings updated 1 available'])
    assert.equal((await life.audited()).length, 2)
    assert.deepEqual(await lifecycle.update(USER, uuid(2), { topic: 'x' }), { kind: 'missing', id: uuid(2) })
  })
})
