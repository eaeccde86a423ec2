import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { overtakenBy } from './storm.ts'

const take = (n: number, at: number, key = 'call') => ({ n, at, key })
const never = new Map<number, number>()

describe('the order of a storm (webhooks §8)', () => {
  it('is kept by events of other calls, and by what comes in order', () => {
    const taken = [take(3, 5, 'other'), take(1, 6), take(2, 7)]
    assert.deepEqual(overtakenBy({ taken, refusedAt: never }, []), { overtaken: 0, passed: 0 })
  })

  it('is broken by an event that comes after a later one of its call', () => {
    const taken = [take(2, 59_999), take(0, 60_000), take(1, 60_001)]
    const refusedAt = new Map([[0, 1]])
    assert.deepEqual(overtakenBy({ taken, refusedAt }, [0, 0, 0]), { overtaken: 2, passed: 0 })
  })

  it('is not broken where the later one had waited for a minute, or the earlier one had failed for one', () => {
    const waited = overtakenBy({ taken: [take(1, 60_000), take(0, 60_001)], refusedAt: never }, [0, 0])
    assert.deepEqual(waited, { overtaken: 0, passed: 1 })
    const taken = [take(1, 70_000), take(0, 300_000)]
    const failed = overtakenBy({ taken, refusedAt: new Map([[0, 10_000]]) }, [0, 69_999])
    assert.deepEqual(failed, { overtaken: 0, passed: 1 })
  })
})
