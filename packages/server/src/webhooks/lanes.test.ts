import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { Lanes } from './lanes.ts'
import { TestClock } from './test-deliveries.ts'

const LIMITS = { perHostMax: 2, quickMax: 3, slowMax: 4, slowMs: 250, waitingPerHostMax: 3 }

describe('lanes of hosts (webhooks §8)', () => {
  let clock: TestClock
  let running: string[]
  let lanes: Lanes<string>
  let ends: Map<string, (well: boolean) => void>
  beforeEach(() => {
    clock = new TestClock()
    running = []
    ends = new Map()
    lanes = new Lanes({
      limits: LIMITS,
      clock,
      run(item) {
        running.push(item)
        return new Promise((resolve) => ends.set(item, resolve))
      },
    })
  })
  const rest = () => new Promise<void>((resolve) => setImmediate(resolve))
  const end = async (item: string, well = true): Promise<void> => {
    ends.get(item)?.(well)
    await rest()
  }
  const pass = (ms: number): Promise<void> => clock.advance(clock.now() + ms, rest)

  it('make few attempts of a host at a time, in the order in which they came', async () => {
    for (const item of ['a1', 'a2', 'a3', 'a4']) lanes.push('a', item)
    assert.deepEqual(running, ['a1', 'a2'])
    await end('a2')
    assert.deepEqual(running, ['a1', 'a2', 'a3'])
    await end('a1')
    assert.deepEqual(running, ['a1', 'a2', 'a3', 'a4'])
  })

  it('take turns: many of one host do not go before one of another', async () => {
    for (const item of ['a1', 'a2', 'a3', 'a4', 'a5']) lanes.push('a', item)
    lanes.push('b', 'b1')
    lanes.push('c', 'c1')
    assert.deepEqual(running, ['a1', 'a2', 'b1'])
    await end('a1')
    assert.deepEqual(running.slice(3), ['c1'], 'it waited longer than the next of a')
  })

  it('free the place of an attempt that takes long, and let that host begin among the slow ones', async () => {
    for (const host of ['a', 'b', 'c', 'd']) lanes.push(host, `${host}1`)
    assert.deepEqual(running, ['a1', 'b1', 'c1'])
    await pass(249)
    assert.equal(running.length, 3)
    await pass(1)
    assert.deepEqual(running, ['a1', 'b1', 'c1', 'd1'])
    assert.equal(lanes.running, 4)
    lanes.push('a', 'a2') // The last of the slow places.
    lanes.push('b', 'b2')
    lanes.push('e', 'e1')
    assert.deepEqual(running.slice(4), ['a2', 'e1'], 'dead hosts fill their own pool alone')
    await end('a1', false)
    assert.deepEqual(running.slice(6), ['b2'])
  })

  it('forgive a host that is quick again', async () => {
    lanes.push('a', 'a1')
    await end('a1', false)
    lanes.push('a', 'a2')
    await end('a2')
    for (const host of ['s', 't', 'u', 'v']) {
      lanes.push(host, `${host}1`)
      await pass(250)
    }
    running.length = 0
    lanes.push('a', 'a3') // All slow places are taken.
    assert.deepEqual(running, ['a3'])
  })

  it('say when a host has no room', async () => {
    for (const item of ['a1', 'a2', 'a3', 'a4']) lanes.push('a', item)
    assert.ok(lanes.hasRoom('a'))
    lanes.push('a', 'a5')
    assert.ok(!lanes.hasRoom('a'))
    assert.ok(lanes.hasRoom('b'))
    await end('a1')
    assert.ok(lanes.hasRoom('a'))
  })
})
