import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SHORT, storm } from './storm.ts'

describe('webhooks while the target fails and the server is killed (P14)', () => {
  it(`lose none of ${SHORT.events} events, sign each and keep the order of calls`, async (test) => {
    const result = await storm(SHORT, Number(process.env['WEBHOOKS_SEED'] ?? 1))
    test.diagnostic(JSON.stringify(result))
    assert.deepEqual(result.faults.slice(0, 5), [])
    assert.equal(result.lost, 0)
    assert.equal(result.kills, SHORT.kills)
    assert.ok(result.attempts > SHORT.events, 'the target failed at all')
    assert.equal(result.overtaken, 0)
  })
})
