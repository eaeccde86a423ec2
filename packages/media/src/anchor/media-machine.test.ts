import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NEVER } from '@tandem/base'
import { Random } from '@tandem/testing'
import { decodeG711 } from '../g711/g711.ts'
import type { MediaCommand, MediaEvent, RecordingSide } from '../port.ts'
import { parseRtcp, type ReportBlock, writeRtcp } from '../rtcp/rtcp-packet.ts'
import { RtpView, timestampDelta, writeRtpHeader } from '../rtp/rtp-packet.ts'
import { PCMA, PCMU, Phone, Rig } from './media-rig.test.ts'
import { SILENT_MS, TAPS_MAX } from './taps.ts'

describe('MediaMachine: ports and learning', () => {
  it('gives a second learner another port, and a third one the first port again once it is learned', () => {
    const rig = new Rig(2)
    const first = rig.allocate('a')
    const second = rig.allocate('b')
    assert.notEqual(first, second)
    rig.configure('a', '198.51.100.1:4000')
    new Phone(rig, first, '198.51.100.1:4000', 1).speak()
    assert.equal(rig.allocate('c'), first)
  })

  it('lets 500 legs ring at once: wantsPorts grows, waiting legs are answered as ports come', () => {
    const rig = new Rig(0)
    let next = 20_000
    const events: MediaEvent[] = []
    for (let leg = 0; leg < 500; leg++) {
      events.push(...rig.command({ kind: 'allocate', leg: `leg-${leg}`, session: `${leg}`, family: 4 }))
      assert.ok(rig.machine.wantsPorts > 0)
      if (leg % 10 !== 9) continue
      for (let wanted = rig.machine.wantsPorts; wanted > 0; wanted--) {
        rig.machine.addPort(next, '192.0.2.1')
        next += 2
      }
      events.push(...rig.run(1))
    }
    const ports = events.map((event) => (event.kind === 'allocated' ? event.port : event.kind))
    assert.equal(new Set(ports).size, 500, 'each has a port of its own while it learns')
    assert.equal(rig.machine.counts.waiting, 0)
    assert.equal(rig.machine.wantsPorts, 0)
    for (let leg = 0; leg < 500; leg++) rig.command({ kind: 'release', leg: `leg-${leg}` })
    assert.equal(rig.machine.counts.legs, 0)
    assert.equal(rig.machine.wantsPorts, 0)
  })

  it('refuses a leg that waited two seconds for a port, and not a moment sooner', () => {
    const rig = new Rig(0)
    assert.deepEqual(rig.command({ kind: 'allocate', leg: 'a', session: 's', family: 4 }), [])
    assert.deepEqual(rig.run(1900), [])
    assert.deepEqual(
      rig.run(500).map((event) => event.kind),
      ['failed'],
    )
  })

  it('answers a leg that waits when another one has learned its source', () => {
    const rig = new Rig(1)
    const port = rig.allocate('a')
    rig.configure('a', '198.51.100.1:4000')
    assert.deepEqual(rig.command({ kind: 'allocate', leg: 'b', session: 's', family: 4 }), [])
    new Phone(rig, port, '198.51.100.1:4000', 1).speak()
    const [event] = rig.run(300)
    assert.deepEqual([event?.kind, event?.kind === 'allocated' && event.port], ['allocated', port])
  })

  it('does not give an IPv4 port to an IPv6 leg', () => {
    const rig = new Rig(1)
    assert.deepEqual(rig.command({ kind: 'allocate', leg: 'a', session: 's', family: 6 }), [])
    rig.machine.addPort(30_000, '2001:db8::1')
    const [event] = rig.run(1)
    assert.ok(event?.kind === 'allocated' && event.host === '2001:db8::1' && event.rtcpPort === 30_001)
  })

  it('locks the address of the SDP at its first packet, and drops third parties from then on (S40, S42)', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    rig.talking('b', '198.51.100.2:4000', 0xbbbb)
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    rig.command({ kind: 'attach', recording: 'r', side: 'left', leg: 'a' })
    rig.sent.length = 0
    const stranger = new Phone(rig, a.port, '203.0.113.66:9999', 0xaaaa)
    stranger.sequence = a.sequence // Guessed SSRC and sequence numbers change nothing.
    stranger.speak(50)
    assert.equal(rig.sent.length, 0)
    assert.equal(rig.kept.length, 0)
    a.speak(5)
    assert.equal(rig.sent.length, 5)
    assert.ok(rig.sent.every((packet) => packet.to === '198.51.100.2:4000'))
    assert.equal(rig.dropped['unknownSource'], 50)
  })

  it('answers nobody during call set-up: a spray over the port range reaches no leg (S40)', () => {
    const rig = new Rig()
    const port = rig.allocate('a')
    rig.configure('a', '198.51.100.1:4000')
    rig.command({ kind: 'play', leg: 'a', sound: { kind: 'tone', tone: 'busy' } })
    for (let index = 0; index < 200; index++) {
      const sprayer = new Phone(rig, port, '203.0.113.66:9999', 1000 + index)
      sprayer.sequence = 1 + 7 * index
      sprayer.send(0, new Uint8Array(160))
      rig.run(5)
    }
    assert.ok(rig.sent.length > 0)
    assert.ok(rig.sent.every((packet) => packet.to === '198.51.100.1:4000'))
  })

  it('learns a phone behind symmetric NAT from consistent packets, and then speaks to where it is', () => {
    const rig = new Rig()
    const port = rig.allocate('a')
    rig.configure('a', '10.0.0.5:4000')
    const b = rig.talking('b', '198.51.100.2:4000', 0xbbbb)
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    rig.sent.length = 0
    const phone = new Phone(rig, port, '203.0.113.7:61001', 0xaaaa)
    phone.speak(4)
    assert.equal(rig.sent.length, 0, 'not believed yet')
    phone.speak(1)
    assert.equal(rig.sent.length, 1)
    b.speak()
    assert.equal(rig.sent.at(-1)?.to, '203.0.113.7:61001')
  })

  it('lets the address of the SDP take over from a guess', () => {
    const rig = new Rig()
    const port = rig.allocate('a')
    rig.configure('a', '198.51.100.1:4000')
    new Phone(rig, port, '203.0.113.66:9999', 0x6666).speak(6)
    rig.command({ kind: 'play', leg: 'a', sound: { kind: 'tone', tone: 'busy' } })
    rig.run(20)
    assert.equal(rig.sent.at(-1)?.to, '203.0.113.66:9999')
    const real = new Phone(rig, port, '198.51.100.1:4000', 0xaaaa)
    real.speak()
    rig.run(40)
    assert.equal(rig.sent.at(-1)?.to, '198.51.100.1:4000')
  })

  it('never guesses for a leg with a fixed source', () => {
    const rig = new Rig()
    const port = rig.allocate('a')
    rig.configure('a', '198.51.100.1:4000', { fixedSource: true })
    new Phone(rig, port, '203.0.113.66:9999', 0x6666).speak(50)
    assert.equal(rig.machine.counts.learning, 1)
    new Phone(rig, port, '198.51.100.1:4000', 0xaaaa).speak(1)
    assert.equal(rig.machine.counts.learning, 0)
  })

  it('follows a new address of a locked leg only for the same SSRC after three silent seconds (S41)', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    rig.talking('b', '198.51.100.2:4000', 0xbbbb)
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    a.speak(10)
    rig.sent.length = 0
    a.from = '198.51.100.9:5555'
    a.speak(100) // Two seconds: the old address might still come back.
    assert.equal(rig.sent.length, 0)
    a.speak(60)
    assert.ok(rig.sent.length > 0)
  })

  it('opens learning again for a new SDP address, and drops the old one once the new one speaks', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    rig.talking('b', '198.51.100.2:4000', 0xbbbb)
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    rig.configure('a', '198.51.100.8:7000', { relearn: true })
    rig.sent.length = 0
    a.speak(2)
    const moved = new Phone(rig, a.port, '198.51.100.8:7000', 0xcccc)
    moved.speak(3)
    assert.equal(rig.sent.length, 5)
    a.speak(3)
    assert.equal(rig.sent.length, 5)
    assert.equal(rig.dropped['released'], 3)
  })
})

