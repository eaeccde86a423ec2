import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bestStatus, causeOf } from './outcome.ts'

describe('bestStatus (RFC 3261 §16.7)', () => {
  it('passes on what a caller can use, and makes 480 of the rest', () => {
    const cases: [number[], number, string][] = [
      [[], 480, 'noAnswer'],
      [[486], 486, 'busy'],
      [[480, 486], 486, 'busy'],
      [[486, 603], 603, 'declined'],
      [[600], 600, 'declined'],
      [[408], 480, 'noAnswer'],
      [[503, 488], 488, 'notAcceptable'],
      [[401], 480, 'noAnswer'],
      [[302, 500], 480, 'noAnswer'],
      [[487], 480, 'noAnswer'],
    ]
    for (const [statuses, status, cause] of cases) {
      assert.equal(bestStatus(statuses), status, String(statuses))
      assert.equal(causeOf(status), cause)
    }
  })
})
