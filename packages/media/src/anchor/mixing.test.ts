import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NEVER } from '@tandem/base'
import { decodeG711, encodeG711 } from '../g711/g711.ts'
import { MEMBERS_MAX } from '../mix/room.ts'
import type { MediaEvent, MediaFormat } from '../port.ts'
import { RtpView } from '../rtp/rtp-packet.ts'
import { PCMA, PCMU, Rig } from './media-rig.test.ts'
import { levelOf, slopeOf, steepest, TonePhone, talk, VOICE_PEAK } from './tone-phone.test.ts'

const A_HZ = 350
const B_HZ = 600
const C_HZ = 950

/** Three phones, of which two are of other codecs and packet times. */
function three(formats: readonly MediaFormat[] = [PCMU, PCMA, { ...PCMU, ptimeMs: 30 }]): {
  rig: Rig
  a: TonePhone
  b: TonePhone
  c: TonePhone
  all: TonePhone[]
} {
  const rig = new Rig()
  const [a, b, c] = ['a', 'b', 'c'].map(
    (leg, index) =>
      new TonePhone(rig, leg, {
        number: index + 1,
        hertz: [A_HZ, B_HZ, C_HZ][index] ?? 0,
        format: formats[index] ?? PCMU,
      }),
  ) as [TonePhone, TonePhone, TonePhone] // As many as there are names.
  return { rig, a, b, c, all: [a, b, c] }
}

function mix(
  rig: Rig,
  leg: string,
  options: { room?: string; speaks?: boolean; hears?: boolean; group?: string } = {},
): void {
  rig.command({ kind: 'mix', room: 'room', leg, speaks: true, hears: true, ...options })
}

/** Which of the three voices somebody hears now. */
function voices(phone: TonePhone): string {
  return [A_HZ, B_HZ, C_HZ].map((hertz, index) => (phone.level(hertz) > 400 ? 'abc'[index] : '-')).join('')
}