describe('MediaMachine: shared ports', () => {
  it('never lets late packets of a released leg reach another call', () => {
    const rig = new Rig(1)
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    rig.command({ kind: 'release', leg: 'a' })
    const port = rig.allocate('n')
    assert.equal(port, a.port, 'there is only one port')
    rig.configure('n', '10.0.0.9:4000') // Behind a NAT: anything consistent would be believed.
    rig.command({ kind: 'attach', recording: 'r', side: 'left', leg: 'n' })
    a.speak(200)
    assert.equal(rig.kept.length, 0)
    assert.equal(rig.machine.counts.learning, 1)
    assert.equal(rig.dropped['released'], 200)
  })

  it('does not take late packets of a leg that was never heard for the next learner', () => {
    const rig = new Rig(1)
    const port = rig.allocate('a')
    rig.configure('a', '10.0.0.1:4000')
    rig.command({ kind: 'release', leg: 'a' })
    assert.equal(rig.allocate('n'), port)
    rig.configure('n', '10.0.0.9:4000')
    new Phone(rig, port, '203.0.113.7:61001', 1).speak(200) // From behind the first leg's NAT.
    assert.equal(rig.machine.counts.learning, 1)
    rig.run(2000)
    new Phone(rig, port, '203.0.113.9:50000', 2).speak(5)
    assert.equal(rig.machine.counts.learning, 0)
  })

  it('hears the next call of the same phone from the same port at once, told by its SSRC', () => {
    const rig = new Rig(1)
    rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    rig.command({ kind: 'release', leg: 'a' })
    rig.talking('n', '198.51.100.1:4000', 0xbbbb)
    assert.equal(rig.machine.counts.learning, 0)
  })

  it('tells many legs of one source address and port apart by SSRC, as a trunk sends them', () => {
    const rig = new Rig(1)
    const phones: Phone[] = []
    for (let leg = 0; leg < 50; leg++) {
      const phone = new Phone(rig, rig.allocate(`t${leg}`), '198.51.100.100:6000', 0x1000 + leg)
      rig.configure(`t${leg}`, '198.51.100.100:6000')
      rig.command({ kind: 'attach', recording: `r${leg}`, side: 'right', leg: `t${leg}` })
      phone.fill = leg
      phones.push(phone)
      for (let round = 0; round < 5; round++) {
        for (const other of phones) {
          other.speak()
          rig.now -= 20
        }
        rig.now += 20
      }
    }
    assert.equal(rig.machine.counts.learning, 0)
    for (const { recording, bytes } of rig.kept) assert.equal(`r${bytes[12]}`, recording)
    assert.equal(new Set(rig.kept.map((kept) => kept.recording)).size, 50)
  })

  it('gives a changed SSRC to the leg that changed it, not to the leg of the same trunk that is learning', () => {
    const rig = new Rig(1)
    const a = rig.talking('a', '198.51.100.100:6000', 0xaaaa)
    a.speak(10)
    rig.allocate('n')
    rig.configure('n', '198.51.100.100:6000')
    rig.command({ kind: 'attach', recording: 'ra', side: 'right', leg: 'a' })
    rig.command({ kind: 'attach', recording: 'rn', side: 'right', leg: 'n' })
    a.ssrc = 0xdddd
    a.speak(10)
    assert.deepEqual([...new Set(rig.kept.map((kept) => kept.recording))], ['ra'])
    assert.equal(rig.kept.length, 8, 'two packets were needed to be sure')
  })

  it('drops an injected SSRC from the right address while the real one goes on (S42)', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    rig.command({ kind: 'attach', recording: 'r', side: 'left', leg: 'a' })
    const forged = new Phone(rig, a.port, '198.51.100.1:4000', 0x6666)
    forged.fill = 0x66
    for (let index = 0; index < 100; index++) {
      a.speak()
      forged.speak()
      rig.now -= 20
    }
    assert.ok(rig.kept.every((kept) => kept.bytes[12] === 0x55))
    assert.equal(rig.dropped['unknownSsrc'], 100)
  })
})

