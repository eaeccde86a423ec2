import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Headers, NO_BODY } from '@tandem/sip'
import { directory, ENGINE_ADDRESS, type Phone, WALL_OFFSET_MS, World } from '../world.test.ts'

/** What a phone hears in answer to its REGISTER. */
function answer(world: World, phone: Phone, options: Parameters<Phone['register']>[0] = {}): string[] {
  phone.register(options)
  world.run(40_000)
  return world.trace()
}

describe('the registrar', () => {
  it('answers 200 only when the contacts are on disk (promise R1)', () => {
    const world = new World()
    const phone = world.phone('u101')
    assert.deepEqual(answer(world, phone), ['acme/u101 200'])
    const [binding] = world.bindings.get('acme acme-101-0') ?? []
    assert.equal(binding?.contact, 'sip:u101@198.51.100.1:5060')
    assert.equal(world.engine.counts.registrations, 1)
  })

  it('answers 503 when they could not be stored, and keeps the old ones', () => {
    const world = new World()
    const phone = world.phone('u101')
    world.storeSucceeds = false
    assert.deepEqual(answer(world, phone), ['acme/u101 503'])
    assert.equal(world.engine.counts.registrations, 0)
    world.storeSucceeds = true
    assert.deepEqual(answer(world, phone), ['acme/u101 200'])
    world.storeSucceeds = false
    assert.deepEqual(answer(world, phone, { expires: 0 }), ['acme/u101 503'])
    assert.equal(world.engine.counts.registrations, 1)
  })

  it('answers 503 after five seconds when the store says nothing', () => {
    const world = new World()
    world.storeAnswers = false
    const phone = world.phone('u101')
    phone.register()
    world.run(4_900)
    assert.deepEqual(world.trace(), [])
    world.run(200)
    assert.deepEqual(world.trace(), ['acme/u101 503'])
  })

  it('gives a wrong password, an unknown user and an unknown domain the same 401 (case S30)', () => {
    const world = new World()
    assert.deepEqual(answer(world, world.phone('u101'), { password: 'wrong' }), ['acme/u101 401'])
    assert.deepEqual(answer(world, world.phone('nobody')), ['acme/nobody 401'])
    assert.deepEqual(answer(world, world.phone('u101', 'nowhere')), ['nowhere/u101 401'])
    assert.equal(world.engine.counts.registrations, 0)
  })

  it('bans a guesser after ten failures, even with the right password (case S31)', () => {
    const world = new World()
    const phone = world.phone('u101')
    for (let i = 0; i < 10; i++) answer(world, phone, { password: `guess ${i}` })
    assert.deepEqual(answer(world, phone), ['acme/u101 403'])
    const elsewhere = world.phone('u102')
    assert.deepEqual(answer(world, elsewhere), ['acme/u102 200'])
  })

  it('drops a contact when its time is over, and stores that', () => {
    const world = new World()
    answer(world, world.phone('u101'), { expires: 60 })
    world.run(19_000)
    assert.equal(world.engine.counts.registrations, 1)
    world.run(2_000)
    assert.equal(world.engine.counts.registrations, 0)
    assert.deepEqual(world.bindings.get('acme acme-101-0'), [])
  })

  it('restores what was registered before a restart, but not what ran out in the meantime', () => {
    const first = new World()
    answer(first, first.phone('u101'))
    answer(first, first.phone('u102'))
    const bindings = [...first.bindings.values()].flat()
    const expired = bindings.map((binding) =>
      binding.deviceId === 'acme-102-0' ? { ...binding, expiresAt: WALL_OFFSET_MS - 1 } : binding,
    )
    const second = new World({ bindings: expired, boot: 2 })
    second.phone('u101')
    second.run(10)
    assert.equal(second.engine.counts.registrations, 1)
    second.dial('acme-101', '102')
    second.run(500)
    assert.ok(second.trace().includes('acme/u101 INVITE'))
  })

  it("does not let one device register another, nor another organisation's", () => {
    const world = new World()
    const phone = world.phone('u101')
    for (const to of ['<sip:u102@acme.test>', '<sip:u101@zeta.test>'])
      assert.deepEqual(answer(world, phone, { to }), ['acme/u101 403'], to)
    assert.equal(world.engine.counts.registrations, 0)
  })

  it('drops the contacts of a connection that is gone, and not those of UDP (RFC 5626 §4.2.1)', () => {
    const world = new World()
    const [udp, tcp] = [world.phone('u101'), world.phone('u102')]
    tcp.transport = 'tcp'
    answer(world, udp)
    answer(world, tcp)
    for (const phone of [udp, tcp]) {
      const { transport, address: remote } = phone
      const flow = { id: `flow ${phone.name}`, transport, local: ENGINE_ADDRESS, remote }
      world.act(world.engine.flowClosed(world.now, flow))
    }
    assert.equal(world.engine.counts.registrations, 1)
    assert.deepEqual(world.bindings.get('acme acme-102-0'), [])
    assert.equal(world.bindings.get('acme acme-101-0')?.length, 1)
  })

  describe('while a REGISTER is being stored', () => {
    /** A world with a phone on TCP whose REGISTER waits for the store. */
    function storing(): World {
      const world = new World()
      const phone = world.phone('u101')
      phone.transport = 'tcp'
      world.storeAnswers = false
      phone.register()
      world.run(1_000)
      return world
    }

    /** The TCP connection of the phone of this name is gone. */
    function close(world: World, name: string): void {
      const phone = world.phones.get(name)
      assert.ok(phone !== undefined)
      const { transport, address: remote } = phone
      const flow = { id: `flow ${name}`, transport, local: ENGINE_ADDRESS, remote }
      world.act(world.engine.flowClosed(world.now, flow))
    }

    const onDisk = (world: World): (string | undefined)[] | undefined =>
      world.bindings.get('acme acme-101-0')?.map((binding) => binding.contact)

    it('drops the contact when its connection closes, and stores that once more (RFC 5626 §4.2.1)', () => {
      const world = storing()
      close(world, 'acme/u101')
      assert.equal(world.stores.length, 1, 'the first word of the store is awaited')
      world.storeAnswers = true
      world.answerStore(world.stores[0], true)
      assert.equal(world.engine.counts.registrations, 0)
      assert.deepEqual(onDisk(world), [])
      world.run(40_000)
      assert.equal(world.stores.length, 2)
    })

    it('does not let the next REGISTER build on that contact, and stores nothing twice', () => {
      const world = storing()
      close(world, 'acme/u101')
      world.phone('u101').register({ contact: '<sip:other@198.51.100.2>' })
      world.run(1_000)
      for (let i = 0; i < world.stores.length; i++) world.answerStore(world.stores[i], true)
      assert.deepEqual(onDisk(world), ['sip:other@198.51.100.2'])
      assert.equal(world.engine.counts.registrations, 1)
      assert.equal(world.stores.length, 3, 'once more, since the disk was behind for a moment')
    })

    it('takes the loss of a contact to the disk although its own farewell could not be stored', () => {
      const world = new World()
      const phone = world.phone('u101')
      phone.transport = 'tcp'
      phone.register()
      world.run(1_000)
      world.storeAnswers = false
      phone.register({ expires: 0 })
      world.run(1_000)
      close(world, 'acme/u101')
      assert.equal(onDisk(world)?.length, 1)
      world.storeAnswers = true
      world.answerStore(world.stores[1], false)
      assert.deepEqual(onDisk(world), [])
      assert.equal(world.engine.counts.registrations, 0)
    })

    it('leaves a contact alone whose connection stands', () => {
      const world = storing()
      world.phone('u102')
      close(world, 'acme/u102')
      world.answerStore(world.stores[0], true)
      assert.equal(world.engine.counts.registrations, 1)
      assert.equal(world.stores.length, 1)
    })

    it('drops the contact of a device that the directory has lost', () => {
      const world = storing()
      const all = directory()
      const devices = all.devices.filter((device) => device.id !== 'acme-101-0')
      world.act(world.engine.setDirectory(world.now, { ...all, devices }))
      world.storeAnswers = true
      world.answerStore(world.stores[0], true)
      assert.equal(world.engine.counts.registrations, 0)
      assert.deepEqual(onDisk(world), [])
    })
  })

  it('forgets devices that the directory no longer has', () => {
    const world = new World()
    answer(world, world.phone('u101'))
    answer(world, world.phone('u102'))
    const all = directory()
    const devices = all.devices.filter((device) => device.id !== 'acme-101-0')
    world.act(world.engine.setDirectory(world.now, { ...all, devices }))
    assert.equal(world.engine.counts.registrations, 1)
    assert.deepEqual(world.bindings.get('acme acme-101-0'), [])
  })
})

