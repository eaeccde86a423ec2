import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ComfortNoise, SILENT_LEVEL_DBOV } from './comfort-noise.ts'
import { decodeG711, encodeG711, G711_SILENCE, transcodeG711 } from './g711.ts'

const CODES = Uint8Array.from({ length: 256 }, (_, code) => code)

function decoded(codec: 'PCMU' | 'PCMA'): Int16Array {
  const samples = new Int16Array(256)
  assert.equal(decodeG711(codec, CODES, 0, 256, samples), 256)
  return samples
}

describe('G.711', () => {
  it('decodes the ends and the middle of both laws as the recommendation has them', () => {
    const mulaw = decoded('PCMU')
    assert.deepEqual(
      [mulaw[0x00], mulaw[0x80], mulaw[0xff], mulaw[0x7e], mulaw[0xef]],
      [-32124, 32124, 0, -8, 132],
    )
    const alaw = decoded('PCMA')
    assert.deepEqual(
      [alaw[0xd5], alaw[0x55], alaw[0xaa], alaw[0x2a], alaw[0x80]],
      [8, -8, 32256, -32256, 5504],
    )
  })

  it('encodes every decoded value back to its code', () => {
    for (const codec of ['PCMU', 'PCMA'] as const) {
      const samples = decoded(codec)
      const codes = new Uint8Array(256)
      encodeG711(codec, samples, 256, codes, 0)
      for (const code of CODES) {
        const same = codes[code] === code || (codec === 'PCMU' && code === 0x7f) // -0 and 0 sound alike.
        assert.ok(same, `${codec} ${code} became ${codes[code]}`)
      }
    }
  })

  it('stays within half a step of any sample, and goes up when the sample does', () => {
    const samples = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768)
    for (const codec of ['PCMU', 'PCMA'] as const) {
      const codes = new Uint8Array(65_536)
      encodeG711(codec, samples, 65_536, codes, 0)
      const back = new Int16Array(65_536)
      decodeG711(codec, codes, 0, 65_536, back)
      for (let index = 0; index < 65_536; index++) {
        const [sample, heard] = [samples[index] as number, back[index] as number]
        const clipped = Math.max(-32_256, Math.min(32_256, sample))
        assert.ok(
          Math.abs(heard - clipped) <= (Math.abs(clipped) + 132) / 32 + 4,
          `${codec} ${sample}: ${heard}`,
        )
        if (index > 0) assert.ok(heard >= (back[index - 1] as number), `${codec} falls at ${sample}`)
      }
    }
  })

  it('is silent on its byte of silence, and converts one law to the other in place', () => {
    for (const codec of ['PCMU', 'PCMA'] as const) {
      const other = codec === 'PCMU' ? 'PCMA' : 'PCMU'
      assert.ok(Math.abs(decoded(codec)[G711_SILENCE[codec]] as number) <= 8)
      const bytes = Uint8Array.from(CODES)
      transcodeG711(codec, bytes, 10, 256)
      assert.deepEqual(bytes.subarray(0, 10), CODES.subarray(0, 10))
      const heard = new Int16Array(256)
      decodeG711(other, bytes, 0, 256, heard)
      for (let code = 10; code < 256; code++) {
        const said = decoded(codec)[code] as number
        assert.ok(Math.abs((heard[code] as number) - said) <= Math.max(16, Math.abs(said) / 15))
      }
    }
  })

  it('never writes past the caller’s buffer', () => {
    assert.equal(encodeG711('PCMU', new Int16Array(20), 20, new Uint8Array(10), 4), 6)
    assert.equal(decodeG711('PCMA', new Uint8Array(20), 15, 30, new Int16Array(20)), 5)
    assert.equal(decodeG711('PCMA', new Uint8Array(20), 0, 20, new Int16Array(3)), 3)
  })
})

describe('ComfortNoise (RFC 3389)', () => {
  it('makes noise of the level that was asked for, and silence at the bottom', () => {
    const noise = new ComfortNoise(1)
    const samples = new Int16Array(8000)
    noise.fill(samples, 8000)
    assert.ok(
      samples.every((sample) => sample === 0),
      'silent before any level came',
    )
    noise.receive(Uint8Array.of(40), 0, 1)
    noise.fill(samples, 8000)
    const effective = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / 8000)
    assert.ok(Math.abs(20 * Math.log10(effective / 32_768) + 40) < 0.5)
    noise.receive(Uint8Array.of(SILENT_LEVEL_DBOV - 1), 0, 1)
    noise.fill(samples, 8000)
    assert.ok(samples.some((sample) => sample !== 0))
    noise.receive(Uint8Array.of(SILENT_LEVEL_DBOV), 0, 1)
    noise.fill(samples, 8000)
    assert.ok(samples.every((sample) => sample === 0))
  })
})
