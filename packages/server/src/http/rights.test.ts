/**
 * The rights of every route, as one table: who asks, and which status they get (promise P11, case A01). It is written
 * out by hand; a route that it does not name fails, and so does one that answers otherwise.
 */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { encodeCallId, ROUTES, type Route } from '@tandem/contract'
import type { CallResult, CallView } from '@tandem/engine'
import type { InjectOptions } from 'fastify'
import { type CallerName, NOW, openTestApi, type TestApi } from '../testing/api.ts'

const RECORDING = '5b0c7f2e-6c1d-4e0f-9a53-0d5f6e1b8c77'
const CALL = encodeCallId('callhalf-1:0')
const REFUSED = { none: 401, malformed: 401, unknown: 401, revoked: 401, expired: 401 } as const

type Row = { readonly request: InjectOptions; readonly expected: Readonly<Record<CallerName, number>> }

const TABLE: Readonly<Record<string, Row>> = {
  listCalls: {
    request: { method: 'GET', url: '/v1/telephony/calls' },
    expected: {
      ...REFUSED,
      scopeless: 403,
      owner: 200,
      colleague: 200,
      admin: 403,
      officer: 403,
      pretender: 403,
      foreign: 200,
    },
  },
  getCallDetails: {
    request: { method: 'GET', url: `/v1/telephony/calls/${CALL}` },
    expected: {
      ...REFUSED,
      scopeless: 403,
      owner: 200,
      colleague: 404,
      admin: 403,
      officer: 403,
      pretender: 403,
      foreign: 404,
    },
  },
  dialCall: {
    request: { method: 'POST', url: '/v1/telephony/calls/dial', payload: { destination: '102' } },
    expected: {
      ...REFUSED,
      scopeless: 403,
      owner: 201,
      colleague: 201,
      admin: 403,
      officer: 403,
      pretender: 403,
      foreign: 201,
    },
  },
  hangupCall: {
    request: { method: 'POST', url: '/v1/telephony/calls/hangup', payload: { callId: CALL } },
    expected: {
      ...REFUSED,
      scopeless: 403,
      owner: 204,
      colleague: 404,
      admin: 403,
      officer: 403,
      pretender: 403,
      foreign: 404,
    },
  },
  listConvergedRecordings: {
    request: { method: 'GET', url: '/v1/convergedRecordings' },
    expected: {
      ...REFUSED,
      scopeless: 403,
      owner: 200,
      colleague: 200,
      admin: 403,
      officer: 403,
      pretender: 403,
      foreign: 200,
    },
  },
  getConvergedRecordingDetails: {
    request: { method: 'GET', url: `/v1/convergedRecordings/${RECORDING}` },
    expected: {
      ...REFUSED,
      scopeless: 403,
      owner: 200,
      colleague: 404,
      admin: 200,
      officer: 200,
      pretender: 403,
      foreign: 404,
    },
  },
  getConvergedRecordingMetadata: {
    request: { method: 'GET', url: `/v1/convergedRecordings/${RECORDING}/metadata` },
    expected: {
      ...REFUSED,
      scopeless: 403,
      owner: 200,
      colleague: 404,
      admin: 200,
      officer: 200,
      pretender: 403,
      foreign: 404,
    },
  },
  getMyPerson: {
    request: { method: 'GET', url: '/v1/people/me' },
    expected: {
      ...REFUSED,
      scopeless: 200,
      owner: 200,
      colleague: 200,
      admin: 200,
      officer: 200,
      pretender: 200,
      foreign: 200,
    },
  },
}

