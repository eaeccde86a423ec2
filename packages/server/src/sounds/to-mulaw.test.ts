import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeG711, encodeG711 } from '@tandem/media'
import { SOUND_SECONDS_MAX } from './pcm.ts'
import { SoundError } from './sound-error.ts'
import { toMulaw } from './to-mulaw.ts'

/** Samples of a tone, one channel. */
function tone(hz: number, rateHz: number, seconds = 0.5, amplitude = 12_000): Int16Array {
  return Int16Array.from({ length: Math.round(rateHz * seconds) }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hz * i) / rateHz)),
  )
}

/** A WAV file around some data; `kind` 1 is PCM. */
function wav(
  data: Uint8Array,
  format: { kind?: number; channels?: number; rateHz: number; bits: number; extensible?: boolean },
  before: Uint8Array = new Uint8Array(),
): Uint8Array {
  const { kind = 1, channels = 1, rateHz, bits, extensible = false } = format
  const size = extensible ? 40 : 16
  const fmt = new DataView(new ArrayBuffer(8 + size))
  for (const [i, letter] of [...'fmt '].entries()) fmt.setUint8(i, letter.charCodeAt(0))
  fmt.setUint32(4, size, true)
  fmt.setUint16(8, extensible ? 0xfffe : kind, true)
  fmt.setUint16(10, channels, true)
  fmt.setUint32(12, rateHz, true)
  fmt.setUint32(16, (rateHz * channels * bits) / 8, true)
  fmt.setUint16(20, (channels * bits) / 8, true)
  fmt.setUint16(22, bits, true)
  if (extensible) fmt.setUint16(8 + 24, kind, true)
  const head = new DataView(new ArrayBuffer(8))
  head.setUint32(4, data.length, true)
  for (const [i, letter] of [...'data'].entries()) head.setUint8(i, letter.charCodeAt(0))
  const body = Buffer.concat([before, new Uint8Array(fmt.buffer), new Uint8Array(head.buffer), data])
  const riff = Buffer.alloc(12)
  riff.write('RIFF', 0)
  riff.writeUInt32LE(4 + body.length, 4)
  riff.write('WAVE', 8)
  return Buffer.concat([riff, body])
}

const bytesOf = (samples: Int16Array): Uint8Array =>
  new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)

/** The level of one frequency in a clip, in dB of full scale (Goertzel), away from the edges. */
function levelOf(clip: Uint8Array, hz: number): number {
  const samples = new Int16Array(clip.length)
  decodeG711('PCMU', clip, 0, clip.length, samples)
  const inner = samples.subarray(400, samples.length - 400)
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / 8_000)
  let [one, two] = [0, 0]
  for (const sample of inner) [one, two] = [sample + coefficient * one - two, one]
  const power = one ** 2 + two ** 2 - coefficient * one * two
  return 10 * Math.log10((4 * power) / inner.length ** 2 / 32_768 ** 2 + 1e-12)
}

const FULL = 20 * Math.log10(12_000 / 32_768)