describe('MediaMachine: rooms', () => {
  it('let each hear the sum of the others at full level and never itself, whatever codec and packet time', () => {
    const { rig, a, b, c, all } = three()
    for (const { leg } of all) mix(rig, leg)
    talk(rig, all, 1_000)
    assert.deepEqual(all.map(voices), ['-bc', 'a-c', 'ab-'])
    for (const [listener, heard, own] of [
      [a, B_HZ, A_HZ],
      [b, C_HZ, B_HZ],
      [c, A_HZ, C_HZ],
    ] as const) {
      const level = listener.level(heard)
      assert.ok(Math.abs(level - VOICE_PEAK) < 0.08 * VOICE_PEAK, `${level}`)
      assert.ok(listener.level(own) < 60, `itself at ${listener.level(own)}`)
    }
    assert.ok(a.packets.every((packet) => packet.payload.length === 160))
    assert.ok(c.packets.every((packet) => packet.payload.length === 240))
  })

  it('keep those of one group apart from each other, and let others hear them both', () => {
    const { rig, all } = three()
    mix(rig, 'a', { group: 'phone' })
    mix(rig, 'b', { group: 'phone' })
    mix(rig, 'c')
    talk(rig, all, 500)
    assert.deepEqual(all.map(voices), ['--c', '--c', 'ab-'])
  })

  it('let listeners listen and speakers speak, and change that while they are in', () => {
    const { rig, all } = three()
    mix(rig, 'a')
    mix(rig, 'b', { speaks: false })
    mix(rig, 'c', { hears: false })
    talk(rig, all, 500)
    assert.deepEqual(all.map(voices), ['--c', 'a-c', '---'])
    mix(rig, 'b')
    mix(rig, 'c', { speaks: false })
    talk(rig, all, 500)
    assert.deepEqual(all.map(voices), ['-b-', 'a--', 'ab-'])
  })

  it('end at once for who leaves: by bridge, by unbridge, by another room, by release', () => {
    const { rig, a, b, c, all } = three()
    for (const { leg } of all) mix(rig, leg)
    talk(rig, all, 300)
    mix(rig, 'c', { room: 'elsewhere' })
    talk(rig, all, 300)
    assert.deepEqual(all.map(voices), ['-b-', 'a--', '---'])
    mix(rig, 'c')
    rig.command({ kind: 'unbridge', leg: 'b' })
    talk(rig, all, 300)
    assert.deepEqual([voices(a), voices(c)], ['--c', 'a--'])
    b.forget()
    talk(rig, all, 100)
    assert.equal(b.packets.length, 0)
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    talk(rig, all, 300)
    assert.deepEqual(all.map(voices), ['-b-', 'a--', '---'])
    for (const { leg } of all) rig.command({ kind: 'release', leg })
    rig.run(10_000)
    assert.equal(rig.machine.counts.rooms, 0)
    assert.equal(rig.machine.deadline, NEVER)
  })

  it('change between relay and mix without a click and on one clock, in both directions (RFC 3550 §5.1)', () => {
    const { rig, a, c, all } = three([PCMU, PCMA, PCMU])
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    talk(rig, all, 200)
    a.forget()
    talk(rig, all, 200)
    for (const { leg } of all) mix(rig, leg)
    talk(rig, all, 400)
    assert.equal(voices(a), '-bc')
    rig.command({ kind: 'unbridge', leg: 'c' })
    talk(rig, all, 300)
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    talk(rig, all, 300)
    assert.equal(voices(a), '-b-')
    // A voice adds its own slope; a fade of 8 ms adds its level over 64 samples; G.711 its steps.
    const bound = 1.15 * slopeOf(B_HZ, C_HZ) + (2 * VOICE_PEAK) / 64 + 150
    assert.ok(steepest(a.samples) < bound, `${steepest(a.samples)} of ${bound}`)
    const { packets } = a
    assert.equal(new Set(packets.map((packet) => packet.ssrc)).size, 1)
    for (const [index, packet] of packets.slice(1).entries()) {
      const before = packets[index]
      assert.equal((packet.sequence - (before?.sequence ?? 0)) & 0xffff, 1, 'numbered without a gap')
      assert.ok(((packet.timestamp - (before?.timestamp ?? 0)) | 0) >= 160, 'time goes forward')
    }
    assert.ok(c.samples.length > 0)
  })

  it('leave no step where a leg turns from relay to mix, to a sound, to another leg, at whatever moment', () => {
    const rig = new Rig()
    // No whole periods in a packet: packets end at any level.
    const [a, b, c] = [107, 107, 163].map(
      (hertz, index) => new TonePhone(rig, `${index}`, { number: index + 1, hertz }),
    ) as [TonePhone, TonePhone, TonePhone] // As many as there are frequencies.
    const all = [a, b, c]
    const level = new Uint8Array(800)
    encodeG711('PCMU', new Int16Array(800).fill(-3_000), 800, level, 0)
    rig.clips.set('level', level)
    const sound = { kind: 'clip', name: 'level', repeat: true } as const
    const turns = [
      () => rig.command({ kind: 'bridge', a: a.leg, b: b.leg }),
      () => mix(rig, a.leg),
      () => mix(rig, b.leg),
      () => rig.command({ kind: 'bridge', a: a.leg, b: c.leg }),
      () => rig.command({ kind: 'play', leg: a.leg, sound }),
      () => rig.command({ kind: 'silence', leg: a.leg }),
    ]
    turns[0]?.()
    talk(rig, all, 200)
    a.forget()
    for (let index = 1; index < 8 * turns.length; index++) {
      turns[index % turns.length]?.()
      talk(rig, all, 60 + 20 * (index % 5))
    }
    const bound = slopeOf(107, 163) + (2 * VOICE_PEAK) / 64 + 250
    assert.ok(steepest(a.samples) < bound, `${steepest(a.samples)}`)
    const { samples } = a
    assert.ok(samples.length > 20_000)
  })

  it('fade a voice in and out as it joins, leaves, and is muted: no sample jumps', () => {
    const { rig, a, all } = three([PCMU, PCMU, PCMU])
    mix(rig, 'a')
    mix(rig, 'b')
    talk(rig, all, 300)
    a.forget()
    for (let round = 0; round < 6; round++) {
      mix(rig, 'c')
      talk(rig, all, 110)
      rig.command({ kind: 'mute', leg: 'b', muted: true })
      talk(rig, all, 90)
      mix(rig, 'c', { speaks: false })
      talk(rig, all, 90)
      rig.command({ kind: 'mute', leg: 'b', muted: false })
      mix(rig, 'c')
      talk(rig, all, 90)
      rig.command({ kind: 'unbridge', leg: 'c' })
      talk(rig, all, 110)
    }
    const bound = 1.1 * slopeOf(B_HZ, C_HZ) + (2 * VOICE_PEAK) / 64 + 150
    assert.ok(steepest(a.samples) < bound, `${steepest(a.samples)} of ${bound}`)
    assert.ok(a.packets.every((packet) => !packet.marker))
  })

  it('take effect within 60 ms: joining, leaving and muting', () => {
    const { rig, a, b, all } = three([PCMU, PCMU, PCMU])
    mix(rig, 'a')
    mix(rig, 'b')
    talk(rig, all, 300)
    const heard = (change: () => void, hertz: number, ms: number): number => {
      change()
      a.forget()
      talk(rig, all, ms + 20)
      return levelOf(a.samples.subarray(-160), hertz)
    }
    assert.ok(heard(() => mix(rig, 'c'), C_HZ, 60) > 0.9 * VOICE_PEAK)
    assert.ok(heard(() => rig.command({ kind: 'mute', leg: b.leg, muted: true }), B_HZ, 60) < 60)
    assert.ok(heard(() => rig.command({ kind: 'unbridge', leg: 'c' }), C_HZ, 40) < 60)
  })

  it('stay whole over jitter, loss and disorder, and over a stall without a burst', () => {
    const { rig, a, b, all } = three([PCMU, PCMU, PCMU])
    mix(rig, 'a')
    mix(rig, 'b')
    talk(rig, all, 300)
    a.forget()
    for (let round = 0; round < 50; round++) {
      rig.run(round % 3 === 0 ? 35 : 12) // b's packets come in pairs and late.
      b.speak()
      if (round % 3 === 0) b.speak()
      rig.run(round % 3 === 0 ? 5 : 8)
    }
    assert.ok(a.level(B_HZ) > 0.8 * VOICE_PEAK, `${a.level(B_HZ)}`)
    a.forget()
    rig.now += 1_000
    rig.run(0)
    assert.ok(a.packets.length <= 6, `${a.packets.length} after a stall of a second`)
    a.forget()
    talk(rig, all, 400)
    assert.ok(a.packets.length <= 21)
    assert.ok(a.level(B_HZ) > 0.9 * VOICE_PEAK)
  })

  it('bend the sum of many loud voices instead of tearing it', () => {
    const rig = new Rig(8)
    const phones = Array.from(
      { length: 8 },
      (_, index) => new TonePhone(rig, `p${index}`, { number: index + 1, hertz: 300 + 100 * index }),
    )
    for (const { leg } of phones) mix(rig, leg)
    talk(rig, phones, 500)
    const samples = phones[0]?.samples ?? new Int16Array(0)
    assert.ok(Math.max(...samples.subarray(-800)) > 20_000)
    assert.ok(steepest(samples.subarray(-800)) < 20_000, 'no wrap from one end of the scale to the other')
  })

  it('press the key that one member pressed for those who hear it and know events (RFC 4733)', () => {
    const { rig, a, b, c, all } = three([PCMU, { ...PCMA, dtmfPayloadType: 96 }, PCMA])
    for (const { leg } of all) mix(rig, leg)
    talk(rig, all, 200)
    for (const phone of all) phone.forget()
    const events: MediaEvent[] = []
    for (let index = 0; index < 8; index++) {
      const payload = Uint8Array.of(5, index >= 5 ? 0x8a : 0x0a, 0, 160)
      a.phone.send(101, payload, { marker: index === 0 })
      events.push(...rig.run(20))
    }
    events.push(...rig.run(200))
    assert.deepEqual(events, [{ kind: 'digit', leg: 'a', digit: '5' }])
    const pressed = b.packets.filter((packet) => packet.type === 96)
    assert.deepEqual(
      pressed.map(({ payload, marker }) => `${payload.join(' ')}${marker ? ' first' : ''}`),
      [
        '5 10 0 160 first',
        '5 10 1 64',
        '5 10 1 224',
        '5 10 2 128',
        '5 10 3 32',
        '5 138 3 192',
        '5 138 3 192',
        '5 138 3 192',
      ],
    )
    assert.equal(new Set(pressed.map((packet) => packet.timestamp)).size, 1)
    assert.ok(a.packets.every((packet) => packet.type === 0))
    assert.ok(
      c.packets.every((packet) => packet.type === 8),
      'it has not agreed to events',
    )
  })

  it('reach a leg of another worker through the ring, both ways, with its keys', () => {
    const home = new Rig(4)
    const far = new Rig(4, '192.0.2.2')
    const a = new TonePhone(home, 'a', { number: 1, hertz: A_HZ })
    const b = new TonePhone(home, 'b', { number: 2, hertz: B_HZ })
    const c = new TonePhone(far, 'c', { number: 3, hertz: C_HZ, format: { ...PCMA, dtmfPayloadType: 96 } })
    mix(home, 'a')
    mix(home, 'b')
    home.machine.mixAcross(home.now, { leg: 'c', ring: 7, room: 'room', speaks: true, hears: true })
    far.machine.bridgeAcross(far.now, 'c', 9)
    const swap = (): void => {
      for (const { ring, bytes } of home.across.splice(0)) {
        assert.equal(ring, 7)
        far.machine.receiveAcross(far.now, 'c', bytes, bytes.length)
      }
      for (const { ring, bytes } of far.across.splice(0)) {
        assert.equal(ring, 9)
        home.machine.receiveAcross(home.now, 'c', bytes, bytes.length)
      }
    }
    const both = (ms: number): MediaEvent[] => {
      const events: MediaEvent[] = []
      for (let passed = 0; passed < ms; passed += 20) {
        for (const phone of [a, b, c]) phone.speak()
        swap()
        events.push(...home.run(20), ...far.run(20))
        swap()
      }
      return events
    }
    both(500)
    assert.deepEqual([a, b, c].map(voices), ['-bc', 'a-c', 'ab-'])
    c.phone.send(96, Uint8Array.of(11, 0x0a, 0, 160), { marker: true })
    const events = both(300)
    assert.deepEqual(events, [{ kind: 'digit', leg: 'c', digit: '#' }])
    assert.ok(a.packets.some((packet) => packet.type === 101 && packet.payload[0] === 11))
    far.command({ kind: 'mute', leg: 'c', muted: true })
    both(300)
    assert.deepEqual([a, b, c].map(voices), ['-b-', 'a--', 'ab-'])
    home.machine.leaveAcross(home.now, 'c')
    c.forget()
    both(300)
    assert.equal(c.packets.length, 0)
    for (const leg of ['a', 'b']) home.command({ kind: 'release', leg })
    home.run(10_000)
    assert.equal(home.machine.deadline, NEVER)
  })

  it('hold as many as they may, and one more hears and says nothing', () => {
    const rig = new Rig(MEMBERS_MAX + 2)
    const phones = Array.from(
      { length: MEMBERS_MAX + 1 },
      (_, index) =>
        new TonePhone(rig, `p${index}`, { number: index + 1, hertz: index === MEMBERS_MAX ? B_HZ : A_HZ }),
    )
    for (const { leg } of phones) mix(rig, leg)
    const [first, last] = [phones[0], phones[MEMBERS_MAX]] as [TonePhone, TonePhone] // There are so many.
    talk(rig, [first, last], 300)
    assert.ok((phones[MEMBERS_MAX - 1]?.level(A_HZ) ?? 0) > 0.9 * VOICE_PEAK)
    assert.ok(first.level(B_HZ) < 60)
    last.forget()
    rig.run(200)
    assert.equal(last.packets.length, 0)
  })
})

