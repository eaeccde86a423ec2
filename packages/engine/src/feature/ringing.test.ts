import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RecordingNote } from '../recording-facts.ts'
import { type Phone, World } from '../world.test.ts'

const MAILBOX = { voicemail: { busy: true, noAnswer: true } }

describe('races of a call that is being set up', () => {
  it('race: CANCEL and 200 cross, whichever comes first counts, at every millisecond', () => {
    for (let gapMs = 0; gapMs < 40; gapMs++) {
      const world = new World()
      const [caller, callee] = world.registered('u101', 'u102')
      caller?.invite('102')
      world.run(500)
      callee?.answer()
      world.run(gapMs)
      caller?.hangUp()
      world.run(60_000)
      assert.deepEqual(world.brief('acme-102'), [])
      world.assertAtRest(`after ${gapMs} ms`)
    }
  })

  it('race: answered on two devices at once, and by an assistant too; exactly one has the call', () => {
    for (let seed = 1; seed < 30; seed++) {
      const world = new World({ seed, lines: { 'acme-102': { assistants: ['acme-103'] } } })
      const [caller, ...others] = world.registered('u101', 'u102', 'u102b', 'u103')
      caller?.invite('102')
      world.run(500)
      for (const phone of others) phone.answer()
      world.run(1_000)
      const talking = [...world.brief('acme-102'), ...world.brief('acme-103')]
      assert.deepEqual(talking, ['terminator connected 101'], `seed ${seed}`)
      assert.equal(world.live.size, 2)
      assert.equal(world.trace().filter((line) => line.endsWith('ended bye')).length, 2, `seed ${seed}`)
      caller?.hangUp()
      world.run(60_000)
      world.assertAtRest(`seed ${seed}`)
    }
  })

  it('race: the media of a forwarded call fails, is late, or comes after the CANCEL', () => {
    for (const trouble of ['failing', 'silent', 'late'] as const) {
      const world = new World({ lines: { 'acme-102': { forwarding: { busy: '103' } } } })
      const [caller, callee] = world.registered('u101', 'u102', 'u103')
      if (trouble !== 'late') world.media[trouble].add(3)
      caller?.invite('102')
      world.run(500)
      if (trouble === 'late') world.media.allocateMs = 300
      callee?.reject(486)
      world.run(100)
      if (trouble === 'late') caller?.hangUp()
      world.run(60_000)
      assert.deepEqual(world.brief('acme-101'), [], trouble)
      assert.ok(!world.trace().includes('acme/u103 INVITE'), trouble)
      world.assertAtRest(trouble)
    }
  })

  it('race: the caller hangs up at every moment of a way through two forwardings into a mailbox', () => {
    for (let gapMs = 0; gapMs < 8_000; gapMs += 97) {
      const world = new World({
        lines: {
          'acme-102': { forwarding: { noAnswer: '103' }, ringSeconds: 1 },
          'acme-103': { ...MAILBOX, ringSeconds: 1 },
        },
      })
      const [caller, callee, third] = world.registered('u101', 'u102', 'u103')
      for (const phone of [callee, third]) if (phone !== undefined) phone.onInvited = () => phone.ring()
      caller?.invite('102')
      world.run(gapMs)
      caller?.hangUp()
      world.run(60_000)
      world.assertAtRest(`after ${gapMs} ms`)
    }
  })
})

describe('what surrounds a call that rings', () => {
  it('passes on the hops that are left, less one (RFC 3261 §16.6 step 3)', () => {
    const world = new World()
    const [caller, callee] = world.registered('u101', 'u102')
    const { endpoint } = caller as Phone
    const receive = world.engine.receive.bind(world.engine)
    world.engine.receive = (now, message, flow) => {
      if (message.kind === 'request' && message.method === 'INVITE') message.headers.set('Max-Forwards', '7')
      return receive(now, message, flow)
    }
    caller?.invite('102')
    world.run(500)
    const request = callee?.requests[0]
    assert.equal(request?.headers.get('Max-Forwards'), '6')
    caller?.hangUp()
    world.run(60_000)
    assert.equal(endpoint.counts.calls, 0)
    world.assertAtRest()
  })

  it('shows a public service as what was dialled, whoever answers it (contract, call controls §2, callType)', () => {
    const world = new World({
      change: (all) => ({
        ...all,
        locations: all.locations.map((location) => ({
          ...location,
          services: [
            { number: '112', kind: 'emergency' as const, destination: '103' },
            { number: '+4930114', kind: 'repair' as const, destination: '102' },
          ],
        })),
      }),
      lines: { 'acme-103': { forwarding: { always: '102' } } },
    })
    const [caller, callee] = world.registered('u101', 'u102')
    for (const [number, callType] of [
      ['112', 'emergency'],
      ['+4930114', 'repair'],
    ] as const) {
      caller?.invite(number)
      world.run(500)
      const shown = { number, privacyEnabled: false, callType }
      assert.deepEqual(world.list('acme-101')[0]?.remoteParty, shown)
      callee?.answer()
      world.run(500)
      assert.deepEqual(world.list('acme-101')[0]?.remoteParty, shown)
      assert.equal(world.list('acme-102')[0]?.remoteParty.callType, 'location')
      callee?.hangUp()
      world.run(1_000)
    }
    world.run(60_000)
    world.assertAtRest()
  })

  it('notes in a recording that the call followed its line to a number of reach', () => {
    const world = new World({
      recording: { 'acme-102': 'Always' },
      lines: { 'acme-102': { numberReach: ['103'], recording: { mode: 'Always' } } },
    })
    const [caller, reached] = world.registered('u101', 'u103')
    caller?.invite('102')
    world.run(500)
    reached?.answer()
    world.run(500)
    const notes = world.commands.flatMap((command) =>
      command.kind === 'note' ? [JSON.parse(command.note) as RecordingNote] : [],
    )
    const [first] = notes
    assert.equal(first?.kind === 'activity' ? first.redirection?.reason : undefined, 'followMe')
    reached?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })
})
