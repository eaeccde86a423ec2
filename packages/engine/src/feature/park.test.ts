import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CallCommand, CallResult } from '../commands.ts'
import { actorOf, LIMITS, talking, type World } from '../world.test.ts'
import { PARK_RECALL_MS, RECALLS_MAX } from './park.ts'

type Park = Extract<CallCommand, { readonly kind: 'park' }>
type Retrieve = Extract<CallCommand, { readonly kind: 'retrieve' }>

const PARK_GROUP = {
  id: 'g',
  orgId: 'acme',
  kind: 'park',
  name: 'g',
  lineIds: ['acme-102', 'acme-103'],
} as const

function park(
  world: World,
  person: string,
  options: Partial<Pick<Park, 'callId' | 'destination' | 'isGroupPark'>> = {},
): CallResult | undefined {
  const callId = world.list(person)[0]?.callId ?? ''
  return world.command({ kind: 'park', actor: actorOf(person), callId, ...options })
}

function retrieve(world: World, person: string, options: Partial<Retrieve> = {}): CallResult | undefined {
  return world.command({ kind: 'retrieve', actor: actorOf(person), ...options })
}

const numberOf = (result: CallResult | undefined): unknown =>
  result?.kind === 'parked'
    ? result.parkedAgainst.number
    : result?.kind === 'refused'
      ? result.error
      : result?.kind

