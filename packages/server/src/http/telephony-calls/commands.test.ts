/** Each command as HTTP hands it to the engine, and the answer that a client gets (call-controls §1, §5). */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { ERRORS, type ErrorName, encodeCallId, encodeCallSessionId, encodeWebexId } from '@tandem/contract'
import { type CallerName, IDS, openTestApi, type TestApi } from '../../testing/api.ts'
import { fakeEngine, SESSION } from '../../testing/fake-engine.ts'

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
const DEVICE = encodeWebexId('DEVICE', IDS.ownerDevice)
const INFO = { callId: B, callSessionId: encodeCallSessionId(SESSION) }
const callId = 'callhalf-1:0'
const endpointId = IDS.ownerDevice

/** Path, body, the command without its actor, status, answer. */
type Row = readonly [path: string, body: object | undefined, command: object, status: number, answer?: object]

const ROWS: readonly Row[] = [
  ['dial', { destination: '+49 30 1' }, { kind: 'dial', destination: '+49 30 1' }, 201, INFO],
  [
    'dial',
    { destination: '1', endpointId: DEVICE },
    { kind: 'dial', destination: '1', endpointId },
    201,
    INFO,
  ],
  [
    'dial',
    { destination: '1', singleNumberReachPhoneNumber: '+491' },
    { kind: 'dial', destination: '1', numberReach: '+491' },
    201,
    INFO,
  ],
  ['answer', { callId: A }, { kind: 'answer', callId }, 204],
  ['answer', { callId: `${A}=`, endpointId: DEVICE }, { kind: 'answer', callId, endpointId }, 204],
  ['reject', { callId: A }, { kind: 'reject', callId, action: 'busy' }, 204],
  ['reject', { callId: A, action: 'ignore' }, { kind: 'reject', callId, action: 'ignore' }, 204],
  ['hangup', { callId: A }, { kind: 'hangup', callId }, 204],
  ['hold', { callId: A }, { kind: 'hold', callId }, 204],
  ['resume', { callId: A }, { kind: 'resume', callId }, 204],
  ['mute', { callId: A }, { kind: 'mute', callId }, 204],
  ['unmute', { callId: A }, { kind: 'unmute', callId }, 204],
  [
    'divert',
    { callId: A, destination: '102' },
    { kind: 'divert', callId, toVoicemail: false, destination: '102' },
    204,
  ],
  ['divert', { callId: A, toVoicemail: true }, { kind: 'divert', callId, toVoicemail: true }, 204],
  [
    'divert',
    { callId: A, toVoicemail: true, destination: '102' },
    { kind: 'divert', callId, toVoicemail: true, destination: '102' },
    204,
  ],
  ['transfer', undefined, { kind: 'transfer' }, 204],
  ['transfer', {}, { kind: 'transfer' }, 204],
  [
    'transfer',
    { callId1: A, callId2: B },
    { kind: 'transfer', callId1: callId, callId2: 'callhalf-2:0' },
    204,
  ],
  [
    'transfer',
    { callId1: A, destination: '102' },
    { kind: 'transfer', callId1: callId, destination: '102' },
    201,
    INFO,
  ],
  [
    'park',
    { callId: A },
    { kind: 'park', callId },
    200,
    { parkedAgainst: { number: '101', privacyEnabled: false, callType: 'location' } },
  ],
  ['park', { callId: A, destination: '5' }, { kind: 'park', callId, destination: '5' }, 200],
  [
    'park',
    { callId: A, destination: '5', isGroupPark: false },
    { kind: 'park', callId, destination: '5' },
    200,
  ],
  [
    'park',
    { callId: A, destination: '5', isGroupPark: true },
    { kind: 'park', callId, isGroupPark: true },
    200,
  ],
  ['retrieve', undefined, { kind: 'retrieve' }, 201, INFO],
  [
    'retrieve',
    { destination: '5', endpointId: DEVICE },
    { kind: 'retrieve', destination: '5', endpointId },
    201,
  ],
  ['startRecording', undefined, { kind: 'startRecording' }, 204],
  ['startRecording', { callId: A }, { kind: 'startRecording', callId }, 204],
  ['stopRecording', {}, { kind: 'stopRecording' }, 204],
  ['pauseRecording', { callId: null }, { kind: 'pauseRecording' }, 204],
  ['resumeRecording', { callId: A }, { kind: 'resumeRecording', callId }, 204],
  ['transmitDtmf', { callId: A, dtmf: '1,234' }, { kind: 'transmitDtmf', callId, dtmf: '1,234' }, 204],
  ['transmitDtmf', { dtmf: '09*#ABCD,' }, { kind: 'transmitDtmf', dtmf: '09*#ABCD,' }, 204],
  ['push', undefined, { kind: 'push' }, 204],
  ['push', { callId: A }, { kind: 'push', callId }, 204],
  ['pickup', undefined, { kind: 'pickup' }, 201, INFO],
  [
    'pickup',
    { target: '102', singleNumberReachPhoneNumber: '+491' },
    { kind: 'pickup', target: '102', numberReach: '+491' },
    201,
  ],
  ['bargeIn', { target: '102' }, { kind: 'bargeIn', target: '102' }, 201, INFO],
  ['bargeIn', { target: '102', endpointId: DEVICE }, { kind: 'bargeIn', target: '102', endpointId }, 201],
  ['pull', undefined, { kind: 'pull' }, 201, INFO],
  ['pull', { endpointId: DEVICE }, { kind: 'pull', endpointId }, 201],
]

