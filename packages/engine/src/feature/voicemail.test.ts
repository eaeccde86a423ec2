import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DirectoryLine } from '../directory.ts'
import type { RecordingClosing, RecordingOpening } from '../recording-facts.ts'
import { actorOf, type Phone, World } from '../world.test.ts'
import { MESSAGE_MS_MAX } from './voicemail.ts'

const MAILBOX = { voicemail: { busy: true, noAnswer: true } }

/** 101 calls 102, who has a mailbox and no phone registered: the mailbox answers at once. */
function atMailbox(line: Partial<DirectoryLine> = MAILBOX): { world: World; caller: Phone } {
  const world = new World({ lines: { 'acme-102': line } })
  const [caller] = world.registered('u101')
  assert.ok(caller !== undefined)
  caller.invite('102')
  world.run(500)
  return { world, caller }
}

/** What the recordings' openings and closings said. */
function facts(world: World): { openings: RecordingOpening[]; closings: RecordingClosing[] } {
  const of = <Facts>(kind: 'openRecording' | 'closeRecording'): Facts[] =>
    world.commands.flatMap((command) => (command.kind === kind ? [JSON.parse(command.facts) as Facts] : []))
  return { openings: of('openRecording'), closings: of('closeRecording') }
}

/** The caller's phone presses a key, as the media port tells it. */
function press(world: World, key: string): void {
  world.say({ kind: 'digit', leg: [...world.live][0] ?? '', digit: key })
}

