import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeUtf8 } from '@tandem/sip'
import { type Phone, World } from '../world.test.ts'

/** 101 and 102 talk; what follows is shown with its media. */
function talking(): { world: World; caller: Phone; callee: Phone } {
  const world = new World()
  const [caller, callee] = world.registered('u101', 'u102')
  assert.ok(caller !== undefined && callee !== undefined)
  caller.invite('102')
  world.run(500)
  callee.answer()
  world.run(500)
  world.shows = { media: true, events: true }
  world.trace()
  return { world, caller, callee }
}

/** Hangs up, and proves that nothing stays. */
function end(world: World, phone: Phone): void {
  phone.hangUp()
  world.run(60_000)
  world.assertAtRest()
}

describe('hold and resume by the phone (RFC 3264 §8.4)', () => {
  it('answers a phone that holds with the mirrored direction, stops its media, and tells both sides', () => {
    const { world, caller } = talking()
    caller.reinvite('sendonly')
    world.run(500)
    assert.deepEqual(world.trace(), [
      'media configure #1 PCMU 198.51.100.1:40000',
      'media unbridge #1',
      'media play #2 music',
      'acme-101 updated/held originator held',
      'acme-102 updated/remoteHeld terminator remoteHeld',
      'acme/u101 answered recvonly',
    ])
    assert.deepEqual(world.brief('acme-102'), ['terminator remoteHeld 101'])
    caller.reinvite('sendrecv')
    world.run(500)
    assert.deepEqual(world.trace(), [
      'media configure #1 PCMU 198.51.100.1:40000 send receive',
      'media bridge #1 #2',
      'acme-101 updated/resumed originator connected',
      'acme-102 updated/remoteResumed terminator connected',
      'acme/u101 answered sendrecv',
    ])
    end(world, caller)
  })

  it('takes inactive for a hold too', () => {
    const { world, callee } = talking()
    callee.reinvite('inactive')
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), ['terminator held 101'])
    assert.deepEqual(world.brief('acme-101'), ['originator remoteHeld 102'])
    end(world, callee)
  })

  it("shows the own hold before the other side's, and that one again after the own resume", () => {
    const { world, caller, callee } = talking()
    callee.reinvite('sendonly')
    world.run(500)
    caller.reinvite('sendonly')
    world.run(500)
    assert.deepEqual(world.brief('acme-101'), ['originator held 102'])
    assert.deepEqual(world.brief('acme-102'), ['terminator held 101'])
    caller.reinvite('sendrecv')
    world.run(500)
    assert.deepEqual(world.brief('acme-101'), ['originator remoteHeld 102'])
    const shown = world.trace().filter((line) => line.startsWith('acme-'))
    assert.deepEqual(shown, [
      'acme-102 updated/held terminator held',
      'acme-101 updated/remoteHeld originator remoteHeld',
      'acme-101 updated/held originator held',
      'acme-101 updated/resumed originator remoteHeld',
    ])
    end(world, caller)
  })

  it('takes an address of zeros for a hold, as old phones write it (RFC 2543)', () => {
    const { world, caller } = talking()
    const offer = caller.description()
    const media = offer.media.map((line) => ({ ...line, host: '0.0.0.0' }))
    caller.act(caller.endpoint.offer(world.now, caller.call, { ...offer, media }))
    world.run(500)
    assert.deepEqual(world.brief('acme-101'), ['originator held 102'])
    assert.match(world.trace()[0] ?? '', /^media configure #1 PCMU [0-9.]+:40000( relearn)?$/)
    end(world, caller)
  })

  it('opens learning again when the phone names another address, and only then', () => {
    const { world, caller } = talking()
    caller.reinvite('sendrecv', 40_002)
    world.run(500)
    assert.deepEqual(world.trace(), [
      'media configure #1 PCMU 198.51.100.1:40002 send receive relearn',
      'acme/u101 answered sendrecv',
    ])
    end(world, caller)
  })

  it('refuses an offer without a common codec with 488, and the call goes on', () => {
    const { world, caller } = talking()
    const offer = caller.description()
    const [line] = offer.media
    assert.ok(line !== undefined)
    const g729 = { payloadType: 18, encoding: 'G729', clockRateHz: 8_000, channels: 1 }
    const media = [{ ...line, formats: [g729], formatTokens: ['18'] }]
    caller.act(caller.endpoint.offer(world.now, caller.call, { ...offer, media }))
    world.run(500)
    assert.deepEqual(world.trace(), [])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    end(world, caller)
  })
})

describe('requests inside a call', () => {
  /** The status of a request by 101 inside the call. */
  function ask(
    method: string,
    type: string,
    body: string,
  ): { status: string[]; world: World; caller: Phone } {
    const { world, caller } = talking()
    caller.act(
      caller.endpoint.requestInCall(world.now, caller.call, {
        method,
        headers:
          type === ''
            ? []
            : [
                ['Content-Type', type],
                ['X-Internal', 'secret'],
              ],
        body: encodeUtf8(body),
      }).outputs,
    )
    world.run(1_000)
    return { status: world.trace(), world, caller }
  }

  it('refuses what it does not serve', () => {
    assert.deepEqual(ask('INFO', 'text/plain', 'x').status, ['acme/u101 in call 415'])
    assert.deepEqual(ask('REFER', '', '').status, ['acme/u101 in call 400'])
    assert.deepEqual(ask('MESSAGE', 'text/plain', 'x').status, ['acme/u101 in call 405'])
  })
})
