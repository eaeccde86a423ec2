import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Instant } from '@tandem/base'
import { at, Random } from '@tandem/testing'
import { encodeG711 } from '../g711/g711.ts'
import type { JournalEntry, ReadItem, Side } from '../journal/entry.ts'
import { writeRtpHeader } from '../rtp/rtp-packet.ts'
import { STREAMS_MAX } from './channel.ts'
import { RecordingTimeline } from './recording-timeline.ts'

const OPENED = 50_000

function opening(instantAt: Instant = at(OPENED), continues = false): ReadItem {
  return { kind: 'opening', recordingId: 'r', opening: { facts: '{}', wallAt: 0, instantAt, continues } }
}

function entry(value: JournalEntry): ReadItem {
  return { kind: 'entry', recordingId: 'r', entry: value }
}

function joined(
  side: Side,
  codec: 'PCMU' | 'PCMA' = 'PCMU',
  payloadType = codec === 'PCMU' ? 0 : 8,
  stream = 0,
): ReadItem {
  const clockRateHz = 8000
  return entry({
    kind: 'joined',
    side,
    leg: `l${side}`,
    stream,
    codec,
    payloadType,
    dtmfPayloadType: 101,
    clockRateHz,
    at: 0,
  })
}

/** A phone that sends, every 20 ms of its own clock, samples that say when they were spoken. */
class Voice {
  sequence: number
  timestamp: number
  ssrc = 1
  type = 0
  stream = 0
  readonly side: Side
  /** What this voice says at recording time `ms`. */
  readonly sound: (ms: number) => number

  constructor(side: Side, sound: (ms: number) => number, sequence = 65_500, timestamp = 0xffff_f000) {
    this.side = side
    this.sound = sound
    this.sequence = sequence
    this.timestamp = timestamp
  }

  /** The packet of what was said in the 20 ms until `spokenMs`, arriving `delayMs` later. */
  packet(spokenMs: number, delayMs = 0, options: { marker?: boolean } = {}): ReadItem {
    const samples = Int16Array.from({ length: 160 }, (_, index) => this.sound(spokenMs - 20 + index / 8))
    const packet = new Uint8Array(172)
    encodeG711(this.type === 8 ? 'PCMA' : 'PCMU', samples, 160, packet, 12)
    writeRtpHeader(packet, this.type, options.marker ?? false, this.sequence, this.timestamp, this.ssrc)
    this.skip(1)
    return {
      kind: 'packet',
      recordingId: 'r',
      side: this.side,
      stream: this.stream,
      arrival: at(OPENED + spokenMs + delayMs),
      packet,
    }
  }

  /** Lets packets be lost on the way. */
  skip(packets: number): void {
    this.sequence = (this.sequence + packets) & 0xffff
    this.timestamp = (this.timestamp + 160 * packets) >>> 0
  }
}

/** A click every second: where it is found tells how the time runs. */
function clicks(ms: number): number {
  return Math.floor(ms) % 1000 < 10 && ms >= 1 ? 20_000 : 0
}

const steady = (level: number) => () => level

/** Pushes in order of arrival, pulls every 100 ms as a reader of a live journal does, and finishes. */
function play(
  items: readonly ReadItem[],
  closedAt: Instant | undefined,
): { left: Int16Array; right: Int16Array; timeline: RecordingTimeline } {
  const timeline = new RecordingTimeline()
  const left: number[] = []
  const right: number[] = []
  const give = (samples: { left: Int16Array; right: Int16Array } | undefined) => {
    if (samples === undefined) return
    assert.equal(samples.left.length, samples.right.length)
    for (const sample of samples.left) left.push(sample)
    for (const sample of samples.right) right.push(sample)
  }
  const time = (item: ReadItem) =>
    item.kind === 'packet' ? item.arrival : item.kind === 'entry' ? item.entry.at : item.opening.instantAt
  let pulledAt = OPENED
  for (const item of items.toSorted((a, b) => time(a) - time(b))) {
    while (time(item) > pulledAt + 100) {
      pulledAt += 100
      give(timeline.pull(at(pulledAt)))
    }
    timeline.push(item)
  }
  give(timeline.finish(closedAt))
  return { left: Int16Array.from(left), right: Int16Array.from(right), timeline }
}

/** Where each click begins, in milliseconds. */
function clicksIn(samples: Int16Array): number[] {
  const found: number[] = []
  for (let index = 0; index < samples.length; index++) {
    if ((samples[index] as number) < 10_000) continue
    if (found.length === 0 || index / 8 - (found.at(-1) as number) > 100) found.push(index / 8)
  }
  return found
}

