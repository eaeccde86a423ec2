import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WebexClient } from './client.ts'
import {
  Conflict,
  ConnectionFailed,
  NotFound,
  ServerError,
  TimedOut,
  UnreadableResponse,
} from './error/webex-error.ts'
import { FakeServer, type Reply } from './fake-server.test.ts'
import { proveRefused, proveWire, type WireRow } from './wire-table.test.ts'

const INFO = { callId: 'c', callSessionId: 's' }
const DONE: Reply = { status: 204 }
const PLACED: Reply = { status: 201, json: INFO }
const LINE = { lineOwnerId: 'L/1' }

describe('calls: what is asked', () => {
  proveWire([
    {
      name: 'list',
      call: (c) => c.calls.list(),
      reply: { status: 200, json: { items: [{ id: 'a', newMember: 1 }] } },
      want: ['GET', '/v1/telephony/calls'],
      result: [{ id: 'a', newMember: 1, callId: 'a' }],
    },
    {
      name: 'list of a line',
      call: (c) => c.calls.list(LINE),
      reply: { status: 200, json: { items: [] } },
      want: ['GET', '/v1/telephony/calls?lineOwnerId=L%2F1'],
      result: [],
    },
    {
      name: 'get',
      call: (c) => c.calls.get('a/b'),
      reply: { status: 200, json: { id: 'a/b' } },
      want: ['GET', '/v1/telephony/calls/a%2Fb'],
      result: { id: 'a/b', callId: 'a/b' },
    },
    {
      name: 'get of a line',
      call: (c) => c.calls.get('a', LINE),
      reply: { status: 200, json: { id: 'a' } },
      want: ['GET', '/v1/telephony/calls/a?lineOwnerId=L%2F1'],
      result: { id: 'a', callId: 'a' },
    },
    {
      name: 'history',
      call: (c) => c.calls.history(),
      reply: { status: 200, json: { items: [{ type: 'missed' }] } },
      want: ['GET', '/v1/telephony/calls/history'],
      result: [{ type: 'missed' }],
    },
    {
      name: 'history of one type',
      call: (c) => c.calls.history({ type: 'placed' }),
      reply: { status: 200, json: { items: [] } },
      want: ['GET', '/v1/telephony/calls/history?type=placed'],
      result: [],
    },
  ])
})

