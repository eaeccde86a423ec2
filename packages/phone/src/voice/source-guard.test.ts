import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SourceGuard, STRANGER_PACKETS } from './source-guard.ts'

const NAMED = { host: '10.0.0.1', port: 4_000 }

describe('SourceGuard', () => {
  it('decides for the SDP address at its first packet, and for nobody else afterwards', () => {
    const guard = new SourceGuard(NAMED)
    assert.ok(guard.admits('10.0.0.1', 4_000, 1))
    for (let packet = 0; packet < 2 * STRANGER_PACKETS; packet++)
      assert.ok(!guard.admits('10.6.6.6', 4_000, 1))
    assert.deepEqual(guard.target, NAMED)
  })

  it('believes another source after a few packets of one SSRC, and answers there (symmetric NAT)', () => {
    const guard = new SourceGuard(NAMED)
    const admitted = Array.from({ length: STRANGER_PACKETS }, () => guard.admits('10.0.0.2', 9, 1))
    assert.deepEqual(admitted, [...Array(STRANGER_PACKETS - 1).fill(false), true])
    assert.deepEqual(guard.target, { host: '10.0.0.2', port: 9 })
    assert.ok(!guard.admits('10.0.0.1', 4_000, 1))
  })

  it('counts anew when strangers take turns, also by SSRC', () => {
    const guard = new SourceGuard(NAMED)
    for (let packet = 0; packet < 10 * STRANGER_PACKETS; packet++) {
      assert.ok(!guard.admits('10.0.0.2', 9, packet % 2))
      assert.ok(!guard.admits('10.0.0.2', 10 + (packet % 2), 1))
    }
    for (let packet = 0; packet < 10 * STRANGER_PACKETS; packet++)
      assert.ok(!guard.admits('10.0.0.3', 9, packet % 2), 'one address, two SSRCs in turn')
  })

  it('learns again only when the SDP names another address', () => {
    const guard = new SourceGuard(NAMED)
    guard.admits('10.0.0.1', 4_000, 1)
    guard.rename({ ...NAMED })
    assert.ok(!guard.admits('10.0.0.9', 1, 1))
    guard.rename({ host: '10.0.0.9', port: 1 })
    assert.deepEqual(guard.target, { host: '10.0.0.9', port: 1 })
    assert.ok(guard.admits('10.0.0.9', 1, 1))
    assert.ok(!guard.admits('10.0.0.1', 4_000, 1))
  })
})
