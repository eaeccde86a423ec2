import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { CURSOR_CHARS_MAX, decodeCursor, encodeCursor, nextLink } from './paging.ts'

describe('cursors', () => {
  it('come back as they went', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.uuid(), (at, id) => {
        assert.deepEqual(decodeCursor(encodeCursor({ at, id })), { at, id })
      }),
    )
  })

  it('are refused when they are not ours, and never throw', () => {
    const forged = [[], [1], ['1', 'a'], [1, ''], [1.5, 'a'], [1e300, 'a'], [1, 'a', 2], { at: 1 }, null, 7]
    for (const value of forged)
      assert.equal(decodeCursor(Buffer.from(JSON.stringify(value)).toString('base64url')), undefined)
    fc.assert(fc.property(fc.string(), (text) => void decodeCursor(text)))
  })

  it('are read up to their longest length and not beyond', () => {
    const longest = encodeCursor({ at: 1, id: 'a'.repeat(CURSOR_CHARS_MAX * 0.75 - 6) })
    assert.equal(longest.length, CURSOR_CHARS_MAX)
    assert.ok(decodeCursor(longest))
    assert.equal(decodeCursor(`${longest}A`), undefined)
  })
})

describe('nextLink', () => {
  it('is absolute and escapes every value (contract README §5)', () => {
    const query = new Map([
      ['timezone', 'Asia/Singapore'],
      ['topic', 'a&b>, "c"'],
    ])
    assert.equal(
      nextLink('https://host/v1/convergedRecordings', query),
      '<https://host/v1/convergedRecordings?timezone=Asia%2FSingapore&topic=a%26b%3E%2C%20%22c%22>; rel="next"',
    )
  })
})
