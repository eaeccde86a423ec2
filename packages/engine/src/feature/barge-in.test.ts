import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CallResult } from '../commands.ts'
import { actorOf, talking, type World } from '../world.test.ts'

function bargeIn(world: World, target: string, person = 'acme-103'): CallResult | undefined {
  return world.command({ kind: 'bargeIn', actor: actorOf(person), target })
}

const errorOf = (result: CallResult | undefined): unknown =>
  result?.kind === 'refused' ? result.error : result?.kind

/** 103 has joined the two. */
function joined(): ReturnType<typeof talking> {
  const made = talking()
  assert.equal(errorOf(bargeIn(made.world, '102')), 'placed')
  made.world.run(500)
  made.phones[2].answer()
  made.world.run(500)
  return made
}

describe('barge-in (contract, call controls §5.8)', () => {
  it('mixes all three once the own phone answers, and nothing before', () => {
    const { world, phones } = talking()
    world.shows.media = true
    const result = bargeIn(world, '102')
    assert.ok(result?.kind === 'placed')
    assert.equal(result.callSessionId, world.list('acme-101')[0]?.callSessionId)
    world.run(500)
    assert.deepEqual(world.brief('acme-103'), ['clickToDial alerting 102'])
    assert.deepEqual(world.trace(), [
      'acme-103 created/originated clickToDial alerting',
      'media allocate #3',
      'acme/u103 INVITE',
    ])
    phones[2].answer()
    world.run(500)
    assert.deepEqual(world.trace(), [
      'media configure #3 PCMU 198.51.100.3:40000 send receive relearn',
      'media mix #1',
      'media mix #2',
      'media mix #3',
      'acme-103 updated/connected originator connected',
    ])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101'])
    assert.deepEqual(world.brief('acme-103'), ['originator connected 102'])
    phones[2].hangUp()
    world.run(500)
    assert.ok(world.trace().includes('media bridge #1 #2'))
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('lets the other two go on when the target leaves, and when the other side does', () => {
    for (const leaver of [0, 1] as const) {
      const { world, phones } = joined()
      phones[leaver].hangUp()
      world.run(500)
      const rest = leaver === 0 ? 'acme-102' : 'acme-101'
      assert.equal(world.list(rest)[0]?.remoteParty.number, '103')
      assert.equal(world.list('acme-103')[0]?.remoteParty.number, rest.slice(-3))
      phones[2].hangUp()
      world.run(60_000)
      assert.deepEqual(world.brief(rest), [])
      world.assertAtRest()
    }
  })

  it('keeps the held out: who holds is not heard, the others talk', () => {
    const { world, phones } = joined()
    world.shows.media = true
    world.trace()
    phones[1].reinvite('sendonly')
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), ['terminator held 101'])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    assert.ok(world.trace().includes('media bridge #1 #3'))
    phones[1].hangUp()
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('leaves a talk of three as it is when one of them would divert it: who stayed would be alone', () => {
    const { world, phones } = joined()
    for (const person of ['acme-101', 'acme-102', 'acme-103']) {
      const callId = world.list(person)[0]?.callId ?? ''
      const result = world.command({ kind: 'divert', actor: actorOf(person), callId, destination: '104' })
      assert.equal(errorOf(result), 'call_state_forbids')
    }
    for (const phone of phones) phone.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('gives a joiner another party when the one that it has joined transfers its call', () => {
    const { world, phones } = joined()
    const [d] = world.registered('u104')
    phones[1].invite('104')
    world.run(500)
    d?.answer()
    world.run(500)
    const [first, second] = world.list('acme-102')
    world.command({
      kind: 'transfer',
      actor: actorOf('acme-102'),
      callId1: first?.callId ?? '',
      callId2: second?.callId ?? '',
    })
    assert.deepEqual(world.brief('acme-103'), ['originator connected 101'])
    const told = world.events.findLast((event) => event.kind === 'call' && event.lineId === 'acme-103')
    assert.deepEqual(told?.kind === 'call' && told.call, world.list('acme-103')[0])
    for (const phone of [...phones, d]) phone?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('refuses by name', () => {
    const { world, phones } = talking({ lines: { 'acme-102': { bargeIn: false } } })
    assert.equal(errorOf(bargeIn(world, '102')), 'barge_in_forbidden')
    assert.equal(errorOf(bargeIn(world, '')), 'destination_invalid')
    assert.equal(errorOf(bargeIn(world, '104')), 'nothing_to_join')
    assert.equal(errorOf(bargeIn(world, '999')), 'nothing_to_join')
    assert.equal(errorOf(bargeIn(world, '101', 'acme-102')), 'nothing_to_join') // It is in that call.
    phones[0].reinvite('sendonly')
    world.run(500)
    assert.equal(errorOf(bargeIn(world, '101')), 'nothing_to_join') // It holds.
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('race: hangup during barge-in: the call ends while the own phone rings, or as it answers', () => {
    for (const crosses of [true, false]) {
      const { world, phones } = talking()
      bargeIn(world, '102')
      world.run(500)
      if (crosses) phones[2].answer()
      phones[0].hangUp()
      world.run(500)
      if (crosses && world.list('acme-103').length > 0) phones[2].hangUp()
      world.run(60_000)
      for (const person of ['acme-101', 'acme-102', 'acme-103']) assert.deepEqual(world.brief(person), [])
      world.assertAtRest()
    }
  })

  it('race: the target transfers its call away while the own phone rings', () => {
    const { world, phones } = talking()
    world.registered('u104')
    bargeIn(world, '102')
    world.run(500)
    const callId1 = world.list('acme-102')[0]?.callId ?? ''
    world.command({ kind: 'transfer', actor: actorOf('acme-102'), callId1, destination: '104' })
    world.run(500)
    world.phones.get('acme/u104')?.answer()
    world.run(500)
    phones[2].answer()
    world.run(500)
    assert.deepEqual(world.brief('acme-103'), ['originator connecting 102'])
    world.run(5_000)
    assert.deepEqual(world.brief('acme-103'), [])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 104'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })
})
