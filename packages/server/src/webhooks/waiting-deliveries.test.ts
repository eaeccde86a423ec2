/** Deliveries that wait outside of the memory, in virtual time: they keep their order and lose no time (webhooks §8). */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { outboxEvent } from '@tandem/store'
import { Deliveries } from './deliveries.ts'
import { TestDeliveries } from './test-deliveries.ts'

const ACTOR = { orgId: 'o', personId: 'p', as: 'user' } as const

describe('deliveries that wait in the database (webhooks §8)', () => {
  let test: TestDeliveries
  beforeEach(async () => {
    test = await TestDeliveries.open()
  })
  afterEach(() => test.close())

  const revive = async (webhook: Parameters<typeof test.room.webhooks.update>[0]): Promise<void> => {
    const now = await test.room.webhooks.get(webhook.orgId, webhook.id)
    assert.ok(now)
    const { name, targetUrl } = now
    await test.room.webhooks.update(now, { name, targetUrl, revive: true }, ACTOR)
    await test.rest()
  }

  it('go out although a thousand events of one call wait behind a failing one, in their order', async () => {
    await test.add()
    let well = false
    test.answer = () => (well ? 200 : 500)
    await test.happen(0)
    const { db } = test.data
    const event = (n: number, key: string) =>
      outboxEvent(db, {
        ...{
          orgId: test.person.orgId,
          personId: test.person.id,
          resource: 'telephony_calls',
          event: 'updated',
        },
        ...{ key, payload: { n }, createdAt: test.clock.now() },
      })
    await db.commit(Array.from({ length: 1_000 }, (_, n) => event(n + 1, 'call-1')))
    await test.rest()
    well = true
    await test.happen(5_000, { key: 'call-2' })
    assert.equal(test.seen.at(-1)?.data['n'], 5_000)
    await test.wait(70_000)
    const order = test.seen.map(({ data }) => Number(data['n'])).filter((n) => n !== 5_000)
    assert.deepEqual(order, [0, ...Array.from({ length: 1_001 }, (_, n) => n)])
  })

  it('go out when they become due at the very moment when it was looked', async () => {
    const webhook = await test.add()
    await test.happen(1)
    const [delivery] = (await test.room.webhooks.log.list(webhook, { max: 1 })).items
    assert.ok(delivery)
    const look = Deliveries.prototype.nextDueAt
    const looking = mock.method(Deliveries.prototype, 'nextDueAt', async function (this: Deliveries) {
      const seen = await look.call(this)
      looking.mock.restore() // Once.
      await test.room.webhooks.log.redeliver(webhook, delivery.id, ACTOR)
      return seen
    })
    test.room.dispatcher.pull()
    await test.rest()
    assert.deepEqual(
      test.seen.map(({ data }) => data['n']),
      [1, 1],
    )
  })

  it('go out soon and in order when a target is well again that held up several of each of many calls', async () => {
    await test.add()
    let well = false
    test.answer = () => (well ? 200 : 500)
    const from = test.clock.now()
    const [calls, each] = [60, 5]
    for (let n = 0; n < calls * each; n++) await test.happen(n, { key: `call-${n % calls}` })
    test.seen.length = 0
    well = true
    await test.wait(5_000)
    assert.equal(test.seen.length, calls * each)
    assert.ok(test.seen.every(({ at }) => at === from + 5_000))
    for (let call = 0; call < calls; call++) {
      const order = test.seen.map(({ data }) => Number(data['n'])).filter((n) => n % calls === call)
      assert.deepEqual(
        order,
        [0, 1, 2, 3, 4].map((n) => n * calls + call),
      )
    }
  })

  it('are not passed by a later one of their call while they wait for room at their host', async () => {
    await test.close()
    const laneLimits = { perHostMax: 1, quickMax: 1, slowMax: 1, slowMs: 250, waitingPerHostMax: 1 }
    test = await TestDeliveries.open({ laneLimits })
    await test.add()
    test.answer = ({ data }) => (data['n'] === 1 ? 'hang' : 200)
    for (const n of [1, 2, 3, 4]) await test.happen(n, { key: `call-${Math.min(n, 3)}` })
    assert.deepEqual(await test.states(), ['sending', 'sending', 'waiting', 'waiting'])
    await test.hung({ kind: 'answered', status: 200 })
    await test.happen(5, { key: 'call-3' })
    await test.wait(10_000)
    assert.deepEqual(
      test.seen.map(({ data }) => data['n']),
      [1, 2, 3, 4, 5],
    )
  })

  it('are not passed after a restart by what happened meanwhile', async () => {
    await test.close()
    const laneLimits = { perHostMax: 1, quickMax: 1, slowMax: 1, slowMs: 250, waitingPerHostMax: 1 }
    test = await TestDeliveries.open({ laneLimits })
    await test.add()
    test.answer = () => 'hang'
    for (const n of [1, 2, 3, 4]) await test.happen(n, { key: `call-${Math.min(n, 3)}` })
    await test.crash()
    await test.happen(5, { key: 'call-3' })
    test.answer = () => 200
    test.seen.length = 0
    await test.start()
    await test.wait(10_000)
    assert.deepEqual(
      test.seen.map(({ data }) => data['n']),
      [1, 2, 3, 4, 5],
    )
  })

  it('come in their order after a restart, also those that waited outside of the memory', async () => {
    await test.add()
    let well = false
    test.answer = () => (well ? 200 : 500)
    for (let n = 0; n < 150; n++) await test.happen(n)
    await test.crash()
    await test.happen(150)
    well = true
    await test.start()
    await test.wait(6_000)
    assert.deepEqual(
      test.seen.slice(1).map(({ data }) => data['n']),
      Array.from({ length: 151 }, (_, n) => n),
    )
  })

  it('come in their order after a revival, also those that waited outside of the memory', async () => {
    const webhook = await test.add()
    let well = false
    test.answer = () => (well ? 200 : 500)
    for (let n = 0; n < 150; n++) await test.happen(n)
    await test.room.webhooks.disable(webhook.id, 'failures')
    await test.rest()
    well = true
    await revive(webhook)
    await test.happen(150)
    await test.wait(70_000)
    assert.deepEqual(
      test.seen.slice(1).map(({ data }) => data['n']),
      Array.from({ length: 151 }, (_, n) => n),
    )
  })
})
