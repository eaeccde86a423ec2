import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { actorOf, LIMITS, World } from '../world.test.ts'
import { FAILURE_TONE_MS } from './calling.ts'

/** 101 has dialled 102 by API; the own phone rings. */
function dialled(world: World = new World(), destination = '102'): { world: World; callId: string } {
  world.registered('u101', 'u102')
  const { callId } = world.dial('acme-101', destination)
  world.run(500)
  return { world, callId }
}

describe('dial (contract, call controls §5.1)', () => {
  it('rings the own phone, then the destination, and joins them; the call keeps its id', () => {
    const { world, callId } = dialled()
    world.shows.media = true
    assert.deepEqual(world.trace(), ['acme-101 created/originated clickToDial alerting', 'acme/u101 INVITE'])
    assert.deepEqual(world.brief('acme-101'), ['clickToDial alerting 102'])
    world.phones.get('acme/u101')?.answer()
    world.run(500)
    assert.deepEqual(world.trace(), [
      'media configure #1 PCMU 198.51.100.1:40000 send receive relearn',
      'acme-101 updated/updated originator connecting',
      'media play #1 ringback',
      'acme-102 created/received terminator alerting',
      'media allocate #2',
      'acme/u102 INVITE',
    ])
    assert.deepEqual(world.brief('acme-102'), ['terminator alerting 101'])
    world.phones.get('acme/u102')?.answer()
    world.run(500)
    assert.deepEqual(world.trace(), [
      'media configure #2 PCMU 198.51.100.2:40000 send receive relearn',
      'media configure #1 PCMU 198.51.100.1:40000 send receive',
      'media bridge #1 #2',
      'acme-102 updated/answered terminator connected',
      'acme-101 updated/connected originator connected',
    ])
    assert.equal(world.list('acme-101')[0]?.callId, callId)
    assert.deepEqual(world.hangup('acme-101', callId), { kind: 'done' })
    world.shows.media = false
    world.run(60_000)
    assert.deepEqual(world.trace().slice(-3).toSorted(), [
      'acme/u101 ended bye',
      'acme/u102 ended bye',
      'session normal',
    ])
    world.assertAtRest()
  })

  it('asks the own phone to answer by itself, in both ways that phones know', () => {
    const { world } = dialled()
    const headers = world.phones.get('acme/u101')?.requests[0]?.headers
    assert.equal(headers?.get('Call-Info'), '<sip:acme.test>;answer-after=0')
    assert.equal(headers?.get('Alert-Info'), '<http://acme.test>;info=alert-autoanswer;delay=0')
  })

  it('rings all own phones, or only the one named', () => {
    const world = new World()
    world.registered('u101', 'u101b', 'u102')
    world.shows.events = false
    world.dial('acme-101', '102')
    world.run(500)
    assert.deepEqual(world.trace().toSorted(), ['acme/u101 INVITE', 'acme/u101b INVITE'])
    world.phones.get('acme/u101b')?.answer()
    world.run(500)
    assert.ok(world.trace().some((line) => line.startsWith('acme/u101 cancelled')))
    const named = world.command({
      kind: 'dial',
      actor: actorOf('acme-101'),
      destination: '102',
      endpointId: 'acme-101-0',
    })
    assert.equal(named?.kind, 'placed')
    world.run(500)
    assert.deepEqual(world.trace(), ['acme/u101 INVITE'])
  })

  it('refuses by name, and leaves nothing behind', () => {
    const { world, callId } = dialled()
    world.hangup('acme-101', callId)
    world.run(60_000)
    const dial = (lineId: string, destination: string, endpointId?: string): unknown => {
      const actor = actorOf(lineId)
      const result = world.command({
        kind: 'dial',
        actor,
        destination,
        ...(endpointId === undefined ? {} : { endpointId }),
      })
      return result?.kind === 'refused' ? result.error : result?.kind
    }
    assert.equal(dial('acme-101', ''), 'destination_invalid')
    assert.equal(dial('acme-101', 'not a number'), 'destination_invalid')
    assert.equal(dial('acme-103', '102'), 'no_registered_device')
    assert.equal(dial('acme-999', '102'), 'no_registered_device')
    assert.equal(dial('acme-101', '102', 'nowhere'), 'endpoint_unknown')
    assert.equal(dial('acme-101', '102', 'zeta-101-0'), 'endpoint_unknown')
    assert.equal(dial('acme-101', '102', 'acme-102-0'), 'endpoint_unknown')
    assert.equal(dial('acme-101', '102', 'acme-101-1'), 'no_registered_device')
    world.assertAtRest()
  })

  it('rings out when nobody picks up the own phone', () => {
    const { world } = dialled()
    world.run(LIMITS.clickToDialRingMsMax)
    assert.deepEqual(world.brief('acme-101'), [])
    world.run(60_000)
    assert.equal(world.records[0]?.cause, 'noAnswer')
    world.assertAtRest()
  })

  it('lets the own phone hear early media in place of the ringback', () => {
    const { world } = dialled()
    world.phones.get('acme/u101')?.answer()
    world.run(500)
    world.shows = { media: true, events: false }
    world.trace()
    const phone = world.phones.get('acme/u102')
    assert.ok(phone !== undefined)
    phone.act(phone.endpoint.progress(world.now, phone.call, 183, { answer: phone.description() }))
    world.run(500)
    assert.deepEqual(world.trace(), [
      'media configure #2 PCMU 198.51.100.2:40000 send receive relearn',
      'media bridge #1 #2',
    ])
  })
})

