/**
 * Every 400 of call controls (call-controls §1, §3, §5), as two tables: one that is made from the schemas (each member of
 * each body, with every value that it may not have), and one of the rules that no single member can say. A 400 comes before
 * anything is looked up, so the engine never hears of it.
 */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import {
  CONFERENCE_CALLS_MAX,
  DESTINATION_CHARS_MAX,
  DTMF_CHARS_MAX,
  ERRORS,
  type ErrorName,
  encodeCallId,
  encodeWebexId,
  ID_CHARS_MAX,
  loadSchemas,
  ROUTES,
  type Schemas,
  type TokenOperationId,
} from '@tandem/contract'
import type { LightMyRequestResponse } from 'fastify'
import { type CallerName, IDS, openTestApi, type TestApi } from '../../testing/api.ts'
import { fakeEngine } from '../../testing/fake-engine.ts'

let api: TestApi
let schemas: Schemas
before(async () => {
  api = await openTestApi()
  schemas = await loadSchemas()
})
after(() => api.close())
beforeEach(() => {
  api.commands.length = 0
  api.answer = fakeEngine(IDS.owner)
})

const A = encodeCallId('callhalf-1:0')
const B = encodeCallId('callhalf-2:0')
const DEVICE = encodeWebexId('DEVICE', IDS.ownerDevice)
const ids = { memberId: IDS.owner, personId: IDS.owner }

/** Each operation with a body: its schema, and a body that is in order. */
const BODIES: readonly (readonly [TokenOperationId, keyof Schemas, object])[] = [
  ['dialCall', 'DialRequest', { destination: '1' }],
  ['answerCall', 'AnswerRequest', { callId: A }],
  ['rejectCall', 'RejectRequest', { callId: A }],
  ['hangupCall', 'CallRequest', { callId: A }],
  ['holdCall', 'CallRequest', { callId: A }],
  ['resumeCall', 'CallRequest', { callId: A }],
  ['muteCall', 'CallRequest', { callId: A }],
  ['unmuteCall', 'CallRequest', { callId: A }],
  ['divertCall', 'DivertRequest', { callId: A, destination: '1' }],
  ['transferCall', 'TransferRequest', {}],
  ['parkCall', 'ParkRequest', { callId: A }],
  ['retrieveCall', 'RetrieveRequest', {}],
  ['startCallRecording', 'OptionalCallRequest', {}],
  ['stopCallRecording', 'OptionalCallRequest', {}],
  ['pauseCallRecording', 'OptionalCallRequest', {}],
  ['resumeCallRecording', 'OptionalCallRequest', {}],
  ['transmitDtmf', 'TransmitDtmfRequest', { dtmf: '1' }],
  ['pushCall', 'OptionalCallRequest', {}],
  ['pickupCall', 'PickupRequest', {}],
  ['bargeInCall', 'BargeInRequest', { target: '1' }],
  ['pullCall', 'PullRequest', {}],
  ['dialMemberCall', 'DialRequest', { destination: '1' }],
  ['answerMemberCall', 'AnswerRequest', { callId: A }],
  ['hangupMemberCall', 'CallRequest', { callId: A }],
  ['dialMyCall', 'DialRequest', { destination: '1' }],
  ['answerMyCall', 'AnswerRequest', { callId: A }],
  ['hangupMyCall', 'CallRequest', { callId: A }],
  ['startConference', 'StartConferenceRequest', { callIds: [A, B] }],
  ['addConferenceParticipant', 'CallRequest', { callId: A }],
  ['muteConference', 'OptionalCallRequest', {}],
  ['unmuteConference', 'OptionalCallRequest', {}],
  ['deafenConference', 'CallRequest', { callId: A }],
  ['undeafenConference', 'CallRequest', { callId: A }],
]

const send = (operation: TokenOperationId, payload: object): Promise<LightMyRequestResponse> => {
  const { method, path } = ROUTES[operation]
  const url = path.replace(/\{(\w+)\}/g, (_, name: 'memberId') => ids[name])
  const caller: CallerName = path.includes('{memberId}') ? 'admin' : 'owner'
  return api.send(caller, { method, url, payload })
}

interface Member {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly minLength?: number
  readonly maxLength?: number
}

