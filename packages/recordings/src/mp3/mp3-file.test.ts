import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { readInfoFrame } from './info-frame.ts'
import { Lame } from './lame.ts'
import { MP3_FRAME_BYTES } from './mp3-encoder.ts'
import { Mp3File } from './mp3-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-mp3-'))
after(() => rmSync(folder, { recursive: true }))

function noise(samples: number): Int16Array {
  return Int16Array.from({ length: samples }, (_, at) => ((at * 7919) % 20_011) - 10_005)
}

describe('Mp3File', () => {
  let lame: Lame
  before(async () => {
    lame = await Lame.load()
  })

  it('holds whole frames of constant size, and says its length to the sample', () => {
    for (const samples of [0, 1, 575, 576, 577, 8_000, 80_123]) {
      const path = join(folder, `${samples}.part`)
      const file = new Mp3File(path, lame.encoder(), { kind: 'bare' })
      for (let start = 0; start < samples; start += 2_000) {
        const piece = noise(Math.min(2_000, samples - start))
        file.append(piece, piece)
      }
      const part = file.finish()
      const bytes = readFileSync(path)
      assert.equal(part.sizeBytes, bytes.length)
      assert.equal(part.sha256, createHash('sha256').update(bytes).digest('hex'))
      assert.equal(bytes.length % MP3_FRAME_BYTES, 0)
      for (let at = 0; at < bytes.length; at += MP3_FRAME_BYTES) {
        assert.deepEqual(
          [bytes[at], bytes[at + 1], bytes[at + 2]],
          [0xff, 0xe3, 0x88],
          'MPEG-2.5, 64 kbit/s, 8 kHz',
        )
      }
      assert.equal(readInfoFrame(bytes)?.durationMs, samples / 8)
      assert.equal(part.durationMs, samples / 8)
    }
  })

  it('gives the same file whatever the size of the pieces', () => {
    const whole = noise(20_000)
    const [one, many] = [join(folder, 'one.part'), join(folder, 'many.part')]
    const first = new Mp3File(one, lame.encoder(), { kind: 'bare' })
    first.append(whole, whole)
    const second = new Mp3File(many, lame.encoder(), { kind: 'bare' })
    for (let at = 0; at < whole.length; at += 999)
      second.append(whole.subarray(at, at + 999), whole.subarray(at, at + 999))
    assert.equal(first.finish().sha256, second.finish().sha256)
  })

  it('notices when the disk gives back something else than was written (promise P5)', () => {
    const path = join(folder, 'rotten.part')
    const file = new Mp3File(path, lame.encoder(), { kind: 'bare' })
    const audio = noise(80_000)
    file.append(audio, audio)
    const bytes = readFileSync(path)
    bytes[5_000] = (bytes[5_000] as number) ^ 1
    writeFileSync(path, bytes)
    assert.throws(() => file.finish(), /reads back differently/)
    file.close()
  })

  it('reads no Info frame where there is none', () => {
    assert.equal(readInfoFrame(new Uint8Array(2_000)), undefined)
    assert.equal(readInfoFrame(new Uint8Array(0)), undefined)
  })
})
