import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Random } from '@tandem/testing'
import { Ids } from './ids.ts'

function ids(boot: number, seed = 1): Ids {
  const random = new Random(seed)
  return new Ids({ node: 7, boot, randomBytes: (length) => random.bytes(length) })
}

describe('Ids', () => {
  it('counts call halves from the number of the boot, and names the node', () => {
    const first = ids(3)
    assert.deepEqual([first.callHalf(), first.callHalf()], ['callhalf-3000000001:7', 'callhalf-3000000002:7'])
    assert.equal(ids(4).callHalf(), 'callhalf-4000000001:7')
  })

  it('makes UUIDs of version 4 (RFC 9562 §5.4), all different', () => {
    const made = ids(1)
    const seen = new Set<string>()
    for (let i = 0; i < 1_000; i++) {
      const uuid = made.uuid()
      assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      seen.add(uuid)
    }
    assert.equal(seen.size, 1_000)
  })
})