/** Values that a member of this type may not have, each with its name. */
function badValues(member: Member): Record<string, unknown> {
  const wrong = { 'a number': 7, 'an object': {}, 'a list of lists': [[]] }
  if (member.enum !== undefined) return { ...wrong, 'another word': 'Busy', 'no word': '', 'a boolean': true }
  if (member.type === 'boolean') return { ...wrong, 'a text': 'true' }
  if (member.type === 'array')
    return { 'a text': A, 'a list of numbers': [1, 2], 'a list with null': [A, null] }
  const long = 'x'.repeat((member.maxLength ?? 0) + 1)
  return { ...wrong, 'a boolean': true, 'an empty text': '', 'a text too long': long }
}

describe('each member of each body', () => {
  it('has a row for every call control that takes a body', () => {
    const listed = new Set<string>(BODIES.map(([operation]) => operation))
    const known = Object.entries(ROUTES)
      .filter(([, { method, path }]) => method === 'POST' && path.startsWith('/v1/telephony/calls/'))
      .map(([operation]) => operation)
    assert.deepEqual(
      known.filter((operation) => !listed.has(operation)),
      [],
    )
  })

  for (const [operation, name, good] of BODIES)
    it(`of ${operation} is refused when it is wrong, and null is the same as absent`, async () => {
      const schema = schemas[name] as { properties: Record<string, Member>; required?: string[] }
      for (const [field, member] of Object.entries(schema.properties)) {
        if (field === 'lineOwnerId' && operation.includes('Member')) continue
        for (const [what, value] of Object.entries(badValues(member))) {
          const answer = await send(operation, { ...good, [field]: value })
          assert.equal(answer.statusCode, 400, `${field} is ${what}: ${answer.body}`)
          if (field !== 'dtmf') assert.match(answer.json().message, new RegExp(`^${field}`))
        }
        const without = await send(operation, { ...good, [field]: undefined })
        const withNull = await send(operation, { ...good, [field]: null })
        assert.equal(withNull.statusCode, without.statusCode, `${field} is null`)
        if (schema.required?.includes(field)) assert.equal(without.json().message, `${field} is required`)
      }
      const reached = api.commands.length
      const fine = await send(operation, { ...good, unknown: { deep: [1] } })
      assert.ok(fine.statusCode < 300, `unknown members: ${fine.body}`)
      assert.equal(api.commands.length, reached + 1)
    })

  it('takes the longest texts, and not one character more', async () => {
    const fits: readonly (readonly [TokenOperationId, object, number])[] = [
      ['dialCall', { destination: '1'.repeat(DESTINATION_CHARS_MAX) }, 201],
      ['dialCall', { destination: '1'.repeat(DESTINATION_CHARS_MAX + 1) }, 400],
      ['hangupCall', { callId: 'x'.repeat(ID_CHARS_MAX) }, 404],
      ['hangupCall', { callId: 'x'.repeat(ID_CHARS_MAX + 1) }, 400],
      ['transmitDtmf', { dtmf: '1'.repeat(DTMF_CHARS_MAX) }, 204],
      ['transmitDtmf', { dtmf: '1'.repeat(DTMF_CHARS_MAX + 1) }, 400],
      ['startConference', { callIds: manyCalls(CONFERENCE_CALLS_MAX) }, 204],
      ['startConference', { callIds: manyCalls(CONFERENCE_CALLS_MAX + 1) }, 400],
    ]
    for (const [operation, payload, status] of fits)
      assert.equal((await send(operation, payload)).statusCode, status, operation)
  })
})

function manyCalls(count: number): string[] {
  return Array.from({ length: count }, (_, i) => encodeCallId(`callhalf-${i}:0`))
}