describe('MediaMachine: mute', () => {
  it('puts silence in place of a relayed voice, in step, and lets digits pass', () => {
    const { rig, a, b, all } = three([{ ...PCMU, comfortNoisePayloadType: 13 }, PCMU, PCMU])
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    talk(rig, all, 200)
    rig.command({ kind: 'mute', leg: 'a', muted: true })
    b.forget()
    talk(rig, all, 200)
    assert.equal(b.packets.length, 10, 'packets go on')
    assert.ok(b.samples.subarray(64).every((sample) => sample === 0))
    assert.ok(steepest(b.samples) < slopeOf(A_HZ) + 200)
    a.phone.send(13, Uint8Array.of(30))
    assert.equal(b.packets.length, 10, 'comfort noise would tell how loud it is there')
    a.phone.send(101, Uint8Array.of(1, 0x8a, 1, 0))
    assert.equal(b.packets.at(-1)?.type, 101)
    rig.command({ kind: 'mute', leg: 'a', muted: false })
    talk(rig, all, 200)
    assert.ok(b.level(A_HZ) > 0.9 * VOICE_PEAK)
  })

  it('journals nothing of a muted leg', () => {
    const { rig, all } = three()
    rig.command({ kind: 'attach', recording: 'r', side: 'left', leg: 'a' })
    rig.command({ kind: 'mute', leg: 'a', muted: true })
    talk(rig, all, 200)
    assert.equal(rig.kept.length, 0)
    rig.command({ kind: 'mute', leg: 'a', muted: false })
    talk(rig, all, 200)
    assert.equal(rig.kept.length, 10)
  })
})

