import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CallCommand, CallResult, ConferenceView } from '../commands.ts'
import { actorOf, type Phone, World } from '../world.test.ts'

/** 102 talks to 101, which it holds, and to 103. */
function two(options: ConstructorParameters<typeof World>[0] = {}): {
  world: World
  phones: [Phone, Phone, Phone]
  ids: [string, string]
} {
  const world = new World(options)
  const [a, b, c] = world.registered('u101', 'u102', 'u103')
  assert.ok(a !== undefined && b !== undefined && c !== undefined)
  a.invite('102')
  world.run(500)
  b.answer()
  world.run(500)
  b.reinvite('sendonly')
  world.run(500)
  b.invite('103')
  world.run(500)
  c.answer()
  world.run(500)
  world.trace()
  const [first, second] = world.list('acme-102').map(({ callId }) => callId)
  assert.ok(first !== undefined && second !== undefined)
  return { world, phones: [a, b, c], ids: [first, second] }
}

type Plain = CallCommand extends infer Each
  ? Each extends { readonly actor: unknown }
    ? Omit<Each, 'actor'>
    : never
  : never

function run(world: World, command: Plain, person = 'acme-102'): unknown {
  const result = world.command({ ...command, actor: actorOf(person) } as CallCommand) // The actor was taken out above.
  return result?.kind === 'refused' ? result.error : result?.kind
}

function details(world: World, person = 'acme-102'): ConferenceView | undefined {
  const result: CallResult | undefined = world.command({ kind: 'conference', actor: actorOf(person) })
  assert.ok(result?.kind === 'conference')
  return result.conference
}

/** The two calls of 102 are one conference. */
function conferring(): ReturnType<typeof two> {
  const made = two()
  assert.equal(run(made.world, { kind: 'startConference', callIds: made.ids }), 'done')
  made.world.run(500)
  return made
}

