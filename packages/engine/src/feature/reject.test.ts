import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CallCommand } from '../commands.ts'
import { actorOf, type Phone, World } from '../world.test.ts'

type Action = Extract<CallCommand, { readonly kind: 'reject' }>['action']

/** 101 calls 102, whose phone rings. */
function ringing(world: World, further: readonly string[] = []): Phone[] {
  const phones = world.registered('u101', 'u102', ...further)
  phones[0]?.invite('102')
  world.run(100)
  phones[1]?.ring()
  world.run(400)
  world.trace()
  return phones
}

/** Rejects the only call of a person. */
function reject(world: World, person: string, action?: Action): unknown {
  const [call] = world.list(person)
  return world.command({
    kind: 'reject',
    actor: actorOf(person),
    callId: call?.callId ?? '',
    ...(action === undefined ? {} : { action }),
  })
}

describe('reject', () => {
  it('gives the caller a busy signal, and the callee a missed call (contract, call controls §5.2)', () => {
    const world = new World()
    ringing(world)
    assert.deepEqual(reject(world, 'acme-102'), { kind: 'done' })
    world.run(60_000)
    assert.deepEqual(world.trace(), [
      'acme-102 deleted/disconnected terminator disconnected',
      'acme-101 deleted/disconnected originator disconnected',
      'acme/u102 cancelled',
      'session busy',
      'acme/u101 486',
    ])
    const deleted = world.events.flatMap((event) =>
      event.kind === 'call' && event.event === 'deleted' ? [event.history?.type] : [],
    )
    assert.deepEqual(deleted, ['missed', 'placed'])
    world.assertAtRest()
  })

  it('follows the forwarding of its kind: busy, or not available for now', () => {
    for (const [action, number] of [
      ['busy', '103'],
      ['temporarilyUnavailable', '101b'],
    ] as const) {
      const world = new World({
        lines: { 'acme-102': { forwarding: { busy: '103', unavailable: '+4930555103' } } },
      })
      const [, , third] = ringing(world, ['u103'])
      assert.deepEqual(reject(world, 'acme-102', action), { kind: 'done' }, number)
      world.run(1_000)
      assert.deepEqual(world.brief('acme-102'), [])
      assert.deepEqual(world.brief('acme-101'), ['originator connecting 103'])
      const [call] = world.list('acme-103')
      assert.deepEqual(
        call?.redirections?.map(({ reason, redirectingParty }) => `${reason} ${redirectingParty.number}`),
        [`${action === 'busy' ? 'busy' : 'unavailable'} 102`],
      )
      third?.answer()
      world.run(1_000)
      assert.deepEqual(world.brief('acme-101'), ['originator connected 103'])
      third?.hangUp()
      world.run(60_000)
      world.assertAtRest()
    }
  })

  it('ignores: off the list and the phones at once, ringback until the no-answer time, then its treatment', () => {
    const world = new World({ lines: { 'acme-102': { ringSeconds: 10, forwarding: { noAnswer: '103' } } } })
    ringing(world, ['u103'])
    assert.deepEqual(reject(world, 'acme-102', 'ignore'), { kind: 'done' })
    assert.deepEqual(world.brief('acme-102'), [])
    world.run(9_000)
    assert.deepEqual(world.trace(), [
      'acme-102 deleted/disconnected terminator disconnected',
      'acme/u102 cancelled',
    ])
    assert.deepEqual(world.brief('acme-101'), ['originator connecting 102'])
    world.run(1_000)
    assert.deepEqual(world.brief('acme-103'), ['terminator alerting 101'])
    world.phones.get('acme/u101')?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('counts the no-answer time from the first ring, and lets a caller hear ringback that no phone had sent', () => {
    const world = new World({ lines: { 'acme-102': { ringSeconds: 10 } } })
    const [caller] = world.registered('u101', 'u102')
    caller?.invite('102')
    world.run(4_000)
    assert.ok(!world.trace().includes('acme/u101 180'))
    reject(world, 'acme-102', 'ignore')
    world.run(5_500)
    assert.ok(world.trace().includes('acme/u101 180'))
    world.run(1_000)
    assert.ok(world.trace().includes('acme/u101 480'))
    world.run(60_000)
    world.assertAtRest()
  })

  it('lets a caller who is ignored hang up, without anything left to wait for', () => {
    const world = new World()
    const [caller] = ringing(world)
    reject(world, 'acme-102', 'ignore')
    world.run(1_000)
    caller?.hangUp()
    world.run(60_000)
    assert.deepEqual(world.trace(), [
      'acme-102 deleted/disconnected terminator disconnected',
      'acme/u102 cancelled',
      'acme-101 deleted/disconnected originator disconnected',
      'session cancelled',
    ])
    world.assertAtRest()
  })

  it('plays ringback in place of early media that an ignored phone had sent', () => {
    const world = new World()
    const [caller, callee] = world.registered('u101', 'u102')
    caller?.invite('102')
    world.run(100)
    callee?.act(callee.endpoint.progress(world.now, callee.call, 183, { answer: callee.description() }))
    world.run(400)
    world.trace()
    world.shows = { media: true, events: false }
    reject(world, 'acme-102', 'ignore')
    assert.deepEqual(world.trace(), ['media release #2', 'media play #1 ringback'])
    caller?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('refuses every state but that of an incoming call that rings (409), after unknown calls (404)', () => {
    const world = new World()
    const [, callee] = ringing(world)
    assert.deepEqual(reject(world, 'acme-101'), { kind: 'refused', error: 'call_state_forbids' })
    callee?.answer()
    world.run(500)
    assert.deepEqual(reject(world, 'acme-102'), { kind: 'refused', error: 'call_state_forbids' })
    const actor = actorOf('acme-103')
    assert.deepEqual(
      world.command({ kind: 'reject', actor, callId: world.list('acme-102')[0]?.callId ?? '' }),
      { kind: 'refused', error: 'call_not_found' },
    )
  })
})
