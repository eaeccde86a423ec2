import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DirectoryLine, DirectorySnapshot } from '../directory.ts'
import { type Phone, World } from '../world.test.ts'

/** `reason number` of each redirection that a person's call shows, newest first. */
function redirections(world: World, person: string): string[] | undefined {
  const [call] = world.list(person)
  return call?.redirections?.map(({ reason, redirectingParty }) => `${reason} ${redirectingParty.number}`)
}

/** The history entries that were written, by line. */
function histories(world: World): string[] {
  return world.events.flatMap((event) =>
    event.kind === 'call' && event.history !== undefined ? [`${event.lineId} ${event.history.type}`] : [],
  )
}

/** Makes `secondary` of each device of `lineId` the given lines. */
function appearing(lineId: string, ...secondary: string[]) {
  return (directory: DirectorySnapshot): DirectorySnapshot => ({
    ...directory,
    devices: directory.devices.map((device) =>
      device.lineId === lineId ? { ...device, secondaryLineIds: secondary } : device,
    ),
  })
}

describe('forwarding (contract, call controls §2, redirections)', () => {
  for (const [name, forwarding, meet, reason] of [
    ['always', { always: '103' }, () => {}, 'unconditional'],
    ['busy', { busy: '103' }, (phone: Phone) => phone.reject(486), 'busy'],
    ['noAnswer', { noAnswer: '103' }, (phone: Phone) => phone.ring(), 'noAnswer'],
    ['unavailable', { unavailable: '103' }, (phone: Phone) => phone.reject(480), 'unavailable'],
  ] as const)
    it(`goes on to the number for ${name}, and shows ${reason} by whom it was sent`, () => {
      const world = new World({ lines: { 'acme-102': { forwarding, ringSeconds: 5 } } })
      const [caller, callee, third] = world.registered('u101', 'u102', 'u103')
      caller?.invite('102')
      world.run(500)
      if (callee !== undefined && name !== 'always') meet(callee)
      world.run(6_000)
      assert.deepEqual(world.brief('acme-103'), ['terminator alerting 101'])
      assert.deepEqual(redirections(world, 'acme-103'), [`${reason} 102`])
      assert.deepEqual(world.brief('acme-102'), [])
      assert.deepEqual(world.brief('acme-101'), ['originator connecting 103'])
      third?.answer()
      world.run(500)
      third?.hangUp()
      world.run(60_000)
      assert.deepEqual(
        histories(world),
        (name === 'always' ? [] : ['acme-102 missed']).concat(['acme-103 received', 'acme-101 placed']),
      )
      world.assertAtRest()
    })

  it('keeps the whole way, newest first, and counts a line that is not registered as unavailable', () => {
    const world = new World({
      lines: {
        'acme-102': { forwarding: { unavailable: '+49 30 555 103' } },
        'acme-103': { forwarding: { busy: 'sip:101b@acme.test', always: '104' } },
      },
      change: (all) => ({
        ...all,
        lines: [
          ...all.lines,
          { ...(all.lines[0] as DirectoryLine), id: 'acme-104', extension: '104', numbers: [] },
        ],
        devices: all.devices.map((device) =>
          device.id === 'acme-101-1' ? { ...device, lineId: 'acme-104' } : device,
        ),
      }),
    })
    const [caller, last] = world.registered('u101', 'u101b')
    caller?.invite('102')
    world.run(500)
    assert.deepEqual(redirections(world, 'acme-104'), ['unconditional 103', 'unavailable 102'])
    last?.reject(603)
    world.run(60_000)
    world.assertAtRest()
  })

  it('ends a circle with 482 at the limit of forwardings, and a forwarding to oneself likewise', () => {
    for (const always of ['103', '102']) {
      const world = new World({
        lines: { 'acme-102': { forwarding: { always } }, 'acme-103': { forwarding: { always: '102' } } },
      })
      const [caller] = world.registered('u101')
      caller?.invite('102')
      world.run(60_000)
      assert.deepEqual(world.trace().slice(-2), ['acme/u101 482', 'session loop'])
      world.assertAtRest()
    }
  })

  it('goes exactly as far as the limit allows', () => {
    for (const [forwardsMax, status] of [
      [1, '180'],
      [0, '482'],
    ] as const) {
      const world = new World({
        limits: { forwardsMax },
        lines: { 'acme-102': { forwarding: { always: '103' } } },
      })
      const [caller, third] = world.registered('u101', 'u103')
      caller?.invite('102')
      world.run(500)
      if (forwardsMax === 1) third?.ring()
      world.run(500)
      assert.ok(world.trace().includes(`acme/u101 ${status}`))
      caller?.hangUp()
      world.run(60_000)
      world.assertAtRest()
    }
  })

  it('fails like the number that it goes to: nobody there, or back to the caller', () => {
    for (const [always, status] of [
      ['999', '404'],
      ['101', '486'],
    ] as const) {
      const world = new World({ lines: { 'acme-102': { forwarding: { always } } } })
      const [caller] = world.registered('u101')
      caller?.invite('102')
      world.run(1_000)
      assert.ok(world.trace().includes(`acme/u101 ${status}`))
    }
  })

  it('lets who is not to be disturbed meet nobody: callers hear busy', () => {
    const world = new World({ lines: { 'acme-102': { doNotDisturb: true } } })
    const [caller] = world.registered('u101', 'u102')
    caller?.invite('102')
    world.run(1_000)
    const trace = world.trace()
    assert.ok(trace.includes('acme/u101 486'))
    assert.ok(!trace.includes('acme/u102 INVITE'))
  })

  it('takes an INVITE that names us as its first hop (RFC 3261 §16.4)', () => {
    const world = new World()
    const [caller] = world.registered('u101', 'u102')
    caller?.invite('102', { headers: [['Route', '<sip:192.0.2.1;lr>']] })
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), ['terminator alerting 101'])
    caller?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('ends cleanly when the caller hangs up while the call is being forwarded', () => {
    const world = new World({ lines: { 'acme-102': { forwarding: { busy: '103' } } } })
    const [caller, callee] = world.registered('u101', 'u102', 'u103')
    caller?.invite('102')
    world.run(500)
    callee?.reject(486)
    world.run(1) // The refusal is there, the media of the next phone not yet.
    caller?.hangUp()
    world.run(60_000)
    assert.deepEqual(world.brief('acme-103'), [])
    world.assertAtRest()
  })
})