describe('MediaMachine: what a leg hears', () => {
  it('relays between two legs on their own clocks, and transcodes between the two laws', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    rig.talking('b', '198.51.100.2:4000', 0xbbbb, PCMA)
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    a.fill = 0x9a
    a.speak(3)
    assert.deepEqual(
      rig.sent.map((packet) => [packet.to, packet.type, packet.marker, packet.payload.length]),
      [
        ['198.51.100.2:4000', 8, true, 160],
        ['198.51.100.2:4000', 8, false, 160],
        ['198.51.100.2:4000', 8, false, 160],
      ],
    )
    const [said, heard] = [new Int16Array(1), new Int16Array(1)]
    decodeG711('PCMU', Uint8Array.of(0x9a), 0, 1, said)
    decodeG711('PCMA', Uint8Array.from(rig.sent[0]?.payload ?? []), 0, 1, heard)
    assert.ok(Math.abs((said[0] ?? 0) - (heard[0] ?? 9999)) < 300)
    assert.ok(rig.sent.every((packet) => packet.ssrc !== 0xaaaa && packet.ssrc === rig.sent[0]?.ssrc))
  })

  it('keeps one clock, continuous and forward, over ringback, a bridge and a re-bridge (pitfall 4)', () => {
    const rig = new Rig(6)
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    const b = rig.talking('b', '198.51.100.2:4000', 0xbbbb)
    const c = rig.talking('c', '198.51.100.3:4000', 0xcccc)
    c.timestamp = 0xffff_ff00
    c.sequence = 65_530
    b.sequence = 30_000
    rig.command({ kind: 'play', leg: 'a', sound: { kind: 'tone', tone: 'ringback' } })
    rig.run(200)
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    b.speak(20)
    rig.command({ kind: 'unbridge', leg: 'a' })
    rig.run(500)
    rig.command({ kind: 'play', leg: 'a', sound: { kind: 'tone', tone: 'busy' } })
    rig.run(100)
    rig.command({ kind: 'bridge', a: 'a', b: 'c' })
    c.speak(20)
    a.speak(1)
    const heard = rig.sent.filter((packet) => packet.to === '198.51.100.1:4000')
    assert.ok(heard.length > 50)
    assert.equal(heard.filter((packet) => packet.marker).length, 4, 'one marker for each change of source')
    for (const [index, packet] of heard.entries()) {
      const before = heard[index - 1]
      if (before === undefined) continue
      assert.equal(packet.ssrc, before.ssrc)
      assert.equal(packet.sequence, (before.sequence + 1) & 0xffff)
      const step = timestampDelta(packet.timestamp, before.timestamp)
      assert.ok(step >= 160 && step <= 4400, `timestamp step ${step}`)
    }
  })

  it('paces a tone on absolute deadlines, skips after a stall and never bursts (pitfall 1)', () => {
    const rig = new Rig()
    rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    rig.command({ kind: 'play', leg: 'a', sound: { kind: 'tone', tone: 'busy' } })
    const startedAt = rig.now
    for (let tick = 0; tick < 500; tick++) {
      rig.now = startedAt + 20 * tick + (tick % 7) // Every tick is a little late; none makes the next one later.
      rig.machine.tick(rig.now)
    }
    assert.equal(rig.sent.length, 500)
    rig.sent.length = 0
    rig.now += 5_000
    rig.machine.tick(rig.now)
    assert.ok(rig.sent.length <= 2)
    rig.run(1000)
    assert.ok(rig.sent.length >= 50 && rig.sent.length <= 53)
  })

  it('gives sounds in the packet time that the peer asked for, 10 to 60 ms', () => {
    for (const ptimeMs of [10, 20, 30, 40, 60]) {
      const rig = new Rig()
      rig.talking('a', '198.51.100.1:4000', 0xaaaa, { ...PCMU, ptimeMs })
      rig.command({ kind: 'play', leg: 'a', sound: { kind: 'tone', tone: 'busy' } })
      rig.run(6000)
      assert.ok(rig.sent.every((packet) => packet.payload.length === 8 * ptimeMs))
      assert.ok(Math.abs(rig.sent.length - 6000 / ptimeMs) <= 3)
    }
  })

  it('plays a prompt once, above the bridge, and then lets the bridge be heard again', () => {
    const rig = new Rig()
    rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    const b = rig.talking('b', '198.51.100.2:4000', 0xbbbb)
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    rig.clips.set('prompt:recordingFailed', new Uint8Array(11_200).fill(0x12))
    rig.command({ kind: 'play', leg: 'a', sound: { kind: 'prompt', name: 'recordingFailed' }, token: 't' })
    b.speak(3)
    assert.equal(rig.sent.filter((packet) => packet.payload[0] === b.fill).length, 0)
    assert.deepEqual(rig.run(2000), [{ kind: 'played', leg: 'a', token: 't', complete: true }])
    const packets = rig.sent.length
    assert.equal(packets, 70)
    b.speak(3)
    assert.equal(rig.sent.length, packets + 3)
  })

  it('neither relays nor records a leg on hold, nor sends to one that may not be sent to', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    const b = rig.talking('b', '198.51.100.2:4000', 0xbbbb)
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    rig.command({ kind: 'attach', recording: 'r', side: 'left', leg: 'a' })
    rig.configure('a', '198.51.100.1:4000', { receive: false, send: false })
    a.speak(5)
    b.speak(5)
    assert.equal(rig.sent.length, 0)
    assert.equal(rig.kept.length, 0)
    assert.equal(rig.dropped['notReceiving'], 5)
  })

  it('reports a digit once, and relays its events with the payload type of the other leg (RFC 4733)', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    rig.talking('b', '198.51.100.2:4000', 0xbbbb, { ...PCMU, dtmfPayloadType: 96 })
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    const events: MediaEvent[] = []
    for (let index = 0; index < 8; index++) {
      a.send(101, Uint8Array.of(5, index >= 5 ? 0x8a : 0x0a, 0, 160), { marker: index === 0 })
      events.push(...rig.run(20))
    }
    assert.deepEqual(events, [{ kind: 'digit', leg: 'a', digit: '5' }])
    assert.deepEqual([...new Set(rig.sent.map((packet) => packet.type))], [96])
    assert.equal(new Set(rig.sent.map((packet) => packet.timestamp)).size, 1)
  })

  it('turns comfort noise into silence for a peer that has not negotiated it (RFC 3389)', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa, { ...PCMU, comfortNoisePayloadType: 13 })
    rig.talking('b', '198.51.100.2:4000', 0xbbbb)
    rig.talking('c', '198.51.100.3:4000', 0xcccc, { ...PCMA, comfortNoisePayloadType: 13 })
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    a.send(13, Uint8Array.of(40))
    assert.deepEqual(
      rig.sent[0]?.payload,
      Array.from({ length: 160 }, () => 0xff),
    )
    rig.command({ kind: 'bridge', a: 'a', b: 'c' })
    a.send(13, Uint8Array.of(40))
    assert.deepEqual([rig.sent[1]?.type, rig.sent[1]?.payload], [13, [40]])
  })

  it('crosses to a leg on another worker and back', () => {
    const here = new Rig()
    const there = new Rig(4, '192.0.2.2')
    const a = here.talking('a', '198.51.100.1:4000', 0xaaaa)
    there.talking('b', '198.51.100.2:4000', 0xbbbb, { ...PCMA, dtmfPayloadType: 96 })
    here.machine.bridgeAcross(here.now, 'a', 3)
    there.machine.bridgeAcross(there.now, 'b', 4)
    a.speak(3)
    a.send(101, Uint8Array.of(5, 0x0a, 0, 160))
    assert.deepEqual(
      here.across.map((packet) => packet.ring),
      [3, 3, 3, 3],
    )
    for (const { bytes } of here.across) there.machine.receiveAcross(there.now, 'b', bytes, bytes.length)
    assert.deepEqual(
      there.sent.map((packet) => [packet.to, packet.type]),
      [
        ['198.51.100.2:4000', 8],
        ['198.51.100.2:4000', 8],
        ['198.51.100.2:4000', 8],
        ['198.51.100.2:4000', 96],
      ],
    )
    here.command({ kind: 'unbridge', leg: 'a' })
    a.speak()
    assert.equal(here.across.length, 4)
  })
})

