import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { faultIn } from './recorded-calls.ts'

const RATE_HZ = 8_000
const SECONDS = 4

function tone(hertz: number, amplitude = 0.24): Float32Array {
  return Float32Array.from(
    { length: SECONDS * RATE_HZ },
    (_, at) => amplitude * Math.sin((2 * Math.PI * hertz * at) / RATE_HZ),
  )
}

function heard(left: Float32Array, right: Float32Array): Parameters<typeof faultIn>[0] {
  return { sampleRateHz: RATE_HZ, seconds: left.length / RATE_HZ, channels: [left, right] }
}

describe('what the benchmark of recorded calls listens for', () => {
  it('finds nothing wrong with each voice in its own ear for as long as the call', () => {
    assert.equal(faultIn(heard(tone(400), tone(1_000)), SECONDS + 0.4), undefined)
    assert.equal(faultIn(heard(tone(402), tone(1_002)), SECONDS), undefined)
  })

  it('finds a recording that is shorter or longer than its call', () => {
    assert.match(faultIn(heard(tone(400), tone(1_000)), SECONDS + 0.6) ?? '', /4 s for a call of 4.6 s/)
    assert.match(faultIn(heard(tone(400), tone(1_000)), SECONDS - 0.6) ?? '', /4 s for a call of 3.4 s/)
  })

  it('finds ears that are swapped, a voice in both, and a gap of a few packets', () => {
    assert.match(faultIn(heard(tone(1_000), tone(400)), SECONDS) ?? '', /channel 0/)
    const right = tone(1_000)
    const both = tone(400).map((sample, at) => sample + (right[at] ?? 0))
    assert.match(faultIn(heard(tone(400), both), SECONDS) ?? '', /channel 1/)
    const torn = tone(1_000).fill(0, 2 * RATE_HZ, 2 * RATE_HZ + 480)
    assert.match(faultIn(heard(tone(400), torn), SECONDS) ?? '', /channel 1 at (1.98|2.02) s: 1000 Hz/)
  })
})
