import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadSchemas } from '@tandem/contract'
import fc from 'fast-check'
import { Compile } from 'typebox/compile'
import { type NoteFacts, parseClosing, parseNote, parseOpening, type RecordingFacts } from '../facts.ts'
import { metadataOf } from './metadata.ts'
import { type FinishedRecording, recordingOf, rowOf } from './recording.ts'

const T = Date.UTC(2026, 1, 3, 9, 15, 0)
const ORG = '1f7a4b9e-0d52-4b6b-9d35-5f2c8e17aa40'
const SESSION = 'c0a4d1b2-9f7e-4b60-8f0a-5ad2f1e3b644'
const LOCATION = '7d5f0a9c-1f67-4a2e-bb1e-42f3a8e0c913'
const ID = '5b0c7f2e-6c1d-4e0f-9a53-0d5f6e1b8c77'
/** Follows from the recording's id, so that every answer names the same. */
const STREAM = 'cba98816-c531-8af4-94cf-793ae09d8250'

const party = (id: string, number: string) => ({
  actor: { type: 'USER', id },
  number: `sip:${number}@pbx.example.com;user=phone`,
})
const A = party('a', '2101')
const B = party('b', '2102')
const C = party('c', '2103')
const QUEUE = { actor: { type: 'CALL_QUEUE', id: 'q' }, number: 'sip:2900@pbx.example.com;user=phone' }
const OUTSIDE = { actor: { type: 'EXTERNAL' }, number: 'sip:+49301234@pbx.example.com;user=phone' }

type Shown = { readonly actor: object; readonly number: string }
const aorOf = ({ number }: Shown): string => number.replace(';user=phone', '')
/** A participant as it is journaled. */
const told = (who: Shown) => ({ actor: who.actor, aor: aorOf(who) })
/** A participant as it is shown. */
const shown = (who: Shown) => ({ ...told(who), send: STREAM })
const streams = [{ streamId: STREAM, mode: 'mixed', mLineIndex: '0' }]
/** An entry with everybody in it. */
const entry = (timeStamp: string, ...who: Shown[]) => ({
  timeStamp: `2026-02-03T09:${timeStamp}Z`,
  mediaStreams: streams,
  participants: who.map(shown),
})
const at = (clock: string): number => {
  const [minutes, seconds] = clock.split(':')
  return T + ((Number(minutes) - 15) * 60 + Number(seconds)) * 1_000
}
const activity = (clock: string, who: readonly Shown[], more: object = {}): object => ({
  kind: 'activity',
  at: at(clock),
  participants: who.map(told),
  ...more,
})
const action = (clock: string, what: string): object => ({ kind: 'action', action: what, at: at(clock) })

/** The opening of a call that A placed to B, recorded for A. */
const OPENING = {
  orgId: ORG,
  ownerId: 'a',
  ownerType: 'user',
  ownerName: 'Ada',
  ownerEmail: 'ada@example.com',
  locationId: LOCATION,
  callSessionId: SESSION,
  callId: 'callhalf-1:0',
  personality: 'originator',
  callingParty: A,
  calledParty: B,
  recordingType: 'alwaysON',
  remoteName: 'Bo',
  startedAt: at('15:08'),
}

interface Told {
  readonly opening?: object
  readonly notes?: readonly object[]
  readonly closing?: object
}

/** The document of what the engine journaled, by way of its JSON. */
function documentOf({ opening, notes = [], closing }: Told, showAllTypes = true) {
  const facts = factsOf({
    opening: JSON.stringify({ ...OPENING, ...opening }),
    notes: notes.map((note) => JSON.stringify(note)),
    closing: JSON.stringify({ stoppedAt: at('22:30'), ...closing }),
  })
  assert.ok(facts)
  return metadataOf(recordingOf(rowOf(finished(facts))), facts, { showAllTypes })
}

interface Journaled {
  readonly opening: string
  readonly notes: readonly string[]
  readonly closing?: string
}

function factsOf({ opening: json, notes, closing }: Journaled): RecordingFacts | undefined {
  const opening = parseOpening(json, T)
  if (opening === undefined) return undefined
  return {
    opening,
    notes: notes.flatMap((note): NoteFacts[] => {
      const parsed = parseNote(note)
      return parsed === undefined ? [] : [parsed]
    }),
    ...(closing === undefined ? {} : { closing: parseClosing(closing, T) }),
  }
}

function finished(facts: RecordingFacts): FinishedRecording {
  return {
    id: ID,
    facts,
    createTime: at('22:31'),
    durationMs: 412_000,
    sizeBytes: 1,
    sha256: 'ab',
    vaultKey: 'k',
    storageRegion: 'DE',
    storage: 'sealed',
    recovered: false,
    gaps: [],
  }
}