describe('requests outside of calls', () => {
  /** The status that a request without login meets. */
  function status(method: string): number | undefined {
    const world = new World()
    const phone = world.phone('u101')
    let seen: number | undefined
    const flow = { id: 'x', transport: 'udp' as const, local: ENGINE_ADDRESS, remote: phone.address }
    const request = {
      kind: 'request' as const,
      method,
      uri: 'sip:acme.test',
      headers: new Headers([
        ['Via', 'SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKx'],
        ['From', '<sip:u101@acme.test>;tag=1'],
        ['To', '<sip:acme.test>'],
        ['Call-ID', 'x'],
        ['CSeq', `1 ${method}`],
        ['Max-Forwards', '70'],
        ['Contact', '<sip:u101@198.51.100.1>'],
      ]),
      body: NO_BODY,
    }
    for (const output of world.engine.receive(world.now, request, flow))
      if (output.kind === 'transmit' && output.message.kind === 'response') seen = output.message.status
    return seen
  }

  it('answers OPTIONS, and refuses the rest without a word about who exists (case S34)', () => {
    assert.equal(status('OPTIONS'), 200)
    assert.equal(status('REGISTER'), 401)
    assert.equal(status('MESSAGE'), 405)
    assert.equal(status('SUBSCRIBE'), 401)
    assert.equal(status('PUBLISH'), 405)
    assert.equal(status('REFER'), 405)
    assert.equal(status('FROBNICATE'), 501)
    for (const method of ['NOTIFY', 'INFO', 'UPDATE'])
      assert.ok([405, 481].includes(status(method) ?? 0), method)
  })
})