describe('MediaMachine: sounds over what is heard', () => {
  const clip = (hertz: number, ms: number): Uint8Array => {
    const samples = Int16Array.from({ length: 8 * ms }, (_, at) =>
      Math.round(VOICE_PEAK * Math.sin((2 * Math.PI * hertz * at) / 8000)),
    )
    const bytes = new Uint8Array(samples.length)
    encodeG711('PCMU', samples, samples.length, bytes, 0)
    return bytes
  }

  it('lay a sound over relayed audio and over a mix, which go on below it', () => {
    const { rig, a, b, all } = three()
    rig.clips.set('note', clip(1_200, 400))
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    talk(rig, all, 100)
    const play = {
      kind: 'play',
      leg: 'a',
      sound: { kind: 'clip', name: 'note' },
      over: true,
      token: 't',
    } as const
    rig.command(play)
    assert.deepEqual(talk(rig, all, 300), [])
    assert.ok(a.level(1_200) > 0.9 * VOICE_PEAK && a.level(B_HZ) > 0.9 * VOICE_PEAK)
    assert.ok(b.level(1_200) < 60, 'nobody else hears it')
    const played: MediaEvent = { kind: 'played', leg: 'a', token: 't', complete: true }
    assert.deepEqual(talk(rig, all, 200), [played])
    for (const { leg } of all) mix(rig, leg)
    rig.command(play)
    mix(rig, 'a') // Neither this nor a bridge ends it.
    talk(rig, all, 300)
    assert.ok(a.level(1_200) > 0.9 * VOICE_PEAK)
    assert.equal(voices(a), '-bc')
    assert.deepEqual(talk(rig, all, 200), [played])
  })

  it('make packets themselves where none come', () => {
    const { rig, a } = three()
    rig.clips.set('note', clip(1_200, 400))
    rig.command({ kind: 'play', leg: 'a', sound: { kind: 'clip', name: 'note' }, over: true })
    a.forget()
    rig.run(600)
    assert.equal(a.packets.length, 21)
    assert.ok(levelOf(a.samples.subarray(800, 2_400), 1_200) > 0.9 * VOICE_PEAK)
  })

  it('tell of a clip that is missing, and nothing of one that was replaced or silenced', () => {
    const { rig } = three()
    rig.clips.set('note', clip(1_200, 400))
    const play = (name: string, token: string): void => {
      rig.command({ kind: 'play', leg: 'a', sound: { kind: 'clip', name }, token })
    }
    play('missing', 't1')
    assert.deepEqual(rig.run(20), [{ kind: 'played', leg: 'a', token: 't1', complete: false }])
    play('note', 't2')
    rig.run(100)
    play('note', 't3')
    rig.run(100)
    rig.command({ kind: 'silence', leg: 'a' })
    assert.deepEqual(rig.run(1_000), [])
  })

  it('are kept on both sides of the recordings that are named, whoever hears them', () => {
    const { rig, a, b, all } = three()
    rig.clips.set('note', clip(1_200, 200))
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    rig.command({ kind: 'attach', recording: 'r', side: 'left', leg: 'a' })
    talk(rig, all, 100)
    rig.kept.length = 0
    const sound = { kind: 'clip', name: 'note' } as const
    rig.command({ kind: 'play', leg: 'a', sound, over: true, recordings: ['r', 's'] })
    talk(rig, all, 400)
    const streams = new Map<string, number[]>()
    const view = new RtpView()
    for (const { recording, side, stream, bytes } of rig.kept) {
      assert.equal(view.read(bytes, bytes.length), undefined)
      const samples = new Int16Array(160)
      decodeG711('PCMU', bytes, 12, bytes.length, samples)
      const name = `${recording} ${side} ${view.ssrc === a.phone.ssrc ? 'voice' : 'sound'}`
      streams.set(name, [...(streams.get(name) ?? []), ...samples])
      if (name.endsWith('sound')) assert.equal(stream, view.ssrc)
    }
    assert.deepEqual([...streams.keys()].sort(), [
      'r 0 sound',
      'r 0 voice',
      'r 1 sound',
      's 0 sound',
      's 1 sound',
    ])
    for (const [name, samples] of streams) {
      if (!name.endsWith('sound')) continue
      assert.equal(samples.length, 1_600)
      assert.ok(levelOf(Int16Array.from(samples), 1_200) > 0.9 * VOICE_PEAK)
    }
    assert.ok(b.level(A_HZ) > 0.9 * VOICE_PEAK)
    const said = rig.entries.filter(({ recording }) => recording === 's').map(({ entry }) => entry.kind)
    assert.deepEqual(said, ['joined', 'joined', 'left', 'left'])
  })
})

