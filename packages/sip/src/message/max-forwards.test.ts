import assert from 'node:assert/strict'
import { it } from 'node:test'
import { raw } from '../endpoint/stranger.test.ts'
import { HOPS_MAX, MAX_FORWARDS, maxForwardsOf } from './max-forwards.ts'

it('maxForwardsOf reads what is left, and counts a request that does not say as new (RFC 3261 §8.1.1.6)', () => {
  for (const [text, hops] of [
    ['0', 0],
    ['1', 1],
    ['70', 70],
    [String(HOPS_MAX), HOPS_MAX],
    [String(HOPS_MAX + 1), MAX_FORWARDS],
    ['', MAX_FORWARDS],
    ['-1', MAX_FORWARDS],
    [undefined, MAX_FORWARDS],
  ] as const)
    assert.equal(maxForwardsOf(raw('INVITE', { 'Max-Forwards': text })), hops, String(text))
})