describe('dial to somebody who cannot be had', () => {
  /** The own phone has answered; what the originator sees and hears from here on is in the trace. */
  function answered(destination: string, world: World = new World()): { world: World; callId: string } {
    const { callId } = dialled(world, destination)
    world.shows.media = true
    world.trace()
    world.phones.get('acme/u101')?.answer()
    world.run(500)
    return { world, callId }
  }

  /** Lines of the trace that say what is played and who is told what. */
  function told(world: World): string[] {
    return world.trace().filter((line) => /play|unbridge|created|updated|deleted|ended|session/.test(line))
  }

  it('plays busy to the originator for its time, not shorter and not longer; the destination is free at once', () => {
    const { world } = answered('102')
    world.trace()
    world.phones.get('acme/u102')?.reject(486)
    for (const end = world.now + 1_000; world.engine.counts.halves === 2 && world.now < end; ) world.run(1)
    const refusedAt = world.now
    assert.deepEqual(told(world), [
      'acme-102 deleted/disconnected terminator disconnected',
      'media play #1 busy',
    ])
    assert.deepEqual(world.brief('acme-102'), [])
    world.run(FAILURE_TONE_MS - 1)
    assert.deepEqual(world.brief('acme-101'), ['originator connecting 102'])
    assert.deepEqual(told(world), [])
    world.run(1)
    assert.equal(world.now, refusedAt + FAILURE_TONE_MS)
    assert.deepEqual(world.brief('acme-101'), [])
    world.run(60_000)
    assert.deepEqual(told(world), [
      'acme-101 deleted/disconnected originator disconnected',
      'acme/u101 ended bye',
      'session busy',
    ])
    const [record] = world.records
    assert.deepEqual(
      record?.halves.map((half) => half.view.disconnected).map((at) => (at ?? 0) - (record?.endedAt ?? 0)),
      [0, -FAILURE_TONE_MS],
    )
    world.assertAtRest()
  })

  it('plays congestion where there is no way: nobody has that number, or no phone is registered', () => {
    for (const [destination, cause] of [
      ['999', 'notFound'],
      ['103', 'notRegistered'],
    ] as const) {
      const { world } = answered(destination)
      assert.deepEqual(told(world).slice(0, 2), [
        'acme-101 updated/updated originator connecting',
        'media play #1 congestion',
      ])
      assert.deepEqual(world.brief('acme-101'), [`originator connecting ${destination}`])
      world.run(60_000)
      assert.equal(world.records[0]?.cause, cause)
      assert.ok(
        world.commands.some(
          (each) => each.kind === 'play' && each.sound.kind === 'tone' && each.sound.tone === 'congestion',
        ),
      )
      world.assertAtRest()
    }
  })

  it('plays busy to one who dials themselves, or somebody with as many calls as anyone may have', () => {
    const self = answered('101').world
    assert.equal(told(self).at(-1), 'media play #1 busy')
    const { world } = answered('102', new World({ limits: { callsPerPersonMax: 1 } }))
    world.phones.get('acme/u102')?.answer()
    world.run(500)
    world.trace()
    const third = world.registered('u103')
    assert.equal(third.length, 1)
    world.dial('acme-103', '102')
    world.run(500)
    world.phones.get('acme/u103')?.answer()
    world.run(500)
    assert.equal(told(world).at(-1), 'media play #3 busy')
    for (const each of [self, world]) {
      for (const phone of each.phones.values()) for (const call of phone.calls) phone.hangUp(call)
      each.run(60_000)
      each.assertAtRest()
    }
  })

  it('cancels the phones that still ring when one declines for all of them (RFC 3261 §16.7)', () => {
    const world = new World()
    world.registered('u102b')
    answered('102', world)
    world.trace()
    world.phones.get('acme/u102')?.reject(603)
    world.run(500)
    assert.ok(world.trace().some((line) => line.startsWith('acme/u102b cancelled')))
    assert.deepEqual(world.brief('acme-101'), ['originator connecting 102'])
    world.run(60_000)
    assert.equal(world.records[0]?.cause, 'declined')
    world.assertAtRest()
  })

  it('ends at once when the originator hangs up first, by phone or by API; the cause stays', () => {
    for (const way of ['phone', 'api'] as const) {
      const { world, callId } = answered('999')
      world.run(1_000)
      if (way === 'phone') world.phones.get('acme/u101')?.hangUp()
      else assert.deepEqual(world.hangup('acme-101', callId), { kind: 'done' })
      world.run(500)
      assert.deepEqual(world.brief('acme-101'), [])
      assert.deepEqual(
        world.records.map((record) => record.cause),
        ['notFound'],
      )
      world.run(60_000)
      assert.equal(world.records.length, 1)
      world.assertAtRest()
    }
  })

  for (const [status, tone] of [
    [480, 'busy'],
    [486, 'busy'],
    [603, 'busy'],
    [488, 'congestion'],
  ] as const)
    it(`plays ${tone} when the destination's phone refuses with ${status}`, () => {
      const { world } = answered('102')
      world.trace()
      world.phones.get('acme/u102')?.reject(status)
      world.run(500)
      assert.equal(told(world).at(-1), `media play #1 ${tone}`)
      world.run(60_000)
      world.assertAtRest()
    })

  it('plays it to its end although the time for ringing runs out meanwhile', () => {
    const { world } = answered('102')
    world.run(LIMITS.ringMsMax - 2_000)
    world.phones.get('acme/u102')?.reject(486)
    world.run(2_500)
    assert.deepEqual(world.brief('acme-101'), ['originator connecting 102'])
    world.run(60_000)
    assert.equal(world.records[0]?.cause, 'busy')
    world.assertAtRest()
  })

  it('plays it also after the early media of the phone that refuses', () => {
    const { world } = answered('102')
    const phone = world.phones.get('acme/u102')
    assert.ok(phone !== undefined)
    phone.act(phone.endpoint.progress(world.now, phone.call, 183, { answer: phone.description() }))
    world.run(500)
    world.trace()
    phone.reject(480)
    world.run(500)
    assert.deepEqual(
      world.trace().filter((line) => line.startsWith('media')),
      ['media release #2', 'media play #1 busy'],
    )
    world.run(60_000)
    world.assertAtRest()
  })

  it('plays it when nobody answered', () => {
    const { world } = answered('102')
    world.run(LIMITS.ringMsMax)
    assert.deepEqual(told(world).slice(-2), [
      'acme-102 deleted/disconnected terminator disconnected',
      'media play #1 busy',
    ])
    world.run(60_000)
    assert.equal(world.records[0]?.cause, 'noAnswer')
    world.assertAtRest()
  })
})

