import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { keptAnswer, once } from './kept-answer.ts'

describe('an answer that is kept', () => {
  it('has a strong tag, which is that of its bytes (RFC 9110 §8.8.3)', () => {
    const bytes = Buffer.from('one')
    const hash = createHash('sha256').update(bytes).digest('base64url')
    assert.equal(keptAnswer('text/plain', bytes).etag, `"${hash}"`)
    assert.notEqual(keptAnswer('text/plain', Buffer.from('other')).etag, `"${hash}"`)
  })
})

describe('once', () => {
  it('makes a thing for everybody who asks, also while it is being made', async () => {
    let made = 0
    const make = once(async () => ++made)
    assert.deepEqual(await Promise.all([make(), make()]), [1, 1])
    assert.equal(await make(), 1)
  })

  it('tries again after a failure, which only those hear of who asked before it', async () => {
    let tries = 0
    const make = once(async () => {
      if (++tries === 1) throw new Error('not yet')
      return 'made'
    })
    const both = await Promise.allSettled([make(), make()])
    assert.deepEqual(
      both.map(({ status }) => status),
      ['rejected', 'rejected'],
    )
    assert.deepEqual([await make(), await make(), tries], ['made', 'made', 2])
  })
})
