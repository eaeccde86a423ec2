import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type LegalHold, REASON_CHARS_MAX, RECORDING_IDS_MAX } from '@tandem/contract'
import { type CallerName, IDS, NOW, openTestApi, type TestApi } from '../../testing/api.ts'

const id = (n: number): string => `5b0c7f2e-6c1d-4e0f-9a53-${String(n).padStart(12, '0')}`
const HOLDS = '/tandem/v1/holds'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(async () => {
  await api.removeRecordings()
  await api.addRecording({ id: id(1) })
  await api.addRecording({ id: id(2), status: 'purged' })
  await api.addRecording({ id: id(7), org_id: IDS.foreignOrg, owner_id: IDS.foreign })
  api.library.entries.length = 0
})

const place = (payload: object, caller: CallerName = 'officer') =>
  api.send(caller, { method: 'POST', url: HOLDS, payload })
const release = (hold: string, payload: object) =>
  api.send('officer', { method: 'DELETE', url: `${HOLDS}/${hold}`, payload })

describe('legal holds (promise P16)', () => {
  it('are placed on recordings of any status, forbid every delete, and are released with a reason', async () => {
    const bare = id(2).replaceAll('-', '').toUpperCase()
    const placed = await place({ recordingIds: [id(1), bare, id(1)], reason: ' case 7 ' })
    assert.equal(placed.statusCode, 201, placed.body)
    const hold: LegalHold = placed.json()
    assert.deepEqual(hold, {
      id: hold.id,
      reason: 'case 7',
      recordingIds: [id(1), id(2)],
      placedBy: IDS.officer,
      placed: new Date(NOW).toISOString(),
    })
    for (const caller of ['owner', 'admin', 'officer'] as const) {
      const url = `/v1/convergedRecordings/${id(1)}`
      const answer = await api.send(caller, { method: 'DELETE', url, payload: { reason: 'x' } })
      assert.deepEqual([answer.statusCode, answer.json().errors[0].errorCode], [409, 10_208], caller)
    }
    const keeping = async (caller: CallerName) =>
      (await api.send(caller, { url: `/tandem/v1/recordings/${id(1)}/keeping` })).json()
    assert.deepEqual(await keeping('officer'), {
      ...{ status: 'available', eraseAtEnd: false, held: true, holds: [hold.id] },
    })
    for (const caller of ['owner', 'admin'] as const) {
      const { held, holds } = await keeping(caller)
      assert.deepEqual([held, holds], [true, []], 'which holds there are is for compliance officers')
    }
    assert.equal((await release(hold.id, {})).json().message, 'reason is required')
    assert.equal((await release(hold.id, { reason: 'over' })).statusCode, 204)
    assert.equal((await release(hold.id, { reason: 'again' })).statusCode, 204)
    const seen = (await api.send('officer', { url: `${HOLDS}/${hold.id}` })).json()
    assert.deepEqual([seen.releaseReason, seen.releasedBy, seen.released], ['over', IDS.officer, hold.placed])
    assert.equal((await keeping('owner')).held, false)
    assert.deepEqual(
      api.library.entries.map(({ action }) => action).filter((action) => action.startsWith('hold')),
      ['hold.placed', 'hold.placed', 'hold.released', 'hold.released', 'hold.read'],
    )
  })

  it('are placed on all or on none, and a foreign recording is as unknown as any (A04)', async () => {
    for (const stranger of [id(7), id(9), '../x']) {
      const answer = await place({ recordingIds: [id(1), stranger], reason: 'case 7' })
      assert.equal(answer.statusCode, 404)
      assert.equal(answer.json().message, `Recording not found: ${stranger}`)
      const noted = api.library.entries.at(-1)
      assert.deepEqual([noted?.action, noted?.detail?.['error']], ['refused', 'recording_not_found'])
    }
    assert.equal((await api.recordings.lifecycle.keeping(IDS.org, id(1)))?.holds.length, 0)
  })

  it('take 1 to 100 recordings and a reason of 1 to 1024 characters (A05)', async () => {
    const many = Array.from({ length: RECORDING_IDS_MAX + 1 }, (_, n) => id(100 + n))
    for (const recordingId of many) await api.addRecording({ id: recordingId })
    const cases: [object, number][] = [
      [{ recordingIds: many.slice(1), reason: 'x'.repeat(REASON_CHARS_MAX) }, 201],
      [{ recordingIds: many, reason: 'x' }, 400],
      [{ recordingIds: [], reason: 'x' }, 400],
      [{ recordingIds: [''], reason: 'x' }, 400],
      [{ recordingIds: id(1), reason: 'x' }, 400],
      [{ recordingIds: [id(1)] }, 400],
      [{ recordingIds: [id(1)], reason: ' ' }, 400],
      [{ recordingIds: [id(1)], reason: 'x'.repeat(REASON_CHARS_MAX + 1) }, 400],
      [{ reason: 'x' }, 400],
    ]
    for (const [payload, status] of cases) {
      const answer = await place(payload)
      assert.equal(answer.statusCode, status, answer.body)
      if (status === 400) assert.match(answer.json().message, /^(recordingIds|reason)/)
    }
  })

  it('are listed newest first, by what they are about, page by page', async () => {
    const made: string[] = []
    for (let n = 0; n < 3; n++) {
      api.now += 1_000
      made.unshift((await place({ recordingIds: [id(n === 1 ? 2 : 1)], reason: `case ${n}` })).json().id)
    }
    await release(made[0] ?? '', { reason: 'over' })
    const list = async (query: string) => {
      const answer = await api.send('officer', { url: `${HOLDS}?${query}` })
      assert.equal(answer.statusCode, 200, answer.body)
      return answer
    }
    const ids = async (query: string) =>
      (await list(query)).json().items.map((hold: LegalHold) => made.indexOf(hold.id))
    assert.deepEqual((await ids('')).slice(0, 3), [0, 1, 2])
    assert.deepEqual((await ids('active=true')).slice(0, 2), [1, 2])
    assert.deepEqual((await ids('active=false')).slice(0, 1), [0])
    assert.deepEqual((await ids(`recordingId=${id(2)}&active=true`)).slice(0, 1), [1])
    const first = await list('max=1&active=true')
    const next = /^<https:\/\/pbx\.example\.com([^>]+)>; rel="next"$/.exec(String(first.headers['link']))?.[1]
    assert.match(next ?? '', /max=1&active=true&cursor=/)
    const second = (await api.send('officer', { url: next ?? '' })).json()
    assert.deepEqual(
      second.items.map((hold: LegalHold) => hold.id),
      [made[2]],
    )
    for (const bad of ['active=yes', 'max=101', 'recordingId=', 'cursor=x'])
      assert.equal((await api.send('officer', { url: `${HOLDS}?${bad}` })).statusCode, 400, bad)
    api.now = NOW
  })
})