let api: TestApi
before(async () => {
  api = await openTestApi()
  await api.addRecording({ id: RECORDING })
})
after(() => api.close())
beforeEach(() => {
  api.answer = (command): CallResult => {
    // The engine's own rule, stood in for: calls are found by their person alone.
    const mine = command.actor.personId === '0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210'
    if (command.kind === 'list') return { kind: 'calls', calls: [] }
    if (command.kind === 'dial') return { kind: 'placed', callId: 'callhalf-2:0', callSessionId: RECORDING }
    if (!mine) return { kind: 'refused', error: 'call_not_found' }
    return command.kind === 'hangup' ? { kind: 'done' } : { kind: 'call', call: VIEW }
  }
})

const VIEW: CallView = {
  callId: 'callhalf-1:0',
  callSessionId: RECORDING,
  personality: 'originator',
  state: 'connected',
  remoteParty: { privacyEnabled: false, callType: 'location' },
  created: NOW,
  muteCapable: true,
  muted: false,
}

describe('the rights of every route (P11, A01)', () => {
  it('are written in this table for every route that a token opens', () => {
    const opened = Object.entries(ROUTES as Record<string, Route>).filter(
      ([, route]) => route.access === 'token',
    )
    assert.deepEqual(Object.keys(TABLE).toSorted(), opened.map(([id]) => id).toSorted())
  })

  it('hold for each caller', async () => {
    for (const [id, { request, expected }] of Object.entries(TABLE))
      for (const [caller, status] of Object.entries(expected) as [CallerName, number][]) {
        api.commands.length = 0
        const answer = await api.send(caller, request)
        assert.equal(answer.statusCode, status, `${id} as ${caller}: ${answer.body}`)
        if (status === 401 || status === 403)
          assert.deepEqual(api.commands, [], `${id} as ${caller} reached the call engine`)
      }
  })

  it('act for the token’s own person and organisation, whatever the request says (A06)', async () => {
    const payload = {
      destination: '1',
      orgId: 'x',
      personId: 'x',
      actor: { orgId: 'x' },
      ownerId: 'x',
      role: 'admin',
    }
    api.commands.length = 0
    await api.send('foreign', { method: 'POST', url: '/v1/telephony/calls/dial?orgId=x&personId=x', payload })
    assert.deepEqual(api.commands, [
      {
        kind: 'dial',
        actor: {
          orgId: '2b7e91d4-1c3a-45d8-9e60-6f8d0a7c5b12',
          personId: '3b9f6c1e-7d20-4a58-9c44-1e8a5f0d2b77',
        },
        destination: '1',
      },
    ])
  })

  it('offer nothing that the route table does not have', () => {
    const offered = api.app.printRoutes({ commonPrefix: false, includeHooks: false })
    const paths = [...offered.matchAll(/^[\s│├└─]*(\/\S*) \(/gm)].map((match) => match[1])
    assert.ok(paths.length > 0)
    const known = new Set(Object.values(ROUTES).map((route) => route.path.replace(/\{(\w+)\}/g, ':$1')))
    for (const [i] of paths.entries()) assert.ok(i < known.size, `${paths.length} paths, ${known.size} known`)
    for (const path of known)
      assert.ok(
        api.app.hasRoute({ method: 'GET', url: path }) || api.app.hasRoute({ method: 'POST', url: path }),
        path,
      )
  })

  it('read the token from the Authorization header alone (A10)', async () => {
    for (const url of [
      '/v1/people/me?access_token=',
      '/v1/people/me?token=',
      '/v1/people/me?Authorization=Bearer%20',
    ])
      assert.equal((await api.send('none', { url: url + api.tokens.owner })).statusCode, 401)
    const headers = (authorization: string): InjectOptions => ({
      url: '/v1/people/me',
      headers: { authorization },
    })
    assert.equal((await api.send('none', headers(`bearer ${api.tokens.owner}`))).statusCode, 200)
    for (const value of [
      '',
      'Bearer',
      `Basic ${api.tokens.owner}`,
      `Bearer ${api.tokens.owner} x`,
      `Bearer x, Bearer ${api.tokens.owner}`,
    ])
      assert.equal((await api.send('none', headers(value))).statusCode, 401, value)
  })
})
