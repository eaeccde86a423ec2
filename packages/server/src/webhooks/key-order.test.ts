import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { HELD_MAX, HELD_PER_WEBHOOK_MAX, KeyOrder, type Ordered } from './key-order.ts'
import { TestClock } from './test-deliveries.ts'

describe('the order of deliveries of a key (webhooks §8)', () => {
  let clock: TestClock
  let released: string[]
  let recalled: string[]
  let order: KeyOrder<Ordered>
  beforeEach(() => {
    clock = new TestClock()
    released = []
    recalled = []
    order = new KeyOrder({
      clock,
      release: ({ id }) => released.push(id),
      recall: async ({ key, outboxIdMax }) => void recalled.push(`${key} ${outboxIdMax}`),
    })
  })

  const item = (n: number, key = 'call', webhookId = 'hook'): Ordered => ({
    ...{ id: `${key}-${n}`, webhookId, key, outboxId: n, queuedAt: clock.now(), attempts: 0 },
  })

  it('remembers nothing of a key when all of it is over', async () => {
    const [first, second] = [item(1), item(2)]
    order.admit(first)
    order.admit(second)
    order.over(first)
    assert.deepEqual(released, ['call-2'])
    order.over(second)
    assert.equal(order.size, 0)
    order.admit(item(3))
    order.failed(item(3), clock.now())
    order.admit({ ...item(3), attempts: 1 })
    assert.equal(order.size, 1)
    order.over({ ...item(3), attempts: 1 })
    assert.equal(order.size, 0)
    order.admit({ ...item(4), attempts: 3 })
    order.over({ ...item(4), attempts: 3 })
    assert.equal(order.size, 0)
    order.admit(item(5))
    order.failed(item(5), clock.now())
    await clock.advance(clock.now() + 60_000, async () => {})
    assert.equal(order.size, 0, 'one that fails is forgotten after its minute')
  })

  it('sends away what it cannot hold, of one webhook and of all', () => {
    order.admit(item(0))
    for (let n = 1; n <= HELD_PER_WEBHOOK_MAX; n++) assert.equal(order.admit(item(n)).kind, 'held')
    assert.deepEqual(order.admit(item(101)), { kind: 'later', at: clock.now() + 60_000 })
    let held = HELD_PER_WEBHOOK_MAX
    for (let hook = 0; held < HELD_MAX; hook++) {
      order.admit(item(0, 'call', `hook-${hook}`))
      for (let n = 1; n <= HELD_PER_WEBHOOK_MAX && held < HELD_MAX; n++, held++)
        assert.equal(order.admit(item(n, 'call', `hook-${hook}`)).kind, 'held')
    }
    order.admit(item(0, 'call', 'last'))
    assert.equal(order.admit(item(1, 'call', 'last')).kind, 'later')
  })

  it('recalls those that are away, the next few at a time, and lets nobody pass them', async () => {
    const first = item(0)
    order.admit(first)
    for (let n = 1; n <= 60; n++) order.wentAway(item(n))
    assert.equal(order.admit(item(61)).kind, 'later')
    order.over(first)
    assert.deepEqual(recalled, ['call 50'])
    await Promise.resolve()
    assert.equal(order.admit(item(2)).kind, 'later', 'before the first of them')
    assert.equal(order.admit(item(62)).kind, 'later')
    assert.equal(order.admit(item(1)).kind, 'go')
    assert.equal(order.admit(item(2)).kind, 'held')
    order.over(item(1))
    order.over(item(2))
    assert.deepEqual([released, recalled], [['call-2'], ['call 50', 'call 52']])
  })

  it('keeps the place of one that came back and had to leave again', async () => {
    order.admit(item(0, 'full'))
    for (let n = 1; n <= HELD_PER_WEBHOOK_MAX; n++) order.admit(item(n, 'full'))
    order.admit(item(0))
    for (const n of [1, 2, 3]) assert.equal(order.admit(item(n)).kind, 'later')
    assert.equal(order.admit(item(1)).kind, 'later', 'nothing is free yet')
    order.over(item(0))
    assert.equal(order.admit(item(2)).kind, 'later')
    assert.equal(order.admit(item(1)).kind, 'go')
  })

  it('does not recall while one fails, and lets those pass that have waited for a minute', async () => {
    order.admit(item(1))
    order.wentAway(item(2))
    const late = item(3)
    order.failed(item(1), clock.now())
    assert.deepEqual(recalled, [])
    await clock.advance(clock.now() + 60_000, async () => {})
    assert.deepEqual(recalled, ['call 2'])
    assert.equal(order.admit(late).kind, 'go')
    assert.equal(order.admit(item(4)).kind, 'later', 'who has waited for no time passes nobody')
  })

  it('waits for a minute and no more for one that does not come when it is recalled', async () => {
    order.wentAway(item(1))
    order.wentAway(item(4))
    assert.equal(order.admit(item(2)).kind, 'later')
    assert.deepEqual(recalled, ['call 4'])
    await clock.advance(clock.now() + 59_999, async () => {})
    assert.equal(order.admit(item(2)).kind, 'later')
    await clock.advance(clock.now() + 1, async () => {})
    assert.equal(order.admit(item(2)).kind, 'go')
    assert.equal(order.admit(item(5)).kind, 'later', 'behind the fourth, which was not recalled as the first')
  })

  it('waits no longer for those of a webhook that is disabled or gone', () => {
    order.wentAway(item(1))
    order.wentAway(item(2, 'other', 'other'))
    order.forgetAway('hook')
    assert.equal(order.size, 1)
    assert.equal(order.admit(item(3)).kind, 'go')
    assert.equal(order.admit(item(3, 'other', 'other')).kind, 'later')
  })
})