describe('MediaMachine: bad input and bounds', () => {
  it('caps a flood at the codec rate: at most 1.2 times what the codec makes is recorded (S45)', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    rig.command({ kind: 'attach', recording: 'r', side: 'left', leg: 'a' })
    const seconds = 10
    for (let index = 0; index < 1000 * seconds; index++) {
      a.send(0, new Uint8Array(1400))
      rig.now += 1
    }
    const bytes = rig.kept.reduce((sum, kept) => sum + kept.bytes.length - 12, 0)
    assert.ok(bytes <= 1.2 * 8000 * seconds, `${bytes} bytes`)
    assert.ok(bytes > 0.5 * 8000 * seconds)
    assert.ok((rig.dropped['overRate'] ?? 0) > 9000)
  })

  it('never caps what a codec sends, at any packet time, even after a stall', () => {
    for (const ptimeMs of [10, 20, 60]) {
      const rig = new Rig()
      const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa, { ...PCMU, ptimeMs })
      for (let sentMs = 0; sentMs < 60_000; sentMs += ptimeMs) {
        a.send(0, new Uint8Array(8 * ptimeMs))
        a.timestamp += 8 * ptimeMs
        const stalls = sentMs % 9600 < 240 // Now and then 240 ms of audio come as one.
        rig.now += stalls ? 0 : ptimeMs * (sentMs % 9600 === 240 ? 5 : 1)
      }
      assert.deepEqual(rig.dropped, {}, `${ptimeMs} ms`)
    }
  })

  it('drops and counts what is not RTP, or has a payload type that was not negotiated (S46)', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    for (let length = 0; length < 12; length++) {
      rig.machine.receiveRtp(rig.now, a.port, new Uint8Array(12), length, '198.51.100.1', 4000)
    }
    a.send(0, new Uint8Array(0))
    a.send(3, new Uint8Array(33))
    rig.machine.receiveRtp(rig.now, 4, new Uint8Array(100), 100, '198.51.100.1', 4000)
    assert.deepEqual(rig.dropped, { malformed: 13, unknownPort: 1, payloadType: 1 })
  })

  it('relays a packet with CSRC list, extension and padding as a plain one (S46)', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    rig.talking('b', '198.51.100.2:4000', 0xbbbb)
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    const packet = new Uint8Array(12 + 60 + 8 + 160 + 4)
    writeRtpHeader(packet, 0, false, a.sequence, a.timestamp, a.ssrc)
    packet[0] = 0x80 | 0x20 | 0x10 | 15
    packet[12 + 60 + 3] = 1
    packet.fill(0x42, 80, 240)
    packet[243] = 4
    rig.machine.receiveRtp(rig.now, a.port, packet, packet.length, '198.51.100.1', 4000)
    assert.deepEqual(
      rig.sent[0]?.payload,
      Array.from({ length: 160 }, () => 0x42),
    )
  })

  it('survives random bytes on both sockets and random commands (S46, S61)', () => {
    const random = new Random(99)
    const rig = new Rig(3)
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    for (let step = 0; step < 8_000; step++) {
      const bytes = random.bytes(random.below(300))
      if (random.chance(0.7) && bytes.length > 12) {
        bytes[0] = 0x80 | random.below(64)
        bytes.set([0, 0, 0xaa, 0xaa], 8)
      }
      rig.now += random.below(30)
      const take = random.chance(0.8) ? 'receiveRtp' : 'receiveRtcp'
      rig.machine[take](rig.now, a.port, bytes, bytes.length, '198.51.100.1', 4000)
      const leg = `leg${random.below(5)}`
      const commands: MediaCommand[] = [
        { kind: 'allocate', leg, session: 's', family: 4 },
        { kind: 'release', leg },
        { kind: 'bridge', a: leg, b: `leg${random.below(5)}` },
        { kind: 'unbridge', leg },
        { kind: 'play', leg, sound: { kind: 'tone', tone: 'ringback' } },
        { kind: 'silence', leg },
        { kind: 'attach', recording: 'r', side: random.pick<RecordingSide>(['left', 'right']), leg },
        { kind: 'detach', recording: 'r', leg },
      ]
      rig.command(random.pick(commands))
      if (random.chance(0.3)) rig.configure(leg, `198.51.100.${random.below(3)}:4000`, { relearn: true })
      rig.machine.tick(rig.now)
    }
    for (let leg = 0; leg < 5; leg++) rig.command({ kind: 'release', leg: `leg${leg}` })
    rig.command({ kind: 'release', leg: 'a' })
    rig.run(10_000)
    assert.equal(rig.machine.counts.legs, 0)
    assert.equal(rig.machine.deadline, NEVER, 'nothing is left to do')
    assert.ok(rig.machine.removePort(a.port))
  })
})

