/**
 * The same operations over the server's own data in place of the memory of other tests: what HTTP was told is in the
 * database, and what the directory file says is read-only (design: the directory's truth).
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { encodeWebexId } from '@tandem/contract'
import type { LightMyRequestResponse } from 'fastify'
import { insertRecord } from '../call-records/call-records.ts'
import { type CallerName, IDS, NOW, openTestApi, type TestApi } from '../testing/api.ts'
import { SESSION, testCall } from '../testing/fake-engine.ts'

let api: TestApi
before(async () => {
  api = await openTestApi({ kept: true })
})
after(() => api.close())

const get = async (url: string, caller: CallerName = 'admin'): Promise<Record<string, unknown>> =>
  (await api.send(caller, { url })).json()
const put = (url: string, payload: object, caller: CallerName = 'admin'): Promise<LightMyRequestResponse> =>
  api.send(caller, { method: 'PUT', url, payload })
const DEVICE = encodeWebexId('DEVICE', IDS.ownerDevice)

describe('settings in the database', () => {
  it('keep how each kind of line is recorded', async () => {
    const paths = [
      `/v1/people/${IDS.owner}/features/callRecording`,
      `/v1/workspaces/${IDS.place}/features/callRecordings`,
      `/v1/telephony/config/virtualLines/${IDS.virtualLine}/callRecording`,
    ]
    for (const path of paths) {
      assert.equal((await get(path))['record'], 'Never')
      const change = { enabled: true, record: 'On Demand', repeat: { interval: 30, enabled: true } }
      const answer = await put(path, change)
      assert.equal(answer.statusCode, 204, answer.body)
      const settings = await get(path)
      assert.deepEqual(
        [settings['enabled'], settings['record'], settings['repeat']],
        [true, 'On Demand with User Initiated Start', { interval: 30, enabled: true }],
      )
    }
  })

  it('are refused with the file’s name where the file has them', async () => {
    const path = `/v1/people/${IDS.admin}/features/callRecording`
    assert.equal((await get(path))['record'], 'Always')
    const answer = await put(path, { record: 'Never' })
    assert.equal(answer.statusCode, 409)
    assert.match(answer.json().message, /\btest\b/, 'the name under which the file was applied')
  })

  it('keep the preferred answer endpoint of a person and of a secondary line', async () => {
    const person = `/v1/telephony/config/people/${IDS.owner}/preferredAnswerEndpoint`
    const mine = '/v1/telephony/config/people/me/settings/preferredAnswerEndpoint'
    const secondary = `/v1/telephony/config/people/me/settings/secondaryLines/${IDS.virtualLine}/preferredAnswerEndpoint`
    const desk = { id: DEVICE, type: 'DEVICE', name: 'desk' }
    assert.deepEqual(await get(person), { endpoints: [desk] })
    assert.equal((await put(person, { preferredAnswerEndpointId: DEVICE })).statusCode, 204)
    assert.deepEqual(await get(mine, 'owner'), desk)
    assert.equal((await put(secondary, { id: DEVICE }, 'owner')).statusCode, 204)
    assert.deepEqual(await get(secondary, 'owner'), desk)
    assert.equal((await put(mine, { id: null }, 'owner')).statusCode, 204)
    assert.deepEqual(await get(person), { endpoints: [desk] })
    assert.equal((await put(mine, { id: DEVICE }, 'colleague')).statusCode, 400, 'a phone of somebody else')
  })

  it('find members of every kind, and nobody of another organisation', async () => {
    api.answer = () => ({ kind: 'calls', calls: [] })
    for (const [id, status] of [
      [IDS.owner, 200],
      [IDS.place, 200],
      [IDS.virtualLine, 200],
      [IDS.foreign, 404],
    ] as const)
      assert.equal(
        (await api.send('admin', { url: `/v1/telephony/calls/members/${id}/calls` })).statusCode,
        status,
      )
  })
})

describe('call records in the database', () => {
  it('come out as CSV that no spreadsheet runs (A15), and as NDJSON', async () => {
    const remoteParty = {
      name: '=cmd()',
      number: '+491',
      privacyEnabled: false,
      callType: 'external',
    } as const
    const view = testCall({ remoteParty })
    await api.data.db.commit([
      insertRecord(api.data.db, {
        orgId: IDS.org,
        callSessionId: SESSION,
        startedAt: NOW - 1_000,
        endedAt: NOW,
        cause: 'hangup',
        halves: [{ callId: 'callhalf-1:0', lineId: IDS.owner, view }],
        legs: [],
        recordings: [],
        unrecorded: [],
      }),
    ])
    const csv = (await api.send('admin', { url: '/tandem/v1/callRecords' })).body
    assert.match(csv, /^"?callSessionId/)
    assert.ok(csv.includes(`"'=cmd()"`) && csv.includes(`"'+491"`), csv)
    const ndjson = (await api.send('admin', { url: '/tandem/v1/callRecords?format=ndjson' })).body
    assert.equal(JSON.parse(ndjson).calls[0].remoteParty.name, '=cmd()')
  })
})
