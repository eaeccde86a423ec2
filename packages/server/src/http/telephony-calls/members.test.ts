/** Calls by member, history, the message lamp and the trace (call-controls §2, §8; contract README §11). */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { encodeCallId, encodeCallSessionId, encodeWebexId } from '@tandem/contract'
import type { HistoryEntry } from '@tandem/engine'
import type { LightMyRequestResponse } from 'fastify'
import { type CallerName, IDS, NOW, openTestApi, type TestApi } from '../../testing/api.ts'
import { fakeEngine, SESSION, testCall } from '../../testing/fake-engine.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(() => {
  api.commands.length = 0
  api.answer = fakeEngine(IDS.owner)
})

const A = encodeCallId('callhalf-1:0')
const MEMBERS = '/v1/telephony/calls/members'
const post = (caller: CallerName, url: string, payload: object): Promise<LightMyRequestResponse> =>
  api.send(caller, { method: 'POST', url, payload })

describe('calls by member (call-controls §8)', () => {
  it('act for a person, a workspace or a virtual line of the organisation, by Webex id or UUID', async () => {
    const members = {
      [IDS.owner]: IDS.owner,
      [encodeWebexId('PEOPLE', IDS.owner)]: IDS.owner,
      [encodeWebexId('PLACE', IDS.place)]: IDS.place,
      [`${encodeWebexId('VIRTUAL_LINE', IDS.virtualLine)}=`]: IDS.virtualLine,
    }
    for (const [memberId, lineId] of Object.entries(members)) {
      const url = `${MEMBERS}/${encodeURIComponent(memberId)}/dial`
      assert.equal((await post('admin', url, { destination: '1', lineOwnerId: IDS.place })).statusCode, 201)
      assert.deepEqual(api.commands.at(-1), {
        kind: 'dial',
        actor: { orgId: IDS.org, lineId },
        destination: '1',
      })
    }
  })

  it('are 404 for anybody else, and never reach the engine', async () => {
    for (const memberId of ['nobody', IDS.foreign, encodeWebexId('DEVICE', IDS.owner), IDS.location]) {
      const answer = await post('admin', `${MEMBERS}/${memberId}/dial`, { destination: '1' })
      assert.equal(answer.statusCode, 404, memberId)
      assert.equal(answer.json().errors[0].errorCode, 10_031)
    }
    assert.deepEqual(api.commands, [])
  })

  it('check the body before they look for the member (contract README §4)', async () => {
    assert.equal((await post('admin', `${MEMBERS}/nobody/dial`, {})).statusCode, 400)
  })

  it('take the own orgId and refuse any other', async () => {
    const url = `${MEMBERS}/${IDS.owner}/calls?orgId=`
    for (const [orgId, status] of [
      [IDS.org, 200],
      [encodeWebexId('ORGANIZATION', IDS.org), 200],
      [IDS.foreignOrg, 403],
      ['x', 403],
      ['', 400],
    ] as const)
      assert.equal((await api.send('admin', { url: url + orgId })).statusCode, status, orgId)
  })

  it('do the same five things for the caller under “me”, with lineOwnerId', async () => {
    const actor = { orgId: IDS.org, lineId: IDS.owner }
    api.answer = (command) =>
      command.kind === 'list' ? { kind: 'calls', calls: [testCall()] } : fakeEngine(IDS.owner)(command)
    const list = await api.send('owner', { url: `${MEMBERS}/me/calls?lineOwnerId=${IDS.virtualLine}` })
    assert.equal(list.json().items.length, 1)
    assert.equal((await api.send('owner', { url: `${MEMBERS}/me/calls/${A}` })).statusCode, 200)
    assert.equal((await post('owner', `${MEMBERS}/me/answer`, { callId: A })).statusCode, 204)
    assert.equal((await post('owner', `${MEMBERS}/me/hangup`, { callId: A })).statusCode, 204)
    assert.deepEqual(api.commands, [
      { kind: 'list', actor: { ...actor, lineOwnerId: IDS.virtualLine } },
      { kind: 'details', actor, callId: 'callhalf-1:0' },
      { kind: 'answer', actor, callId: 'callhalf-1:0' },
      { kind: 'hangup', actor, callId: 'callhalf-1:0' },
    ])
  })
})

