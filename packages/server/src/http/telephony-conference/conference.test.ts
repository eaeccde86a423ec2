/** Conference controls on their three paths (call-controls §7). */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { encodeCallId } from '@tandem/contract'
import type { LightMyRequestResponse } from 'fastify'
import { IDS, openTestApi, type TestApi } from '../../testing/api.ts'
import { fakeEngine } from '../../testing/fake-engine.ts'

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
const B = encodeCallId('callhalf-2:0')
const BASE = '/v1/telephony/conference'
const PATHS = [
  ['owner', BASE],
  ['owner', `${BASE}/members/me`],
  ['admin', `${BASE}/members/${IDS.owner}`],
] as const

type Step = readonly [method: 'POST' | 'DELETE', path: string, body: object | undefined, command: object]
const STEPS: readonly Step[] = [
  ['POST', '', { callIds: [A, B] }, { kind: 'startConference', callIds: ['callhalf-1:0', 'callhalf-2:0'] }],
  ['POST', '/addParticipant', { callId: A }, { kind: 'addParticipant', callId: 'callhalf-1:0' }],
  ['POST', '/mute', undefined, { kind: 'muteParticipant' }],
  ['POST', '/mute', { callId: A }, { kind: 'muteParticipant', callId: 'callhalf-1:0' }],
  ['POST', '/unmute', {}, { kind: 'unmuteParticipant' }],
  ['POST', '/deafen', { callId: A }, { kind: 'deafen', callId: 'callhalf-1:0' }],
  ['POST', '/undeafen', { callId: A }, { kind: 'undeafen', callId: 'callhalf-1:0' }],
  ['POST', '/hold', undefined, { kind: 'holdConference' }],
  ['POST', '/resume', undefined, { kind: 'resumeConference' }],
  ['DELETE', '', undefined, { kind: 'releaseConference' }],
]

const send = (
  [caller, base]: (typeof PATHS)[number],
  [method, path, body]: Step,
  query = '',
): Promise<LightMyRequestResponse> => {
  const request = { method, url: base + path + query }
  return api.send(caller, body === undefined ? request : { ...request, payload: body })
}

describe('conference controls (call-controls §7)', () => {
  it('hand each command to the engine, on each path', async () => {
    for (const path of PATHS)
      for (const step of STEPS) {
        const answer = await send(path, step)
        assert.equal(answer.statusCode, 204, answer.body)
        const actor = { orgId: IDS.org, lineId: IDS.owner }
        assert.deepEqual(api.commands.at(-1), { ...step[3], actor }, path[1])
      }
  })

  it('take the line owner from the body, or from the query where there is none', async () => {
    const [own] = PATHS
    const actor = { orgId: IDS.org, lineId: IDS.owner, lineOwnerId: IDS.virtualLine }
    for (const [method, path, body, command] of STEPS) {
      api.answer = () => ({ kind: 'done' })
      const queried = method === 'DELETE' || path === '/hold' || path === '/resume'
      const payload = queried ? undefined : { ...body, lineOwnerId: IDS.virtualLine }
      await send(own, [method, path, payload, command], queried ? `?lineOwnerId=${IDS.virtualLine}` : '')
      assert.deepEqual(api.commands.at(-1), { ...command, actor })
    }
    api.answer = fakeEngine(IDS.owner)
    await api.send('owner', { url: `${BASE}?lineOwnerId=${IDS.virtualLine}` })
    assert.deepEqual(api.commands.at(-1), { kind: 'conference', actor })
  })

  it('tolerate a content type without a body (wxc_sdk sends one with every request)', async () => {
    const headers = { 'content-type': 'application/json;charset=utf-8' }
    for (const [method, url] of [
      ['DELETE', BASE],
      ['POST', `${BASE}/hold`],
      ['POST', '/v1/telephony/calls/transfer'],
    ] as const)
      assert.equal((await api.send('owner', { method, url, headers })).statusCode, 204, url)
  })

  it('show the conference, or an empty object when there is none', async () => {
    assert.deepEqual((await api.send('owner', { url: BASE })).json(), {})
    api.answer = () => ({
      kind: 'conference',
      conference: {
        state: 'held',
        created: 0,
        muted: true,
        type: 'bargeIn',
        participants: [{ callId: 'callhalf-1:0', muted: false, deafened: true }],
      },
    })
    assert.deepEqual((await api.send('owner', { url: BASE })).json(), {
      state: 'held',
      created: '1970-01-01T00:00:00.000Z',
      muted: true,
      type: 'bargeIn',
      participants: [{ callId: A, muted: false, deafened: true }],
    })
  })

  it('pass on that there is one already, or none', async () => {
    for (const error of ['conference_exists', 'no_conference'] as const) {
      api.answer = () => ({ kind: 'refused', error })
      assert.equal((await api.send('owner', { method: 'DELETE', url: BASE })).statusCode, 409)
    }
  })
})