const send = async (
  path: string,
  payload: object | undefined,
  caller: CallerName = 'owner',
): Promise<{ status: number; body: unknown }> => {
  const url = `/v1/telephony/calls/${path}`
  const request = payload === undefined ? { url } : { url, payload }
  const answer = await api.send(caller, { method: 'POST', ...request })
  return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() }
}

describe('commands (call-controls §1, §5)', () => {
  for (const [path, payload, command, status, body] of ROWS)
    it(`${path} ${JSON.stringify(payload) ?? 'without a body'} is ${status}`, async () => {
      const answer = await send(path, payload)
      assert.equal(answer.status, status, JSON.stringify(answer.body))
      const [kind, rest] = [command, { actor: { orgId: IDS.org, lineId: IDS.owner } }]
      assert.deepEqual(api.commands, [{ ...kind, ...rest }])
      if (status === 204) assert.equal(answer.body, undefined)
      if (body !== undefined) assert.deepEqual(answer.body, body)
    })
})

describe('lineOwnerId (call-controls §3)', () => {
  const lineOwnerId = encodeWebexId('VIRTUAL_LINE', IDS.virtualLine)
  const actor = { orgId: IDS.org, lineId: IDS.owner, lineOwnerId: IDS.virtualLine }

  it('is handed to the engine by every command that takes a body', async () => {
    for (const [path, payload] of ROWS) {
      api.commands.length = 0
      api.answer = () => ({ kind: 'refused', error: 'line_owner_forbidden' })
      assert.equal((await send(path, { ...payload, lineOwnerId })).status, 403, path)
      const [command] = api.commands
      assert.ok(command !== undefined && 'actor' in command, path)
      assert.deepEqual(command.actor, actor, path)
    }
  })

  it('is a query parameter of list and details', async () => {
    api.answer = (command) =>
      command.kind === 'list' ? { kind: 'calls', calls: [] } : { kind: 'refused', error: 'call_not_found' }
    const url = '/v1/telephony/calls'
    assert.equal((await api.send('owner', { url: `${url}?lineOwnerId=${lineOwnerId}` })).statusCode, 200)
    assert.equal((await api.send('owner', { url: `${url}/${A}?lineOwnerId=${lineOwnerId}` })).statusCode, 404)
    assert.deepEqual(api.commands, [
      { kind: 'list', actor },
      { kind: 'details', actor, callId },
    ])
    assert.equal((await api.send('owner', { url: `${url}?lineOwnerId=` })).statusCode, 400)
    assert.equal((await api.send('owner', { url: `${url}?lineOwnerId=x` })).statusCode, 403)
  })

  it('names the caller as nobody else, and is a 403 when it can name no line', async () => {
    await send('hangup', { callId: A, lineOwnerId: encodeWebexId('PEOPLE', IDS.owner) })
    assert.deepEqual(api.commands.at(-1), {
      kind: 'hangup',
      callId,
      actor: { orgId: IDS.org, lineId: IDS.owner },
    })
    api.commands.length = 0
    for (const bad of ['x', encodeWebexId('DEVICE', IDS.owner)])
      assert.equal((await send('hangup', { callId: A, lineOwnerId: bad })).status, 403)
    assert.deepEqual(api.commands, [])
  })
})

describe('what the engine refuses (call-controls §3 to §5)', () => {
  it('goes out with the status and number of its error, whatever it is', async () => {
    for (const error of Object.keys(ERRORS) as ErrorName[]) {
      api.answer = () => ({ kind: 'refused', error })
      const { status, body } = await send('hold', { callId: A })
      assert.equal(status, ERRORS[error].status, error)
      const { message, errors } = body as { message: string; errors: { errorCode: number }[] }
      assert.equal(message, ERRORS[error].description)
      assert.equal(errors[0]?.errorCode, ERRORS[error].errorCode)
    }
  })

  it('carries the engine’s own words where it has some', async () => {
    api.answer = () => ({ kind: 'refused', error: 'call_state_forbids', detail: 'The call is held' })
    assert.equal((await send('hold', { callId: A })).body?.['message' as never], 'The call is held')
  })
})