describe('toMulaw', () => {
  for (const rateHz of [8_000, 11_025, 16_000, 22_050, 44_100, 48_000])
    it(`keeps a tone of a WAV of ${rateHz} Hz at its pitch and level`, async () => {
      const clip = await toMulaw(wav(bytesOf(tone(440, rateHz)), { rateHz, bits: 16 }), 'audio/wav')
      assert.ok(Math.abs(clip.length - 4_000) <= 1, String(clip.length))
      assert.ok(Math.abs(levelOf(clip, 440) - FULL) < 0.3, String(levelOf(clip, 440)))
    })

  it('lets nothing above 4 kHz come back as another tone', async () => {
    const clip = await toMulaw(wav(bytesOf(tone(7_000, 48_000)), { rateHz: 48_000, bits: 16 }), 'audio/wav')
    assert.ok(levelOf(clip, 1_000) < -60, String(levelOf(clip, 1_000)))
  })

  it('reads 8-bit PCM, A-law, mu-law, extensible files and unknown chunks', async () => {
    const samples = tone(440, 8_000)
    const eight = Uint8Array.from(samples, (sample) => (sample >> 8) + 128)
    const laws = (codec: 'PCMU' | 'PCMA'): Uint8Array => {
      const bytes = new Uint8Array(samples.length)
      encodeG711(codec, samples, samples.length, bytes, 0)
      return bytes
    }
    const list = Buffer.concat([Buffer.from('LIST'), Buffer.from([3, 0, 0, 0]), Buffer.from('abc\0')])
    for (const [what, file] of [
      ['8 bit', wav(eight, { rateHz: 8_000, bits: 8 })],
      ['A-law', wav(laws('PCMA'), { kind: 6, rateHz: 8_000, bits: 8 })],
      ['mu-law', wav(laws('PCMU'), { kind: 7, rateHz: 8_000, bits: 8 })],
      ['extensible', wav(bytesOf(samples), { rateHz: 8_000, bits: 16, extensible: true })],
      ['chunks', wav(bytesOf(samples), { rateHz: 8_000, bits: 16 }, list)],
    ] as const)
      assert.ok(Math.abs(levelOf(await toMulaw(file, ''), 440) - FULL) < 0.5, what)
  })

  it('mixes two channels to one', async () => {
    const [left, right] = [tone(440, 16_000), tone(1_000, 16_000)]
    const both = Int16Array.from(
      { length: 2 * left.length },
      (_, i) => (i % 2 === 0 ? left : right)[i >> 1] ?? 0,
    )
    const clip = await toMulaw(wav(bytesOf(both), { channels: 2, rateHz: 16_000, bits: 16 }), 'audio/wav')
    for (const hz of [440, 1_000]) assert.ok(Math.abs(levelOf(clip, hz) - (FULL - 6)) < 0.5, String(hz))
  })

  it('takes raw mu-law as it is, by its media type', async () => {
    const raw = Uint8Array.from({ length: 800 }, (_, i) => i % 256)
    assert.deepEqual(await toMulaw(raw, 'audio/basic'), raw)
  })

  it('takes the longest sound and refuses one sample more', async () => {
    const longest = new Uint8Array(SOUND_SECONDS_MAX * 8_000)
    assert.equal((await toMulaw(longest, 'audio/basic')).length, longest.length)
    await assert.rejects(
      toMulaw(new Uint8Array(longest.length + 1), 'audio/basic'),
      /longer than 600 seconds/,
    )
    const wide = wav(new Uint8Array(SOUND_SECONDS_MAX * 4_000 + 1), { rateHz: 4_000, bits: 8 })
    await assert.rejects(toMulaw(wide, 'audio/wav'), /longer than 600 seconds/)
  })

  const good = wav(bytesOf(tone(440, 8_000, 0.01)), { rateHz: 8_000, bits: 16 })
  const bad: [string, Uint8Array, string, RegExp][] = [
    ['nothing', new Uint8Array(), 'audio/wav', /of no kind that is read/],
    ['nothing, raw', new Uint8Array(), 'audio/basic', /holds no sound/],
    ['text', Buffer.from('hello'), 'audio/wav', /WAV .* MP3, or raw mu-law/],
    ['a WAV without chunks', good.subarray(0, 12), '', /holds no sound/],
    ['a WAV cut in its format', good.subarray(0, 30), '', /cut short/],
    ['a WAV without its data', good.subarray(0, 36), '', /holds no sound/],
    ['an empty WAV', wav(new Uint8Array(), { rateHz: 8_000, bits: 16 }), '', /holds no sound/],
    ['24 bit', wav(new Uint8Array(6), { rateHz: 8_000, bits: 24 }), '', /not read here/],
    ['ADPCM', wav(new Uint8Array(6), { kind: 2, rateHz: 8_000, bits: 4 }), '', /not read here/],
    [
      'six channels',
      wav(new Uint8Array(12), { channels: 6, rateHz: 8_000, bits: 16 }),
      '',
      /one or two channels/,
    ],
    ['no rate', wav(new Uint8Array(2), { rateHz: 0, bits: 16 }), '', /samples a second/],
    ['too high a rate', wav(new Uint8Array(2), { rateHz: 4e9, bits: 16 }), '', /samples a second/],
    ['an MP3 that is none', Buffer.concat([Buffer.from('ID3'), Buffer.alloc(2_000)]), 'audio/mpeg', /MP3/],
    [
      'noise after a sync word',
      Buffer.concat([Buffer.from([0xff, 0xfb]), Buffer.alloc(5_000, 7)]),
      '',
      /MP3/,
    ],
  ]
  for (const [what, bytes, type, expected] of bad)
    it(`refuses ${what} in words for who sent it`, async () => {
      await assert.rejects(toMulaw(bytes, type), (error) => {
        assert.ok(error instanceof SoundError, String(error))
        assert.match(error.message, expected)
        return true
      })
    })

  it('survives every cut and many changed bytes of a WAV', async () => {
    for (let length = 0; length < good.length; length++)
      await toMulaw(good.subarray(0, length), '').catch((error) => assert.ok(error instanceof SoundError))
    for (let i = 0; i < 44; i++)
      for (const value of [0, 1, 0x7f, 0xff]) {
        const changed = Uint8Array.from(good)
        changed[i] = value
        await toMulaw(changed, '').catch((error) => assert.ok(error instanceof SoundError, `${i} ${value}`))
      }
  })
})
