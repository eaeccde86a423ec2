import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { actorOf, LIMITS, World } from '../world.test.ts'

/** Two phones of acme in a call that was answered after a second. */
function talking(world: World, first = 'u101', second = 'u102'): void {
  const [caller, callee] = world.registered(first, second)
  caller?.invite(callee?.user ?? '')
  world.run(100)
  callee?.ring()
  world.run(900)
  callee?.answer()
  world.run(1_000)
}

describe('a call from phone to phone', () => {
  it('rings, connects and ends, with the events of each person in order', () => {
    const world = new World()
    talking(world)
    assert.deepEqual(world.trace(), [
      'acme-101 created/originated originator connecting',
      'acme-102 created/received terminator alerting',
      'acme/u102 INVITE',
      'acme/u101 180',
      'acme-102 updated/answered terminator connected',
      'acme-101 updated/connected originator connected',
      'acme/u101 200',
    ])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101'])
    world.phones.get('acme/u102')?.hangUp()
    world.run(60_000)
    assert.deepEqual(world.trace(), [
      'acme-102 deleted/disconnected terminator disconnected',
      'acme-101 deleted/disconnected originator disconnected',
      'acme/u101 ended bye',
      'session normal',
    ])
    world.assertAtRest()
  })

  it('shows each side the other: name, extension, location, times (contract, call controls §2)', () => {
    const world = new World()
    const [caller, callee] = world.registered('u101', 'u103')
    caller?.invite('103')
    world.run(2_000)
    const [ringing] = world.list('acme-103')
    assert.equal(ringing?.answered, undefined)
    assert.equal(ringing?.muteCapable, false)
    callee?.answer()
    world.run(1_000)
    const [mine] = world.list('acme-101')
    const [theirs] = world.list('acme-103')
    assert.deepEqual(mine?.remoteParty, {
      name: 'acme 103',
      number: '103',
      personId: 'acme-103',
      privacyEnabled: false,
      callType: 'organization',
    })
    assert.equal(theirs?.remoteParty.name, 'acme 101')
    assert.equal(mine?.callSessionId, theirs?.callSessionId)
    assert.notEqual(mine?.callId, theirs?.callId)
    assert.match(mine?.callId ?? '', /^callhalf-10000000\d\d:1$/)
    assert.ok((mine?.answered ?? 0) > (mine?.created ?? 0))
    assert.equal(mine?.muteCapable, true)
    assert.equal(mine?.muted, false)
  })

  it('asks for media before it rings anybody, and joins both phones at the anchor', () => {
    const world = new World()
    world.shows = { media: true, events: false }
    talking(world)
    assert.deepEqual(world.trace(), [
      'media allocate #1',
      'media allocate #2',
      'acme/u102 INVITE',
      'acme/u101 180',
      'media configure #2 PCMU 198.51.100.2:40000 send receive relearn',
      'media configure #1 PCMU 198.51.100.1:40000 send receive relearn',
      'media bridge #1 #2',
      'acme/u101 200',
    ])
    const offered = world.phones.get('acme/u102')?.offerSeen?.media[0]
    assert.deepEqual([offered?.host, offered?.port], ['192.0.2.9', 10_004])
  })

  it("carries nothing of the caller's header fields to the other phone (promise S10)", () => {
    const world = new World()
    const [caller, callee] = world.registered('u101', 'u102')
    caller?.invite('102', {
      headers: [
        ['X-Internal', 'secret'],
        ['P-Asserted-Identity', '<sip:103@acme.test>'],
        ['Subject', 'secret'],
        ['Alert-Info', '<http://evil.test>'],
      ],
    })
    world.run(500)
    const request = callee?.requests[0]
    assert.ok(request !== undefined)
    const text = [...request.headers].map(([name, value]) => `${name}: ${value}`).join('\n')
    assert.doesNotMatch(text, /secret|Internal|evil|Authorization/i)
    assert.deepEqual(request.headers.all('P-Asserted-Identity'), ['"acme 101" <sip:101@acme.test>']) // Ours.
    assert.match(request.headers.get('From') ?? '', /^"acme 101" <sip:101@acme\.test>;tag=/)
  })

  it('answers a caller that leaves the offer to us, and joins when its answer comes in the ACK', () => {
    const world = new World()
    world.shows = { media: true, events: false }
    const [caller, callee] = world.registered('u101', 'u102')
    caller?.invite('102', { offer: null })
    world.run(500)
    callee?.answer()
    world.run(1_000)
    assert.deepEqual(world.trace(), [
      'media allocate #1',
      'media allocate #2',
      'acme/u102 INVITE',
      'media configure #2 PCMU 198.51.100.2:40000 send receive relearn',
      'acme/u101 200',
      'media configure #1 PCMU 198.51.100.1:40000 send receive relearn',
      'media bridge #1 #2',
    ])
    caller?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })
})

