import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { at, Random } from '@tandem/testing'
import { Pacer, STEPS_BEHIND_MAX } from './pacer.ts'

/** Steps taken at `now`, with what each skipped. */
function take(pacer: Pacer, now: number): number[] {
  const steps: number[] = []
  for (;;) {
    const skipped = pacer.step(at(now))
    if (skipped === undefined) return steps
    steps.push(skipped)
  }
}

describe('Pacer', () => {
  it('keeps absolute deadlines: an hour of late steps has exactly fifty a second', () => {
    const random = new Random(1)
    const pacer = new Pacer(at(0), 20)
    let count = 0
    let now = 0
    while (now < 3_600_000) {
      now = pacer.deadline + random.below(19)
      count += take(pacer, now).length
    }
    assert.ok(Math.abs(count - 3_600_000 / 20) <= 1, `${count} steps`)
  })

  it('makes up for a short delay at once', () => {
    const pacer = new Pacer(at(0), 20)
    assert.deepEqual(take(pacer, 20 * STEPS_BEHIND_MAX), [0, 0, 0, 0])
    assert.equal(pacer.deadline, 20 * (STEPS_BEHIND_MAX + 1))
  })

  it('skips after a stall in place of a burst, and stays on its grid', () => {
    const pacer = new Pacer(at(0), 20)
    assert.deepEqual(take(pacer, 20 * (STEPS_BEHIND_MAX + 1)), [STEPS_BEHIND_MAX + 1])
    assert.equal(pacer.deadline, 20 * (STEPS_BEHIND_MAX + 2))
    assert.deepEqual(take(pacer, 10_007), [495])
    assert.equal(pacer.deadline, 10_020)
  })

  it('does nothing early', () => {
    const pacer = new Pacer(at(5), 20)
    assert.deepEqual(take(pacer, 4.9), [])
  })
})