/** Silent stretches of at least `ms`, as [from, to] in milliseconds. */
function silences(samples: Int16Array, ms: number): [number, number][] {
  const found: [number, number][] = []
  let from = 0
  for (let index = 0; index <= samples.length; index++) {
    if (index < samples.length && Math.abs(samples[index] as number) < 50) continue
    if (index - from >= 8 * ms) found.push([from / 8, index / 8])
    from = index + 1
  }
  return found
}

/** Packets of `voice` from `fromMs` to `toMs`, all arriving 5 ms after they were spoken. */
function talk(voice: Voice, fromMs: number, toMs: number): ReadItem[] {
  const items: ReadItem[] = []
  for (let ms = fromMs + 20; ms <= toMs; ms += 20) items.push(voice.packet(ms, 5))
  return items
}

describe('RecordingTimeline', () => {
  it('is as long as the call, whoever spoke, down to a sample', () => {
    for (const length of [0, 1, 199, 200, 201, 12_345]) {
      const { left, right, timeline } = play([opening(), joined(0)], at(OPENED + length))
      assert.deepEqual([left.length, right.length], [8 * length, 8 * length])
      assert.equal(timeline.durationMs, length)
    }
  })

  it('puts each side into its own channel, whoever speaks first, in either law', () => {
    const right = new Voice(1, steady(4000))
    right.type = 8
    const items = [opening(), joined(0), joined(1, 'PCMA')]
    items.push(...talk(right, 0, 2000), ...talk(new Voice(0, steady(-4000)), 1000, 3000))
    const heard = play(items, at(OPENED + 3000))
    assert.ok(Math.abs((heard.left[8 * 1500] as number) + 4000) < 200)
    assert.ok(Math.abs((heard.right[8 * 1500] as number) - 4000) < 200)
    assert.deepEqual(silences(heard.left, 100), [[0, 1005]])
    assert.equal(
      heard.right.subarray(8 * 2100).some((sample) => sample !== 0),
      false,
    )
  })

  it('adds up the streams of one side, in step, and saturates where they do not fit', () => {
    const [one, two, three] = [
      new Voice(1, steady(4000)),
      new Voice(1, steady(2000)),
      new Voice(1, steady(32_000)),
    ] as const
    for (const [index, voice] of [one, two, three].entries()) voice.stream = 7 + index
    const items = [opening(), ...[7, 8, 9].map((stream) => joined(1, 'PCMU', 0, stream))]
    items.push(...talk(one, 0, 3000), ...talk(two, 1000, 4000), ...talk(three, 2000, 2500))
    const { left, right } = play(items, at(OPENED + 4000))
    const level = (ms: number) => right[8 * ms] as number
    for (const [ms, expected] of [
      [500, 4000],
      [1500, 6000],
      [2200, 32_767],
      [2700, 6000],
      [3500, 2000],
    ] as const) {
      assert.ok(Math.abs(level(ms) - expected) < 0.05 * expected, `${level(ms)} at ${ms}`)
    }
    assert.ok(left.every((sample) => sample === 0))
  })

  it('forgets a stream that has left once it was given out, and bounds those that did not', () => {
    const voices = Array.from({ length: STREAMS_MAX + 3 }, (_, index) => {
      const voice = new Voice(0, steady(400))
      voice.stream = 1 + index
      return voice
    })
    const items = [opening()]
    for (const [index, voice] of voices.entries()) {
      const from = 1000 * index
      items.push(joined(0, 'PCMU', 0, voice.stream), ...talk(voice, from, from + 1000))
      const leg = { side: 0, leg: 'l', stream: voice.stream } as const
      items.push(entry({ kind: 'left', ...leg, at: at(OPENED + from + 1010) }))
    }
    const { left } = play(items, at(OPENED + 1000 * voices.length))
    assert.deepEqual(silences(left, 20), [])
    const all = voices.map((voice) => joined(0, 'PCMU', 0, voice.stream))
    const many = play(
      [opening(), ...all, ...voices.flatMap((voice) => talk(voice, 0, 500))],
      at(OPENED + 500),
    )
    assert.ok((many.left[2000] as number) > 20_000 && (many.left[2000] as number) <= 400 * STREAMS_MAX * 1.05)
  })

  it('keeps its time over wraps of sequence number and timestamp', () => {
    const { left } = play(
      [opening(), joined(0), ...talk(new Voice(0, clicks), 0, 20_000)],
      at(OPENED + 20_000),
    )
    const found = clicksIn(left)
    assert.equal(found.length, 20)
    for (const [index, ms] of found.entries()) {
      assert.ok(Math.abs(ms - (index === 0 ? 6 : 1000 * index + 5)) <= 3, `click ${index} at ${ms}`)
    }
  })

  it('cuts pauses out exactly (P18)', () => {
    const voice = new Voice(0, (ms) => (ms >= 2000 && ms < 5000 ? 20_000 : 1000))
    const items = [opening(), joined(0), ...talk(voice, 0, 2000)]
    voice.skip(150)
    items.push(
      entry({ kind: 'pause', at: at(OPENED + 2000) }),
      entry({ kind: 'resume', at: at(OPENED + 5000) }),
    )
    items.push(...talk(voice, 5000, 8000))
    const { left } = play(items, at(OPENED + 8000))
    assert.equal(left.length, 8 * 5000)
    assert.ok(left.every((sample) => sample < 10_000))
    const quiet = silences(left, 15)
    assert.ok(
      quiet.every(([from, to]) => to - from < 40),
      JSON.stringify(quiet),
    )
  })

  it('takes a pause told by two workers once, whatever comes first', () => {
    const at2 = (ms: number) => at(OPENED + ms)
    const items = [
      opening(),
      entry({ kind: 'pause', at: at2(1000) }),
      entry({ kind: 'resume', at: at2(2000) }),
      entry({ kind: 'pause', at: at2(1000.4) }),
      entry({ kind: 'resume', at: at2(2000.3) }),
      entry({ kind: 'pause', at: at2(3000) }),
      entry({ kind: 'resume', at: at2(2000.5) }),
    ]
    const timeline = new RecordingTimeline()
    for (const item of items) timeline.push(item)
    assert.equal(
      timeline.finish(at2(4000)).left.length,
      8 * 2000,
      'a pause that never ended lasts to the end',
    )
  })

  it('ends a recovered recording with its last packet', () => {
    const { left } = play([opening(), joined(0), ...talk(new Voice(0, steady(1000)), 0, 3000)], undefined)
    assert.equal(left.length, 8 * 3005)
  })

  it('fills loss to the right length: a short hole fades, a long one is silent', () => {
    const voice = new Voice(0, steady(8000))
    const items = [opening(), joined(0), ...talk(voice, 0, 1000)]
    voice.skip(2)
    items.push(...talk(voice, 1040, 2000))
    voice.skip(50)
    items.push(...talk(voice, 3000, 4000))
    const { left } = play(items, at(OPENED + 4000))
    assert.ok((left[8 * 1020] as number) > 1000 && (left[8 * 1040] as number) < 7000)
    const holes = silences(left, 100)
    assert.equal(holes.length, 1)
    assert.ok(Math.abs((holes[0]?.[0] ?? 0) - 2005) <= 3 && Math.abs((holes[0]?.[1] ?? 0) - 3005) <= 3)
  })

  it('puts late and reordered packets where they belong, up to 200 ms', () => {
    const random = new Random(5)
    const voice = new Voice(0, clicks)
    const items = [opening(), joined(0)]
    for (let ms = 20; ms <= 20_000; ms += 20) items.push(voice.packet(ms, 5 + random.below(150)))
    const { left } = play(items, at(OPENED + 20_000))
    const found = clicksIn(left)
    assert.equal(found.length, 20)
    for (let index = 5; index < 20; index++) {
      const second = (found[index] as number) - (found[index - 1] as number)
      assert.ok(Math.abs(second - 1000) <= 4, `a second of ${second} ms`)
    }
  })

  it('goes on in place after an SSRC change, a sequence jump and a timestamp jump of 2^31 (S46)', () => {
    const voice = new Voice(0, clicks)
    const items = [opening(), joined(0), ...talk(voice, 0, 5000)]
    voice.ssrc = 99
    items.push(...talk(voice, 5000, 10_000))
    voice.timestamp = (voice.timestamp + 2 ** 31) >>> 0
    items.push(...talk(voice, 10_000, 15_000))
    voice.timestamp = (voice.timestamp - 2_000_000) >>> 0
    voice.sequence = 7
    items.push(...talk(voice, 15_000, 17_000))
    voice.timestamp = (voice.timestamp + 100_000) >>> 0
    items.push(...talk(voice, 17_000, 20_000))
    const { left } = play(items, at(OPENED + 20_000))
    const found = clicksIn(left)
    assert.equal(found.length, 20)
    for (const [index, ms] of found.entries()) {
      assert.ok(Math.abs(ms - (index === 0 ? 6 : 1000 * index + 5)) <= 6, `click ${index} at ${ms}`)
    }
  })

  it('goes on in place after a hold over which the phone stopped its RTP clock', () => {
    const voice = new Voice(0, clicks)
    const items = [opening(), joined(0), ...talk(voice, 0, 3000), ...talk(voice, 33_000, 36_000)]
    const { left } = play(items, at(OPENED + 36_000))
    const found = clicksIn(left)
    assert.deepEqual(
      found.filter((ms) => ms > 32_000).map((ms) => Math.round((ms - 5) / 1000)),
      [34, 35],
    )
    const marked = new Voice(0, steady(5000))
    const again = [opening(), joined(0), ...talk(marked, 0, 1000), marked.packet(11_020, 5, { marker: true })]
    const kept = play([...again, ...talk(marked, 11_020, 12_000)], at(OPENED + 12_000))
    assert.ok(Math.abs((kept.left[8 * 11_010] as number) - 5000) < 300, 'a marker places its packet at once')
  })

  it('makes no noise of telephone events, comfort noise and unknown payload types (RFC 4733)', () => {
    const voice = new Voice(0, steady(20_000))
    const items = [opening(), joined(0)]
    for (const type of [101, 13, 77]) {
      voice.type = type
      items.push(...talk(voice, 0, 1000))
    }
    const { left } = play(items, at(OPENED + 1000))
    assert.ok(left.every((sample) => sample === 0))
  })

  it('keeps both sides within 40 ms after an hour with 5 % loss and clocks 200 ppm apart (P20)', () => {
    const random = new Random(11)
    const items: ReadItem[] = [opening(), joined(0), joined(1)]
    const hour = 3_600_000
    const timeline = new RecordingTimeline()
    for (const item of items) timeline.push(item)
    const ends: { left: number[]; right: number[] } = { left: [], right: [] }
    const voices = [
      { voice: new Voice(0, () => 0), rate: 1 + 100e-6, sent: 0 },
      { voice: new Voice(1, () => 0), rate: 1 - 100e-6, sent: 0 },
    ]
    const loud = clickPacket()
    let given = 0
    for (let ms = 0; ms < hour; ms += 20) {
      for (const one of voices) {
        while ((one.sent + 1) * 20 * one.rate <= ms) {
          one.sent += 1
          const spokenMs = one.sent * 20 * one.rate
          const click = Math.floor(spokenMs / 10_000) !== Math.floor((spokenMs - 20 * one.rate) / 10_000)
          if (random.chance(0.05) && !click) one.voice.skip(1)
          else {
            const packet = click ? loud.slice() : quietPacket()
            writeRtpHeader(packet, 0, false, one.voice.sequence, one.voice.timestamp, 1)
            one.voice.skip(1)
            const arrival = at(OPENED + spokenMs + 5 + random.below(40))
            timeline.push({
              kind: 'packet',
              recordingId: 'r',
              side: one.voice.side,
              stream: 0,
              arrival,
              packet,
            })
          }
        }
      }
      if (ms % 1000 !== 0) continue
      const samples = timeline.pull(at(OPENED + ms))
      if (samples === undefined) continue
      for (const ms of clicksIn(samples.left)) ends.left.push(given / 8 + ms)
      for (const ms of clicksIn(samples.right)) ends.right.push(given / 8 + ms)
      given += samples.left.length
    }
    const late = (list: number[]) => list.filter((ms) => ms > hour - 100_000)
    assert.ok(late(ends.left).length >= 8)
    assert.equal(late(ends.left).length, late(ends.right).length)
    for (const [index, ms] of late(ends.left).entries()) {
      const apart = Math.abs(ms - (late(ends.right)[index] as number))
      assert.ok(apart <= 40, `${apart} ms apart at ${ms}`)
    }
  })

  it('begins with the earliest opening of several segments, and waits for its first pull to decide', () => {
    const timeline = new RecordingTimeline()
    timeline.push(opening(at(OPENED + 300)))
    timeline.push(joined(1))
    timeline.push(opening(at(OPENED)))
    timeline.push(opening(at(OPENED + 9000), true))
    assert.equal(timeline.pull(at(OPENED + 200)), undefined)
    assert.equal(timeline.pull(at(OPENED + 1200))?.left.length, 8000)
    assert.equal(timeline.finish(at(OPENED + 2000)).left.length, 8000)
  })

  it('survives any packets (S46)', () => {
    const random = new Random(21)
    const timeline = new RecordingTimeline()
    timeline.push(opening())
    timeline.push(joined(0))
    let given = 0
    for (let step = 0; step < 5000; step++) {
      const packet = random.bytes(random.below(400))
      if (packet.length > 2) packet.set([0x80, random.pick([0, 8, 101, 128])])
      const arrival = at(OPENED + 2 * step + random.below(500) - 250)
      timeline.push({
        kind: 'packet',
        recordingId: 'r',
        side: random.pick<Side>([0, 1]),
        stream: random.below(3),
        arrival,
        packet,
      })
      if (step % 50 === 0) given += timeline.pull(at(OPENED + 2 * step))?.left.length ?? 0
    }
    given += timeline.finish(at(OPENED + 10_000)).left.length
    assert.equal(given, 80_000)
  })
})

function quietPacket(): Uint8Array {
  return new Uint8Array(172).fill(0xff)
}

function clickPacket(): Uint8Array {
  const packet = quietPacket()
  encodeG711('PCMU', new Int16Array(40).fill(20_000), 40, packet, 12)
  return packet
}