describe('metadataOf', () => {
  it('shows a simple call with a pause and its announcement (recording-metadata §5)', () => {
    const document = documentOf({
      opening: { recordingType: 'alwaysPauseResume', sipCallId: 'x@y' },
      notes: [
        activity('15:08', [A, B]),
        {
          kind: 'announcement',
          at: at('15:07'),
          file: 'media/en_US/recording-started.wav',
          heardBy: [aorOf(A), aorOf(B)],
          level: 'LOCATION_LEVEL',
        },
        action('18:02', 'PAUSE'),
        action('18:32', 'RESUME'),
      ],
      closing: { answererInfo: B, connectedParty: B },
    })
    assert.deepEqual(document, {
      id: ID,
      orgId: ORG,
      ownerId: 'a',
      ownerType: 'USER',
      ownerName: 'Ada',
      ownerEmail: 'ada@example.com',
      storageRegion: 'DE',
      serviceType: 'calling',
      version: '1.2',
      serviceData: {
        callRecordingId: ID,
        locationId: LOCATION,
        callSessionId: SESSION,
        callId: 'callhalf-1:0',
        sipCallId: 'x@y',
        personality: 'originator',
        callingParty: A,
        calledParty: B,
        answererInfo: B,
        connectedParty: B,
        session: { startTime: '2026-02-03T09:15:08Z', stopTime: '2026-02-03T09:22:30Z' },
        recordingType: 'alwaysPauseResume',
        recordingActions: [
          { action: 'PAUSE', time: '2026-02-03T09:18:02Z' },
          { action: 'RESUME', time: '2026-02-03T09:18:32Z' },
        ],
        callActivity: [
          {
            ...entry('15:08', A, B),
            announcementData: {
              announcementFilename: 'media/en_US/recording-started.wav',
              announcementTimestamp: '2026-02-03T09:15:07Z',
              announcementParticipants: ['sip:2101@pbx.example.com', 'sip:2102@pbx.example.com'],
              announcementType: 'LOCATION_LEVEL',
            },
          },
        ],
      },
    })
  })

  it('shows a part of a call that was started and stopped on demand (§6)', () => {
    const { serviceData } = documentOf({
      opening: { recordingType: 'onDemandUserStart', startedAt: at('17:00') },
      notes: [action('17:00', 'START'), activity('17:00', [A, B]), action('18:00', 'STOP')],
      closing: { stoppedAt: at('18:00'), callContinues: true },
    })
    assert.deepEqual(serviceData.recordingActions, [
      { action: 'START', time: '2026-02-03T09:17:00Z' },
      { action: 'STOP', time: '2026-02-03T09:18:00Z' },
    ])
    assert.deepEqual(serviceData.session, {
      startTime: '2026-02-03T09:17:00Z',
      stopTime: '2026-02-03T09:18:00Z',
    })
    assert.deepEqual(serviceData.callActivity, [entry('17:00', A, B)])
    assert.equal('callContinues' in serviceData, false)
  })

  it('shows hold and resume as entries with the same participants and streams (§6)', () => {
    const { serviceData } = documentOf({
      notes: [activity('15:08', [A, B]), activity('16:00', [A, B]), activity('17:00', [A, B])],
    })
    assert.deepEqual(serviceData.callActivity, [
      entry('15:08', A, B),
      entry('16:00', A, B),
      entry('17:00', A, B),
    ])
    assert.deepEqual(serviceData.recordingActions, [])
  })

  it('shows a blind transfer by B, who owns it, with the leg that took over (§6)', () => {
    const { serviceData } = documentOf({
      opening: { ownerId: 'b', personality: 'terminator', callId: 'callhalf-2:0' },
      notes: [
        activity('15:08', [A, B]),
        activity('16:00', [A, B], {
          redirection: { reason: 'divert', redirectingParty: B, at: at('16:00') },
          redirectedCall: { callId: 'callhalf-3:0', callSessionId: SESSION, party: C },
        }),
      ],
      closing: { stoppedAt: at('16:00'), answererInfo: B, connectedParty: A },
    })
    assert.deepEqual(serviceData.connectedParty, A)
    assert.deepEqual(serviceData.callActivity, [
      entry('15:08', A, B),
      {
        ...entry('16:00', A, B),
        redirectInfo: { reason: 'divert', redirectingParty: B, time: '2026-02-03T09:16:00Z' },
        redirectedCall: { callId: 'callhalf-3:0', callSessionId: SESSION, party: C },
      },
    ])
  })

  it('shows that transfer to its target C: the first entry says who redirected (§6)', () => {
    const { serviceData } = documentOf({
      opening: { ownerId: 'c', personality: 'terminator', callId: 'callhalf-3:0', calledParty: C },
      notes: [
        activity('16:05', [A, C], {
          redirection: { reason: 'divert', redirectingParty: B, at: at('16:00') },
        }),
      ],
      closing: { answererInfo: C, connectedParty: A },
    })
    assert.deepEqual([serviceData.callingParty, serviceData.calledParty], [A, C])
    assert.deepEqual(serviceData.callActivity, [
      {
        ...entry('16:05', A, C),
        redirectInfo: { reason: 'divert', redirectingParty: B, time: '2026-02-03T09:16:00Z' },
      },
    ])
  })

  it('shows a consult transfer: at the join C talks with A in place of B (§6)', () => {
    const { serviceData } = documentOf({
      opening: { ownerId: 'c', personality: 'terminator', callingParty: B, calledParty: C },
      notes: [
        activity('16:05', [B, C]),
        activity('17:00', [A, C], {
          redirection: { reason: 'transfer', redirectingParty: B, at: at('17:00') },
        }),
      ],
      closing: { answererInfo: C, connectedParty: A },
    })
    assert.deepEqual(serviceData.connectedParty, A)
    assert.deepEqual(serviceData.callActivity, [
      entry('16:05', B, C),
      {
        ...entry('17:00', A, C),
        redirectInfo: { reason: 'transfer', redirectingParty: B, time: '2026-02-03T09:17:00Z' },
      },
    ])
  })

  it('shows everybody of a conference from the merge on, and who left (§6)', () => {
    const { serviceData } = documentOf({
      opening: { ownerId: 'b', callingParty: B, calledParty: A },
      notes: [activity('15:08', [B, A]), activity('16:00', [B, A, C]), activity('17:00', [B, C])],
      closing: { connectedParty: C },
    })
    assert.deepEqual(serviceData.connectedParty, C)
    assert.deepEqual(serviceData.callActivity, [
      entry('15:08', B, A),
      entry('16:00', B, A, C),
      entry('17:00', B, C),
    ])
  })

  it('shows a queue as owner, with its service and the agent who handles it (§6)', () => {
    const document = documentOf({
      opening: {
        ownerId: 'q',
        ownerType: 'callQueue',
        personality: 'terminator',
        callingParty: OUTSIDE,
        calledParty: QUEUE,
      },
      notes: [
        activity('15:08', [OUTSIDE, A], {
          redirection: { reason: 'callQueue', redirectingParty: QUEUE, at: at('15:08') },
        }),
      ],
      closing: { answererInfo: A, connectedParty: OUTSIDE, managedBy: A },
    })
    const { calledParty, answererInfo, managedBy, callActivity } = document.serviceData
    assert.deepEqual([document.ownerType, document.serviceType], ['CALL_QUEUE', 'customerAssist'])
    assert.deepEqual([calledParty, answererInfo, managedBy], [QUEUE, A, A])
    assert.deepEqual(callActivity[0]?.redirectInfo, {
      reason: 'callQueue',
      redirectingParty: QUEUE,
      time: '2026-02-03T09:15:08Z',
    })
    assert.deepEqual(callActivity[0]?.participants, [shown(OUTSIDE), shown(A)])
  })

  it('shows forwarding, hunt groups and a retrieval from a park by the reason of the first entry (§6)', () => {
    for (const reason of ['busy', 'noAnswer', 'unconditional', 'huntGroup', 'unknown']) {
      const { serviceData } = documentOf({
        notes: [activity('15:08', [A, C], { redirection: { reason, redirectingParty: B, at: at('15:00') } })],
        closing: { answererInfo: C, connectedParty: C },
      })
      assert.deepEqual([serviceData.calledParty, serviceData.answererInfo], [B, C])
      assert.deepEqual(serviceData.callActivity[0]?.redirectInfo, {
        reason,
        redirectingParty: B,
        time: '2026-02-03T09:15:00Z',
      })
    }
  })

  it('hides streams, participants and redirections without showAllTypes, and no entry (§3)', () => {
    const notes = [
      activity('15:08', [A, B]),
      { kind: 'announcement', at: at('15:09'), file: 'f', heardBy: [], level: 'USER_LEVEL' },
      activity('16:00', [A, B], {
        redirection: { reason: 'divert', redirectingParty: B, at: at('16:00') },
        redirectedCall: { callId: 'callhalf-3:0', callSessionId: SESSION, party: C },
      }),
    ]
    const announcementData = {
      announcementFilename: 'f',
      announcementTimestamp: '2026-02-03T09:15:09Z',
      announcementParticipants: [],
      announcementType: 'USER_LEVEL',
    }
    const document = documentOf({ notes }, false)
    assert.deepEqual(document.serviceData.callActivity, [
      { timeStamp: '2026-02-03T09:15:08Z', announcementData },
      { timeStamp: '2026-02-03T09:16:00Z' },
    ])
    const { callActivity: _, ...rest } = document.serviceData
    const { callActivity: __, ...all } = documentOf({ notes }).serviceData
    assert.deepEqual(rest, all)
  })

  it('puts each announcement into the entry nearest to it, and gives those that find it taken their own', () => {
    const announcement = (clock: string): object => ({
      kind: 'announcement',
      at: at(clock),
      file: clock,
      heardBy: [],
      level: 'USER_LEVEL',
    })
    const { callActivity } = documentOf({
      notes: [
        announcement('15:07'),
        activity('15:08', [A, B]),
        announcement('15:40'),
        activity('20:00', [A, B, C]),
        announcement('20:01'),
        announcement('21:00'),
      ],
    }).serviceData
    assert.deepEqual(
      callActivity.map((each) => [
        each.timeStamp.slice(14, 19),
        each.announcementData?.announcementFilename,
        each.participants?.length,
      ]),
      [
        ['15:08', '15:07', 2],
        ['15:40', '15:40', 2],
        ['20:00', '20:01', 3],
        ['21:00', '21:00', 3],
      ],
    )
    const alone = documentOf({ notes: [announcement('15:07')] }).serviceData.callActivity
    assert.deepEqual([alone.length, alone[0]?.participants], [1, []])
  })

  it('names the owner in upper case here, and as the list has it there (Ruling 10)', () => {
    for (const [inList, inDocument] of [
      ['user', 'USER'],
      ['place', 'PLACE'],
      ['virtualLine', 'VIRTUAL_LINE'],
      ['callQueue', 'CALL_QUEUE'],
    ] as const) {
      const facts = factsOf({ opening: JSON.stringify({ ...OPENING, ownerType: inList }), notes: [] })
      assert.ok(facts)
      const recording = recordingOf(rowOf(finished(facts)))
      assert.equal(recording.ownerType, inList)
      assert.equal(metadataOf(recording, facts, { showAllTypes: true }).ownerType, inDocument)
    }
  })
})

