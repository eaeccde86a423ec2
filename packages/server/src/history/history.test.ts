import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { CallView, HistoryEntry } from '@tandem/engine'
import { openTestData, type TestData } from '../testing/open-test-data.ts'
import { HISTORY_MAX, History, insertHistory } from './history.ts'

let data: TestData
before(async () => {
  data = await openTestData({ demo: false })
})
after(() => data.remove())
beforeEach(async () => {
  await data.db.kysely.deleteFrom('call_history').execute()
})

const OWNER = { orgId: 'org', lineId: 'line' }

async function keep(
  type: HistoryEntry['type'],
  time: number,
  more: Partial<HistoryEntry> & { owner?: typeof OWNER } = {},
): Promise<void> {
  const { owner = OWNER, ...entry } = more
  const call = { callId: `callhalf-${time}:0` } as CallView // All that the history takes from it.
  await data.db.commit(
    insertHistory(data.db, { ...owner, call, history: { type, time, privacyEnabled: false, ...entry } }),
  )
}

describe('History', () => {
  it('keeps 20 of each type for each line and forgets the oldest (call controls §2)', async () => {
    for (let time = 1; time <= HISTORY_MAX; time++) await keep('placed', time)
    const history = new History(data.db)
    assert.equal((await history.list(OWNER)).at(-1)?.time, 1, 'at the limit nothing goes')
    await keep('placed', HISTORY_MAX + 1)
    await keep('missed', 7)
    await keep('placed', 5, { owner: { orgId: 'org', lineId: 'other' } })
    await keep('placed', 6, { owner: { orgId: 'elsewhere', lineId: 'line' } })
    const placed = await history.list(OWNER, 'placed')
    assert.deepEqual(
      placed.map((entry) => entry.time),
      Array.from({ length: HISTORY_MAX }, (_, i) => HISTORY_MAX + 1 - i),
    )
    assert.equal((await history.list(OWNER)).length, HISTORY_MAX + 1)
    assert.equal((await history.list({ orgId: 'org', lineId: 'other' })).length, 1)
  })

  it('forgets a call that came late and is older than all that are kept', async () => {
    for (let time = 100; time < 100 + HISTORY_MAX; time++) await keep('received', time)
    await keep('received', 1)
    assert.equal((await new History(data.db).list(OWNER)).at(-1)?.time, 100)
  })

  it('shows the newest first over all types, and one type when it is named', async () => {
    await keep('placed', 1)
    await keep('received', 3)
    await keep('missed', 2)
    const history = new History(data.db)
    assert.deepEqual(
      (await history.list(OWNER)).map((entry) => entry.type),
      ['received', 'missed', 'placed'],
    )
    assert.deepEqual(
      (await history.list(OWNER, 'missed')).map((entry) => entry.time),
      [2],
    )
  })

  it('does not even store what a party withholds (RFC 3323)', async () => {
    await keep('missed', 1, { name: 'Lena', number: '102', privacyEnabled: true })
    assert.deepEqual(await new History(data.db).list(OWNER), [
      { type: 'missed', privacyEnabled: true, time: 1 },
    ])
    const [row] = await data.db.kysely.selectFrom('call_history').selectAll().execute()
    assert.deepEqual([row?.name, row?.number], [null, null])
  })
})