describe('GET /telephony/calls/history (call-controls §2)', () => {
  const add = (lineId: string, entry: HistoryEntry): void =>
    void api.ports.entries.push({ orgId: IDS.org, lineId, entry })

  it('shows the caller’s own calls, newest first, with times in UTC and milliseconds', async () => {
    add(IDS.owner, { type: 'placed', name: 'Lena', number: '102', privacyEnabled: false, time: NOW })
    add(IDS.owner, { type: 'missed', name: 'X', number: '+491', privacyEnabled: true, time: NOW + 1 })
    add(IDS.colleague, { type: 'missed', number: '101', privacyEnabled: false, time: NOW + 2 })
    const history = async (query = ''): Promise<unknown> =>
      (await api.send('owner', { url: `/v1/telephony/calls/history${query}` })).json().items
    const placed = {
      type: 'placed',
      name: 'Lena',
      number: '102',
      privacyEnabled: false,
      time: '2026-02-03T12:00:00.000Z',
    }
    const missed = { type: 'missed', privacyEnabled: true, time: '2026-02-03T12:00:00.001Z' }
    assert.deepEqual(await history(), [missed, placed])
    assert.deepEqual(await history('?type=placed'), [placed])
    assert.deepEqual(await history('?type=received'), [])
  })
})

describe('POST /telephony/externalVoicemail/mwi (call-controls §8)', () => {
  const url = '/v1/telephony/externalVoicemail/mwi'

  it('lights the lamp of any line of the organisation and puts it out', async () => {
    const id = encodeWebexId('PLACE', IDS.place)
    assert.equal((await post('admin', `${url}?id=${id}`, { action: 'SET' })).statusCode, 204)
    assert.equal((await post('admin', `${url}?id=${IDS.place}`, { action: 'CLEAR' })).statusCode, 204)
    assert.deepEqual(api.ports.lamps, [
      { orgId: IDS.org, lineId: IDS.place, on: true },
      { orgId: IDS.org, lineId: IDS.place, on: false },
    ])
  })

  it('refuses a request that says too little, and lines of others', async () => {
    for (const [query, payload, status] of [
      ['', { action: 'SET' }, 400],
      ['?id=', { action: 'SET' }, 400],
      [`?id=${IDS.place}`, {}, 400],
      [`?id=${IDS.place}`, { action: 'set' }, 400],
      [`?id=${IDS.foreign}`, { action: 'SET' }, 404],
      [`?id=${IDS.place}&orgId=${IDS.foreignOrg}`, { action: 'SET' }, 403],
    ] as const)
      assert.equal((await post('admin', url + query, payload)).statusCode, status, query)
    assert.equal(api.ports.lamps.length, 2)
  })
})

describe('GET /tandem/v1/calls/{callSessionId}/trace', () => {
  const trace = (caller: CallerName, id: string): Promise<LightMyRequestResponse> =>
    api.send(caller, { url: `/tandem/v1/calls/${id}/trace` })
  const ended = { callSessionId: SESSION, startedAt: 0, endedAt: 1, cause: 'hangup' }
  const record = { ...ended, orgId: IDS.org, halves: [], legs: [], recordings: [], unrecorded: [] }

  it('shows the ladder of a conversation whose record the organisation has, by either form of its id', async () => {
    api.ports.records.push(record)
    for (const id of [encodeCallSessionId(SESSION), SESSION, SESSION.toUpperCase()])
      assert.deepEqual((await trace('admin', id)).json(), {
        callSessionId: encodeCallSessionId(SESSION),
        messages: [
          {
            time: '1970-01-01T00:00:00.000Z',
            direction: 'in',
            leg: 'leg-1',
            title: 'INVITE',
            lines: ['CSeq: 1 INVITE'],
          },
        ],
      })
    assert.equal((await trace('foreign', SESSION)).statusCode, 404)
    api.ports.records.length = 0
  })

  it('shows a live one only when the engine says whose it is', async () => {
    assert.equal((await trace('admin', SESSION)).statusCode, 404)
    const messages = [{ at: 0, direction: 'out', leg: 'l', title: 'BYE', lines: [] }] as const
    const said = { kind: 'trace', messages, orgId: IDS.org } as const
    api.answer = () => said
    assert.equal((await trace('admin', SESSION)).statusCode, 200)
    assert.equal((await trace('foreign', SESSION)).statusCode, 404)
  })

  it('is 404 for what is no conversation, or has no messages left', async () => {
    assert.equal((await trace('admin', 'x')).statusCode, 404)
    assert.deepEqual(api.commands, [])
    api.ports.records.push(record)
    api.answer = () => ({ kind: 'trace', messages: [] })
    assert.equal((await trace('admin', SESSION)).json().errors[0].errorCode, 10_030)
  })
})
