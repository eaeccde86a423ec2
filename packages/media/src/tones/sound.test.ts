import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { promptDurationMs, Sine, type SoundSource, soundSource } from './sound.ts'

function samplesOf(source: SoundSource | undefined, ms: number): Int16Array {
  assert.ok(source !== undefined)
  const samples = new Int16Array(8 * ms)
  for (let from = 0; from < samples.length; from += 160) source.read(samples.subarray(from), 160)
  return samples
}

/** Frequency by counting rising zero crossings. */
function frequencyOf(samples: Int16Array): number {
  let rises = 0
  for (let index = 1; index < samples.length; index++) {
    if ((samples[index - 1] as number) < 0 && (samples[index] as number) >= 0) rises += 1
  }
  return (rises * 8000) / samples.length
}

const isSilent = (samples: Int16Array) => samples.every((sample) => sample === 0)

describe('sounds', () => {
  it('rings back with 425 Hz, one second on and four off', () => {
    const samples = samplesOf(soundSource({ kind: 'tone', tone: 'ringback' }), 10_000)
    assert.ok(Math.abs(frequencyOf(samples.subarray(0, 8000)) - 425) < 2)
    assert.ok(isSilent(samples.subarray(8000, 40_000)))
    assert.ok(!isSilent(samples.subarray(40_000, 48_000)))
  })

  it('is busy in half seconds and congested in quarters', () => {
    for (const [tone, ms] of [
      ['busy', 500],
      ['congestion', 250],
    ] as const) {
      const samples = samplesOf(soundSource({ kind: 'tone', tone }), 4 * ms)
      for (let part = 0; part < 4; part++) {
        assert.equal(
          isSilent(samples.subarray(8 * ms * part, 8 * ms * (part + 1))),
          part % 2 === 1,
          `${tone} ${part}`,
        )
      }
    }
  })

  it('ends a prompt after its length, and knows no other prompts', () => {
    const ms = promptDurationMs('recordingFailed')
    assert.equal(ms, 1400)
    const source = soundSource({ kind: 'prompt', name: 'recordingFailed' })
    samplesOf(source, ms)
    assert.equal(source?.read(new Int16Array(160), 160), 0)
    assert.equal(soundSource({ kind: 'prompt', name: 'toString' }), undefined)
    assert.equal(promptDurationMs('toString'), 0)
  })

  it('makes a sine of any frequency without a click where packets join', () => {
    const samples = samplesOf(new Sine(1004, 10_000), 1000)
    assert.ok(Math.abs(frequencyOf(samples) - 1004) <= 1)
    const steps = samples.subarray(1).map((sample, index) => Math.abs(sample - (samples[index] as number)))
    assert.ok(Math.max(...steps) < 10_000 * 2 * Math.sin((Math.PI * 1004) / 8000) + 2)
  })
})
