import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { actorOf, LIMITS, type Phone, World } from '../world.test.ts'

/** 101 calls the executive 102; the assistant 103 answers. */
function answeredByAssistant(): { world: World; phones: [Phone, Phone, Phone] } {
  const world = new World({ lines: { 'acme-102': { assistants: ['acme-103', 'acme-104'] } } })
  const [a, b, c] = world.registered('u101', 'u102', 'u103', 'u104')
  assert.ok(a !== undefined && b !== undefined && c !== undefined)
  a.invite('102')
  world.run(500)
  c.answer()
  world.run(500)
  world.trace()
  return { world, phones: [a, b, c] }
}

function push(world: World, person: string, callId?: string): unknown {
  const result = world.command({
    kind: 'push',
    actor: actorOf(person),
    ...(callId === undefined ? {} : { callId }),
  })
  return result?.kind === 'refused' ? result.error : result?.kind
}

describe('push (contract, call controls §5.8)', () => {
  it('rings the executive alone, who has the call when they answer', () => {
    const { world, phones } = answeredByAssistant()
    assert.deepEqual(world.brief('acme-103'), ['terminator connected 101'])
    assert.equal(push(world, 'acme-103'), 'done')
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), ['terminator alerting 103'])
    assert.deepEqual(world.brief('acme-104'), [])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 103'])
    phones[1].answer()
    world.run(500)
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    assert.deepEqual(world.brief('acme-103'), [])
    phones[1].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('leaves the call with the assistant when the executive does not answer', () => {
    const { world, phones } = answeredByAssistant()
    push(world, 'acme-103')
    world.run(LIMITS.ringMsMax + 500)
    assert.deepEqual(world.brief('acme-103'), ['terminator connected 101'])
    assert.deepEqual(world.brief('acme-102'), [])
    phones[2].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('refuses what is tied to no executive, unknown, ambiguous, or under way', () => {
    const { world, phones } = answeredByAssistant()
    assert.equal(push(world, 'acme-101'), 'no_executive')
    assert.equal(push(world, 'acme-103', 'nowhere'), 'call_not_found')
    assert.equal(push(world, 'acme-102'), 'call_ambiguous') // Ruling 18: none is not exactly one.
    const callId = world.list('acme-103')[0]?.callId ?? ''
    assert.equal(push(world, 'acme-103', callId), 'done')
    assert.equal(push(world, 'acme-103', callId), 'call_state_forbids')
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })
})
