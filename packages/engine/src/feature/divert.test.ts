import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CallCommand } from '../commands.ts'
import { actorOf, type Phone, World } from '../world.test.ts'

type Divert = Extract<CallCommand, { readonly kind: 'divert' }>

const MAILBOX = { voicemail: { busy: true, noAnswer: true } }

/** 101 calls 102; all phones are registered. */
function calling(world: World, options: { answered: boolean }): Phone[] {
  const phones = world.registered('u101', 'u102', 'u103')
  phones[0]?.invite('102')
  world.run(100)
  phones[1]?.ring()
  world.run(400)
  if (options.answered) phones[1]?.answer()
  world.run(500)
  world.trace()
  return phones
}

function divert(world: World, person: string, to: Pick<Divert, 'destination' | 'toVoicemail'>): unknown {
  const [call] = world.list(person)
  return world.command({ kind: 'divert', actor: actorOf(person), callId: call?.callId ?? '', ...to })
}

/** `reason number` of each redirection that a person's call shows. */
function redirections(world: World, person: string): string[] | undefined {
  const [call] = world.list(person)
  return call?.redirections?.map(({ reason, redirectingParty }) => `${reason} ${redirectingParty.number}`)
}

describe('divert of a call that rings', () => {
  it('rings the destination instead, which sees who diverted it (contract, call controls §5.3)', () => {
    const world = new World()
    const [, , third] = calling(world, { answered: false })
    assert.deepEqual(divert(world, 'acme-102', { destination: '103' }), { kind: 'done' })
    assert.deepEqual(world.brief('acme-102'), [])
    assert.deepEqual(world.brief('acme-101'), ['originator connecting 103'])
    assert.deepEqual(world.brief('acme-103'), ['terminator alerting 101'])
    assert.deepEqual(redirections(world, 'acme-103'), ['divert 102'])
    world.run(500)
    third?.answer()
    world.run(500)
    assert.deepEqual(world.trace(), [
      'acme-102 deleted/forwarded terminator disconnected',
      'acme-101 updated/updated originator connecting',
      'acme-103 created/received terminator alerting',
      'acme/u102 cancelled',
      'acme/u103 INVITE',
      'acme-103 updated/answered terminator connected',
      'acme-101 updated/connected originator connected',
      'acme/u101 200',
    ])
    assert.equal(redirections(world, 'acme-103'), undefined)
    third?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('fails as the destination does when nobody has that number', () => {
    const world = new World()
    calling(world, { answered: false })
    assert.deepEqual(divert(world, 'acme-102', { destination: '999' }), { kind: 'done' })
    world.run(60_000)
    assert.deepEqual(world.trace().slice(-3), ['acme/u101 404', 'session notFound', 'acme/u102 cancelled'])
    world.assertAtRest()
  })
})

describe('divert of a talk', () => {
  for (const state of ['connected', 'held', 'remoteHeld'] as const)
    it(`passes the other side on from ${state}: it waits with ringback, then talks to the destination`, () => {
      const world = new World()
      const [first, second, third] = calling(world, { answered: true })
      if (state === 'held') second?.reinvite('sendonly')
      if (state === 'remoteHeld') first?.reinvite('sendonly')
      world.run(500)
      world.trace()
      assert.equal(world.list('acme-102')[0]?.state, state)
      assert.deepEqual(divert(world, 'acme-102', { destination: '103' }), { kind: 'done' })
      assert.deepEqual(world.brief('acme-102'), [])
      assert.deepEqual(world.brief('acme-101'), ['originator connecting 103'])
      assert.deepEqual(redirections(world, 'acme-103'), ['divert 102'])
      world.run(500)
      third?.answer()
      world.run(500)
      assert.deepEqual(world.trace(), [
        'acme-102 deleted/forwarded terminator disconnected',
        'acme-101 updated/updated originator connecting',
        'acme-103 created/received terminator alerting',
        'acme/u102 ended bye',
        'acme/u103 INVITE',
        // Who held before it was diverted holds still, until its phone takes the call up again.
        `acme-103 updated/answered terminator ${state === 'remoteHeld' ? 'remoteHeld' : 'connected'}`,
        `acme-101 updated/updated originator ${state === 'remoteHeld' ? 'held' : 'connected'}`,
      ])
      third?.hangUp()
      world.run(60_000)
      world.assertAtRest()
    })

  it('plays ringback to who waits, and a busy tone when the destination refuses; then that call ends', () => {
    const world = new World()
    world.shows = { media: true, events: true }
    const [, , third] = calling(world, { answered: true })
    divert(world, 'acme-102', { destination: '103' })
    assert.ok(world.trace().includes('media play #1 ringback'))
    world.run(500)
    third?.reject(486)
    world.run(500)
    assert.ok(world.trace().includes('media play #1 busy'))
    world.run(60_000)
    assert.ok(world.trace().includes('acme/u101 ended bye'))
    world.assertAtRest()
  })

  it('ends cleanly when who was diverted hangs up while the destination rings', () => {
    const world = new World()
    const [first] = calling(world, { answered: true })
    divert(world, 'acme-102', { destination: '103' })
    world.run(500)
    first?.hangUp()
    world.run(60_000)
    assert.deepEqual(world.brief('acme-103'), [])
    world.assertAtRest()
  })
})

describe('divert to voicemail', () => {
  it("takes it to the own mailbox, or with a destination to that line's", () => {
    for (const [destination, number] of [
      [undefined, '102'],
      ['103', '103'],
    ] as const)
      for (const answered of [false, true]) {
        const world = new World({ lines: { 'acme-102': MAILBOX, 'acme-103': MAILBOX } })
        const [first] = calling(world, { answered })
        const to = { toVoicemail: true, ...(destination === undefined ? {} : { destination }) }
        assert.deepEqual(divert(world, 'acme-102', to), { kind: 'done' })
        world.run(500)
        assert.deepEqual(world.brief('acme-102'), [])
        assert.deepEqual(world.brief('acme-101'), [`originator connected ${number}`])
        first?.hangUp()
        world.run(60_000)
        world.assertAtRest()
      }
  })

  it('is refused where there is no mailbox, and the call stays (403)', () => {
    const world = new World({ lines: { 'acme-103': MAILBOX } })
    calling(world, { answered: true })
    const refusal = { kind: 'refused', error: 'voicemail_off' }
    assert.deepEqual(divert(world, 'acme-102', { toVoicemail: true }), refusal)
    assert.deepEqual(divert(world, 'acme-103', { toVoicemail: true }), {
      kind: 'refused',
      error: 'call_not_found',
    })
    assert.deepEqual(divert(world, 'acme-102', { toVoicemail: true, destination: '999' }), refusal)
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101'])
  })
})

describe('what divert refuses', () => {
  it('wants a destination, then a call of the line, then one that can be diverted', () => {
    const world = new World()
    calling(world, { answered: false })
    assert.deepEqual(divert(world, 'acme-102', {}), { kind: 'refused', error: 'destination_missing' })
    assert.deepEqual(divert(world, 'acme-102', { destination: 'no body' }), {
      kind: 'refused',
      error: 'destination_invalid',
    })
    assert.deepEqual(divert(world, 'acme-103', { destination: '101' }), {
      kind: 'refused',
      error: 'call_not_found',
    })
    assert.deepEqual(divert(world, 'acme-101', { destination: '103' }), {
      kind: 'refused',
      error: 'call_state_forbids',
    })
    assert.deepEqual(world.brief('acme-102'), ['terminator alerting 101'])
  })
})
