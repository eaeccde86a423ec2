import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { PhoneError } from '../phone-error.ts'
import { readWav, WAV_BYTES_MAX, WAV_HEADER_BYTES, wavHeader } from './wav.ts'
import { WavRecorder } from './wav-recorder.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-wav-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function file(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(WAV_HEADER_BYTES + 2 * samples.length)
  bytes.set(wavHeader(samples.length))
  for (const [index, sample] of samples.entries())
    new DataView(bytes.buffer).setInt16(WAV_HEADER_BYTES + 2 * index, sample, true)
  return bytes
}

/** A file with some fields of its header changed. */
function changed(change: (view: DataView) => void): Uint8Array {
  const bytes = file(Int16Array.of(1, 2, 3))
  change(new DataView(bytes.buffer))
  return bytes
}

describe('readWav', () => {
  it('reads what was written', () => {
    fc.assert(
      fc.property(fc.int16Array(), (samples) => assert.deepEqual(readWav(file(samples), 'x'), samples)),
    )
  })

  it('passes over chunks that it does not know, odd lengths padded', () => {
    const plain = file(Int16Array.of(7, -8))
    const list = Uint8Array.from([...Buffer.from('LIST'), 3, 0, 0, 0, 1, 2, 3, 0])
    const bytes = Uint8Array.from([...plain.subarray(0, 36), ...list, ...plain.subarray(36)])
    assert.deepEqual(readWav(bytes, 'x'), Int16Array.of(7, -8))
  })

  it('gives what there is when a crash left the length unwritten', () => {
    assert.deepEqual(
      readWav(
        changed((view) => view.setUint32(40, 0xffffffff, true)),
        'x',
      ),
      Int16Array.of(1, 2, 3),
    )
  })

  const refused: readonly (readonly [string, Uint8Array])[] = [
    ['text', Buffer.from('this is certainly not a sound file')],
    ['nothing', new Uint8Array(0)],
    ['two channels', changed((view) => view.setUint16(22, 2, true))],
    ['44.1 kHz', changed((view) => view.setUint32(24, 44_100, true))],
    ['8 bits', changed((view) => view.setUint16(34, 8, true))],
    ['floating point', changed((view) => view.setUint16(20, 3, true))],
    ['no samples', file(new Int16Array(0)).subarray(0, 36)],
    ['a short format', changed((view) => view.setUint32(16, 8, true))],
    ['too much', new Uint8Array(WAV_BYTES_MAX + 1)],
  ]
  for (const [name, bytes] of refused)
    it(`refuses ${name} and says what to do`, () => {
      assert.throws(
        () => readWav(bytes, 'a.wav'),
        (error) => error instanceof PhoneError && /^a\.wav .*(?:sox|cut it)/.test(error.message),
      )
    })

  it('never throws anything else, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(60), (noise, at) => {
        const bytes = file(Int16Array.of(1, 2, 3, 4, 5, 6, 7, 8))
        bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length))
        try {
          readWav(bytes, 'x')
        } catch (error) {
          assert.ok(error instanceof PhoneError)
        }
      }),
    )
  })
})

describe('WavRecorder', () => {
  it('leaves a readable file after each second, and the rest at the end', () => {
    const path = join(folder, 'a.wav')
    const recorder = new WavRecorder(path)
    assert.equal(readWav(readFileSync(path), path).length, 0)
    const samples = Int16Array.from({ length: 8_001 }, (_, index) => index)
    recorder.add(samples, 7_999)
    assert.equal(readWav(readFileSync(path), path).length, 0)
    recorder.add(samples.subarray(7_999), 2)
    assert.equal(readWav(readFileSync(path), path).length, 8_000)
    recorder.close()
    assert.deepEqual(readWav(readFileSync(path), path), samples)
    assert.equal(readFileSync(path).length, WAV_HEADER_BYTES + 2 * 8_001)
  })

  it('says what to do when the file cannot be written', () => {
    assert.throws(
      () => new WavRecorder(join(folder, 'missing', 'a.wav')),
      /choose a file in a folder that exists/,
    )
  })
})
