import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AudioCodec, parseRtcp, RtpView, Sine, type SoundSource } from '@tandem/media'
import type { Negotiated } from '@tandem/sip'
import { at, Random } from '@tandem/testing'
import { Voice, type VoiceEvent } from './voice.ts'

/** Two voices joined by wires that a test may cut, with a log of all that passes. */
class Line {
  readonly ends: readonly [Voice, Voice]
  readonly heard: [number[], number[]] = [[], []]
  readonly packets: {
    from: 0 | 1
    atMs: number
    payloadType: number
    marker: boolean
    sequence: number
    timestamp: number
  }[] = []
  readonly reports: { from: 0 | 1; kinds: string }[] = []
  readonly events: string[] = []
  /** Whether packet `index` arrives. */
  arrives: (index: number) => boolean = () => true
  nowMs = 1_000

  constructor(
    sources: readonly [SoundSource, SoundSource],
    formats: readonly [Partial<Negotiated>, Partial<Negotiated>] = [{}, {}],
  ) {
    const random = new Random(7)
    this.ends = [0, 1].map((side) => this.#voice(side as 0 | 1, sources[side] as SoundSource, random)) as [
      Voice,
      Voice,
    ] // Two sides.
    for (const [side, voice] of this.ends.entries())
      voice.configure(at(this.nowMs), format(side as 0 | 1, formats[side]))
  }

  #voice(side: 0 | 1, source: SoundSource, random: Random): Voice {
    const view = new RtpView()
    return new Voice({
      random: () => random.next(),
      wallOffsetMs: 1_700_000_000_000,
      cname: `side${side}`,
      source,
      sink: {
        sendRtp: (packet, length, host, port) => {
          assert.deepEqual([host, port], [`10.0.0.${2 - side}`, 4_000])
          assert.equal(view.read(packet, length), undefined)
          const { payloadType, marker, sequence, timestamp } = view
          this.packets.push({ from: side, atMs: this.nowMs, payloadType, marker, sequence, timestamp })
          if (!this.arrives(this.packets.length - 1)) return
          this.#note(
            this.#other(side).receiveRtp(
              at(this.nowMs),
              packet.slice(0, length),
              length,
              `10.0.0.${1 + side}`,
              4_000,
            ),
          )
        },
        sendRtcp: (packet, length, _host, port) => {
          assert.equal(port, 4_001)
          const compound = parseRtcp(packet, length) ?? []
          this.reports.push({ from: side, kinds: compound.map((part) => part.kind).join(' ') })
          this.#other(side).receiveRtcp(at(this.nowMs), packet, length)
        },
        heard: (samples) => this.heard[side].push(...samples),
      },
    })
  }

  #other(side: 0 | 1): Voice {
    return this.ends[side === 0 ? 1 : 0]
  }

  #note(events: readonly VoiceEvent[]): void {
    for (const event of events) this.events.push(event.kind === 'digit' ? event.digit : event.kind)
  }

  /** Lets time pass in steps of a millisecond, or in one jump. */
  run(ms: number, { stall = false }: { stall?: boolean } = {}): void {
    const end = this.nowMs + ms
    while (this.nowMs < end) {
      this.nowMs += stall ? ms : 1
      for (const voice of this.ends) this.#note(voice.tick(at(this.nowMs)))
    }
  }
}

function format(side: 0 | 1, more: Partial<Negotiated> = {}): Negotiated {
  return {
    codec: 'PCMU' satisfies AudioCodec,
    payloadType: 0,
    clockRateHz: 8_000,
    ptimeMs: 20,
    dtmfPayloadType: 101,
    remote: { host: `10.0.0.${2 - side}`, port: 4_000, rtcpPort: 4_001 },
    direction: 'sendrecv',
    send: true,
    receive: true,
    ...more,
  }
}

function frequency(samples: readonly number[]): number {
  let crossings = 0
  for (let index = 1; index < samples.length; index++)
    if ((samples[index - 1] as number) < 0 && (samples[index] as number) >= 0) crossings += 1
  return (crossings * 8_000) / samples.length
}