describe('hangup (contract, call controls §4)', () => {
  it('ends a click-to-dial call that rings', () => {
    const { world, callId } = dialled()
    assert.deepEqual(world.hangup('acme-101', callId), { kind: 'done' })
    assert.deepEqual(world.brief('acme-101'), [])
    world.run(60_000)
    assert.ok(world.trace().some((line) => line.startsWith('acme/u101 cancelled')))
    world.assertAtRest()
  })

  it('ends a click-to-dial call whose own phone answers at the same moment', () => {
    const { world, callId } = dialled()
    world.phones.get('acme/u101')?.answer()
    world.hangup('acme-101', callId)
    world.run(60_000)
    world.assertAtRest()
  })

  it('ends a click-to-dial call before its media is there', () => {
    const world = new World()
    world.registered('u101', 'u102')
    world.media.allocateMs = 300
    const { callId } = world.dial('acme-101', '102')
    assert.deepEqual(world.hangup('acme-101', callId), { kind: 'done' })
    world.run(60_000)
    assert.ok(!world.trace().includes('acme/u101 INVITE'))
    world.assertAtRest()
  })

  it('ends the call while the destination rings', () => {
    const { world, callId } = dialled()
    world.phones.get('acme/u101')?.answer()
    world.run(500)
    world.hangup('acme-101', callId)
    world.run(60_000)
    assert.ok(world.trace().some((line) => line.startsWith('acme/u102 cancelled')))
    world.assertAtRest()
  })

  it('refuses an incoming call as busy', () => {
    const world = new World()
    const [caller] = world.registered('u101', 'u102')
    caller?.invite('102')
    world.run(500)
    const [ringing] = world.list('acme-102')
    world.trace()
    assert.deepEqual(world.hangup('acme-102', ringing?.callId ?? ''), { kind: 'done' })
    world.run(60_000)
    assert.ok(world.trace().includes('acme/u101 486'))
    assert.equal(world.records[0]?.cause, 'busy')
    world.assertAtRest()
  })

  it('knows no call that has ended, is unknown, or is no id at all', () => {
    const { world, callId } = dialled()
    world.hangup('acme-101', callId)
    for (const id of [callId, 'callhalf-1:1', '', '__proto__'])
      assert.deepEqual(world.hangup('acme-101', id), { kind: 'refused', error: 'call_not_found' })
  })

  it('lists the calls of a person, oldest first', () => {
    const { world, callId } = dialled()
    const second = world.dial('acme-101', '103').callId
    assert.deepEqual(
      world.list('acme-101').map((call) => call.callId),
      [callId, second],
    )
  })
})