describe('a mailbox takes a message', () => {
  it('answers, greets, beeps, and keeps what the caller says until they hang up', () => {
    const world = new World({ lines: { 'acme-102': MAILBOX } })
    const [caller] = world.registered('u101')
    world.shows = { media: true, events: true }
    caller?.invite('102')
    world.run(500)
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    world.run(10_000)
    caller?.hangUp()
    world.run(60_000)
    assert.deepEqual(world.trace(), [
      'media allocate #1',
      'acme-101 created/originated originator connecting',
      'media configure #1 PCMU 198.51.100.1:40000 send receive relearn',
      'acme-101 updated/connected originator connected',
      'media play #1 voicemailGreeting',
      'acme/u101 200',
      'media openRecording',
      'media attach right #1',
      'media play #1 beep',
      'media release #1',
      'media closeRecording',
      'acme-101 deleted/disconnected originator disconnected',
      'session normal',
    ])
    const { openings, closings } = facts(world)
    assert.equal(openings[0]?.purpose, 'voicemail')
    assert.equal(openings[0]?.ownerId, 'acme-102')
    assert.equal(openings[0]?.callingParty.actor.id, 'acme-101')
    assert.equal(closings[0]?.discarded, undefined)
    world.assertAtRest()
  })

  it('throws away what is under a second long, to the millisecond', () => {
    for (const [messageMs, discarded] of [
      [999, true],
      [1_000, undefined],
    ] as const) {
      const { world, caller } = atMailbox()
      world.media.playMs = undefined
      while (world.now < 5_000 && facts(world).openings.length === 0) world.run(1)
      world.say({ kind: 'played', leg: [...world.live][0] ?? '', token: 'machine-2', complete: true })
      world.run(messageMs)
      press(world, '#')
      assert.equal(facts(world).closings[0]?.discarded, discarded)
      caller.hangUp()
      world.run(60_000)
      world.assertAtRest()
    }
  })

  it('ends a message at # with a goodbye, and skips the greeting at #', () => {
    const { world } = atMailbox()
    world.shows = { media: true, events: true }
    world.trace()
    for (const key of '0123456789*A') press(world, key)
    assert.deepEqual(world.trace(), [])
    press(world, '#')
    world.run(5_000)
    const beep = world.trace()
    for (const key of '0123456789*A') press(world, key)
    assert.deepEqual(world.trace(), [])
    world.log.push(...beep)
    press(world, '#')
    world.run(60_000)
    assert.deepEqual(world.trace(), [
      'media openRecording',
      'media attach right #1',
      'media play #1 beep',
      'media closeRecording',
      'media play #1 goodbye',
      'media release #1',
      'acme-101 deleted/disconnected originator disconnected',
      'acme/u101 ended bye',
      'session normal',
    ])
    world.assertAtRest()
  })

  it('ends a message that is as long as one may be', () => {
    const { world } = atMailbox()
    while (facts(world).openings.length === 0) world.run(1)
    world.run(1_000 + 180_000 - 1) // The beep, and all but a millisecond.
    assert.equal(facts(world).closings.length, 0)
    world.run(2)
    assert.equal(facts(world).closings.length, 1)
    world.run(60_000)
    world.assertAtRest()
  })

  it('keeps nothing of a caller who hangs up, or cancels, during the greeting', () => {
    const { world, caller } = atMailbox()
    caller.hangUp()
    world.run(60_000)
    assert.deepEqual(facts(world), { openings: [], closings: [] })
    world.assertAtRest()
    const early = new World({ lines: { 'acme-102': MAILBOX } })
    const [other] = early.registered('u101')
    other?.invite('102')
    early.run(3) // The 200 and the CANCEL cross.
    other?.hangUp()
    early.run(60_000)
    assert.deepEqual(facts(early).openings, [])
    early.assertAtRest()
  })

  it('is not moved on by the end of a sound that it has replaced', () => {
    const { world, caller } = atMailbox()
    world.media.playMs = undefined
    press(world, '#') // The beep, in place of the greeting.
    world.say({ kind: 'played', leg: [...world.live][0] ?? '', token: 'machine-1', complete: true })
    world.run(MESSAGE_MS_MAX + 1_000)
    assert.equal(facts(world).closings.length, 0, 'the beep is not over')
    caller.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('is nobody for a mute transfer: the call stays with its line', () => {
    const world = new World({ lines: { 'acme-102': MAILBOX } })
    const [caller, callee] = world.registered('u101', 'u103')
    caller?.invite('103')
    world.run(500)
    callee?.answer()
    world.run(500)
    const callId1 = world.list('acme-103')[0]?.callId ?? ''
    const actor = actorOf('acme-103')
    const result = world.command({ kind: 'transfer', actor, callId1, destination: '102' })
    assert.equal(result?.kind, 'placed')
    world.run(5_000)
    assert.deepEqual(world.brief('acme-103'), ['terminator connected 101'])
    assert.deepEqual(facts(world).openings, [])
    caller?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('plays the own greeting, and makes a call recording beside the message where the owner has it so', () => {
    const { world, caller } = atMailbox({
      voicemail: { busy: true, noAnswer: true, greeting: 'ada-away' },
      recording: { mode: 'Never', voicemail: true },
    })
    world.run(5_000)
    const played = world.commands.flatMap((command) =>
      command.kind === 'play' && command.sound.kind === 'clip' ? [command.sound.name] : [],
    )
    assert.deepEqual(played, ['ada-away'])
    assert.deepEqual(
      facts(world).openings.map(({ purpose, ownerId }) => [purpose, ownerId]),
      [
        ['voicemail', 'acme-102'],
        [undefined, 'acme-102'],
      ],
    )
    caller.hangUp()
    world.run(60_000)
    assert.equal(facts(world).closings.length, 2)
    world.assertAtRest()
  })

  it('ends what it makes beside a message that fails', () => {
    const { world } = atMailbox({
      voicemail: { busy: true, noAnswer: true },
      recording: { mode: 'Never', voicemail: true },
    })
    world.run(5_000)
    const [message, beside] = world.commands.flatMap((command) =>
      command.kind === 'openRecording' ? [command.recording] : [],
    )
    assert.ok(message !== undefined && beside !== undefined)
    world.say({ kind: 'recordingFailed', recording: message, why: 'disk' })
    world.openRecordings.delete(message)
    assert.deepEqual([...world.openRecordings], [])
    world.run(60_000)
    world.assertAtRest()
    assert.deepEqual(
      world.records[0]?.recordings.map(({ outcome }) => outcome),
      ['failed', 'closed'],
    )
  })

  it('takes nothing of what is said while the caller holds', () => {
    const { world, caller } = atMailbox()
    world.run(5_000)
    world.shows = { media: true, events: false }
    world.trace()
    caller.reinvite('sendonly')
    world.run(500)
    assert.ok(world.trace().includes('media detach #1'))
    caller.reinvite('sendrecv')
    world.run(500)
    assert.ok(world.trace().includes('media attach right #1'))
    caller.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('says so, and hangs up, when the message cannot be kept', () => {
    const world = new World({ lines: { 'acme-102': MAILBOX } })
    const [caller] = world.registered('u101')
    world.media.recording = 'fails'
    caller?.invite('102')
    world.run(60_000)
    assert.ok(world.trace().includes('acme/u101 ended bye'))
    assert.deepEqual(
      world.commands.flatMap((command) =>
        command.kind === 'play' && command.sound.kind === 'sequence' ? command.sound.sounds : [],
      ),
      [
        { kind: 'prompt', name: 'notPossible' },
        { kind: 'prompt', name: 'goodbye' },
      ],
    )
    world.assertAtRest()
  })
})

describe('which calls a mailbox takes', () => {
  /** Who a caller of 102 is connected with, after half a minute unless told otherwise. */
  function reaches(line: Partial<DirectoryLine>, meet: (callee: Phone) => void, ms = 32_000): string[] {
    const world = new World({ lines: { 'acme-102': line } })
    const [caller, callee] = world.registered('u101', 'u102', 'u103')
    caller?.invite('102')
    world.run(500)
    if (callee !== undefined) meet(callee)
    world.run(ms)
    const brief = world.brief('acme-101')
    caller?.hangUp()
    world.run(60_000)
    world.assertAtRest()
    return brief
  }

  it('takes those that are not answered, or met busy, as its settings say; a forwarding goes first', () => {
    const own = ['originator connected 102']
    const busy = (callee: Phone): void => callee.reject(486)
    const noAnswer = (callee: Phone): void => callee.ring()
    assert.deepEqual(reaches({ voicemail: { busy: true, noAnswer: false } }, busy), own)
    assert.deepEqual(reaches({ voicemail: { busy: true, noAnswer: false } }, noAnswer), [])
    assert.deepEqual(reaches({ voicemail: { busy: false, noAnswer: true } }, busy), [])
    assert.deepEqual(reaches({ voicemail: { busy: false, noAnswer: true } }, noAnswer), own)
    assert.deepEqual(
      reaches({ ...MAILBOX, doNotDisturb: true }, () => {}),
      own,
    )
    assert.deepEqual(
      reaches({ voicemail: { busy: false, noAnswer: false, always: true } }, () => {}),
      own,
    )
    assert.deepEqual(
      reaches({ ...MAILBOX, forwarding: { always: '103' } }, () => {}, 5_000),
      ['originator connecting 103'],
    )
  })
})