describe('Voice', () => {
  it('sends at the packet time of the peer and hears any other (RFC 3550 §5.1)', () => {
    for (const [ptimeMs, count] of [
      [10, 101],
      [20, 51],
      [30, 34],
      [60, 17],
    ] as const) {
      const line = new Line([new Sine(400), new Sine(900)], [{ ptimeMs }, { ptimeMs: 20 }])
      line.run(1_000)
      assert.equal(line.packets.filter((packet) => packet.from === 0).length, count)
      assert.ok(
        Math.abs(frequency(line.heard[1].slice(2_000)) - 400) < 5,
        `${ptimeMs} ms: ${frequency(line.heard[1].slice(2_000))} Hz`,
      )
      assert.ok(Math.abs(frequency(line.heard[0].slice(2_000)) - 900) < 5)
      assert.equal(line.heard[0].length, 51 * 160)
    }
  })

  it('keeps sequence and timestamp continuous, with a marker at the first packet only', () => {
    const line = new Line([new Sine(400), new Sine(900)])
    line.run(400)
    const sent = line.packets.filter((packet) => packet.from === 0)
    for (const [index, packet] of sent.entries()) {
      assert.equal(packet.marker, index === 0)
      assert.equal((packet.sequence - (sent[0]?.sequence ?? 0)) & 0xffff, index)
      assert.equal((packet.timestamp - (sent[0]?.timestamp ?? 0)) >>> 0, 160 * index)
    }
  })

  it('skips after a stall: no burst, timestamps go on with the time', () => {
    const line = new Line([new Sine(400), new Sine(900)])
    line.run(100)
    const before = line.packets.filter((packet) => packet.from === 0)
    line.run(1_000, { stall: true })
    const sent = line.packets.filter((packet) => packet.from === 0)
    const after = sent[before.length]
    assert.ok(sent.length - before.length <= 2, `${sent.length - before.length} packets at once`)
    const steps = ((after?.timestamp ?? 0) - (before.at(-1)?.timestamp ?? 0)) / 160
    assert.ok(steps >= 49, `${steps} packet times`)
    assert.equal(after?.marker, true)
    assert.equal(line.heard[0].length, 56 * 160)
  })

  it('presses keys that are heard once each, although their ends come three times (RFC 4733 §2.5.1)', () => {
    const line = new Line([new Sine(400), new Sine(900)])
    line.run(100)
    assert.ok(line.ends[0].press('11#'))
    assert.ok(!line.ends[0].press('x'))
    line.run(1_000)
    assert.deepEqual(line.events, ['1', '1', '#', 'pressed'])
    assert.ok(!line.ends[0].pressing)
  })

  it('hears a key although every other packet of it is lost', () => {
    const line = new Line([new Sine(400), new Sine(900)])
    line.run(100)
    line.arrives = (index) => line.packets[index]?.payloadType !== 101 || index % 2 === 0
    line.ends[0].press('5')
    line.run(500)
    assert.deepEqual(line.events, ['5', 'pressed'])
  })

  it('is neither said nor heard in while its person is away, and forgets keys that waited', () => {
    const line = new Line([new Sine(400), new Sine(900)])
    line.run(100)
    line.ends[0].press('123')
    line.ends[0].attend(at(line.nowMs), 'away')
    assert.ok(!line.ends[0].pressing)
    assert.ok(!line.ends[0].press('4'), 'no key goes out while nothing does')
    const before = {
      packets: line.packets.filter(({ from }) => from === 0).length,
      heard: line.heard[0].length,
    }
    line.run(500)
    assert.equal(line.packets.filter(({ from }) => from === 0).length, before.packets)
    const during = line.heard[0].slice(before.heard)
    assert.equal(during.length, 500 * 8, 'the time goes on')
    assert.ok(during.every((sample) => sample === 0))

    line.ends[0].attend(at(line.nowMs), 'talking')
    line.run(500)
    const first = line.packets.filter(({ from }) => from === 0)[before.packets]
    assert.equal(first?.marker, true, 'audio that begins anew is marked (RFC 3551 §4.1)')
    assert.deepEqual(line.events, [])
    assert.ok(line.heard[0].slice(-800).some((sample) => sample !== 0))
  })

  it('sends exact silence while muted, and hears all the same', () => {
    const line = new Line([new Sine(400), new Sine(900)])
    line.run(200)
    line.ends[0].attend(at(line.nowMs), 'muted')
    line.run(200)
    const before = [line.heard[0].length, line.heard[1].length] as const
    line.run(400)
    const other = line.heard[1].slice(before[1])
    assert.equal(other.length, 400 * 8)
    assert.ok(
      other.every((sample) => Math.abs(sample) <= 8),
      'G.711 silence, to half a step',
    )
    assert.ok(line.heard[0].slice(before[0]).some((sample) => sample > 1_000))
  })

  it('presses no key when the peer takes none', () => {
    const { dtmfPayloadType: _, ...without } = format(0)
    const line = new Line([new Sine(400), new Sine(900)])
    line.ends[0].configure(at(line.nowMs), without)
    assert.ok(!line.ends[0].press('1'))
  })

  it('is silent while it may not send, but reports (RFC 3550 §6.4), and hears nothing while it may not receive', () => {
    const line = new Line([new Sine(400), new Sine(900)], [{ send: false }, { receive: false }])
    line.run(11_000)
    assert.equal(line.packets.filter((packet) => packet.from === 0).length, 0)
    const kinds = line.reports.filter((report) => report.from === 0).map((report) => report.kinds)
    assert.ok(kinds.length >= 2 && kinds.every((kind) => kind === 'receiverReport description'), kinds.join())
    assert.ok(line.reports.some((report) => report.from === 1 && report.kinds === 'senderReport description'))
  })

  it('counts loss on both sides, and late copies', () => {
    const line = new Line([new Sine(400), new Sine(900)])
    line.arrives = (index) => index % 10 !== 4 // Sides take turns: every fifth packet of side 0 is lost.
    line.run(10_000)
    const [ada, ben] = [line.ends[0].statistics, line.ends[1].statistics]
    assert.ok(Math.abs(ben.packetsLost / ada.packetsSent - 0.2) < 0.01, `${ben.packetsLost} lost`)
    assert.ok(Math.abs((ada.lossAtPeer ?? 0) - 0.2) < 0.03, `${ada.lossAtPeer} at the peer`)
    assert.equal(ada.packetsLost, 0)
    assert.equal(line.heard[1].length, 501 * 160)
  })

  it('refuses what is not from the peer, or no RTP, and counts it', () => {
    const line = new Line([new Sine(400), new Sine(900)])
    line.run(100)
    const voice = line.ends[0]
    voice.receiveRtp(at(line.nowMs), new Uint8Array(20), 20, '10.0.0.2', 4_000)
    const packet = new Uint8Array(172)
    packet[0] = 0x80
    for (let copy = 0; copy < 9; copy++) voice.receiveRtp(at(line.nowMs), packet, 172, '10.6.6.6', 4_000)
    assert.equal(voice.statistics.packetsRefused, 10)
  })

  it('says when a sound of limited length has been played, once', () => {
    let left = 1_000
    const once: SoundSource = {
      read: (_into, count) => {
        const read = Math.min(left, count)
        left -= read
        return read
      },
    }
    const line = new Line([once, new Sine(900)])
    line.run(500)
    assert.deepEqual(line.events, ['played'])
  })

  it('says goodbye, and is silent afterwards (RFC 3550 §6.6)', () => {
    const line = new Line([new Sine(400), new Sine(900)])
    line.run(100)
    line.ends[0].end(at(line.nowMs))
    const count = line.packets.filter((packet) => packet.from === 0).length
    line.run(10_000)
    assert.equal(line.reports.find((report) => report.from === 0)?.kinds, 'senderReport description goodbye')
    assert.equal(line.packets.filter((packet) => packet.from === 0).length, count)
    assert.equal(line.ends[0].deadline, Number.POSITIVE_INFINITY)
  })
})
