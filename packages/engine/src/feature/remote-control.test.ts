import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SipMessage } from '@tandem/sip'
import type { CallCommand, CallResult } from '../commands.ts'
import { actorOf, type Phone, World } from '../world.test.ts'
import { PHONE_MS_MAX } from './remote-control.ts'

const DONE: CallResult = { kind: 'done' }
function refused(error: Extract<CallResult, { kind: 'refused' }>['error']): CallResult {
  return { kind: 'refused', error }
}

interface Scene {
  readonly world: World
  readonly caller: Phone
  readonly callee: Phone
  /** Gives a command for the callee's call; its reply is read later. */
  readonly ask: (kind: 'answer' | 'hold' | 'resume', more?: { endpointId?: string }) => () => unknown
}

/** 101 calls 102, whose phone rings and takes these events. */
function ringing(
  allowEvents: readonly string[],
  options: ConstructorParameters<typeof World>[0] = {},
): Scene {
  const world = new World(options)
  world.abilities.set('acme/u102', { allowEvents })
  const [caller, callee] = world.registered('u101', 'u102')
  assert.ok(caller !== undefined && callee !== undefined)
  caller.invite('102')
  world.run(500)
  callee.ring()
  world.run(500)
  world.trace()
  const callId = world.list('acme-102')[0]?.callId ?? ''
  let id = 1_000
  const ask: Scene['ask'] = (kind, more = {}) => {
    const command: CallCommand = { kind, actor: actorOf('acme-102'), callId, ...more }
    const mine = ++id
    world.act(world.engine.command(world.now, mine, command))
    return () => world.replies.get(mine)
  }
  return { world, caller, callee, ask }
}

function talking(
  allowEvents: readonly string[],
  options: ConstructorParameters<typeof World>[0] = {},
): Scene {
  const scene = ringing(allowEvents, options)
  scene.callee.answer()
  scene.world.run(500)
  scene.world.trace()
  return scene
}

function atRest({ world, caller }: Scene): void {
  caller.hangUp()
  world.run(60_000)
  world.assertAtRest()
}

function notified(phone: Phone): string[] {
  return phone.requests
    .filter((request: SipMessage) => request.kind === 'request' && request.method === 'NOTIFY')
    .map((request) => `${request.headers.get('Event')} ${request.headers.get('Subscription-State')}`)
}