describe('MediaMachine: recordings and reports', () => {
  it('hands packets over as received, with the side of the leg, from attach to detach', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    const b = rig.talking('b', '198.51.100.2:4000', 0xbbbb, PCMA)
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    rig.command({ kind: 'attach', recording: 'r', side: 'left', leg: 'a' })
    rig.command({ kind: 'attach', recording: 'r', side: 'right', leg: 'b' })
    b.speak(1)
    a.speak(1)
    rig.command({ kind: 'detach', recording: 'r', leg: 'a' })
    a.speak(1)
    rig.command({ kind: 'release', leg: 'b' })
    const view = new RtpView()
    assert.deepEqual(
      rig.kept.map(({ side, bytes }) => [side, view.read(bytes, bytes.length) ?? view.ssrc, bytes[12]]),
      [
        [1, 0xbbbb, 0x55],
        [0, 0xaaaa, 0x55],
      ],
    )
    assert.deepEqual(
      rig.entries.map(({ entry }) =>
        entry.kind === 'joined' || entry.kind === 'left'
          ? `${entry.kind} ${entry.side} ${entry.leg}`
          : entry.kind,
      ),
      ['joined 0 a', 'joined 1 b', 'left 0 a', 'left 1 b'],
    )
  })

  it('says the format again when it changes, and waits with it while none is negotiated', () => {
    const rig = new Rig()
    rig.allocate('a')
    rig.command({ kind: 'attach', recording: 'r', side: 'left', leg: 'a' })
    assert.equal(rig.entries.length, 0)
    rig.configure('a', '198.51.100.1:4000')
    rig.configure('a', '198.51.100.1:4000')
    rig.configure('a', '198.51.100.1:4000', { format: PCMA })
    assert.deepEqual(
      rig.entries.map(({ entry }) => (entry.kind === 'joined' ? entry.codec : entry.kind)),
      ['PCMU', 'PCMA'],
    )
  })

  it('releases with the statistics of the leg (RFC 3550 §6.4.1)', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    a.speak(50)
    a.sequence += 10
    a.timestamp += 1600
    rig.now += 200
    a.speak(39)
    const [event] = rig.command({ kind: 'release', leg: 'a' })
    assert.ok(event?.kind === 'released')
    assert.deepEqual([event.statistics.packetsReceived, event.statistics.packetsLost], [90, 10])
    assert.ok(event.statistics.jitterMs < 1)
  })

  it('reports about every five seconds, also to a held leg, and takes RTCP only from the leg (S41)', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    rig.configure('a', '198.51.100.1:4000', { send: false, receive: false })
    rig.run(60_000)
    assert.ok(rig.rtcp.length >= 8 && rig.rtcp.length <= 24)
    assert.ok(rig.rtcp.every((packet) => packet.to === '198.51.100.1:4001'))
    const first = parseRtcp(rig.rtcp[0]?.bytes ?? new Uint8Array(0), rig.rtcp[0]?.bytes.length ?? 0)
    assert.deepEqual(
      first?.map((packet) => packet.kind),
      ['receiverReport', 'description'],
    )
    const report = new Uint8Array(200)
    const length = writeRtcp(report, [{ kind: 'receiverReport', ssrc: 0xaaaa, blocks: [] }])
    rig.machine.receiveRtcp(rig.now, a.port, report, length, '203.0.113.66', 4001)
    rig.machine.receiveRtcp(rig.now, a.port, report, length, '198.51.100.1', 4444)
    assert.equal(rig.dropped['unknownSource'], 1)
    rig.rtcp.length = 0
    rig.run(10_000)
    assert.equal(rig.rtcp[0]?.to, '198.51.100.1:4444')
  })

  it('tells of a recorded leg that is silent for ten seconds, once, and when it is heard again', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    rig.allocate('b')
    rig.configure('b', '198.51.100.2:4000')
    assert.deepEqual(rig.run(60_000), [], 'nobody records them')
    rig.command({ kind: 'attach', recording: 'r', side: 'left', leg: 'a' })
    rig.command({ kind: 'attach', recording: 'r', side: 'right', leg: 'b' })
    assert.deepEqual(rig.run(SILENT_MS - 500), [])
    a.speak()
    assert.deepEqual(rig.run(1_000), [{ kind: 'silent', leg: 'b' }], 'it was never heard at all')
    assert.deepEqual(rig.run(SILENT_MS - 1_500), [])
    assert.deepEqual(rig.run(1_000), [{ kind: 'silent', leg: 'a' }])
    assert.deepEqual(rig.run(30_000), [])
    a.speak(3)
    assert.deepEqual(rig.run(0), [{ kind: 'heard', leg: 'a' }])
  })

  it('does not miss a recorded leg that is held or muted, and begins to wait when it may speak again', () => {
    const rig = new Rig()
    rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    rig.command({ kind: 'attach', recording: 'r', side: 'left', leg: 'a' })
    rig.configure('a', '198.51.100.1:4000', { receive: false })
    assert.deepEqual(rig.run(30_000), [])
    rig.configure('a', '198.51.100.1:4000')
    rig.command({ kind: 'mute', leg: 'a', muted: true })
    assert.deepEqual(rig.run(30_000), [])
    rig.command({ kind: 'mute', leg: 'a', muted: false })
    assert.deepEqual(rig.run(SILENT_MS - 300), [])
    assert.deepEqual(rig.run(1_000), [{ kind: 'silent', leg: 'a' }])
  })

  it('knows from the reports of the peer what it lost, and how long the way there and back is (RFC 3550 §6.4.1)', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    rig.command({ kind: 'play', leg: 'a', sound: { kind: 'tone', tone: 'busy' } })
    rig.run(10_000)
    const ours = rig.rtcp.at(-1)?.bytes ?? new Uint8Array(0)
    const sender = parseRtcp(ours, ours.length)?.[0]
    assert.ok(sender?.kind === 'senderReport')
    rig.command({ kind: 'silence', leg: 'a' })
    const sentAt = 1000 * (sender.ntpSeconds + sender.ntpFraction / 2 ** 32)
    rig.now = Math.max(rig.now, sentAt) + 500
    const say = (block: Partial<ReportBlock>): void => {
      const report = new Uint8Array(200)
      const length = writeRtcp(report, [
        {
          kind: 'receiverReport',
          ssrc: 0xaaaa,
          blocks: [
            {
              ssrc: sender.ssrc,
              fractionLost: 0,
              cumulativeLost: 7,
              extendedHighest: 500,
              jitterTicks: 80,
              lastReport: ((sender.ntpSeconds << 16) | (sender.ntpFraction >>> 16)) >>> 0,
              delay: Math.round(((rig.now - sentAt - 150) / 1000) * 65_536),
              ...block,
            },
          ],
        },
      ])
      rig.machine.receiveRtcp(rig.now, a.port, report, length, '198.51.100.1', 4001)
    }
    say({ ssrc: 0xdead, cumulativeLost: 99 }) // Of another stream.
    say({ cumulativeLost: 99, lastReport: 0 })
    say({})
    const [event] = rig.command({ kind: 'release', leg: 'a' })
    assert.ok(event?.kind === 'released')
    assert.deepEqual(event.statistics.remote, { packetsLost: 7, jitterMs: 10 })
    assert.ok(Math.abs((event.statistics.roundTripMs ?? 0) - 150) < 1, `${event.statistics.roundTripMs}`)
  })

  it('says nothing of the other end when that never reported, or reports what cannot be', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    const random = new Random(3)
    const [event] = rig.command({ kind: 'release', leg: 'a' })
    assert.ok(event?.kind === 'released')
    assert.deepEqual([event.statistics.remote, event.statistics.roundTripMs], [undefined, undefined])
    const b = rig.talking('b', '198.51.100.2:4000', 0xbbbb)
    b.speak(2)
    for (let index = 0; index < 200; index++) {
      const report = new Uint8Array(200)
      const block = { fractionLost: 0, extendedHighest: 0, jitterTicks: random.next(), delay: random.next() }
      const length = writeRtcp(report, [
        {
          kind: 'receiverReport',
          ssrc: 0xbbbb,
          blocks: [{ ...block, ssrc: random.next(), cumulativeLost: -5, lastReport: random.next() }],
        },
      ])
      rig.machine.receiveRtcp(rig.now, a.port, report, length, '198.51.100.2', 4001)
    }
    const [last] = rig.command({ kind: 'release', leg: 'b' })
    assert.ok(last?.kind === 'released' && (last.statistics.roundTripMs ?? 0) >= 0)
  })

  it('tells several legs of one side apart by stream, and ends each as it leaves', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    const b = rig.talking('b', '198.51.100.2:4000', 0xbbbb)
    rig.command({ kind: 'attach', recording: 'r', side: 'right', leg: 'a' })
    rig.command({ kind: 'attach', recording: 'r', side: 'right', leg: 'b' })
    a.speak(2)
    b.speak(2)
    rig.command({ kind: 'detach', recording: 'r', leg: 'a' })
    const joined = rig.entries.map(({ entry }) =>
      entry.kind === 'joined' || entry.kind === 'left' ? entry.stream : undefined,
    )
    assert.equal(new Set(joined).size, 2)
    assert.equal(joined[2], joined[0])
    assert.deepEqual(
      rig.kept.map(({ side, stream }) => [side, stream]),
      [joined[0], joined[0], joined[1], joined[1]].map((stream) => [1, stream]),
    )
  })

  it('is attached to as many recordings as it may be, and to no more', () => {
    const rig = new Rig()
    const a = rig.talking('a', '198.51.100.1:4000', 0xaaaa)
    for (let index = 0; index <= TAPS_MAX; index++) {
      rig.command({ kind: 'attach', recording: `r${index}`, side: 'left', leg: 'a' })
    }
    a.speak()
    assert.equal(rig.kept.length, TAPS_MAX)
  })
})
