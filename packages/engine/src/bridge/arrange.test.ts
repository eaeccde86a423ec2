import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { actorOf, talking, World } from '../world.test.ts'

function callOf(world: World, person: string): string {
  return world.list(person)[0]?.callId ?? ''
}

const attachments = (world: World): string[] => world.trace().filter((line) => /attach|detach/.test(line))

describe('who hears whom, and what is kept of it', () => {
  it('keeps nothing of a call while either side holds it', () => {
    const { world, phones } = talking({ recording: { 'acme-101': 'Always' } })
    world.shows.media = true
    phones[1].reinvite('sendonly')
    world.run(500)
    assert.deepEqual(attachments(world), ['media detach #1', 'media detach #2'])
    phones[1].reinvite('sendrecv')
    world.run(500)
    assert.deepEqual(attachments(world), ['media attach left #1', 'media attach right #2'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('tells whoever was held that they talk when somebody joins them, and that they are held when that one leaves', () => {
    const { world, phones } = talking()
    world.command({ kind: 'hold', actor: actorOf('acme-101'), callId: callOf(world, 'acme-101') })
    world.command({ kind: 'bargeIn', actor: actorOf('acme-103'), target: '102' })
    world.run(500)
    world.trace()
    phones[2].answer()
    world.run(500)
    assert.deepEqual(world.trace(), [
      'acme-103 updated/connected originator connected',
      'acme-102 updated/remoteResumed terminator connected',
    ])
    phones[2].hangUp()
    world.run(500)
    assert.deepEqual(world.trace(), [
      'acme-103 deleted/disconnected originator disconnected',
      'acme-102 updated/remoteHeld terminator remoteHeld',
    ])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('tells a transferor who was held that they are not while the holder is sent on, and again when it comes back', () => {
    const { world, phones } = talking()
    const [a, b, c] = phones
    a.reinvite('sendonly')
    world.run(500)
    world.trace()
    b.refer('<sip:103@acme.test>')
    world.run(500)
    c.reject(486)
    world.run(500)
    assert.deepEqual(
      world.trace().filter((line) => line.startsWith('acme-102')),
      [
        'acme-102 updated/remoteResumed terminator connected',
        'acme-102 updated/remoteHeld terminator remoteHeld',
      ],
    )
    a.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('tells who has joined a call that it is another session, when the call is transferred', () => {
    const world = new World()
    const [a, b, c, d] = world.registered('u101', 'u102', 'u103', 'u104')
    a?.invite('102')
    world.run(500)
    b?.answer()
    world.run(500)
    world.command({ kind: 'bargeIn', actor: actorOf('acme-103'), target: '101' })
    world.run(500)
    c?.answer()
    world.run(500)
    d?.invite('102')
    world.run(500)
    b?.answer()
    world.run(500)
    const [first, second] = world.list('acme-102')
    world.command({
      kind: 'transfer',
      actor: actorOf('acme-102'),
      callId1: second?.callId ?? '',
      callId2: first?.callId ?? '',
    })
    const told = world.events.findLast((event) => event.kind === 'call' && event.lineId === 'acme-103')
    assert.deepEqual(told?.kind === 'call' && told.call, world.list('acme-103')[0])
    for (const phone of [a, b, c, d]) phone?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('lets nobody who holds their call hear a phone that rings (RFC 3960)', () => {
    const { world, phones } = talking({ limits: { parkRecallMs: 5_000 } })
    const [a, b] = phones
    world.command({ kind: 'park', actor: actorOf('acme-102'), callId: callOf(world, 'acme-102') })
    a.reinvite('sendonly')
    world.run(6_000)
    world.shows.media = true
    b.act(b.endpoint.progress(world.now, b.call, 183, { answer: b.description() }))
    world.run(500)
    assert.deepEqual(
      world.trace().filter((line) => line.includes('bridge')),
      [],
    )
    a.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })
})