/** Command, body, and a second time with a line owner: all of them put it into the body. */
type Run = (client: WebexClient, options?: { readonly lineOwnerId: string }) => Promise<unknown>
const commands: readonly (readonly [
  name: string,
  run: Run,
  body: object,
  reply?: Reply,
  result?: unknown,
])[] = [
  ['dial', (c, o) => c.calls.dial({ destination: '+49 30 1' }, o), { destination: '+49 30 1' }, PLACED, INFO],
  [
    'dial from one device',
    (c, o) => c.calls.dial({ destination: '1', endpointId: 'e' }, o),
    { destination: '1', endpointId: 'e' },
    PLACED,
    INFO,
  ],
  [
    'dial from a number',
    (c, o) => c.calls.dial({ destination: '1', singleNumberReachPhoneNumber: '+491' }, o),
    { destination: '1', singleNumberReachPhoneNumber: '+491' },
    PLACED,
    INFO,
  ],
  ['answer', (c, o) => c.calls.answer('c', {}, o), { callId: 'c' }],
  [
    'answer on one device',
    (c, o) => c.calls.answer('c', { endpointId: 'e' }, o),
    { callId: 'c', endpointId: 'e' },
  ],
  ['reject', (c, o) => c.calls.reject('c', {}, o), { callId: 'c' }],
  [
    'reject in silence',
    (c, o) => c.calls.reject('c', { action: 'ignore' }, o),
    { callId: 'c', action: 'ignore' },
  ],
  ['hangup', (c, o) => c.calls.hangup('c', o), { callId: 'c' }],
  ['hold', (c, o) => c.calls.hold('c', o), { callId: 'c' }],
  ['resume', (c, o) => c.calls.resume('c', o), { callId: 'c' }],
  ['mute', (c, o) => c.calls.mute('c', o), { callId: 'c' }],
  ['unmute', (c, o) => c.calls.unmute('c', o), { callId: 'c' }],
  ['divert', (c, o) => c.calls.divert('c', { destination: '1' }, o), { callId: 'c', destination: '1' }],
  [
    'divert to the own voicemail',
    (c, o) => c.calls.divert('c', { toVoicemail: true }, o),
    { callId: 'c', toVoicemail: true },
  ],
  [
    'divert to another voicemail',
    (c, o) => c.calls.divert('c', { toVoicemail: true, destination: '1' }, o),
    { callId: 'c', toVoicemail: true, destination: '1' },
  ],
  ['transfer of the only two', (c, o) => c.calls.transfer({}, o), {}],
  [
    'transfer of two',
    (c, o) => c.calls.transfer({ callId1: 'c', callId2: 'd' }, o),
    { callId1: 'c', callId2: 'd' },
  ],
  [
    'transfer to a destination',
    (c, o) => c.calls.transfer({ callId1: 'c', destination: '1' }, o),
    { callId1: 'c', destination: '1' },
    PLACED,
    INFO,
  ],
  [
    'park',
    (c, o) => c.calls.park('c', {}, o),
    { callId: 'c' },
    { status: 200, json: { parkedAgainst: { number: '2188' } } },
    { number: '2188' },
  ],
  [
    'park in the group',
    (c, o) => c.calls.park('c', { isGroupPark: true }, o),
    { callId: 'c', isGroupPark: true },
    { status: 200, json: { parkedAgainst: { number: '2189' } } },
    { number: '2189' },
  ],
  [
    'park against somebody',
    (c, o) => c.calls.park('c', { destination: '2190' }, o),
    { callId: 'c', destination: '2190' },
    { status: 200, json: { parkedAgainst: { number: '2190' } } },
    { number: '2190' },
  ],
  ['retrieve', (c, o) => c.calls.retrieve({}, o), {}, PLACED, INFO],
  [
    'retrieve to one device',
    (c, o) => c.calls.retrieve({ destination: '2', endpointId: 'e' }, o),
    { destination: '2', endpointId: 'e' },
    PLACED,
    INFO,
  ],
  ['pickup in the group', (c, o) => c.calls.pickup({}, o), {}, PLACED, INFO],
  [
    'pickup of somebody',
    (c, o) => c.calls.pickup({ target: '2', singleNumberReachPhoneNumber: '+491' }, o),
    { target: '2', singleNumberReachPhoneNumber: '+491' },
    PLACED,
    INFO,
  ],
  ['bargeIn', (c, o) => c.calls.bargeIn({ target: '2' }, o), { target: '2' }, PLACED, INFO],
  ['pull', (c, o) => c.calls.pull({}, o), {}, PLACED, INFO],
  ['pull to one device', (c, o) => c.calls.pull({ endpointId: 'e' }, o), { endpointId: 'e' }, PLACED, INFO],
  ['push', (c, o) => c.calls.push({}, o), {}],
  ['push of one call', (c, o) => c.calls.push({ callId: 'c' }, o), { callId: 'c' }],
  ['startRecording', (c, o) => c.calls.startRecording({}, o), {}],
  ['startRecording of one call', (c, o) => c.calls.startRecording({ callId: 'c' }, o), { callId: 'c' }],
  ['stopRecording', (c, o) => c.calls.stopRecording({ callId: 'c' }, o), { callId: 'c' }],
  ['pauseRecording', (c, o) => c.calls.pauseRecording({ callId: 'c' }, o), { callId: 'c' }],
  ['resumeRecording', (c, o) => c.calls.resumeRecording({ callId: 'c' }, o), { callId: 'c' }],
  ['transmitDtmf', (c, o) => c.calls.transmitDtmf({ dtmf: '1,2*#AD' }, o), { dtmf: '1,2*#AD' }],
  [
    'transmitDtmf in one call',
    (c, o) => c.calls.transmitDtmf({ callId: 'c', dtmf: '0' }, o),
    { callId: 'c', dtmf: '0' },
  ],
]

describe('calls: what is commanded', () => {
  const path = (name: string): string => `/v1/telephony/calls/${name.split(' ')[0]}`
  proveWire(
    commands.flatMap(([name, run, body, reply = DONE, result]): WireRow[] => [
      { name, call: run, reply, want: ['POST', path(name), body], result },
      {
        name: `${name}, for a line`,
        call: (c) => run(c, LINE),
        reply,
        want: ['POST', path(name), { ...body, ...LINE }],
        result,
      },
    ]),
  )
  proveWire([
    {
      name: 'transfer without a word joins the only two',
      call: (c) => c.calls.transfer(),
      reply: DONE,
      want: ['POST', '/v1/telephony/calls/transfer', {}],
    },
    {
      name: 'setMessageWaiting',
      call: (c) => c.calls.setMessageWaiting('p/1', 'SET', { orgId: 'o' }),
      reply: DONE,
      want: ['POST', '/v1/telephony/externalVoicemail/mwi?id=p%2F1&orgId=o', { action: 'SET' }],
    },
  ])
})

