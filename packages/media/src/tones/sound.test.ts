import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Sound } from '../port.ts'
import { isClipName } from './clip.ts'
import { SEQUENCE_SOUNDS_MAX, Sine, SPOKEN_DIGITS_MAX, soundSource } from './sound.ts'
import type { ClipSource, SoundSource } from './sound-source.ts'

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

const bytes = (code: number, count: number) => new Uint8Array(count).fill(code)

/** Everything up to the end. */
function allOf(source: SoundSource): Int16Array {
  const found: number[] = []
  const part = new Int16Array(160)
  for (let turn = 0; turn < 1_000; turn++) {
    const made = source.read(part, 160)
    found.push(...part.subarray(0, made))
    if (made < 160) break
  }
  return Int16Array.from(found)
}

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

  it('plays a prompt and spoken digits from their clips, one after the other', () => {
    const clips: ClipSource = {
      find: (name) => ({ 'prompt:done': bytes(0x80, 400), 'prompt:digit-4': bytes(0x00, 80) })[name],
    }
    const source = soundSource(
      {
        kind: 'sequence',
        sounds: [
          { kind: 'prompt', name: 'done' },
          { kind: 'digits', digits: '4x4' },
        ],
      },
      clips,
    )
    const samples = allOf(source)
    assert.equal(samples.length, 400 + 80 + 480 + 80)
    assert.ok(samples.subarray(0, 400).every((sample) => sample === 32_124))
    assert.ok(samples.subarray(400, 480).every((sample) => sample === -32_124))
    assert.ok(isSilent(samples.subarray(480, 960)))
    assert.ok(source.failed !== true)
  })

  it('fails, and ends at once, for a clip that is missing, is empty or has an impossible name', () => {
    const clips: ClipSource = {
      find: (name) => (name === 'empty' ? new Uint8Array(0) : name === 'a' ? bytes(0, 160) : undefined),
    }
    for (const name of ['missing', 'empty', '../a', 'prompt:done', '', `a${'b'.repeat(128)}`]) {
      const source = soundSource({ kind: 'clip', name }, { find: () => undefined })
      assert.equal(source.read(new Int16Array(160), 160), 0, name)
      assert.equal(source.failed, true, name)
    }
    assert.equal(allOf(soundSource({ kind: 'clip', name: 'a' }, clips)).length, 160)
    assert.ok(isClipName(`a${'b'.repeat(127)}`))
    assert.ok(!isClipName(`a${'b'.repeat(128)}`))
    assert.ok(!isClipName('/etc/passwd') && !isClipName('A'))
  })

  it('is silent while a clip is fetched, for two seconds at most', () => {
    let found: Uint8Array | 'loading' = 'loading'
    const slow = soundSource({ kind: 'clip', name: 'slow' }, { find: () => found })
    assert.ok(isSilent(samplesOf(slow, 1_980)))
    found = bytes(0x80, 160)
    assert.ok(samplesOf(slow, 20).every((sample) => sample === 32_124))
    const never = soundSource({ kind: 'clip', name: 'slow' }, { find: () => 'loading' })
    assert.equal(allOf(never).length, 16_000)
    assert.equal(never.failed, true)
  })

  it('repeats a clip without a seam when asked to', () => {
    const clips: ClipSource = { find: () => bytes(0x80, 100) }
    const samples = samplesOf(soundSource({ kind: 'clip', name: 'a', repeat: true }, clips), 100)
    assert.ok(samples.every((sample) => sample === 32_124))
  })

  it('bounds digits, sequences and sequences within sequences', () => {
    const clips: ClipSource = { find: () => bytes(0, 160) }
    const spoken = allOf(soundSource({ kind: 'digits', digits: '1'.repeat(SPOKEN_DIGITS_MAX + 1) }, clips))
    assert.equal(spoken.length, SPOKEN_DIGITS_MAX * 160 + (SPOKEN_DIGITS_MAX - 1) * 480)
    const one: Sound = { kind: 'clip', name: 'a' }
    const many: Sound = {
      kind: 'sequence',
      sounds: Array.from({ length: SEQUENCE_SOUNDS_MAX + 1 }, () => one),
    }
    assert.equal(allOf(soundSource(many, clips)).length, SEQUENCE_SOUNDS_MAX * 160)
    let deep: Sound = one
    for (let depth = 0; depth < 6; depth++) deep = { kind: 'sequence', sounds: [deep] }
    assert.equal(soundSource(deep, clips).read(new Int16Array(160), 160), 0)
  })

  it('makes hold music that is soft, has no click, loops, and is the same for all', () => {
    const [one, other] = [soundSource({ kind: 'music' }), soundSource({ kind: 'music' })]
    const samples = samplesOf(one, 40_000)
    assert.deepEqual(samplesOf(other, 2_000), samples.subarray(0, 16_000))
    const loop = 32 * 4_800
    assert.deepEqual(samples.subarray(loop, loop + 8_000), samples.subarray(0, 8_000))
    const rms = Math.sqrt(samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length)
    assert.ok(rms > 500 && rms < 5_000, `${rms}`)
    const steps = samples.subarray(1).map((sample, index) => Math.abs(sample - (samples[index] as number)))
    const largest = steps.reduce((most, step) => Math.max(most, step), 0)
    assert.ok(largest < 4_000, `${largest}`)
  })

  it('makes a sine of any frequency without a click where packets join', () => {
    const samples = samplesOf(new Sine(1004, 10_000), 1000)
    assert.ok(Math.abs(frequencyOf(samples) - 1004) <= 1)
    const steps = samples.subarray(1).map((sample, index) => Math.abs(sample - (samples[index] as number)))
    assert.ok(Math.max(...steps) < 10_000 * 2 * Math.sin((Math.PI * 1004) / 8000) + 2)
  })
})
