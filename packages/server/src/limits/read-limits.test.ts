import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { StartFailure } from '../start-failure.ts'
import { DEFAULT_ALLOWANCES, FAMILIES } from './family.ts'
import { readLimits } from './read-limits.ts'

describe('the setting limits', () => {
  it('changes what it names and leaves the rest', () => {
    const read = readLimits(' callReads=20/100, downloads=off,oauth=0.5 ')
    assert.deepEqual(read.get('callReads'), { perSecond: 20, burst: 100 })
    assert.equal(read.has('downloads'), false)
    assert.deepEqual(read.get('oauth'), { perSecond: 0.5, burst: 1 })
    assert.deepEqual(read.get('own'), DEFAULT_ALLOWANCES.own)
    assert.equal(readLimits('').size, FAMILIES.length)
    assert.equal(readLimits('off').size, 0)
  })

  for (const bad of [
    'callreads=1/2',
    'callReads',
    'callReads=',
    'callReads=0/1',
    'callReads=1/0',
    'callReads=-1/1',
    'callReads=1e9/1',
    'callReads=10000000/1',
    'callReads=1/2/3',
    'callReads=1/2,',
    'on',
  ])
    it(`is one sentence for ${JSON.stringify(bad)}`, () =>
      assert.throws(
        () => readLimits(bad),
        (error) => error instanceof StartFailure && /^The setting limits .*\.$/.test(error.message),
      ))
})
