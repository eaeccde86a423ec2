import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CallResult } from '../commands.ts'
import { actorOf, type Phone, World } from '../world.test.ts'

function talking(): {
  world: World
  phones: Phone[]
  mute: (kind: 'mute' | 'unmute') => CallResult | undefined
} {
  const world = new World({ recording: { 'acme-102': 'Always' } })
  const phones = world.registered('u101', 'u102')
  phones[0]?.invite('102')
  world.run(500)
  phones[1]?.answer()
  world.run(500)
  world.shows = { media: true, events: true }
  world.trace()
  const callId = world.list('acme-101')[0]?.callId ?? ''
  return { world, phones, mute: (kind) => world.command({ kind, actor: actorOf('acme-101'), callId }) }
}

describe('mute and unmute (contract, call controls §4)', () => {
  it('silences the own voice at the anchor; only the own view changes, and repeating changes nothing', () => {
    const { world, phones, mute } = talking()
    assert.deepEqual(mute('mute'), { kind: 'done' })
    assert.deepEqual(world.trace(), ['media mute #1', 'acme-101 updated/muted originator connected'])
    assert.equal(world.list('acme-101')[0]?.muted, true)
    assert.equal(world.list('acme-102')[0]?.muted, false)
    assert.deepEqual(mute('mute'), { kind: 'done' })
    assert.deepEqual(world.trace(), [])
    assert.deepEqual(mute('unmute'), { kind: 'done' })
    assert.deepEqual(world.trace(), ['media unmute #1', 'acme-101 updated/unmuted originator connected'])
    assert.deepEqual(mute('unmute'), { kind: 'done' })
    assert.deepEqual(world.trace(), [])
    phones[0]?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('works while the own side holds, stays through the resume, and is refused while the other side does', () => {
    const { world, phones, mute } = talking()
    phones[0]?.reinvite('sendonly')
    world.run(500)
    assert.deepEqual(mute('mute'), { kind: 'done' })
    phones[0]?.reinvite('sendrecv')
    world.run(500)
    assert.equal(world.list('acme-101')[0]?.muted, true)
    phones[1]?.reinvite('inactive')
    world.run(500)
    assert.deepEqual(mute('unmute'), { kind: 'refused', error: 'call_state_forbids' })
    assert.equal(world.list('acme-101')[0]?.muted, true)
  })

  it('is refused before the answer, and after the end', () => {
    const world = new World()
    const [caller, callee] = world.registered('u101', 'u102')
    caller?.invite('102')
    world.run(500)
    const [ringing] = world.list('acme-102')
    const command = { kind: 'mute', actor: actorOf('acme-102'), callId: ringing?.callId ?? '' } as const
    assert.equal(ringing?.muteCapable, false)
    assert.deepEqual(world.command(command), { kind: 'refused', error: 'call_state_forbids' })
    callee?.reject(486)
    world.run(60_000)
    assert.deepEqual(world.command(command), { kind: 'refused', error: 'call_not_found' })
    world.assertAtRest()
  })
})
