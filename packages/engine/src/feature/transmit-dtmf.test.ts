import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { actorOf, type Phone, World } from '../world.test.ts'
import { DTMF_LENGTH_MAX } from './transmit-dtmf.ts'

function talking(): { world: World; phones: Phone[] } {
  const world = new World()
  const phones = world.registered('u101', 'u102', 'u103')
  phones[0]?.invite('102')
  world.run(500)
  phones[1]?.answer()
  world.run(500)
  world.shows = { media: true, events: true }
  world.trace()
  return { world, phones }
}

describe('transmitDtmf (contract, call controls §5.7)', () => {
  const actor = actorOf('acme-101')

  it('sends the digits to the other side, in order and with their pauses, and to nobody else', () => {
    const { world, phones } = talking()
    const [call] = world.list('acme-101')
    assert.deepEqual(
      world.command({ kind: 'transmitDtmf', actor, callId: call?.callId ?? '', dtmf: '1,234*#ABCD' }),
      { kind: 'done' },
    )
    assert.deepEqual(world.trace(), ['media sendDigits #2 1,234*#ABCD'])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101'])
    phones[0]?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('takes the characters of the contract, up to the limit', () => {
    const { world } = talking()
    const send = (dtmf: string): unknown => world.command({ kind: 'transmitDtmf', actor, dtmf })
    const invalid = { kind: 'refused', error: 'dtmf_invalid' }
    for (const dtmf of ['', 'a', '1 2', '1;2', 'E', '12\n', '１']) assert.deepEqual(send(dtmf), invalid, dtmf)
    assert.deepEqual(send('1'.repeat(DTMF_LENGTH_MAX)), { kind: 'done' })
    assert.deepEqual(send('1'.repeat(DTMF_LENGTH_MAX + 1)), invalid)
  })

  it('needs an id unless exactly one call of the line is connected (Ruling 18)', () => {
    const { world, phones } = talking()
    const send = (): unknown => world.command({ kind: 'transmitDtmf', actor, dtmf: '1' })
    phones[0]?.reinvite('sendonly')
    world.run(500)
    assert.deepEqual(send(), { kind: 'refused', error: 'call_ambiguous' })
    phones[0]?.invite('103')
    world.run(500)
    phones[2]?.answer()
    world.run(500)
    world.trace()
    assert.deepEqual(send(), { kind: 'done' })
    assert.deepEqual(world.trace(), ['media sendDigits #4 1'])
    assert.deepEqual(world.command({ kind: 'transmitDtmf', actor: actorOf('acme-104'), dtmf: '1' }), {
      kind: 'refused',
      error: 'call_ambiguous',
    })
  })

  it('is refused while the call is held, rings, or is not the line’s own', () => {
    const { world, phones } = talking()
    const [call] = world.list('acme-101')
    const callId = call?.callId ?? ''
    phones[1]?.reinvite('sendonly')
    world.run(500)
    assert.deepEqual(world.command({ kind: 'transmitDtmf', actor, callId, dtmf: '1' }), {
      kind: 'refused',
      error: 'call_state_forbids',
    })
    assert.deepEqual(world.command({ kind: 'transmitDtmf', actor: actorOf('acme-102'), callId, dtmf: '1' }), {
      kind: 'refused',
      error: 'call_not_found',
    })
  })

  it('reaches the other side although the line is muted', () => {
    const { world } = talking()
    const callId = world.list('acme-101')[0]?.callId ?? ''
    world.command({ kind: 'mute', actor, callId })
    world.trace()
    assert.deepEqual(world.command({ kind: 'transmitDtmf', actor, callId, dtmf: '7' }), { kind: 'done' })
    assert.deepEqual(world.trace(), ['media sendDigits #2 7'])
  })
})