describe('a phone that sends its call elsewhere (RFC 3261 §8.1.3.4)', () => {
  function redirected(contact: string, options: { rings?: boolean } = {}): World {
    const world = new World()
    const [caller, callee] = world.registered('u101', 'u102', 'u103')
    caller?.invite('102')
    world.run(500)
    if (options.rings === true) callee?.ring()
    world.run(500)
    if (callee !== undefined)
      callee.act(
        callee.endpoint.reject(world.now, callee.call, 302, { headers: [['Contact', `<${contact}>`]] }),
      )
    world.run(500)
    return world
  }

  it('is followed inside the organisation: unconditional, or divert once it had rung', () => {
    for (const [rings, reason] of [
      [false, 'unconditional'],
      [true, 'divert'],
    ] as const)
      for (const contact of ['sip:103@acme.test', 'sip:103@192.0.2.1', 'tel:+4930555103']) {
        const world = redirected(contact, { rings })
        assert.deepEqual(world.brief('acme-103'), ['terminator alerting 101'], contact)
        assert.deepEqual(redirections(world, 'acme-103'), [`${reason} 102`])
        world.phones.get('acme/u101')?.hangUp()
        world.run(60_000)
        world.assertAtRest()
      }
  })

  it('is not followed from a phone on which the line only appears: the others ring on', () => {
    const world = new World({ change: appearing('acme-103', 'acme-102') })
    const [caller, , other] = world.registered('u101', 'u102', 'u103')
    caller?.invite('102')
    world.run(500)
    const headers: [string, string][] = [['Contact', '<sip:103@acme.test>']]
    other?.act(other.endpoint.reject(world.now, other.call, 302, { headers }))
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), ['terminator alerting 101'])
    caller?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('is not followed out of it, nor back to itself: that is a refusal', () => {
    for (const contact of [
      'sip:103@zeta.test',
      'sip:1@evil.test',
      'sip:102@acme.test',
      'sip:999@acme.test',
    ]) {
      const world = redirected(contact)
      assert.deepEqual(world.brief('acme-103'), [])
      assert.equal(world.trace().at(-1), 'acme/u101 486', contact)
      world.run(60_000)
      world.assertAtRest()
    }
  })
})