describe('MediaMachine: keys that we press', () => {
  it('go out as events on the clock of the leg, 120 ms and 80 apart, with pauses of two seconds (RFC 4733 §2.5)', () => {
    const { rig, a, b, all } = three([PCMU, PCMU, PCMU])
    rig.command({ kind: 'bridge', a: 'a', b: 'b' })
    talk(rig, all, 100)
    rig.command({ kind: 'sendDigits', leg: 'a', digits: '1#,2' })
    a.forget()
    const started = rig.now
    talk(rig, all, 3_000)
    const events = a.packets.filter((packet) => packet.type === 101)
    assert.deepEqual(
      events.map(({ payload }) => payload[0]),
      [1, 11, 2].flatMap((event) => Array.from({ length: 8 }, () => event)),
    )
    const starts = [...new Set(events.map((packet) => packet.timestamp))]
    assert.equal(starts.length, 3)
    assert.equal((((starts[1] ?? 0) - (starts[0] ?? 0)) | 0) / 8, 200)
    const pause = (((starts[2] ?? 0) - (starts[1] ?? 0)) | 0) / 8
    assert.ok(pause >= 2_180 && pause <= 2_240, `${pause}`)
    assert.ok(
      a.packets.some((packet) => packet.type === 0),
      'the bridge is heard in the pause',
    )
    assert.ok(b.level(A_HZ) > 0.9 * VOICE_PEAK)
    for (const [index, packet] of a.packets.slice(1).entries()) {
      assert.equal((packet.sequence - (a.packets[index]?.sequence ?? 0)) & 0xffff, 1)
    }
    assert.ok(rig.now - started < 3_100)
  })

  it('are tones in the audio where no events were agreed (ITU-T Q.23)', () => {
    const { rig, b } = three()
    b.forget()
    rig.command({ kind: 'sendDigits', leg: 'b', digits: '5' })
    rig.run(300)
    const samples = b.samples.subarray(160, 800)
    assert.ok(levelOf(samples, 770) > 6_000 && levelOf(samples, 1_336) > 6_000)
    assert.ok(levelOf(samples, 697) < 1_000 && levelOf(samples, 1_209) < 1_000)
    assert.equal(b.packets.length, 10)
    assert.ok(steepest(b.samples) < 14_000)
  })

  it('are pressed up to the bound, and none when one more is asked for or one is no key', () => {
    const { rig, a } = three()
    const pressed = (digits: string): number => {
      rig.command({ kind: 'sendDigits', leg: 'a', digits })
      a.forget()
      rig.run(60_000)
      return new Set(a.packets.filter((packet) => packet.type === 101).map((packet) => packet.timestamp)).size
    }
    assert.equal(pressed('1'.repeat(128)), 128)
    assert.equal(pressed('1'.repeat(129)), 0)
    assert.equal(pressed('12x'), 0)
    assert.equal(pressed('a,D*'), 3)
  })
})
