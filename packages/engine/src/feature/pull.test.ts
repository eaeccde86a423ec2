import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RecordingMode } from '../directory.ts'
import { actorOf, type Phone, World } from '../world.test.ts'

/** 101 talks to 102 at its first phone; 102 has a second one. */
function talking(recording: Readonly<Record<string, RecordingMode>> = {}): {
  world: World
  phones: [Phone, Phone, Phone]
} {
  const world = new World({ recording })
  const [a, b, second] = world.registered('u101', 'u102', 'u102b')
  assert.ok(a !== undefined && b !== undefined && second !== undefined)
  a.invite('102')
  world.run(500)
  b.answer()
  world.run(500)
  world.trace()
  return { world, phones: [a, b, second] }
}

function pull(world: World, person: string, endpointId?: string): unknown {
  const result = world.command({
    kind: 'pull',
    actor: actorOf(person),
    ...(endpointId === undefined ? {} : { endpointId }),
  })
  return result?.kind === 'refused' ? result.error : result?.kind
}

describe('pull (contract, call controls §5.8)', () => {
  it('moves the call to the phone that answers; it keeps its id, and the old phone is let go', () => {
    const { world, phones } = talking()
    const callId = world.list('acme-102')[0]?.callId
    assert.equal(pull(world, 'acme-102'), 'placed')
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101', 'clickToDial alerting 101'])
    assert.deepEqual(world.trace(), ['acme-102 created/originated clickToDial alerting', 'acme/u102b INVITE'])
    world.shows.media = true
    phones[2].answer()
    world.run(500)
    const trace = world.trace()
    assert.ok(trace.indexOf('media bridge #1 #4') < trace.indexOf('media release #2'), trace.join('\n'))
    assert.ok(trace.includes('acme/u102 ended bye'))
    assert.ok(trace.includes('acme-102 deleted/disconnected clickToDial disconnected'))
    assert.ok(trace.includes('acme-102 updated/updated terminator connected'))
    assert.equal(
      trace.some((line) => line.startsWith('acme-101')),
      false,
      'the other side sees nothing',
    )
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101'])
    assert.equal(world.list('acme-102')[0]?.callId, callId)
    phones[2].hangUp()
    world.run(60_000)
    world.assertAtRest()
    const temporary = world.events.filter((event) => event.kind === 'call' && event.event === 'deleted')
    assert.equal(temporary.filter((event) => event.kind === 'call' && event.history === undefined).length, 1)
  })

  it('goes on recording, with the new leg on the owner’s side', () => {
    const { world, phones } = talking({ 'acme-102': 'Always' })
    world.shows = { media: true, events: false }
    pull(world, 'acme-102')
    world.run(500)
    world.trace()
    phones[2].answer()
    world.run(500)
    const recorded = world.trace().filter((line) => /tach|Recording/.test(line))
    assert.deepEqual(recorded, ['media detach #2', 'media attach left #4'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
    assert.equal(world.records[0]?.recordings.length, 1)
  })

  it('takes up a call that was held', () => {
    const { world, phones } = talking()
    phones[1].reinvite('sendonly')
    world.run(500)
    pull(world, 'acme-102', 'acme-102-1')
    world.run(500)
    world.trace()
    phones[2].answer()
    world.run(500)
    assert.ok(world.trace().includes('acme-102 updated/resumed terminator connected'))
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('leaves the call where it is when nobody answers', () => {
    const { world, phones } = talking()
    pull(world, 'acme-102')
    world.run(500)
    phones[2].reject(486)
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101'])
    phones[1].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('refuses without a call, without another phone, and of a phone that it does not have', () => {
    const { world, phones } = talking()
    assert.equal(pull(world, 'acme-101'), 'no_registered_device')
    assert.equal(pull(world, 'acme-101', 'acme-102-1'), 'endpoint_unknown')
    phones[0].hangUp()
    world.run(60_000)
    assert.equal(pull(world, 'acme-102'), 'nothing_to_pull')
    world.assertAtRest()
  })

  it('race: the call ends as the new phone answers', () => {
    for (const isAnswerFirst of [true, false]) {
      const { world, phones } = talking()
      pull(world, 'acme-102')
      world.run(500)
      if (isAnswerFirst) phones[2].answer()
      phones[1].hangUp()
      if (!isAnswerFirst) phones[2].answer()
      world.run(500)
      if (world.list('acme-102').length > 0) phones[2].hangUp() // The answer came first: the old phone has no say.
      world.run(60_000)
      assert.deepEqual(world.brief('acme-101'), [])
      world.assertAtRest()
    }
  })
})
