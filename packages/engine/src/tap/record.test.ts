import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MediaCommand } from '@tandem/media'
import type { RecordingMode } from '../directory.ts'
import type { RecordingClosing, RecordingNote, RecordingOpening } from '../recording-facts.ts'
import { type Phone, WALL_OFFSET_MS, World } from '../world.test.ts'

type Options = ConstructorParameters<typeof World>[0]

/** 101 calls 102, who answers; shown with media. */
function talking(
  recording: Readonly<Record<string, RecordingMode>>,
  options: Options = {},
): { world: World; caller: Phone; callee: Phone } {
  const world = new World({ ...options, recording })
  const [caller, callee] = world.registered('u101', 'u102')
  assert.ok(caller !== undefined && callee !== undefined)
  caller.invite('102')
  world.run(500)
  callee.ring()
  world.run(500)
  world.shows = { media: true, events: true }
  world.trace()
  return { world, caller, callee }
}

function sent<Kind extends MediaCommand['kind']>(
  world: World,
  kind: Kind,
): Extract<MediaCommand, { kind: Kind }>[] {
  return world.commands.filter(
    (command): command is Extract<MediaCommand, { kind: Kind }> => command.kind === kind,
  )
}

describe('recording mode Always', () => {
  it('opens the recording before the bridge, the owner on the left, and closes it before the legs go', () => {
    const { world, caller, callee } = talking({ 'acme-102': 'Always' })
    callee.answer()
    world.run(500)
    assert.deepEqual(world.trace(), [
      'media configure #2 PCMU 198.51.100.2:40000 send receive relearn',
      'media configure #1 PCMU 198.51.100.1:40000 send receive relearn',
      'media openRecording',
      'media note activity',
      'media attach left #2',
      'media attach right #1',
      'media bridge #1 #2',
      'acme-102 updated/answered terminator connected [pending]',
      'acme-101 updated/connected originator connected',
      'acme/u101 200',
      'acme-102 updated/recording terminator connected [started]',
    ])
    caller.hangUp()
    world.run(60_000)
    assert.deepEqual(world.trace(), [
      'media release #1',
      'acme-101 deleted/disconnected originator disconnected',
      'media closeRecording',
      'media release #2',
      'acme-102 deleted/disconnected terminator disconnected [stopped]',
      'acme/u102 ended bye',
      'session normal',
    ])
    world.assertAtRest()
    assert.deepEqual(
      world.records[0]?.recordings.map(({ ownerId, outcome }) => `${ownerId} ${outcome}`),
      ['acme-102 closed'],
    )
  })

  it('journals the facts of the metadata document (contract, recording metadata §2)', () => {
    const { world, caller, callee } = talking({ 'acme-101': 'Always with Pause/Resume' })
    callee.answer()
    world.run(500)
    const [view] = world.list('acme-101')
    caller.hangUp()
    world.run(60_000)
    const [opening] = sent(world, 'openRecording')
    const facts: RecordingOpening = JSON.parse(opening?.facts ?? '')
    const { sipCallId, startedAt, ...rest } = facts
    assert.ok((sipCallId ?? '').length > 0)
    assert.ok(startedAt > WALL_OFFSET_MS && startedAt < WALL_OFFSET_MS + 5_000)
    assert.deepEqual(rest, {
      version: 1,
      recordingId: opening?.recording,
      orgId: 'acme',
      ownerId: 'acme-101',
      ownerType: 'user',
      ownerName: 'acme 101',
      ownerEmail: '101@acme.test',
      locationId: 'acme-south',
      callSessionId: view?.callSessionId,
      callId: view?.callId,
      personality: 'originator',
      callingParty: {
        actor: { type: 'USER', id: 'acme-101', email: '101@acme.test' },
        name: 'acme 101',
        number: 'sip:101@acme.test;user=phone',
      },
      calledParty: {
        actor: { type: 'USER', id: 'acme-102', email: '102@acme.test' },
        name: 'acme 102',
        number: 'sip:102@acme.test;user=phone',
      },
      recordingType: 'alwaysPauseResume',
      remoteName: 'acme 102',
    })
    const note: RecordingNote = JSON.parse(sent(world, 'note')[0]?.note ?? '')
    assert.deepEqual(note.kind === 'activity' && note.participants.map(({ aor }) => aor), [
      'sip:101@acme.test',
      'sip:102@acme.test',
    ])
    const closing: RecordingClosing = JSON.parse(sent(world, 'closeRecording')[0]?.facts ?? '')
    assert.equal(closing.answererInfo?.actor.id, 'acme-102')
    assert.equal(closing.connectedParty?.actor.id, 'acme-102')
  })

  it('makes two recordings when both are recorded, each with its owner on the left', () => {
    const { world, caller, callee } = talking({ 'acme-101': 'Always', 'acme-102': 'Always' })
    callee.answer()
    world.run(500)
    const attached = world.trace().filter((line) => line.includes('attach'))
    assert.deepEqual(attached, [
      'media attach left #1',
      'media attach right #2',
      'media attach left #2',
      'media attach right #1',
    ])
    caller.hangUp()
    world.run(60_000)
    world.assertAtRest()
    assert.equal(new Set(world.records[0]?.recordings.map(({ id }) => id)).size, 2)
  })

  it('notes hold and resume, with both still taking part', () => {
    const { world, caller, callee } = talking({ 'acme-101': 'Always' })
    callee.answer()
    world.run(500)
    callee.reinvite('sendonly')
    world.run(500)
    callee.reinvite('sendrecv')
    world.run(500)
    assert.equal(sent(world, 'note').length, 3)
    caller.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('leaves no recording of a call that nobody answered, nor of early media', () => {
    const { world, callee } = talking({ 'acme-101': 'Always', 'acme-102': 'Always' })
    callee.act(callee.endpoint.progress(world.now, callee.call, 183, { answer: callee.description() }))
    world.run(1_000)
    callee.reject(486)
    world.run(60_000)
    assert.deepEqual(sent(world, 'openRecording'), [])
    world.assertAtRest()
  })

  it('records nobody whose mode is Never or on demand', () => {
    const { world, callee } = talking({ 'acme-102': 'On Demand with User Initiated Start' })
    callee.answer()
    world.run(500)
    assert.deepEqual(sent(world, 'openRecording'), [])
    assert.equal(world.list('acme-102')[0]?.recordingState, undefined)
  })
})
