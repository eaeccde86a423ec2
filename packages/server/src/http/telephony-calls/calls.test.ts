import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { encodeCallId, encodeWebexId } from '@tandem/contract'
import type { CallView } from '@tandem/engine'
import type { LightMyRequestResponse } from 'fastify'
import { type CallerName, openTestApi, type TestApi } from '../../testing/api.ts'

const SESSION = '3b9f6c1e-7d20-4a58-9c44-1e8a5f0d2b77'
const OWNER = '0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210'
const DEVICE = '4d6c1686-0a5b-44e2-9144-a1f0b6e97d21'
const ACTOR = { orgId: '1f7a4b9e-0d52-4b6b-9d35-5f2c8e17aa40', lineId: OWNER }

const view = (more: Partial<CallView> = {}): CallView => ({
  callId: 'callhalf-70397:0',
  callSessionId: SESSION,
  personality: 'terminator',
  state: 'connected',
  remoteParty: { name: 'Lena', number: '102', personId: OWNER, privacyEnabled: false, callType: 'location' },
  created: Date.UTC(2026, 1, 3, 9, 14, 58, 120),
  muteCapable: true,
  muted: false,
  ...more,
})

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(() => {
  api.commands.length = 0
  api.answer = () => ({ kind: 'done' })
})

const post = (path: string, payload: object, caller: CallerName = 'owner'): Promise<LightMyRequestResponse> =>
  api.send(caller, { method: 'POST', url: `/v1/telephony/calls/${path}`, payload })
const get = (path: string): Promise<LightMyRequestResponse> =>
  api.send('owner', { url: `/v1/telephony/calls${path}` })

describe('GET /telephony/calls (call-controls §1, §2)', () => {
  it('shows calls oldest first, with ids in Webex form and times in UTC with milliseconds', async () => {
    const newer = view({
      callId: 'callhalf-2:0',
      created: view().created + 1,
      answered: view().created + 2,
      recordingState: 'started',
    })
    api.answer = () => ({ kind: 'calls', calls: [newer, view()] })
    const { items } = (
      await api.send('owner', { url: '/v1/telephony/calls', headers: { timezone: 'Asia/Tokyo' } })
    ).json()
    assert.deepEqual(items[0], {
      id: 'Y2lzY29zcGFyazovL3VzL0NBTEwvQkNMRC9jYWxsaGFsZi03MDM5Nzow',
      callSessionId: 'M2I5ZjZjMWUtN2QyMC00YTU4LTljNDQtMWU4YTVmMGQyYjc3',
      personality: 'terminator',
      state: 'connected',
      remoteParty: {
        name: 'Lena',
        number: '102',
        personId: encodeWebexId('PEOPLE', OWNER),
        privacyEnabled: false,
        callType: 'location',
      },
      created: '2026-02-03T09:14:58.120Z',
      muteCapable: true,
      muted: false,
    })
    assert.equal(items[1].answered, '2026-02-03T09:14:58.122Z')
    assert.equal(items[1].recordingState, 'started')
    assert.deepEqual(api.commands, [{ kind: 'list', actor: ACTOR }])
  })

  it('keeps name, number and id of a private party to itself', async () => {
    const remoteParty = { ...view().remoteParty, privacyEnabled: true, callType: 'external' as const }
    api.answer = () => ({ kind: 'calls', calls: [view({ remoteParty })] })
    assert.deepEqual((await get('')).json().items[0].remoteParty, {
      privacyEnabled: true,
      callType: 'external',
    })
  })

  it('shows by which way a call came, of whom it reminds, and workspaces by their own id', async () => {
    const lobby = { placeId: DEVICE, number: '110', privacyEnabled: false, callType: 'location' as const }
    const hidden = { ...lobby, name: 'X', privacyEnabled: true }
    api.answer = () => ({
      kind: 'calls',
      calls: [
        view({
          redirections: [
            { reason: 'noAnswer', redirectingParty: lobby },
            { reason: 'busy', redirectingParty: hidden },
          ],
          recall: { type: 'park', party: lobby },
          appearance: 2,
        }),
        view({ redirections: [] }),
      ],
    })
    const shown = { placeId: encodeWebexId('PLACE', DEVICE), number: '110', privacyEnabled: false }
    const [call, plain] = (await get('')).json().items
    assert.deepEqual(call.redirections, [
      { reason: 'noAnswer', redirectingParty: { ...shown, callType: 'location' } },
      { reason: 'busy', redirectingParty: { privacyEnabled: true, callType: 'location' } },
    ])
    assert.deepEqual(call.recall, { type: 'park', party: { ...shown, callType: 'location' } })
    assert.equal(call.appearance, 2)
    assert.ok(!('redirections' in plain) && !('recall' in plain))
  })

  it('leaves out what has ended', async () => {
    api.answer = () => ({ kind: 'calls', calls: [view({ state: 'disconnected' })] })
    assert.deepEqual((await get('')).json(), { items: [] })
  })
})