describe('park (contract, call controls §5.5)', () => {
  it('tells who was held already that they wait elsewhere, and who was not that they are held (webhooks §6)', () => {
    for (const held of [false, true]) {
      const { world, phones } = talking()
      const callId = world.list('acme-102')[0]?.callId ?? ''
      if (held)
        assert.deepEqual(world.command({ kind: 'hold', actor: actorOf('acme-102'), callId }), {
          kind: 'done',
        })
      world.trace()
      assert.equal(numberOf(park(world, 'acme-102')), '102')
      const type = held ? 'updated' : 'remoteHeld'
      assert.ok(world.trace().includes(`acme-101 updated/${type} originator remoteHeld`))
      phones[0].hangUp()
      world.run(60_000)
      world.assertAtRest()
    }
  })

  it('lets the other side wait with music, and frees who parked it', () => {
    const { world, phones } = talking()
    world.shows.media = true
    assert.equal(numberOf(park(world, 'acme-102', { destination: '103' })), '103')
    assert.deepEqual(world.brief('acme-101'), ['originator remoteHeld 103'])
    assert.deepEqual(world.brief('acme-102'), [])
    assert.deepEqual(world.brief('acme-103'), [])
    world.run(500)
    assert.deepEqual(
      world.trace().filter((line) => !line.endsWith(' 200')),
      [
        'media release #2',
        'acme-102 deleted/forwarded terminator disconnected',
        'media play #1 music',
        'acme-101 updated/remoteHeld originator remoteHeld',
        'acme/u102 ended bye',
      ],
    )
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('names the own line when no destination is given, and a free member of the park group', () => {
    const { world } = talking({ change: (directory) => ({ ...directory, groups: [PARK_GROUP] }) })
    assert.equal(numberOf(park(world, 'acme-102')), '102')
    const other = talking({ change: (directory) => ({ ...directory, groups: [PARK_GROUP] }) })
    other.phones[2].invite('102')
    other.world.run(500)
    other.phones[1].answer()
    other.world.run(500)
    const [first, second] = other.world.list('acme-102').map(({ callId }) => callId)
    const group = { isGroupPark: true, destination: '101' }
    assert.equal(numberOf(park(other.world, 'acme-102', { ...group, callId: first ?? '' })), '102')
    assert.equal(numberOf(park(other.world, 'acme-102', { ...group, callId: second ?? '' })), '103')
    for (const each of [world, other.world]) {
      for (const person of ['acme-101', 'acme-103'])
        for (const { callId } of each.list(person)) each.hangup(person, callId)
      each.run(60_000)
      each.assertAtRest()
    }
  })

  it('refuses by name, and changes nothing', () => {
    const { world, phones } = talking()
    const error = (person: string, options: Parameters<typeof park>[2] = {}): unknown =>
      numberOf(park(world, person, options))
    assert.equal(error('acme-102', { isGroupPark: true }), 'no_park_group')
    assert.equal(error('acme-102', { destination: '999' }), 'destination_invalid')
    assert.equal(error('acme-102', { destination: 'not a number' }), 'destination_invalid')
    assert.equal(error('acme-102', { callId: 'nowhere' }), 'call_not_found')
    phones[0].reinvite('sendonly')
    world.run(500)
    assert.equal(error('acme-102'), 'call_state_forbids') // The other side holds it.
    phones[0].reinvite('sendrecv')
    world.run(500)
    phones[2].invite('101')
    world.run(500)
    const ringing = world.list('acme-101')[1]?.callId ?? ''
    assert.equal(error('acme-101', { callId: ringing }), 'call_state_forbids')
    phones[0].answer()
    world.run(500)
    assert.equal(numberOf(park(world, 'acme-101', { callId: ringing, destination: '104' })), '104')
    phones[0].reinvite('sendonly', undefined, phones[0].calls[0]) // The API held it when the other was answered.
    world.run(500)
    phones[0].reinvite('sendrecv', undefined, phones[0].calls[0])
    world.run(500)
    assert.equal(error('acme-102', { destination: '104' }), 'park_taken')
    assert.equal(error('acme-103'), 'call_state_forbids') // It waits parked itself.
    phones[1].hangUp()
    phones[2].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('comes back to who parked it, with where it had been, and can be answered', () => {
    const { world, phones } = talking()
    park(world, 'acme-102', { destination: '103' })
    world.run(PARK_RECALL_MS + 500)
    const [recall] = world.list('acme-102')
    assert.deepEqual(world.brief('acme-102'), ['terminator alerting 101'])
    assert.equal(recall?.recall?.type, 'park')
    assert.equal(recall?.recall?.party.number, '103')
    assert.deepEqual(world.brief('acme-101'), ['originator remoteHeld 103'])
    phones[1].answer()
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101'])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    phones[1].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('waits on when the recall is not answered, three times, and then goes where unanswered calls go', () => {
    const lines = { 'acme-102': { forwarding: { noAnswer: '103' } } }
    const { world, phones } = talking({ lines })
    park(world, 'acme-102', { destination: '104' })
    for (let recall = 1; recall <= RECALLS_MAX; recall++) {
      world.run(PARK_RECALL_MS + 500)
      assert.deepEqual(world.brief('acme-102'), ['terminator alerting 101'], `recall ${recall}`)
      assert.deepEqual(world.brief('acme-101'), ['originator remoteHeld 104'])
      if (recall < RECALLS_MAX) assert.equal(numberOf(retrieve(world, 'acme-103')), 'nothing_parked')
      world.run(LIMITS.ringMsMax)
    }
    assert.deepEqual(world.brief('acme-102'), [])
    assert.deepEqual(world.brief('acme-101'), ['originator connecting 103'])
    assert.deepEqual(world.brief('acme-103'), ['terminator alerting 101'])
    phones[2].answer()
    world.run(500)
    assert.deepEqual(world.brief('acme-101'), ['originator connected 103'])
    phones[2].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('ends with a busy tone after the last recall when there is nowhere to go', () => {
    const { world, phones } = talking({ limits: { parkRecallMs: 5_000 } })
    park(world, 'acme-102')
    phones[1].onInvited = () => phones[1].reject(486)
    world.run(5_000 * RECALLS_MAX + 10_000)
    assert.deepEqual(world.brief('acme-101'), [])
    world.run(60_000)
    world.assertAtRest()
  })

  it('comes back after the organisation’s own time', () => {
    const { world, phones } = talking({
      change: (directory) => ({
        ...directory,
        organizations: directory.organizations.map((each) => ({ ...each, parkRecallSeconds: 10 })),
      }),
    })
    park(world, 'acme-102')
    world.run(9_900)
    assert.deepEqual(world.brief('acme-102'), [])
    world.run(200)
    assert.deepEqual(world.brief('acme-102'), ['terminator alerting 101'])
    phones[0].hangUp()
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), [])
    world.run(60_000)
    world.assertAtRest()
  })
})

describe('retrieve (contract, call controls §5.5)', () => {
  function parked(options: ConstructorParameters<typeof World>[0] = {}): ReturnType<typeof talking> {
    const made = talking(options)
    park(made.world, 'acme-102', { destination: '103' })
    made.world.run(500)
    made.world.trace()
    return made
  }

  it('rings the own phone, then joins it with whoever was parked, in the same session', () => {
    const { world, phones } = parked()
    const session = world.list('acme-101')[0]?.callSessionId
    const result = retrieve(world, 'acme-103')
    assert.ok(result?.kind === 'placed')
    assert.equal(result.callSessionId, session)
    world.run(500)
    assert.deepEqual(world.brief('acme-103'), ['clickToDial alerting 101'])
    world.shows.media = true
    phones[2].answer()
    world.run(500)
    assert.deepEqual(world.brief('acme-103'), ['originator connected 101'])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 103'])
    assert.deepEqual(world.trace(), [
      'acme-103 created/originated clickToDial alerting',
      'acme/u103 INVITE',
      'media configure #3 PCMU 198.51.100.3:40000 send receive relearn',
      'media bridge #1 #3',
      'acme-103 updated/connected originator connected',
      'acme-101 updated/updated originator connected',
    ])
    phones[2].hangUp()
    world.run(60_000)
    world.assertAtRest()
    assert.equal(world.records.length, 1)
  })

  it('refuses when nothing is parked there, and for whoever waits there', () => {
    const { world, phones } = parked()
    assert.equal(numberOf(retrieve(world, 'acme-102')), 'nothing_parked')
    assert.equal(numberOf(retrieve(world, 'acme-102', { destination: '999' })), 'nothing_parked')
    assert.equal(numberOf(retrieve(world, 'acme-102', { destination: '' })), 'destination_invalid')
    assert.equal(numberOf(retrieve(world, 'acme-101', { destination: '103' })), 'nothing_parked')
    assert.equal(numberOf(retrieve(world, 'acme-104', { destination: '103' })), 'no_registered_device')
    assert.equal(numberOf(retrieve(world, 'zeta-103')), 'no_registered_device')
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('race: of two who retrieve at once the first to answer gets it, the other hears busy', () => {
    const { world, phones } = parked()
    retrieve(world, 'acme-103')
    retrieve(world, 'acme-102', { destination: '103' })
    world.run(500)
    phones[1].answer()
    phones[2].answer()
    world.run(500)
    const calls = [...world.brief('acme-102'), ...world.brief('acme-103')]
    assert.deepEqual(calls.toSorted(), ['originator connected 101', 'originator connecting 101'])
    world.run(5_000)
    const left = [...world.brief('acme-102'), ...world.brief('acme-103')]
    assert.deepEqual(left, ['originator connected 101'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('race: whoever is parked hangs up while the own phone rings, or answers', () => {
    for (const crosses of [true, false]) {
      const { world, phones } = parked()
      retrieve(world, 'acme-103')
      world.run(500)
      if (crosses) phones[2].answer()
      phones[0].hangUp()
      world.run(500)
      assert.deepEqual(world.brief('acme-101'), [])
      assert.deepEqual(world.brief('acme-103'), [])
      world.run(60_000)
      world.assertAtRest()
    }
  })

  it('race: the retriever gives up (CANCEL) while its phone answers (200); the parked call waits on', () => {
    const { world, phones } = parked()
    const result = retrieve(world, 'acme-103')
    assert.ok(result?.kind === 'placed')
    world.run(500)
    phones[2].answer()
    world.hangup('acme-103', result.callId)
    world.run(1_000)
    assert.deepEqual(world.brief('acme-103'), [])
    assert.deepEqual(world.brief('acme-101'), ['originator remoteHeld 103'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('takes a call that is coming back already, and the parker’s phones stop', () => {
    const { world, phones } = parked({ limits: { parkRecallMs: 5_000 } })
    world.run(5_500)
    assert.deepEqual(world.brief('acme-102'), ['terminator alerting 101'])
    retrieve(world, 'acme-103')
    world.run(500)
    phones[2].answer()
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), [])
    assert.deepEqual(world.brief('acme-103'), ['originator connected 101'])
    assert.ok(world.trace().some((line) => line.startsWith('acme/u102 cancelled')))
    phones[2].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })
})