describe('several phones', () => {
  it('rings numbers of reach together with the own phones, which follow the line there', () => {
    const world = new World({ lines: { 'acme-102': { numberReach: ['103'] } } })
    const [caller, , reached] = world.registered('u101', 'u102', 'u103')
    caller?.invite('102')
    world.run(500)
    assert.deepEqual(world.brief('acme-103'), [])
    reached?.answer()
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101'])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    assert.ok(world.trace().includes('acme/u102 cancelled'))
    reached?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('gives a call that is answered on two devices at once to one, and hangs up the other (CANCEL/200)', () => {
    const world = new World()
    const [caller, desk, mobile] = world.registered('u101', 'u102', 'u102b')
    caller?.invite('102')
    world.run(500)
    desk?.answer()
    mobile?.answer()
    world.run(1_000)
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101'])
    const hungUp = world.trace().filter((line) => line.includes('ended') || line.includes('cancelled'))
    assert.equal(hungUp.length, 1)
    assert.match(hungUp[0] ?? '', /^acme\/u102b? ended bye$/)
    caller?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('rings for a line that appears on the phone of another, and calls in its name', () => {
    const world = new World({ change: appearing('acme-103', 'acme-102') })
    const [caller, own, other] = world.registered('u101', 'u102', 'u103')
    caller?.invite('102')
    world.run(500)
    other?.answer()
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101'])
    assert.deepEqual(world.brief('acme-103'), [])
    assert.ok(world.trace().includes('acme/u102 cancelled'))
    other?.hangUp()
    world.run(500)
    other?.invite('101', { from: '<sip:102@acme.test>' })
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), ['originator connecting 101'])
    assert.deepEqual(world.brief('acme-101'), ['terminator alerting 102'])
    other?.hangUp()
    world.run(500)
    other?.invite('101', { headers: [['P-Preferred-Identity', '<sip:+4930555102@acme.test>']] })
    world.run(500)
    assert.deepEqual(world.brief('acme-101'), ['terminator alerting 102'])
    other?.hangUp()
    own?.invite('101', { from: '<sip:103@acme.test>' })
    world.run(500)
    assert.ok(world.trace().includes('acme/u102 403'), 'it does not work the other way')
    own?.invite('101', { headers: [['P-Preferred-Identity', '<sip:103@acme.test>']] })
    world.run(500)
    assert.ok(world.trace().includes('acme/u102 403'))
    world.run(60_000)
    world.assertAtRest()
  })
})

describe('assistants of an executive', () => {
  const EXECUTIVE = { 'acme-102': { assistants: ['acme-103', 'nobody', 'acme-101'] } }

  it('ring as well; who answers has the call, and the others see it end', () => {
    const world = new World({ lines: EXECUTIVE })
    const [caller, , assistant] = world.registered('u101', 'u102', 'u103')
    caller?.invite('102')
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), ['terminator alerting 101'])
    assert.deepEqual(world.brief('acme-103'), ['terminator alerting 101'])
    assert.deepEqual(world.brief('acme-101'), ['originator connecting 102'])
    world.trace()
    assistant?.answer()
    world.run(500)
    assert.deepEqual(world.brief('acme-101'), ['originator connected 103'])
    assert.deepEqual(world.trace(), [
      'acme-102 deleted/disconnected terminator disconnected',
      'acme-103 updated/answered terminator connected',
      'acme-101 updated/connected originator connected',
      'acme/u101 200',
      'acme/u102 cancelled',
    ])
    assistant?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('answer even if the executive has no phone there, refuses, or is not to be disturbed', () => {
    for (const line of [{}, { doNotDisturb: true }]) {
      const world = new World({ lines: { 'acme-102': { ...EXECUTIVE['acme-102'], ...line } } })
      const [caller, assistant] = world.registered('u101', 'u103')
      caller?.invite('102')
      world.run(500)
      assistant?.answer()
      world.run(500)
      assert.deepEqual(world.brief('acme-103'), ['terminator connected 101'])
      caller?.hangUp()
      world.run(60_000)
      world.assertAtRest()
    }
  })

  it("give the call to the executive's forwarding when nobody answers in its time", () => {
    const world = new World({
      lines: {
        'acme-102': { ...EXECUTIVE['acme-102'], ringSeconds: 5, voicemail: { busy: true, noAnswer: true } },
      },
    })
    const [caller, executive] = world.registered('u101', 'u102', 'u103')
    caller?.invite('102')
    world.run(500)
    executive?.reject(486)
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), [])
    assert.deepEqual(world.brief('acme-103'), ['terminator alerting 101'])
    world.run(5_000)
    assert.deepEqual(world.brief('acme-103'), [])
    assert.ok(world.trace().includes('acme-103 deleted/disconnected terminator disconnected'))
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    caller?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })
})
