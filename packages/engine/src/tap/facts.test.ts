/** The facts of recordings, scenario by scenario (contract, recording metadata §6). */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CallCommand } from '../commands.ts'
import type { RecordingSettings } from '../directory.ts'
import type { FactParty } from '../recording-facts.ts'
import { actorOf, directory, type Phone, type World } from '../world.test.ts'
import { call, endAll, journaled, sent, worldOf } from './taped.test.ts'

const ALWAYS: RecordingSettings = { mode: 'Always' }
const ALL = { 'acme-101': ALWAYS, 'acme-102': ALWAYS, 'acme-103': ALWAYS, 'acme-104': ALWAYS }

/** Three people, all of them recorded. */
function three(options: Parameters<typeof worldOf>[1] = {}): { world: World; a: Phone; b: Phone; c: Phone } {
  const { world, phones } = worldOf(ALL, options)
  const [a, b, c] = phones
  assert.ok(a !== undefined && b !== undefined && c !== undefined)
  return { world, a, b, c }
}

function name(party: FactParty | undefined): string {
  return party?.actor.id?.slice(-3) ?? party?.actor.type ?? '-'
}

/**
 * Each recording of a line in short lines: who it says was in it, then its entries, each with who was there, how the call
 * came (`<`) and where it went (`>`). Calls are told by the last digit of their number.
 */
function told(world: World, extension: string): string[] {
  return journaled(world, `acme-${extension}`).flatMap(({ closing, notes, opening }) => [
    `${opening.personality} ${name(opening.callingParty)} to ${name(opening.calledParty)}, answered by ${name(closing?.answererInfo)}, last with ${name(closing?.connectedParty)}`,
    ...notes.flatMap((note) => {
      if (note.kind !== 'activity') return []
      const { participants, redirectedCall, redirection } = note
      const from =
        redirection === undefined ? '' : ` < ${redirection.reason} ${name(redirection.redirectingParty)}`
      const to =
        redirectedCall === undefined
          ? ''
          : ` > ${redirectedCall.callId.split(':')[0]?.slice(-1)} ${name(redirectedCall.party)}`
      return [`${participants.map(({ aor }) => aor.slice(4).split('@')[0]).join(' ')}${from}${to}`]
    }),
  ])
}

function callIdOf(world: World, line: string, index = 0): string {
  return world.list(line)[index]?.callId ?? ''
}

function command(world: World, line: string, what: object): void {
  // Each test gives a whole command but for its actor.
  const result = world.command({ ...what, actor: actorOf(line) } as CallCommand)
  assert.notEqual(result?.kind, 'refused', JSON.stringify(result))
  world.run(300)
}