describe('who may call whom', () => {
  /** The status that a phone's INVITE meets. */
  function status(
    world: World,
    user: string,
    number: string,
    options: Parameters<ReturnType<World['phone']>['invite']>[1] = {},
  ): string | undefined {
    const phone = world.phones.get(user)
    phone?.invite(number, options)
    world.run(35_000)
    return world
      .trace()
      .filter((line) => line.startsWith(`${user} `))
      .at(-1)
      ?.slice(user.length + 1)
  }

  it('refuses by name: unknown 404, not registered 480, oneself 486', () => {
    const world = new World()
    world.registered('u101', 'u102')
    assert.equal(status(world, 'acme/u101', '999'), '404')
    assert.equal(status(world, 'acme/u101', '103'), '480')
    assert.equal(status(world, 'acme/u101', '101'), '486')
    assert.equal(status(world, 'acme/u101', '102', { domain: 'zeta.test' }), '404')
    assert.equal(status(world, 'acme/u101', '102', { domain: 'elsewhere.test' }), '404')
    world.assertAtRest()
  })

  it('takes nobody at their From: another name is 403, a wrong password 401 (cases S30, S35)', () => {
    const world = new World()
    world.registered('u101', 'u102')
    assert.equal(status(world, 'acme/u101', '102', { from: '<sip:103@acme.test>' }), '403')
    assert.equal(status(world, 'acme/u101', '102', { from: '<sip:nobody@acme.test>' }), '403')
    assert.equal(status(world, 'acme/u101', '102', { password: 'wrong' }), '401')
    world.assertAtRest()
  })

  it('finds in each organisation its own person behind the same extension', () => {
    const world = new World()
    world.registered('u101', 'u102', 'zeta/u101', 'zeta/u102')
    world.phones.get('acme/u101')?.invite('102')
    world.phones.get('zeta/u101')?.invite('102')
    world.run(1_000)
    const invites = world.trace().filter((line) => line.endsWith('INVITE'))
    assert.deepEqual(invites.toSorted(), ['acme/u102 INVITE', 'zeta/u102 INVITE'])
    const [call] = world.list('acme-102')
    assert.equal(call?.remoteParty.personId, 'acme-101')
    const result = world.command({
      kind: 'details',
      actor: { orgId: 'zeta', lineId: 'acme-102' },
      callId: call?.callId ?? '',
    })
    assert.deepEqual(result, { kind: 'refused', error: 'call_not_found' })
    assert.deepEqual(world.hangup('zeta-102', call?.callId ?? ''), {
      kind: 'refused',
      error: 'call_not_found',
    })
    assert.deepEqual(world.hangup('acme-101', call?.callId ?? ''), {
      kind: 'refused',
      error: 'call_not_found',
    })
  })

  it('takes as many calls as the limit, and answers one more with 503 and Retry-After', () => {
    const world = new World({ limits: { callsMax: 1 } })
    world.registered('u101', 'u102', 'zeta/u101', 'zeta/u102')
    world.phones.get('acme/u101')?.invite('102')
    world.run(500)
    assert.equal(status(world, 'zeta/u101', '102'), '503')
    assert.equal(world.engine.counts.sessions, 0, 'the first rang out in the meantime')
    world.phones.get('acme/u101')?.invite('102')
    world.run(500)
    assert.deepEqual(world.command({ kind: 'dial', actor: actorOf('zeta-101'), destination: '102' }), {
      kind: 'refused',
      error: 'overloaded',
    })
  })

  it('gives a person as many calls as the limit, and calls them busy for one more', () => {
    const world = new World({ limits: { callsPerPersonMax: 1 } })
    world.registered('u101', 'u102', 'u103')
    world.phones.get('acme/u101')?.invite('102')
    world.run(500)
    world.phones.get('acme/u103')?.invite('102')
    world.run(500)
    assert.ok(world.trace().includes('acme/u103 486'))
    assert.equal(world.brief('acme-102').length, 1)
  })

  it('takes no new calls while draining, and lets old ones end', () => {
    const world = new World()
    talking(world)
    world.trace()
    world.act(world.engine.drain(world.now))
    const third = world.phone('u103')
    third.register()
    world.run(500)
    assert.ok(third.registered)
    world.trace()
    assert.equal(status(world, 'acme/u103', '101'), '503')
    assert.deepEqual(world.command({ kind: 'dial', actor: actorOf('acme-103'), destination: '101' }), {
      kind: 'refused',
      error: 'service_draining',
    })
    world.phones.get('acme/u101')?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })
})

