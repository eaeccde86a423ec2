import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Phone, World } from '../world.test.ts'

/** 101 calls 102; 102 has a second phone, and 103 is there as well. */
function calling(options: { answered: boolean }): { world: World; phones: [Phone, Phone, Phone, Phone] } {
  const world = new World()
  const [a, b, c, second] = world.registered('u101', 'u102', 'u103', 'u102b')
  assert.ok(a !== undefined && b !== undefined && c !== undefined && second !== undefined)
  a.invite('102')
  world.run(500)
  b.ring()
  second.reject(486)
  world.run(500)
  if (options.answered) b.answer()
  world.run(500)
  world.trace()
  return { world, phones: [a, b, c, second] }
}

const replaces = (value: string): { headers: [string, string][] } => ({ headers: [['Replaces', value]] })

describe('INVITE with Replaces (RFC 3891 §3)', () => {
  it('moves a line’s talk to its other phone, as a pull does', () => {
    const { world, phones } = calling({ answered: true })
    const callId = world.list('acme-102')[0]?.callId
    phones[3].invite('102', replaces(phones[1].replacesOf(phones[1].call)))
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101'])
    assert.equal(world.list('acme-102')[0]?.callId, callId)
    const trace = world.trace()
    assert.ok(trace.includes('acme/u102b 200') && trace.includes('acme/u102 ended bye'), trace.join('\n'))
    phones[3].hangUp()
    world.run(60_000)
    assert.deepEqual(world.brief('acme-101'), [])
    world.assertAtRest()
  })

  it('gives a colleague the place of a talker, who leaves as forwarded', () => {
    const { world, phones } = calling({ answered: true })
    phones[2].invite('102', replaces(phones[1].replacesOf(phones[1].call)))
    world.run(500)
    assert.deepEqual(world.brief('acme-101'), ['originator connected 103'])
    assert.deepEqual(world.brief('acme-102'), [])
    assert.deepEqual(world.brief('acme-103'), ['originator connected 101'])
    assert.ok(world.trace().includes('acme-102 deleted/forwarded terminator disconnected'))
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('picks up a call that rings, early-only or not', () => {
    for (const suffix of ['', ';early-only']) {
      const { world, phones } = calling({ answered: false })
      phones[2].invite('102', replaces(`${phones[1].replacesOf(phones[1].call)}${suffix}`))
      world.run(500)
      assert.deepEqual(world.brief('acme-101'), ['originator connected 103'], suffix)
      assert.deepEqual(world.brief('acme-102'), [])
      assert.deepEqual(world.brief('acme-103'), ['originator connected 101'])
      phones[0].hangUp()
      world.run(60_000)
      world.assertAtRest()
    }
  })

  it('refuses what it does not know (481), what is answered and had to ring (486), and the unreadable (400)', () => {
    const { world, phones } = calling({ answered: true })
    const [z] = world.registered('zeta/u101')
    assert.ok(z !== undefined)
    const value = phones[1].replacesOf(phones[1].call)
    for (const [phone, text, status] of [
      [phones[2], 'nobody;to-tag=1;from-tag=2', 481],
      [z, value, 481],
      [phones[2], `${value};early-only`, 486],
      [phones[2], 'nobody', 400],
    ] as const) {
      phone.invite('102', replaces(text))
      world.run(500)
      assert.deepEqual(world.trace(), [`${phone.name} ${status}`], text)
    }
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('does not take the place of a caller whose own call still rings (RFC 3891 §3)', () => {
    const { world, phones } = calling({ answered: false })
    phones[2].invite('102', replaces(phones[0].replacesOf(phones[0].call)))
    world.run(500)
    assert.deepEqual(world.trace(), ['acme/u103 481'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('race: the call ends while the media of the new phone is made ready', () => {
    const { world, phones } = calling({ answered: true })
    world.media.allocateMs = 200
    phones[2].invite('102', replaces(phones[1].replacesOf(phones[1].call)))
    world.run(50)
    phones[0].hangUp()
    world.run(1_000)
    assert.ok(world.trace().includes('acme/u103 481'))
    assert.deepEqual(world.brief('acme-103'), [])
    world.run(60_000)
    world.assertAtRest()
  })
})
