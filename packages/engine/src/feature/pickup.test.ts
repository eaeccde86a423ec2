import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CallCommand, CallResult } from '../commands.ts'
import { actorOf, LIMITS, type Phone, World } from '../world.test.ts'

type Pickup = Extract<CallCommand, { readonly kind: 'pickup' }>

const GROUP = {
  id: 'g',
  orgId: 'acme',
  kind: 'pickup',
  name: 'g',
  lineIds: ['acme-102', 'acme-103', 'acme-104'],
} as const

/** 101 calls 102, whose phone rings; 103 and 104 are in its pickup group. */
function ringing(options: ConstructorParameters<typeof World>[0] = {}): {
  world: World
  phones: [Phone, Phone, Phone, Phone]
} {
  const world = new World({ change: (directory) => ({ ...directory, groups: [GROUP] }), ...options })
  const [a, b, c, d] = world.registered('u101', 'u102', 'u103', 'u104')
  assert.ok(a !== undefined && b !== undefined && c !== undefined && d !== undefined)
  a.invite('102')
  world.run(500)
  b.ring()
  world.run(500)
  world.trace()
  return { world, phones: [a, b, c, d] }
}

function pickup(world: World, person: string, options: Partial<Pickup> = {}): CallResult | undefined {
  return world.command({ kind: 'pickup', actor: actorOf(person), ...options })
}

const errorOf = (result: CallResult | undefined): unknown =>
  result?.kind === 'refused' ? result.error : result?.kind