describe('forking (RFC 3261 §16.7)', () => {
  /** 102 has two phones; both ring for 101. */
  function ringing(world = new World()): World {
    const [caller] = world.registered('u101', 'u102', 'u102b')
    caller?.invite('102')
    world.run(500)
    world.phones.get('acme/u102')?.ring()
    world.phones.get('acme/u102b')?.ring()
    world.run(500)
    assert.equal(world.log.filter((line) => line === 'acme/u101 180').length, 1, '180 is passed on once')
    world.shows.events = false
    world.trace()
    return world
  }

  it('gives the call to the phone that answers, and tells the other why it stops ringing', () => {
    const world = ringing()
    world.phones.get('acme/u102b')?.answer()
    world.run(1_000)
    assert.deepEqual(world.trace().toSorted(), ['acme/u101 200', 'acme/u102 cancelled'])
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101'])
    world.phones.get('acme/u101')?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('two devices answer at once: one has the call, the other is hung up', () => {
    const world = ringing()
    world.phones.get('acme/u102')?.answer()
    world.phones.get('acme/u102b')?.answer()
    world.run(1_000)
    const trace = world.trace()
    assert.equal(trace.filter((line) => line === 'acme/u101 200').length, 1)
    assert.equal(trace.filter((line) => line.endsWith('ended bye')).length, 1)
    assert.equal(world.engine.counts.legs, 2)
    world.phones.get('acme/u101')?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('goes on ringing the others when one is busy, and says busy when all have refused', () => {
    const world = ringing()
    world.phones.get('acme/u102')?.reject(486)
    world.run(1_000)
    assert.deepEqual(world.brief('acme-102'), ['terminator alerting 101'])
    world.phones.get('acme/u102b')?.reject(480)
    world.run(1_000)
    assert.deepEqual(world.trace(), ['acme/u101 486'])
    world.run(60_000)
    world.assertAtRest()
    assert.equal(world.records[0]?.cause, 'busy')
  })

  it('ends at once when one phone declines for good with 603', () => {
    const world = ringing()
    world.phones.get('acme/u102')?.reject(603)
    world.run(1_000)
    assert.deepEqual(world.trace().toSorted(), ['acme/u101 603', 'acme/u102b cancelled'])
    world.run(60_000)
    world.assertAtRest()
  })

  it('gives up after the ringing time: 480, and nobody rings on', () => {
    const world = ringing()
    world.run(LIMITS.ringMsMax - 2_000)
    assert.deepEqual(world.trace(), [])
    world.run(2_000)
    assert.deepEqual(world.trace().toSorted(), [
      'acme/u101 480',
      'acme/u102 cancelled',
      'acme/u102b cancelled',
    ])
    world.run(60_000)
    world.assertAtRest()
    assert.equal(world.records[0]?.cause, 'noAnswer')
  })

  it('passes early media on, once, and answers with the same description', () => {
    const world = ringing()
    world.shows.media = true
    const phone = world.phones.get('acme/u102')
    assert.ok(phone !== undefined)
    phone.act(phone.endpoint.progress(world.now, phone.call, 183, { answer: phone.description() }))
    world.run(500)
    assert.deepEqual(world.trace(), [
      'media configure #1 PCMU 198.51.100.1:40000 send receive relearn',
      'media configure #2 PCMU 198.51.100.2:40000 send receive relearn',
      'media bridge #1 #2',
      'acme/u101 183 with sound',
    ])
    world.phones.get('acme/u102b')?.answer()
    world.run(1_000)
    assert.ok(world.trace().includes('media bridge #1 #3'), 'the phone that answers replaces the early one')
    world.phones.get('acme/u101')?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })
})

describe('races', () => {
  it('CANCEL crosses the 200: the phone that answered is hung up', () => {
    const world = new World()
    const [caller, callee] = world.registered('u101', 'u102')
    caller?.invite('102')
    world.run(500)
    callee?.answer()
    caller?.hangUp()
    world.run(60_000)
    assert.deepEqual(world.brief('acme-102'), [])
    world.assertAtRest()
  })

  it('BYE inside a re-INVITE: both transactions end', () => {
    const world = new World()
    talking(world)
    const caller = world.phones.get('acme/u101')
    caller?.reinvite('sendonly')
    caller?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it("the callee hangs up while the caller's ACK is missing", () => {
    const world = new World()
    const [caller, callee] = world.registered('u101', 'u102')
    caller?.invite('102')
    world.run(500)
    callee?.answer()
    world.run(3)
    callee?.hangUp()
    world.run(90_000)
    assert.equal(world.records.length, 1)
    world.assertAtRest()
  })

  it('the caller cancels while its media is being allocated, and the media comes after', () => {
    const world = new World()
    const [caller] = world.registered('u101', 'u102')
    world.media.allocateMs = 400
    caller?.invite('102')
    world.run(200)
    assert.equal(world.engine.counts.sessions, 1)
    caller?.hangUp()
    world.run(60_000)
    assert.ok(!world.log.includes('acme/u102 INVITE'))
    world.assertAtRest()
  })
})

describe('media that fails', () => {
  it('refuses the caller with 503 when there is no port for it', () => {
    const world = new World()
    const [caller] = world.registered('u101', 'u102')
    world.media.failing.add(1)
    caller?.invite('102')
    world.run(60_000)
    assert.equal(
      world
        .trace()
        .filter((line) => line.startsWith('acme/u101'))
        .at(-1),
      'acme/u101 503',
    )
    world.assertAtRest()
    assert.equal(world.records[0]?.cause, 'mediaFailed')
  })

  it('rings the other phone when there is no port for the first', () => {
    const world = new World()
    const [caller] = world.registered('u101', 'u102', 'u102b')
    world.media.failing.add(2)
    caller?.invite('102')
    world.run(500)
    world.phones.get('acme/u102b')?.answer()
    world.run(500)
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    caller?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('gives up a leg whose port never comes after five seconds, and frees it all the same', () => {
    const world = new World()
    const [caller] = world.registered('u101', 'u102')
    world.media.silent.add(1)
    caller?.invite('102')
    world.run(4_900)
    assert.equal(world.engine.counts.sessions, 1)
    world.run(60_000)
    world.assertAtRest()
    assert.ok(world.notices.includes('media leg was not allocated in time'))
  })
})
