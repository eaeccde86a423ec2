import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { at, Random } from '@tandem/testing'
import { DeadlineHeap } from './deadline-heap.ts'
import { NEVER } from './instant.ts'

describe('DeadlineHeap', () => {
  it('gives out what is due, earliest first, and nothing before its time', () => {
    const heap = new DeadlineHeap<string>()
    heap.set('late', at(300))
    heap.set('early', at(100))
    heap.set('middle', at(200))
    assert.equal(heap.next, 100)
    assert.equal(heap.popDue(at(99)), undefined)
    assert.deepEqual(
      [heap.popDue(at(250)), heap.popDue(at(250)), heap.popDue(at(250))],
      ['early', 'middle', undefined],
    )
    assert.equal(heap.next, 300)
  })

  it('keeps only the latest deadline of a key, and forgets it on NEVER', () => {
    const heap = new DeadlineHeap<string>()
    heap.set('a', at(100))
    heap.set('a', at(500))
    assert.equal(heap.popDue(at(200)), undefined)
    heap.set('a', NEVER)
    assert.equal(heap.next, NEVER)
    assert.equal(heap.size, 0)
  })

  it('agrees with a sorted list on ten thousand random changes', () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = new Random(seed)
      const heap = new DeadlineHeap<number>()
      const model = new Map<number, number>()
      for (let step = 0; step < 500; step++) {
        const key = random.below(40)
        const choice = random.below(4)
        if (choice === 0) {
          const due = heap.popDue(at(step * 10))
          const expected = [...model]
            .filter(([, moment]) => moment <= step * 10)
            .toSorted((a, b) => a[1] - b[1])[0]
          assert.equal(
            due === undefined ? undefined : model.get(due),
            expected?.[1],
            `seed ${seed}, step ${step}`,
          )
          if (due !== undefined) model.delete(due)
        } else if (choice === 1) {
          heap.delete(key)
          model.delete(key)
        } else {
          const moment = step * 10 + random.below(1_000)
          heap.set(key, at(moment))
          model.set(key, moment)
        }
        assert.equal(heap.next, Math.min(NEVER, ...model.values()), `seed ${seed}, step ${step}`)
      }
    }
  })
})