describe('pickup (contract, call controls §5.8)', () => {
  it('rings the own phone, takes the call when that answers, and stops the other’s phones', () => {
    const { world, phones } = ringing()
    const result = pickup(world, 'acme-103', { target: '102' })
    assert.ok(result?.kind === 'placed')
    assert.equal(result.callSessionId, world.list('acme-101')[0]?.callSessionId)
    world.run(500)
    assert.deepEqual(world.brief('acme-103'), ['clickToDial alerting 101'])
    assert.deepEqual(world.brief('acme-102'), ['terminator alerting 101'])
    world.trace()
    phones[2].answer()
    world.run(500)
    assert.deepEqual(world.trace().toSorted(), [
      'acme-101 updated/connected originator connected',
      'acme-102 deleted/disconnected terminator disconnected',
      'acme-103 updated/connected originator connected',
      'acme/u101 200',
      'acme/u102 cancelled',
    ])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 103'])
    assert.deepEqual(world.brief('acme-103'), ['originator connected 101'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
    assert.equal(world.records[0]?.cause, 'normal')
  })

  it('finds the oldest call that rings in the own group, never the own', () => {
    const { world, phones } = ringing()
    world.run(100)
    phones[1].invite('103')
    world.run(200)
    assert.equal(errorOf(pickup(world, 'acme-104')), 'placed')
    assert.equal(errorOf(pickup(world, 'acme-102')), 'nothing_to_pick_up') // It placed the other one.
    world.run(500)
    assert.deepEqual(world.brief('acme-104'), ['clickToDial alerting 101'])
    phones[0].hangUp()
    world.run(500)
    assert.deepEqual(world.brief('acme-104'), [])
    phones[1].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('refuses by name', () => {
    const { world, phones } = ringing({ change: (directory) => directory })
    assert.equal(errorOf(pickup(world, 'acme-103')), 'no_pickup_group')
    assert.equal(errorOf(pickup(world, 'acme-103', { target: '' })), 'destination_invalid')
    assert.equal(errorOf(pickup(world, 'acme-103', { target: '104' })), 'nothing_to_pick_up')
    assert.equal(errorOf(pickup(world, 'acme-103', { target: '999' })), 'nothing_to_pick_up')
    assert.equal(errorOf(pickup(world, 'acme-103', { target: '102', endpointId: 'x' })), 'endpoint_unknown')
    assert.equal(errorOf(pickup(world, 'acme-101', { target: '102' })), 'nothing_to_pick_up')
    phones[1].answer()
    world.run(500)
    assert.equal(errorOf(pickup(world, 'acme-103', { target: '102' })), 'nothing_to_pick_up')
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('race: pickup by two at once: one has the call, the other hears busy and its call ends', () => {
    for (const seed of [1, 2, 3, 4]) {
      const { world, phones } = ringing({ seed, change: (directory) => ({ ...directory, groups: [GROUP] }) })
      pickup(world, 'acme-103')
      pickup(world, 'acme-104')
      world.run(500)
      phones[2].answer()
      phones[3].answer()
      world.run(500)
      const calls = [...world.brief('acme-103'), ...world.brief('acme-104')]
      assert.deepEqual(calls.toSorted(), ['originator connected 101', 'originator connecting 101'])
      world.run(5_000)
      assert.equal([...world.list('acme-103'), ...world.list('acme-104')].length, 1)
      assert.equal(world.list('acme-101').length, 1)
      phones[0].hangUp()
      world.run(60_000)
      world.assertAtRest(`seed ${seed}`)
    }
  })

  it('race: the call is answered, given up or forwarded while the own phone rings', () => {
    for (const what of ['answered', 'given up', 'rang out'] as const) {
      const { world, phones } = ringing()
      pickup(world, 'acme-103', { target: '102' })
      world.run(500)
      if (what === 'answered') phones[1].answer()
      if (what === 'given up') phones[0].hangUp()
      world.run(what === 'rang out' ? LIMITS.ringMsMax : 500)
      if (what === 'answered') {
        phones[2].answer()
        world.run(500)
        assert.deepEqual(world.brief('acme-103'), ['originator connecting 101'])
        world.run(5_000)
      }
      assert.deepEqual(world.brief('acme-103'), [], what)
      assert.deepEqual(world.brief('acme-102'), what === 'answered' ? ['terminator connected 101'] : [])
      if (what === 'answered') phones[0].hangUp()
      world.run(60_000)
      world.assertAtRest(what)
    }
  })

  it('race: the call is forwarded while the own phone answers: it rings on where it went', () => {
    const { world, phones } = ringing({
      change: (directory) => ({ ...directory, groups: [GROUP] }),
      lines: { 'acme-102': { ringSeconds: 5, forwarding: { noAnswer: '104' } } },
    })
    pickup(world, 'acme-103', { target: '102' })
    world.run(6_000)
    assert.deepEqual(world.brief('acme-104'), ['terminator alerting 101'])
    phones[2].answer()
    world.run(500)
    assert.deepEqual(world.brief('acme-103'), ['originator connecting 101'])
    assert.deepEqual(world.brief('acme-101'), ['originator connecting 104'])
    phones[3].answer()
    world.run(5_000)
    assert.deepEqual(world.brief('acme-101'), ['originator connected 104'])
    assert.deepEqual(world.brief('acme-103'), [])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('leaves the call ringing when the own phone is not answered', () => {
    const { world, phones } = ringing()
    pickup(world, 'acme-103', { target: '102' })
    world.run(500)
    phones[2].reject(486)
    world.run(500)
    assert.deepEqual(world.brief('acme-103'), [])
    assert.deepEqual(world.brief('acme-102'), ['terminator alerting 101'])
    phones[1].answer()
    world.run(500)
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    phones[1].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('picks up what a mute transfer rings: the transferred call goes to whoever picked up', () => {
    const { world, phones } = ringing()
    phones[1].answer()
    world.run(500)
    const callId1 = world.list('acme-102')[0]?.callId ?? ''
    world.command({ kind: 'transfer', actor: actorOf('acme-102'), callId1, destination: '103' })
    world.run(500)
    assert.equal(errorOf(pickup(world, 'acme-104', { target: '103' })), 'placed')
    world.run(500)
    phones[3].answer()
    world.run(500)
    assert.deepEqual(world.brief('acme-104'), ['originator connected 101'])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 104'])
    assert.deepEqual([...world.brief('acme-102'), ...world.brief('acme-103')], [])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })
})