describe('the facts of a recording (contract, recording metadata §6)', () => {
  it('simple call: parties as dialled, one entry at connect', () => {
    const { world, a, b } = three()
    call(world, a, b)
    endAll(world)
    assert.deepEqual(told(world, '101'), ['originator 101 to 102, answered by 102, last with 102', '101 102'])
    assert.deepEqual(told(world, '102'), ['terminator 101 to 102, answered by 102, last with 101', '102 101'])
  })

  it('click to dial counts as placed', () => {
    const { world, a, b } = three()
    world.dial('acme-101', '102')
    world.run(300)
    a.answer()
    world.run(300)
    b.answer()
    world.run(300)
    endAll(world)
    assert.deepEqual(told(world, '101'), ['originator 101 to 102, answered by 102, last with 102', '101 102'])
  })

  it('hold and resume: an entry each, with the same participants', () => {
    const { world, a, b } = three()
    call(world, a, b)
    a.reinvite('sendonly')
    world.run(300)
    a.reinvite('sendrecv')
    world.run(300)
    endAll(world)
    assert.deepEqual(told(world, '101').slice(1), ['101 102', '101 102', '101 102'])
    assert.deepEqual(told(world, '102').slice(1), ['102 101', '102 101', '102 101'])
  })

  it('forwarding: the callee dialled first is called, who answered is named, the first entry says how', () => {
    const { world, a, c } = three({ lines: { 'acme-102': { forwarding: { always: '103' } } } })
    a.invite('102')
    world.run(300)
    c.answer()
    world.run(300)
    endAll(world)
    assert.deepEqual(told(world, '101'), ['originator 101 to 102, answered by 103, last with 103', '101 103'])
    assert.deepEqual(told(world, '103'), [
      'terminator 101 to 102, answered by 103, last with 101',
      '103 101 < unconditional 102',
    ])
    assert.deepEqual(told(world, '102'), [], 'nobody answered there')
  })

  it('an executive’s call that the assistant answers was meant for the executive', () => {
    const { world, a, c } = three({ lines: { 'acme-102': { assistants: ['acme-103'] } } })
    a.invite('102')
    world.run(300)
    c.answer()
    world.run(300)
    endAll(world)
    assert.deepEqual(told(world, '103')[0], 'terminator 101 to 102, answered by 103, last with 101')
  })

  it('blind transfer: the last entry names the leg that takes over, the first of that leg who sent it there', () => {
    const { world, a, b, c } = three()
    call(world, a, b)
    command(world, 'acme-102', { kind: 'divert', callId: callIdOf(world, 'acme-102'), destination: '103' })
    const leg = callIdOf(world, 'acme-103')
    c.answer()
    world.run(300)
    endAll(world)
    assert.deepEqual(told(world, '102'), [
      'terminator 101 to 102, answered by 102, last with 101',
      '102 101',
      '102 101 < divert 102 > 3 103',
    ])
    assert.match(leg, /3:1$/)
    assert.deepEqual(told(world, '103'), [
      'terminator 101 to 103, answered by 103, last with 101',
      '103 101 < divert 102',
    ])
    assert.deepEqual(told(world, '101'), [
      'originator 101 to 102, answered by 102, last with 103',
      '101 102',
      '101 103 < divert 102',
    ])
  })

  it('divert before the answer leaves no recording, and makes its target the called one', () => {
    const { world, a, c } = three()
    a.invite('102')
    world.run(300)
    command(world, 'acme-102', { kind: 'divert', callId: callIdOf(world, 'acme-102'), destination: '103' })
    c.answer()
    world.run(300)
    endAll(world)
    assert.deepEqual(told(world, '102'), [])
    assert.deepEqual(told(world, '103'), [
      'terminator 101 to 103, answered by 103, last with 101',
      '103 101 < divert 102',
    ])
  })

  it('consult transfer: two recordings of the transferor, each naming the leg that goes on', () => {
    const { world, a, b, c } = three()
    call(world, a, b)
    b.reinvite('sendonly')
    world.run(300)
    call(world, b, c)
    const [callId1, callId2] = [callIdOf(world, 'acme-102', 0), callIdOf(world, 'acme-102', 1)]
    command(world, 'acme-102', { kind: 'transfer', callId1, callId2 })
    endAll(world)
    assert.deepEqual(told(world, '102'), [
      'terminator 101 to 102, answered by 102, last with 101',
      '102 101',
      '102 101',
      '102 101 < transfer 102 > 4 103',
      'originator 102 to 103, answered by 103, last with 103',
      '102 103',
      '102 103 < transfer 102 > 1 101',
    ])
    assert.deepEqual(told(world, '103'), [
      'terminator 102 to 103, answered by 103, last with 101',
      '103 102',
      '103 101 < transfer 102',
    ])
    assert.deepEqual(told(world, '101').at(-1), '101 103 < transfer 102')
  })

  it('mute transfer', () => {
    const { world, a, b, c } = three()
    call(world, a, b)
    const callId1 = callIdOf(world, 'acme-102')
    command(world, 'acme-102', { kind: 'transfer', callId1, destination: '103' })
    c.answer()
    world.run(300)
    endAll(world)
    assert.deepEqual(told(world, '102').at(-1), '102 101 < transfer 102 > 4 103')
    assert.deepEqual(told(world, '103'), [
      'terminator 101 to 103, answered by 103, last with 101',
      '103 101 < transfer 102',
    ])
  })

  it('conference: one recording a leg, with all three from the merge on, and an entry when one leaves', () => {
    const { world, a, b, c } = three()
    call(world, b, a)
    b.reinvite('sendonly')
    world.run(300)
    call(world, b, c)
    const callIds = world.list('acme-102').map(({ callId }) => callId)
    command(world, 'acme-102', { kind: 'startConference', callIds })
    c.hangUp()
    world.run(300)
    endAll(world)
    assert.deepEqual(told(world, '102'), [
      'originator 102 to 101, answered by 101, last with 101',
      '102 101',
      '102 101',
      '102 101 103',
      '102 101',
      'originator 102 to 103, answered by 103, last with 103',
      '102 103',
      '102 103 101',
    ])
    assert.deepEqual(told(world, '101').slice(-2), ['101 102 103', '101 102'])
    assert.deepEqual(told(world, '103').at(-1), '103 102 101')
  })

  it('conference: all of the host’s own phones stay on the left, also when the directory was replaced between its calls', () => {
    const { world, a, b, c } = three()
    call(world, b, a)
    b.reinvite('sendonly')
    world.run(300)
    const mode = 'Always' as const
    const replaced = directory({ 'acme-101': mode, 'acme-102': mode, 'acme-103': mode })
    world.act(world.engine.setDirectory(world.now, replaced))
    call(world, b, c)
    const callIds = world.list('acme-102').map(({ callId }) => callId)
    const before = world.commands.length
    command(world, 'acme-102', { kind: 'startConference', callIds })
    const own = journaled(world, 'acme-102').map(({ opening }) => opening.recordingId)
    const sides = world.commands
      .slice(before)
      .flatMap((each) => (each.kind === 'attach' && own.includes(each.recording) ? [each] : []))
      .map(({ leg, side }) => `${side} ${leg.slice(-1)}`)
    assert.deepEqual(new Set(sides), new Set(['left 1', 'left 3', 'right 2', 'right 4']))
    endAll(world)
  })

  it('barge-in: an entry for everybody when it begins, and when one of them leaves', () => {
    const { world, a, b, c } = three()
    call(world, a, b)
    command(world, 'acme-103', { kind: 'bargeIn', target: '102' })
    c.answer()
    world.run(300)
    assert.deepEqual(told(world, '101').slice(1), ['101 102', '101 102 103'])
    assert.deepEqual(told(world, '102').slice(1), ['102 101', '102 101 103'])
    assert.deepEqual(told(world, '103').slice(1), ['103 101 102'])
    endAll(world)
  })

  it('parked and retrieved: the leg ends at the park, and the retrieval is a recording of its own', () => {
    const { world, a, b, c } = three()
    call(world, a, b)
    command(world, 'acme-102', { kind: 'park', callId: callIdOf(world, 'acme-102') })
    command(world, 'acme-103', { kind: 'retrieve', destination: '102' })
    c.answer()
    world.run(300)
    endAll(world)
    assert.deepEqual(told(world, '102'), [
      'terminator 101 to 102, answered by 102, last with 101',
      '102 101',
      '102 101 < unknown 102',
    ])
    assert.deepEqual(told(world, '103'), [
      'originator 101 to 102, answered by 103, last with 101',
      '103 101 < unknown 102',
    ])
    const [first, second] = [journaled(world, 'acme-102')[0], journaled(world, 'acme-103')[0]]
    assert.equal(first?.opening.callSessionId, second?.opening.callSessionId)
  })

  it('pickup: the called one stays who was dialled, the answerer is who took it', () => {
    const { world, a, b, c } = three({
      change: (directory) => ({
        ...directory,
        groups: [{ id: 'g', orgId: 'acme', kind: 'pickup', name: 'g', lineIds: ['acme-102', 'acme-103'] }],
      }),
    })
    a.invite('102')
    world.run(300)
    b.ring()
    world.run(300)
    command(world, 'acme-103', { kind: 'pickup', target: '102' })
    c.answer()
    world.run(300)
    endAll(world)
    assert.deepEqual(told(world, '101')[0], 'originator 101 to 102, answered by 103, last with 103')
    assert.deepEqual(told(world, '103'), [
      'originator 101 to 102, answered by 103, last with 101',
      '103 101 < unknown 102',
    ])
  })

  it('pull: the recording goes on at the other phone', () => {
    const { world, a, b } = three()
    call(world, a, b)
    const [other] = world.registered('u101b')
    command(world, 'acme-101', { kind: 'pull' })
    other?.answer()
    world.run(300)
    assert.equal(sent(world, 'closeRecording').length, 0)
    endAll(world)
    assert.equal(journaled(world, 'acme-101').length, 1)
  })

  it('says nothing of who withholds their number: neither as a party, nor as a participant, nor as who sent it on', () => {
    const { world, a, c } = three({
      lines: {
        'acme-101': { callerIdBlocked: true },
        'acme-102': { callerIdBlocked: true, forwarding: { always: '103' } },
        'acme-103': { recording: { ...ALWAYS, announceInternal: true } },
      },
    })
    a.invite('102')
    world.run(300)
    c.answer()
    world.run(300)
    endAll(world)
    const [recording] = journaled(world, 'acme-103')
    assert.ok(recording !== undefined)
    assert.doesNotMatch(JSON.stringify(recording), /acme[- ]10[12]|:10[12]@/)
    assert.deepEqual(recording.opening.callingParty, {
      actor: { type: 'EXTERNAL' },
      number: 'sip:anonymous@acme.test',
    })
    assert.deepEqual(told(world, '103').slice(1), ['103 anonymous < unconditional EXTERNAL'])
  })

  it('names workspaces and virtual lines as what they are, and an owner of such a kind', () => {
    const { world, a, b } = three({
      lines: {
        'acme-101': { kind: 'place', email: '' },
        'acme-102': { kind: 'virtualLine' },
      },
    })
    call(world, a, b)
    endAll(world)
    const [place] = journaled(world, 'acme-101')
    const [virtual] = journaled(world, 'acme-102')
    assert.equal(place?.opening.ownerType, 'place')
    assert.equal(virtual?.opening.ownerType, 'virtualLine')
    assert.deepEqual(place?.opening.callingParty.actor, { type: 'PLACE', id: 'acme-101' })
    assert.equal(place?.opening.calledParty.actor.type, 'VIRTUAL_LINE')
    assert.equal(virtual?.opening.callingParty.actor.type, 'PLACE')
  })

  it('a voicemail message belongs to the mailbox, with the caller on the right side; one beside it to the recordings', () => {
    const { world, a } = three({
      lines: {
        'acme-101': { recording: { mode: 'Never' } },
        'acme-102': {
          recording: { mode: 'Never', voicemail: true },
          voicemail: { busy: true, noAnswer: true, always: true },
        },
      },
    })
    a.invite('102')
    world.run(10_000)
    endAll(world)
    const kept = journaled(world, 'acme-102')
    assert.deepEqual(
      kept.map(({ opening }) => [opening.purpose, opening.personality, name(opening.callingParty)]),
      [
        ['voicemail', 'terminator', '101'],
        [undefined, 'terminator', '101'],
      ],
    )
    const legs = sent(world, 'attach').map(({ leg, side }) => `${side} ${leg.slice(-1)}`)
    assert.deepEqual(legs, ['right 1', 'right 1'])
    assert.deepEqual(told(world, '101'), [])
  })

  it('a message to oneself is no recording beside it: it was not left by somebody else', () => {
    const own = {
      recording: { mode: 'Never', voicemail: true },
      voicemail: { busy: true, noAnswer: true },
    } as const
    const { world, a, b } = three({ lines: { 'acme-101': own } })
    call(world, a, b)
    const callId = callIdOf(world, 'acme-102')
    command(world, 'acme-102', { kind: 'divert', callId, toVoicemail: true, destination: '101' })
    world.run(10_000)
    endAll(world)
    assert.deepEqual(
      journaled(world, 'acme-101').map(({ opening }) => opening.purpose),
      ['voicemail'],
    )
  })
})
