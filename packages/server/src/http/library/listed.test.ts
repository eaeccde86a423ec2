import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { IDS, openTestApi, type TestApi } from '../../testing/api.ts'

const HOLD = '/tandem/v1/holds'
const RECORDING = '5b0c7f2e-6c1d-4e0f-9a53-0d5f6e1b8c77'

describe('whoever looks at holds, imports or policies is written down (promise P17)', () => {
  let api: TestApi
  before(async () => {
    api = await openTestApi()
    await api.addRecording({ id: RECORDING })
  })
  after(() => api.close())

  /** The rows that one request makes. */
  async function rows(caller: 'admin' | 'officer', url: string): Promise<unknown[]> {
    const since = api.library.entries.length
    const answer = await api.send(caller, { url })
    assert.equal(answer.statusCode, 200, answer.body)
    return api.library.entries
      .slice(since)
      .map(({ actor, action, detail }) => [actor.personId, actor.as, action, detail])
  }

  it('with the filters of a list and how many were seen', async () => {
    const placed = await api.send('officer', {
      method: 'POST',
      url: HOLD,
      payload: { recordingIds: [RECORDING], reason: 'case 7' },
    })
    const officer = [IDS.officer, 'complianceOfficer']
    assert.deepEqual(await rows('officer', `${HOLD}?active=true&recordingId=${RECORDING}`), [
      [...officer, 'hold.listed', { filters: { active: true, recordingId: RECORDING }, count: 1 }],
    ])
    assert.deepEqual(await rows('officer', `${HOLD}?active=false`), [
      [...officer, 'hold.listed', { filters: { active: false }, count: 0 }],
    ])
    const { id } = placed.json()
    assert.deepEqual(await rows('officer', `${HOLD}/${id}`), [[...officer, 'hold.read', { holdId: id }]])
    assert.deepEqual(await rows('admin', '/tandem/v1/imports'), [
      [IDS.admin, 'admin', 'import.listed', { count: 0 }],
    ])
    assert.deepEqual(await rows('admin', '/tandem/v1/retention'), [
      [IDS.admin, 'admin', 'retention.listed', { count: 0 }],
    ])
    const found = await api.send('officer', { url: '/tandem/v1/audit?action=hold.listed' })
    assert.equal(found.statusCode, 200, 'the log can be asked for the word')
  })
})