describe('GET /telephony/calls/{callId}', () => {
  it('asks the engine for the raw id', async () => {
    api.answer = () => ({ kind: 'call', call: view() })
    const answer = await get(`/${encodeCallId('callhalf-70397:0')}=`)
    assert.equal(answer.json().id, encodeCallId('callhalf-70397:0'))
    assert.deepEqual(api.commands, [{ kind: 'details', actor: ACTOR, callId: 'callhalf-70397:0' }])
  })

  it('answers 404 with the exact text for whatever is no call of the caller (call-controls §3)', async () => {
    api.answer = () => ({ kind: 'refused', error: 'call_not_found' })
    for (const id of [
      encodeCallId('callhalf-1:0'),
      'nonsense',
      '%F0%9F%98%80',
      'x'.repeat(2_000),
      encodeWebexId('PEOPLE', OWNER),
    ]) {
      const answer = await get(`/${id}`)
      assert.equal(answer.statusCode, 404)
      assert.equal(answer.json().errors[0].description, 'Call not found')
      assert.equal(answer.json().message, 'Call not found')
    }
  })
})

describe('POST /telephony/calls/dial (call-controls §5.1)', () => {
  beforeEach(() => {
    api.answer = () => ({ kind: 'placed', callId: 'callhalf-70397:0', callSessionId: SESSION })
  })

  it('answers 201 with the ids of the new call', async () => {
    const answer = await post('dial', { destination: '+49 30 123456' })
    assert.equal(answer.statusCode, 201)
    assert.deepEqual(answer.json(), {
      callId: 'Y2lzY29zcGFyazovL3VzL0NBTEwvQkNMRC9jYWxsaGFsZi03MDM5Nzow',
      callSessionId: 'M2I5ZjZjMWUtN2QyMC00YTU4LTljNDQtMWU4YTVmMGQyYjc3',
    })
    assert.deepEqual(api.commands, [{ kind: 'dial', actor: ACTOR, destination: '+49 30 123456' }])
  })

  it('names the device to the engine by its raw id, and refuses what can be none', async () => {
    for (const endpointId of [
      DEVICE,
      encodeWebexId('DEVICE', DEVICE),
      encodeWebexId('APPLICATION', DEVICE),
    ]) {
      assert.equal((await post('dial', { destination: '1', endpointId })).statusCode, 201)
      assert.deepEqual(api.commands.at(-1), {
        kind: 'dial',
        actor: ACTOR,
        destination: '1',
        endpointId: DEVICE,
      })
    }
    api.commands.length = 0
    for (const endpointId of ['nonsense', encodeWebexId('PEOPLE', DEVICE)])
      assert.equal((await post('dial', { destination: '1', endpointId })).json().errors[0].errorCode, 10_003)
    assert.deepEqual(api.commands, [])
  })

  it('passes on what the engine refuses, with its status', async () => {
    const refusals = {
      destination_invalid: 400,
      no_registered_device: 409,
      service_draining: 503,
      overloaded: 503,
    } as const
    for (const [error, status] of Object.entries(refusals) as [keyof typeof refusals, number][]) {
      api.answer = () => ({ kind: 'refused', error })
      const answer = await post('dial', { destination: '1' })
      assert.equal(answer.statusCode, status)
      assert.equal(answer.headers['retry-after'], status === 503 ? '5' : undefined)
    }
  })
})

describe('GET /people/me (auth §6)', () => {
  it('shows the token’s person with booleans as booleans (Ruling 23)', async () => {
    const body = (await api.send('owner', { url: '/v1/people/me?callingData=true' })).json()
    assert.equal(body.id, encodeWebexId('PEOPLE', OWNER))
    assert.deepEqual(body.emails, ['owner@alpha.test'])
    assert.deepEqual([body.displayName, body.firstName, body.lastName], ['Tomas Lind', 'Tomas', 'Lind'])
    assert.deepEqual([body.invitePending, body.loginEnabled, body.type], [false, true, 'person'])
    assert.equal(body.orgId, encodeWebexId('ORGANIZATION', ACTOR.orgId))
    assert.equal(body.sipAddresses[0].value, '101@alpha.test')
    assert.ok(!JSON.stringify(body).includes('null'))
    assert.equal((await api.send('owner', { url: '/v1/people/me?callingData=yes' })).statusCode, 400)
  })
})