describe('calls: what must fail', () => {
  const refused: Readonly<Record<string, (client: WebexClient) => Promise<unknown>>> = {
    'a call id that is empty': (c) => c.calls.get(''),
    'a call id that climbs': (c) => c.calls.get('..'),
    'a hangup of nothing': (c) => c.calls.hangup(''),
    'an answer of nothing': (c) => c.calls.answer(''),
    'a dial to nowhere': (c) => c.calls.dial({ destination: '' }),
    'a dial from two phones': (c) =>
      c.calls.dial({ destination: '1', endpointId: 'e', singleNumberReachPhoneNumber: '2' } as never),
    'a pickup by two phones': (c) =>
      c.calls.pickup({ endpointId: 'e', singleNumberReachPhoneNumber: '2' } as never),
    'a barge-in on nobody': (c) => c.calls.bargeIn({ target: '' }),
    'a divert to nowhere': (c) => c.calls.divert('c', {} as never),
    'a divert to nowhere, said aloud': (c) => c.calls.divert('c', { toVoicemail: false } as never),
    'a transfer of one call': (c) => c.calls.transfer({ callId1: 'c' } as never),
    'a transfer of a call to itself': (c) => c.calls.transfer({ callId1: 'c', callId2: 'c' }),
    'a transfer without its first call': (c) => c.calls.transfer({ callId2: 'c' } as never),
    'a transfer to a destination without a call': (c) => c.calls.transfer({ destination: '1' } as never),
    'a transfer of everything': (c) =>
      c.calls.transfer({ callId1: 'c', callId2: 'd', destination: '1' } as never),
    'a park in two places': (c) => c.calls.park('c', { isGroupPark: true, destination: '1' } as never),
    'a small d': (c) => c.calls.transmitDtmf({ dtmf: '1d' }),
    'no keys': (c) => c.calls.transmitDtmf({ dtmf: '' }),
    'a lamp of nobody': (c) => c.calls.setMessageWaiting('', 'SET'),
  }
  proveRefused(refused)

  const failures: readonly (readonly [Reply, new (...args: never) => Error])[] = [
    [{ status: 409, json: { message: 'no' } }, Conflict],
    [{ status: 500, text: '' }, ServerError],
    [{ status: 502, text: '' }, ServerError],
    [{ status: 503, text: '', headers: { 'retry-after': '1' } }, ServerError],
    [{ status: 504, text: '' }, ServerError],
    ['unreachable', ConnectionFailed],
    ['silent', TimedOut],
  ]
  for (const [reply, Failure] of failures)
    it(`sends no command again after ${typeof reply === 'string' ? reply : reply.status}`, async () => {
      for (const [, run] of commands) {
        const server = new FakeServer([reply, { status: 204 }])
        await assert.rejects(run(new WebexClient(server.options())), Failure)
        assert.equal(server.sent.length, 1)
      }
    })

  it('sends a command again after a 429, which did nothing', async () => {
    const server = new FakeServer([{ status: 429, text: '', headers: { 'retry-after': '2' } }, DONE])
    await new WebexClient(server.options()).calls.hold('c')
    assert.deepEqual([server.sent.length, server.waitsMs.includes(2_000)], [2, true])
    assert.deepEqual(server.sent[0]?.body, server.sent[1]?.body)
  })

  it('says that a call is gone in the words that clients compare', async () => {
    const json = { message: 'x', errors: [{ description: 'Call not found' }], trackingId: 't' }
    const server = new FakeServer([{ status: 404, json }])
    await assert.rejects(new WebexClient(server.options()).calls.hold('c'), (error) => {
      assert.ok(error instanceof NotFound)
      assert.equal(error.description, 'Call not found')
      return true
    })
  })

  it('says that a call was parked where the answer does not say where', async () => {
    const server = new FakeServer([{ status: 204 }])
    const parked = new WebexClient(server.options()).calls.park('c')
    await assert.rejects(parked, (error) => {
      assert.ok(error instanceof UnreadableResponse)
      assert.match(error.message, /was parked/)
      return true
    })
  })
})
