import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loudestFrequency } from './mp3.ts'

const RATE_HZ = 8_000

/** Two seconds of a tone that jumps in phase in the middle, as where a pause was cut out. */
function jumpingTone(hz: number, phase: number): Float32Array {
  return Float32Array.from({ length: 2 * RATE_HZ }, (_, n) =>
    Math.sin((2 * Math.PI * hz * n) / RATE_HZ + (n < RATE_HZ ? 0 : phase)),
  )
}

describe('loudestFrequency', () => {
  it('finds a tone whatever its phase does in the middle', () => {
    for (const hz of [440, 880, 1_230])
      for (const phase of [0, Math.PI / 2, Math.PI, 4])
        assert.ok(
          Math.abs(loudestFrequency(jumpingTone(hz, phase), RATE_HZ) - hz) <= 10,
          `${hz} Hz, ${phase}`,
        )
  })
  it('is not misled by a gap in the middle that something else fills', () => {
    const signal = Float32Array.from({ length: 4 * RATE_HZ }, (_, n) => {
      const inGap = n > 1.4 * RATE_HZ && n < 2.6 * RATE_HZ
      const [hz, level] = inGap ? [1_000, 0.5] : [440, 1]
      return level * Math.sin((2 * Math.PI * hz * n) / RATE_HZ)
    })
    assert.equal(loudestFrequency(signal, RATE_HZ), 440)
  })
})