it('makes documents that the contract accepts, whatever the journal holds', async () => {
  const { RecordingMetadata } = await loadSchemas()
  const contract = Compile(RecordingMetadata)
  const json = fc.json()
  const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(-8.64e15, 8.64e15, T, 1e300))
  const anyParty = fc.oneof(
    fc.constantFrom(A, OUTSIDE),
    fc.record({ actor: fc.anything(), name: fc.anything(), number: fc.anything() }),
    fc.anything(),
  )
  const note = fc.record(
    {
      kind: fc.constantFrom('action', 'activity', 'announcement'),
      at: number,
      action: fc.oneof(fc.string(), fc.integer()),
      participants: fc.array(fc.oneof(anyParty, fc.record({ actor: fc.anything(), aor: fc.string() }))),
      redirection: fc.record(
        { reason: fc.string(), redirectingParty: anyParty, at: number },
        { requiredKeys: [] },
      ),
      redirectedCall: fc.record({ callId: fc.string(), callSessionId: fc.string(), party: anyParty }),
      file: fc.anything(),
      heardBy: fc.anything(),
      level: fc.anything(),
    },
    { requiredKeys: ['kind', 'at'] },
  )
  const opening = fc.record({
    orgId: fc.constant('o'),
    ownerId: fc.constant('p'),
    ownerType: fc.oneof(fc.constant('place'), fc.anything()),
    personality: fc.anything(),
    callingParty: anyParty,
    calledParty: anyParty,
    recordingType: fc.anything(),
    startedAt: number,
  })
  const closing = fc.record({
    stoppedAt: number,
    answererInfo: anyParty,
    connectedParty: anyParty,
    managedBy: anyParty,
  })
  const text = (value: unknown): string => JSON.stringify(value) ?? ''
  fc.assert(
    fc.property(
      opening.map(text),
      fc.array(fc.oneof(json, note.map(text)), { maxLength: 8 }),
      fc.option(fc.oneof(json, closing.map(text)), { nil: undefined }),
      fc.boolean(),
      (openingJson, notes, closingJson, showAllTypes) => {
        const facts = factsOf({
          opening: openingJson,
          notes,
          ...(closingJson === undefined ? {} : { closing: closingJson }),
        })
        assert.ok(facts)
        const document = metadataOf(recordingOf(rowOf(finished(facts))), facts, { showAllTypes })
        const wire: unknown = JSON.parse(JSON.stringify(document))
        assert.ok(contract.Check(wire), JSON.stringify(contract.Errors(wire)))
        assert.deepEqual(wire, document, 'nothing in it is lost on the wire')
        const times = document.serviceData.callActivity.map((each) => each.timeStamp)
        assert.deepEqual(times, times.toSorted(), 'in order of time (§2)')
      },
    ),
  )
})