describe('conference (contract, call controls §7)', () => {
  it('joins the calls in one room: nobody is held any more, and the host’s two legs do not hear each other', () => {
    const { world, phones, ids } = two()
    assert.deepEqual(world.brief('acme-102'), ['terminator held 101', 'originator connected 103'])
    world.shows.media = true
    assert.equal(run(world, { kind: 'startConference', callIds: ids }), 'done')
    assert.deepEqual(world.trace(), [
      'media mix #1',
      'media mix #2 acme-102',
      'media mix #3 acme-102',
      'media mix #4',
      'acme-102 updated/resumed terminator connected',
      'acme-101 updated/remoteResumed originator connected',
      'acme-102 conference created/created 2',
    ])
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101', 'originator connected 103'])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    const view = details(world)
    assert.equal(view?.state, 'connected')
    assert.equal(view?.muted, false)
    assert.deepEqual(
      view?.participants,
      ids.map((callId) => ({ callId, muted: false, deafened: false })),
    )
    assert.equal(details(world, 'acme-101'), undefined)
    assert.equal(run(world, { kind: 'releaseConference' }), 'done')
    assert.equal(details(world), undefined)
    world.run(500)
    for (const person of ['acme-101', 'acme-102', 'acme-103']) assert.deepEqual(world.brief(person), [])
    assert.ok(world.trace().includes('acme-102 conference deleted/deleted 0'))
    assert.equal(phones.length, 3)
    world.run(60_000)
    world.assertAtRest()
  })

  it('mutes and deafens the host and participants, each event once', () => {
    const { world, phones, ids } = conferring()
    world.trace()
    world.shows.media = true
    const [callId] = ids
    for (let times = 0; times < 2; times++) {
      assert.equal(run(world, { kind: 'muteParticipant', callId }), 'done')
      assert.equal(run(world, { kind: 'deafen', callId }), 'done')
    }
    assert.deepEqual(world.trace(), [
      'media mute #1',
      'acme-102 conference updated/participantMuted 2',
      'media mix #1 deaf',
      'acme-102 conference updated/participantDeafened 2',
    ])
    assert.deepEqual(details(world)?.participants[0], { callId, muted: true, deafened: true })
    assert.equal(world.list('acme-101')[0]?.muted, false) // It is the host who silences it, not its own key.
    assert.equal(run(world, { kind: 'unmuteParticipant', callId }), 'done')
    assert.equal(run(world, { kind: 'undeafen', callId }), 'done')
    assert.deepEqual(world.trace(), [
      'media unmute #1',
      'acme-102 conference updated/participantUnmuted 2',
      'media mix #1',
      'acme-102 conference updated/participantUndeafened 2',
    ])
    assert.equal(run(world, { kind: 'muteParticipant' }), 'done')
    assert.equal(details(world)?.muted, true)
    assert.equal(run(world, { kind: 'unmuteParticipant' }), 'done')
    assert.equal(details(world)?.muted, false)
    phones[0].hangUp()
    phones[2].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('goes on without the host while that is away', () => {
    const { world, phones } = conferring()
    world.trace()
    world.shows.media = true
    assert.equal(run(world, { kind: 'holdConference' }), 'done')
    assert.equal(run(world, { kind: 'holdConference' }), 'call_state_forbids')
    assert.equal(details(world)?.state, 'held')
    assert.deepEqual(world.brief('acme-102'), ['terminator held 101', 'originator held 103'])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    assert.ok(world.trace().includes('media unbridge #2'), 'the host is out of the room')
    assert.equal(run(world, { kind: 'resumeConference' }), 'done')
    assert.equal(run(world, { kind: 'resumeConference' }), 'call_state_forbids')
    assert.equal(details(world)?.state, 'connected')
    assert.ok(world.trace().includes('acme-102 conference updated/resumed 2'))
    phones[0].hangUp()
    phones[2].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('takes further participants, and is a plain call again when one is left', () => {
    const { world, phones, ids } = conferring()
    const [d] = world.registered('u104')
    d?.invite('102')
    world.run(500)
    phones[1].answer()
    world.run(500)
    assert.equal(details(world)?.state, 'held') // One talk at a time: the host is away from the room.
    const third = world.list('acme-102')[2]?.callId ?? ''
    assert.equal(run(world, { kind: 'addParticipant', callId: third }), 'done')
    assert.equal(run(world, { kind: 'addParticipant', callId: third }), 'call_state_forbids')
    assert.equal(details(world)?.participants.length, 3)
    assert.equal(details(world)?.state, 'connected') // Who takes somebody in is there to receive them.
    assert.ok(world.list('acme-102').every((call) => call.state === 'connected'))
    world.shows.media = true
    world.trace()
    phones[0].hangUp()
    world.run(500)
    assert.equal(details(world)?.participants.length, 2)
    assert.ok(world.trace().includes('acme-102 conference updated/updated 2'))
    assert.deepEqual(world.hangup('acme-102', third), { kind: 'done' })
    world.run(500)
    assert.equal(details(world), undefined)
    assert.equal(world.list('acme-102').length, 1)
    assert.equal(world.list('acme-102')[0]?.callId, ids[1])
    assert.equal(run(world, { kind: 'deafen', callId: ids[1] }), 'no_conference')
    phones[2].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('is left by an attended transfer, after which the others talk on', () => {
    const { world, phones, ids } = conferring()
    const [callId1, callId2] = ids
    assert.equal(run(world, { kind: 'transfer', callId1, callId2 }), 'done')
    assert.deepEqual(world.brief('acme-102'), [])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 103'])
    assert.deepEqual(world.brief('acme-103'), ['terminator connected 101'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('lets what the host silenced be heard again once it is a plain call', () => {
    const { world, phones, ids } = conferring()
    assert.equal(run(world, { kind: 'muteParticipant', callId: ids[1] }), 'done')
    world.shows.media = true
    world.trace()
    phones[0].hangUp()
    world.run(500)
    assert.ok(world.trace().includes('media unmute #4'))
    phones[2].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('refuses by name', () => {
    const { world, phones, ids } = two()
    const [first, second] = ids
    const start = (callIds: readonly string[], person?: string): unknown =>
      run(world, { kind: 'startConference', callIds }, person)
    assert.equal(start([]), 'conference_calls_invalid')
    assert.equal(start([first, first]), 'conference_calls_invalid')
    assert.equal(start([first, 'nowhere']), 'call_not_found')
    assert.equal(start([first, second], 'acme-101'), 'call_not_found')
    assert.equal(run(world, { kind: 'releaseConference' }), 'no_conference')
    assert.equal(run(world, { kind: 'muteParticipant' }), 'no_conference')
    assert.equal(run(world, { kind: 'addParticipant', callId: 'nowhere' }), 'call_not_found')
    assert.equal(run(world, { kind: 'addParticipant', callId: first }), 'no_conference')
    const [d] = world.registered('u104')
    d?.invite('102')
    world.run(500)
    const third = world.list('acme-102')[2]?.callId ?? ''
    assert.equal(start([first, third]), 'call_state_forbids')
    assert.equal(start(ids), 'done')
    assert.equal(start(ids), 'conference_exists')
    assert.equal(run(world, { kind: 'deafen', callId: third }), 'call_state_forbids')
    for (const phone of phones) phone.hangUp(phone.calls[0])
    d?.hangUp()
    phones[2].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('race: a participant hangs up as the conference starts', () => {
    const { world, phones, ids } = two()
    phones[0].hangUp()
    assert.equal(run(world, { kind: 'startConference', callIds: ids }), 'done')
    world.run(500)
    assert.equal(details(world), undefined)
    assert.deepEqual(world.brief('acme-103'), ['terminator connected 102'])
    phones[2].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('tells the host that a participant is neither mute nor deaf any more once somebody else is in its place', () => {
    const { world, phones, ids } = conferring()
    const [d] = world.registered('u104')
    run(world, { kind: 'muteParticipant', callId: ids[0] })
    run(world, { kind: 'deafen', callId: ids[0] })
    d?.invite('102', { headers: [['Replaces', phones[0].replacesOf(phones[0].call)]] })
    world.run(500)
    assert.deepEqual(world.brief('acme-104'), ['originator connected 102'])
    const told = world.events.findLast((event) => event.kind === 'conference')
    assert.deepEqual(told?.kind === 'conference' && told.conference, details(world))
    assert.deepEqual(details(world)?.participants[0], { callId: ids[0], muted: false, deafened: false })
    for (const phone of [...phones, d]) phone?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })
})