describe('answer by the API (contract, call controls §5.1)', () => {
  it('sends one NOTIFY talk in the early dialog, and is done when the phone has answered', () => {
    const scene = ringing(['talk', 'hold'])
    const { world, callee, ask } = scene
    const reply = ask('answer')
    world.run(500)
    assert.deepEqual(notified(callee), ['talk active'])
    assert.equal(reply(), undefined, 'a 200 to the NOTIFY is no answer')
    callee.answer()
    world.run(500)
    assert.deepEqual(reply(), DONE)
    assert.deepEqual(world.trace(), [
      'acme/u102 NOTIFY',
      'acme-102 updated/answered terminator connected',
      'acme-101 updated/connected originator connected',
      'acme/u101 200',
    ])
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101'])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    world.run(30_000)
    assert.deepEqual(notified(callee), ['talk active'])
    atRest(scene)
  })

  it('waits for a phone that has not begun to ring, and is refused by one that cannot', () => {
    for (const [events, expected] of [
      [['talk'], 1],
      [[], 0],
    ] as const) {
      const world = new World()
      world.abilities.set('acme/u102', { allowEvents: events })
      const [caller, callee] = world.registered('u101', 'u102')
      caller?.invite('102')
      world.run(500)
      const callId = world.list('acme-102')[0]?.callId ?? ''
      assert.equal(world.command({ kind: 'answer', actor: actorOf('acme-102'), callId }), undefined)
      callee?.ring()
      world.run(500)
      assert.ok(callee !== undefined)
      assert.equal(notified(callee).length, expected)
      if (expected === 1) callee.answer()
      world.run(500)
      assert.deepEqual([...world.replies.values()].at(-1), expected === 1 ? DONE : refused('phone_cannot'))
      caller?.hangUp()
      world.run(60_000)
      world.assertAtRest()
    }
  })

  it('is refused where the phone takes no talk, and the call rings on', () => {
    const scene = ringing(['hold'])
    assert.deepEqual(scene.ask('answer')(), refused('phone_cannot'))
    assert.deepEqual(scene.world.brief('acme-102'), ['terminator alerting 101'])
    assert.deepEqual(notified(scene.callee), [])
    atRest(scene)
  })

  for (const status of [489, 481, 403, 500])
    it(`is refused when the phone answers the NOTIFY with ${status}, and is not tried again there`, () => {
      const scene = ringing(['talk'])
      scene.callee.onRequest = () => status
      const reply = scene.ask('answer')
      scene.world.run(500)
      assert.deepEqual(reply(), refused('phone_refused'))
      assert.deepEqual(scene.ask('answer')(), refused('phone_cannot'))
      assert.equal(notified(scene.callee).length, 1)
      assert.deepEqual(scene.world.brief('acme-102'), ['terminator alerting 101'])
      atRest(scene)
    })

  it('gives up on a phone that does nothing for five seconds, and the call rings on', () => {
    const scene = ringing(['talk'])
    const started = scene.world.now
    const reply = scene.ask('answer')
    scene.world.run(PHONE_MS_MAX - 1)
    assert.equal(reply(), undefined)
    scene.world.run(1)
    assert.deepEqual(reply(), refused('phone_timeout'))
    assert.equal(scene.world.now - started, PHONE_MS_MAX)
    scene.callee.answer()
    scene.world.run(500)
    assert.deepEqual(scene.world.brief('acme-102'), ['terminator connected 101'])
    atRest(scene)
  })

  it('waits as long as the limits say', () => {
    const scene = ringing(['talk'], { limits: { phoneMsMax: 700 } })
    const reply = scene.ask('answer')
    scene.world.run(700)
    assert.deepEqual(reply(), refused('phone_timeout'))
    atRest(scene)
  })

  it('twice sends one NOTIFY, and replies to both', () => {
    const scene = ringing(['talk'])
    const replies = [scene.ask('answer'), scene.ask('answer')]
    scene.world.run(100)
    scene.callee.answer()
    scene.world.run(500)
    assert.deepEqual(
      replies.map((reply) => reply()),
      [DONE, DONE],
    )
    assert.equal(notified(scene.callee).length, 1)
    assert.deepEqual(scene.ask('answer')(), refused('call_state_forbids'))
    atRest(scene)
  })

  it('crossing the caller’s CANCEL: the call is not found any more', () => {
    const scene = ringing(['talk'])
    const reply = scene.ask('answer')
    scene.caller.hangUp()
    scene.world.run(60_000)
    assert.deepEqual(reply(), refused('call_not_found'))
    scene.world.assertAtRest()
  })

  it('crossing the phone’s own refusal', () => {
    const scene = ringing(['talk'])
    const reply = scene.ask('answer')
    scene.callee.reject(486)
    scene.world.run(60_000)
    assert.equal((reply() as CallResult).kind, 'refused')
    scene.world.assertAtRest()
  })

  it('crossing an answer at another phone of the line: the state forbids it', () => {
    const world = new World()
    world.abilities.set('acme/u102', { allowEvents: ['talk'] })
    const [caller, desk, mobile] = world.registered('u101', 'u102', 'u102b')
    assert.ok(caller !== undefined && desk !== undefined && mobile !== undefined)
    caller.invite('102')
    world.run(500)
    desk.ring()
    mobile.ring()
    world.run(500)
    const callId = world.list('acme-102')[0]?.callId ?? ''
    world.command({ kind: 'answer', actor: actorOf('acme-102'), callId })
    mobile.answer()
    world.run(500)
    assert.deepEqual([...world.replies.values()].at(-1), refused('call_state_forbids'))
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101'])
    caller.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('picks the phone of endpointId, else the preferred one, else the first own one that can', () => {
    const cases = [
      { endpointId: 'acme-102-1', expected: 'acme/u102b' },
      { endpointId: 'acme-102-0', expected: 'acme/u102' },
      { preferred: 'acme-102-1', expected: 'acme/u102b' },
      { expected: 'acme/u102' },
      { deaf: 'acme/u102', expected: 'acme/u102b' },
      { preferred: 'acme-102-0', deaf: 'acme/u102', expected: 'acme/u102b' },
      { endpointId: 'acme-102-0', deaf: 'acme/u102', expected: 'phone_cannot' },
      { endpointId: 'acme-101-0', expected: 'endpoint_unknown' },
    ]
    for (const { deaf, endpointId, expected, preferred } of cases) {
      const lines = preferred === undefined ? {} : { 'acme-102': { preferredDeviceId: preferred } }
      const world = new World({ lines })
      for (const name of ['acme/u102', 'acme/u102b'])
        if (name !== deaf) world.abilities.set(name, { allowEvents: ['talk'] })
      const [caller, ...own] = world.registered('u101', 'u102', 'u102b')
      caller?.invite('102')
      world.run(500)
      for (const phone of own) phone.ring()
      world.run(500)
      const callId = world.list('acme-102')[0]?.callId ?? ''
      const more = endpointId === undefined ? {} : { endpointId }
      const result = world.command({ kind: 'answer', actor: actorOf('acme-102'), callId, ...more })
      world.run(500)
      const told = own.filter((phone) => notified(phone).length > 0).map(({ name }) => name)
      const outcome = result?.kind === 'refused' ? result.error : told.join(' ')
      assert.equal(outcome, expected, JSON.stringify({ deaf, endpointId, preferred }))
      caller?.hangUp()
      world.run(60_000)
      world.assertAtRest()
    }
  })

  it('answers a click-to-dial call at the own phone, and the outbound call goes out', () => {
    const world = new World()
    world.abilities.set('acme/u101', { allowEvents: ['talk'] })
    const [own, other] = world.registered('u101', 'u102')
    assert.ok(own !== undefined && other !== undefined)
    const { callId } = world.dial('acme-101', '102')
    world.run(500)
    own.ring()
    world.run(100)
    assert.equal(world.command({ kind: 'answer', actor: actorOf('acme-101'), callId }), undefined)
    world.run(100)
    own.answer()
    world.run(500)
    assert.deepEqual([...world.replies.values()].at(-1), DONE)
    assert.deepEqual(world.brief('acme-101'), ['originator connecting 102'])
    own.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('is refused of a call that talks, and of one that was placed', () => {
    const scene = talking(['talk'])
    assert.deepEqual(scene.ask('answer')(), refused('call_state_forbids'))
    const callId = scene.world.list('acme-101')[0]?.callId ?? ''
    const asked = scene.world.command({ kind: 'answer', actor: actorOf('acme-101'), callId })
    assert.deepEqual(asked, refused('call_state_forbids'))
    atRest(scene)
  })
})

describe('hold by the API (contract, call controls §4)', () => {
  it('asks a phone that takes hold, and is done when the phone holds', () => {
    const scene = talking(['talk', 'hold'])
    const reply = scene.ask('hold')
    scene.world.run(200)
    assert.equal(reply(), undefined)
    assert.deepEqual(scene.world.brief('acme-102'), ['terminator connected 101'])
    scene.callee.reinvite('sendonly')
    scene.world.run(500)
    assert.deepEqual(reply(), DONE)
    assert.deepEqual(scene.world.trace(), [
      'acme/u102 NOTIFY',
      'acme-102 updated/held terminator held',
      'acme-101 updated/remoteHeld originator remoteHeld',
      'acme/u102 answered recvonly',
    ])
    assert.deepEqual(notified(scene.callee), ['hold active'])
    atRest(scene)
  })

  it('is done at the anchor where the phone takes no hold: the other side hears music, the holder nothing', () => {
    const scene = talking([])
    scene.world.shows = { media: true, events: true }
    assert.deepEqual(scene.ask('hold')(), DONE)
    assert.deepEqual(scene.world.trace(), [
      'media unbridge #1',
      'media play #1 music',
      'acme-102 updated/held terminator held',
      'acme-101 updated/remoteHeld originator remoteHeld',
    ])
    assert.deepEqual(scene.world.brief('acme-101'), ['originator remoteHeld 102'])
    assert.deepEqual(scene.ask('hold')(), refused('call_state_forbids'))
    assert.deepEqual(scene.ask('resume')(), DONE)
    assert.deepEqual(scene.world.trace(), [
      'media bridge #1 #2',
      'acme-102 updated/resumed terminator connected',
      'acme-101 updated/remoteResumed originator connected',
    ])
    assert.deepEqual(notified(scene.callee), [])
    atRest(scene)
  })

  for (const status of [489, 481, 405])
    it(`falls back to the anchor at once when the phone answers ${status}, and from then on`, () => {
      const scene = talking(['hold'])
      scene.callee.onRequest = () => status
      const reply = scene.ask('hold')
      scene.world.run(100)
      assert.deepEqual(reply(), DONE)
      assert.deepEqual(scene.world.brief('acme-102'), ['terminator held 101'])
      assert.deepEqual(scene.ask('resume')(), DONE)
      assert.deepEqual(scene.ask('hold')(), DONE)
      assert.equal(notified(scene.callee).length, 1)
      atRest(scene)
    })

  it('falls back to the anchor when the phone does nothing in five seconds', () => {
    const scene = talking(['hold'])
    const reply = scene.ask('hold')
    scene.world.run(PHONE_MS_MAX - 1)
    assert.equal(reply(), undefined)
    scene.world.run(1)
    assert.deepEqual(reply(), DONE)
    assert.deepEqual(scene.world.brief('acme-102'), ['terminator held 101'])
    atRest(scene)
  })

  it('is possible while the other side holds; the own hold is shown then', () => {
    const scene = talking([])
    scene.caller.reinvite('sendonly')
    scene.world.run(500)
    assert.deepEqual(scene.world.brief('acme-102'), ['terminator remoteHeld 101'])
    assert.deepEqual(scene.ask('hold')(), DONE)
    assert.deepEqual(scene.world.brief('acme-102'), ['terminator held 101'])
    assert.deepEqual(scene.world.brief('acme-101'), ['originator held 102'])
    assert.deepEqual(scene.ask('resume')(), DONE)
    assert.deepEqual(scene.world.brief('acme-102'), ['terminator remoteHeld 101'])
    atRest(scene)
  })

  it('while the phone holds by itself is done by that, with one event', () => {
    const scene = talking(['hold'])
    const reply = scene.ask('hold')
    scene.callee.reinvite('sendonly') // Before the NOTIFY could reach it.
    scene.world.run(500)
    assert.deepEqual(reply(), DONE)
    const events = scene.world.trace().filter((line) => line.includes('updated/held'))
    assert.equal(events.length, 1)
    scene.world.run(10_000)
    assert.equal(scene.world.list('acme-102')[0]?.state, 'held')
    atRest(scene)
  })

  it('is left by the phone’s BYE in the middle of its re-INVITE, with one reply', () => {
    const scene = talking(['hold'])
    const reply = scene.ask('hold')
    scene.world.run(100)
    scene.callee.reinvite('sendonly')
    scene.callee.hangUp()
    scene.world.run(60_000)
    assert.notEqual(reply(), undefined)
    scene.world.assertAtRest()
  })
})

describe('resume by the API', () => {
  it('asks the phone that holds to talk, and is done when it does', () => {
    const scene = talking(['talk', 'hold'])
    scene.callee.reinvite('sendonly')
    scene.world.run(500)
    const reply = scene.ask('resume')
    scene.world.run(200)
    assert.equal(reply(), undefined)
    scene.callee.reinvite('sendrecv')
    scene.world.run(500)
    assert.deepEqual(reply(), DONE)
    assert.deepEqual(notified(scene.callee), ['talk active'])
    assert.deepEqual(scene.world.brief('acme-102'), ['terminator connected 101'])
    atRest(scene)
  })

  it('is refused where the phone holds and takes no talk', () => {
    const scene = talking(['hold'])
    scene.callee.reinvite('sendonly')
    scene.world.run(500)
    assert.deepEqual(scene.ask('resume')(), refused('phone_cannot'))
    assert.deepEqual(scene.world.brief('acme-102'), ['terminator held 101'])
    atRest(scene)
  })

  it('needs the phone also when the anchor holds beside it', () => {
    const scene = talking([])
    assert.deepEqual(scene.ask('hold')(), DONE)
    scene.callee.reinvite('sendonly')
    scene.world.run(500)
    assert.deepEqual(scene.ask('resume')(), refused('phone_cannot'))
    scene.callee.reinvite('sendrecv')
    scene.world.run(500)
    assert.deepEqual(scene.world.brief('acme-102'), ['terminator connected 101'])
    atRest(scene)
  })

  it('is refused when the phone refuses, and given up when it does nothing', () => {
    const scene = talking(['talk'])
    scene.callee.reinvite('sendonly')
    scene.world.run(500)
    const late = scene.ask('resume')
    scene.world.run(PHONE_MS_MAX)
    assert.deepEqual(late(), refused('phone_timeout'))
    scene.callee.onRequest = () => 489
    const reply = scene.ask('resume')
    scene.world.run(500)
    assert.deepEqual(reply(), refused('phone_refused'))
    assert.deepEqual(scene.world.brief('acme-102'), ['terminator held 101'])
    atRest(scene)
  })

  it('holds the call that the line talks on meanwhile', () => {
    const scene = talking([])
    const { world } = scene
    assert.deepEqual(scene.ask('hold')(), DONE)
    const [third] = world.registered('u103')
    third?.invite('102')
    world.run(500)
    scene.callee.answer()
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), ['terminator held 101', 'terminator connected 103'])
    assert.deepEqual(scene.ask('resume')(), DONE)
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101', 'terminator held 103'])
    third?.hangUp()
    atRest(scene)
  })

  it('crossing the end of the call: it is not found', () => {
    const scene = talking(['talk'])
    scene.callee.reinvite('sendonly')
    scene.world.run(500)
    const reply = scene.ask('resume')
    scene.caller.hangUp()
    scene.world.run(60_000)
    assert.deepEqual(reply(), refused('call_not_found'))
    scene.world.assertAtRest()
  })
})
