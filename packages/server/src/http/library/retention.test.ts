import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { encodeWebexId, KEEP_DAYS_MAX } from '@tandem/contract'
import { type CallerName, IDS, NOW, openTestApi, type TestApi } from '../../testing/api.ts'

const RECORDING = '5b0c7f2e-6c1d-4e0f-9a53-000000000001'
const OF_SOMEBODY_GONE = '5b0c7f2e-6c1d-4e0f-9a53-000000000002'
const GONE = 'f0f0f0f0-0000-4000-8000-000000000000'
const RETENTION = '/tandem/v1/retention'
const DAY_MS = 86_400_000

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(async () => {
  await api.removeRecordings()
  await api.addRecording({ id: RECORDING, kept_from: NOW })
  await api.addRecording({ id: OF_SOMEBODY_GONE, owner_id: GONE, owner_email: 'left@alpha.test' })
  api.library.entries.length = 0
})

const set = (path: string, payload: object, caller: CallerName = 'officer') =>
  api.send(caller, { method: 'PUT', url: `${RETENTION}/${path}`, payload })
const remove = (path: string) => api.send('officer', { method: 'DELETE', url: `${RETENTION}/${path}` })

describe('retention (promise P16)', () => {
  it('is set for an organisation, a location or an owner, by raw id or Webex id, and extends what there is', async () => {
    const answer = await set(`owner/${encodeWebexId('PEOPLE', IDS.owner)}`, { keepDays: 30 })
    assert.equal(answer.statusCode, 200, answer.body)
    assert.deepEqual(answer.json(), {
      ...{ scope: 'owner', scopeId: IDS.owner, keepDays: 30, eraseAtEnd: false },
      ...{ setBy: IDS.officer, set: new Date(NOW).toISOString(), extended: 1 },
    })
    assert.equal(
      (await set(`location/${IDS.location}`, { keepDays: 40, eraseAtEnd: true })).json().extended,
      2,
    )
    assert.equal((await set(`organization/${IDS.org}`, { keepDays: 10 })).json().extended, 0)
    assert.equal((await set(`owner/${GONE}`, { keepDays: 1 })).statusCode, 200, 'known by what stayed')
    const keeping = async () =>
      (await api.send('owner', { url: `/tandem/v1/recordings/${RECORDING}/keeping` })).json()
    const expected = {
      status: 'available',
      retainUntil: new Date(NOW + 40 * DAY_MS).toISOString(),
      ...{ eraseAtEnd: true, held: false, holds: [] },
    }
    assert.deepEqual(await keeping(), expected)
    const erase = {
      method: 'DELETE',
      url: `/v1/convergedRecordings/${RECORDING}`,
      payload: { reason: 'x' },
    } as const
    assert.equal((await api.send('officer', erase)).json().errors[0].errorCode, 10_209)
    assert.equal((await remove(`location/${IDS.location}`)).statusCode, 204)
    assert.deepEqual(await keeping(), expected, 'what was promised stays promised')
    const listed = await api.send('admin', { url: RETENTION })
    assert.deepEqual(
      listed
        .json()
        .items.map((policy: { scope: string; keepDays: number }) => [policy.scope, policy.keepDays]),
      [
        ['organization', 10],
        ['owner', 30],
        ['owner', 1],
      ],
    )
  })

  it('is refused for what the organisation has not, with the same words whoever has it', async () => {
    const cases: [string, number, RegExp][] = [
      [`team/${IDS.org}`, 400, /^scope must be one of organization, location, owner$/],
      [`organization/${IDS.foreignOrg}`, 403, /^scopeId is not an organisation/],
      ['organization/nothing', 403, /^scopeId is not an organisation/],
      [`owner/${IDS.foreign}`, 404, /^scopeId names no owner$/],
      ['owner/..%2f..%2fetc', 404, /^scopeId names no owner$/],
      [`location/${IDS.org}`, 404, /^scopeId names no location$/],
      [`owner/${'x'.repeat(1_025)}`, 400, /^scopeId must have at most 1024/],
    ]
    for (const [path, status, sentence] of cases) {
      const answer = await set(path, { keepDays: 1 })
      assert.equal(answer.statusCode, status, answer.body)
      assert.match(answer.json().message, sentence)
      assert.equal(api.library.entries.at(-1)?.action, 'refused')
    }
    assert.equal((await remove(`location/${IDS.location}`)).json().errors[0].errorCode, 10_226)
  })

  it('takes whole days from 1 to a century', async () => {
    const path = `owner/${IDS.owner}`
    for (const [keepDays, status] of [
      [1, 200],
      [KEEP_DAYS_MAX, 200],
      [KEEP_DAYS_MAX + 1, 400],
      [0, 400],
      [1.5, 400],
      ['9', 400],
      [undefined, 400],
    ] as const) {
      const answer = await set(path, { keepDays, orgId: IDS.foreignOrg, setBy: 'x' })
      assert.equal(answer.statusCode, status, String(keepDays))
      if (status === 400) assert.match(answer.json().message, /^keepDays /)
      else assert.equal(answer.json().setBy, IDS.officer)
    }
    assert.match((await set(path, { keepDays: 1, eraseAtEnd: 'yes' })).json().message, /^eraseAtEnd /)
    assert.deepEqual(await api.recordings.retention.list(IDS.foreignOrg), [])
  })
})