describe('what no single member can say', () => {
  const phones = { endpointId: DEVICE, singleNumberReachPhoneNumber: '+491' }
  const rules: readonly (readonly [TokenOperationId, object, ErrorName])[] = [
    ['dialCall', { destination: '1', ...phones }, 'invalid_request'],
    ['retrieveCall', phones, 'invalid_request'],
    ['pickupCall', phones, 'invalid_request'],
    ['bargeInCall', { target: '1', ...phones }, 'invalid_request'],
    ['dialCall', { destination: '1', endpointId: 'x' }, 'endpoint_unknown'],
    ['answerCall', { callId: 'x', endpointId: 'x' }, 'endpoint_unknown'],
    ['pullCall', { endpointId: encodeWebexId('PEOPLE', IDS.owner) }, 'endpoint_unknown'],
    ['divertCall', { callId: 'x' }, 'destination_missing'],
    ['divertCall', { callId: 'x', toVoicemail: false }, 'destination_missing'],
    ['divertCall', { callId: 'x', toVoicemail: null, destination: null }, 'destination_missing'],
    ['transferCall', { callId1: 'x' }, 'transfer_calls_invalid'],
    ['transferCall', { callId2: 'x' }, 'transfer_calls_invalid'],
    ['transferCall', { destination: '1' }, 'transfer_calls_invalid'],
    ['transferCall', { callId2: 'x', destination: '1' }, 'transfer_calls_invalid'],
    ['transferCall', { callId1: 'x', callId2: 'y', destination: '1' }, 'transfer_calls_invalid'],
    ['transferCall', { callId1: 'x', callId2: 'x' }, 'transfer_calls_invalid'],
    ['transferCall', { callId1: A, callId2: `${A}=` }, 'transfer_calls_invalid'],
    ['transmitDtmf', { callId: 'x' }, 'dtmf_invalid'],
    ['transmitDtmf', { callId: 'x', dtmf: '' }, 'dtmf_invalid'],
    ['transmitDtmf', { callId: 'x', dtmf: '1a' }, 'dtmf_invalid'],
    ['transmitDtmf', { callId: 'x', dtmf: '1 2' }, 'dtmf_invalid'],
    ['transmitDtmf', { callId: 'x', dtmf: '12\n' }, 'dtmf_invalid'],
    ['transmitDtmf', { callId: 'x', dtmf: '١' }, 'dtmf_invalid'],
    ['startConference', { callIds: [] }, 'conference_calls_invalid'],
    ['startConference', { callIds: [A] }, 'conference_calls_invalid'],
    ['startConference', { callIds: [A, `${A}=`] }, 'conference_calls_invalid'],
    ['startConference', { callIds: ['x', B, 'x'] }, 'conference_calls_invalid'],
  ]
  for (const [operation, payload, error] of rules)
    it(`${operation} ${JSON.stringify(payload)} is ${error}, before any look-up`, async () => {
      const answer = await send(operation, payload)
      assert.equal(answer.statusCode, 400, answer.body)
      assert.equal(answer.json().errors[0].errorCode, ERRORS[error].errorCode, answer.body)
      assert.deepEqual(api.commands, [])
    })

  it('says Call not found for any text that names no call, in every member that names one', async () => {
    const named: readonly (readonly [TokenOperationId, object])[] = [
      ['answerCall', { callId: 'x' }],
      ['divertCall', { callId: 'x', destination: '1' }],
      ['transferCall', { callId1: 'x', callId2: A }],
      ['transferCall', { callId1: A, callId2: 'x' }],
      ['transferCall', { callId1: 'x', destination: '1' }],
      ['parkCall', { callId: encodeWebexId('PEOPLE', IDS.owner) }],
      ['startCallRecording', { callId: '\u{1f600}' }],
      ['transmitDtmf', { callId: 'x', dtmf: '1' }],
      ['startConference', { callIds: [A, 'x'] }],
      ['muteConference', { callId: 'x' }],
    ]
    for (const [operation, payload] of named) {
      const answer = await send(operation, payload)
      assert.equal(answer.statusCode, 404, operation)
      assert.equal(answer.json().errors[0].description, 'Call not found')
    }
    assert.deepEqual(api.commands, [])
  })
})

describe('the query of call history (call-controls §2)', () => {
  it('takes three types and refuses any other', async () => {
    for (const [query, status] of [
      ['', 200],
      ['?type=placed', 200],
      ['?type=missed', 200],
      ['?type=received', 200],
      ['?type=', 400],
      ['?type=Placed', 400],
      ['?type=all', 400],
      ['?type=placed&type=missed', 400],
    ] as const)
      assert.equal(
        (await api.send('owner', { url: `/v1/telephony/calls/history${query}` })).statusCode,
        status,
        query,
      )
  })
})
