/** Deliveries in virtual time (contract, webhooks §8; promise P14), on whichever database the tests run on. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { Secret } from '@tandem/base'
import type { Scope } from '@tandem/contract'
import { pruneOutboxBefore, redactOutbox } from '@tandem/store'
import { LOG_PER_WEBHOOK_MAX } from './deliveries.ts'
import { EVENT_AGE_MS_MAX, SCHEDULE_MS } from './schedule.ts'
import { TestDeliveries } from './test-deliveries.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const ACTOR = { orgId: 'o', personId: 'p', as: 'user' } as const

describe('deliveries of webhooks (webhooks §8)', () => {
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
  const statusOf = async (webhook: { orgId: string; id: string }) =>
    (await test.room.webhooks.get(webhook.orgId, webhook.id))?.status

  it('arrive at once, signed over the bytes that are sent, with the members of the envelope', async () => {
    const webhook = await test.add({ secret: new Secret('whsec_c2VjcmV0') })
    await test.happen(1)
    const [seen] = test.seen
    assert.ok(seen)
    const body = JSON.parse(Buffer.from(seen.bytes).toString()) as Record<string, unknown>
    assert.deepEqual(Object.keys(body), [
      ...['id', 'name', 'targetUrl', 'resource', 'event', 'orgId', 'createdBy', 'appId', 'ownedBy', 'status'],
      ...['created', 'actorId', 'data'],
    ])
    assert.equal(body['targetUrl'], webhook.targetUrl)
    assert.equal(body['status'], 'active')
    const { headers } = seen
    assert.equal(headers['content-type'], 'application/json;charset=UTF-8')
    const signature = (algorithm: string, key: string) => createHmac(algorithm, key)
    assert.equal(
      headers['X-Spark-Signature'],
      signature('sha1', 'whsec_c2VjcmV0').update(seen.bytes).digest('hex'),
    )
    const stamp = `${headers['webhook-id']}.${headers['webhook-timestamp']}.`
    const standard = signature('sha256', 'secret').update(stamp).update(seen.bytes).digest('base64')
    assert.equal(headers['webhook-signature'], `v1,${standard}`)
    assert.equal(headers['webhook-timestamp'], String(Math.floor(test.clock.now() / 1_000)))
    assert.deepEqual(await test.states(), ['delivered'])
  })

  it('have no signature without a secret', async () => {
    await test.add()
    await test.happen(1)
    assert.deepEqual(Object.keys(test.seen[0]?.headers ?? {}).sort(), [
      ...['content-type', 'webhook-id', 'webhook-timestamp'],
    ])
  })

  it('are tried ten times in 75 h 35 min 5 s, with one id and the same bytes, then given up', async () => {
    await test.add()
    test.answer = () => 500
    const from = test.clock.now()
    await test.happen(1)
    await test.wait(100 * HOUR)
    assert.deepEqual(
      test.seen.map(({ at }) => (at - from) / 1_000),
      [0, 5, 305, 2_105, 9_305, 27_305, 63_305, 113_705, 185_705, 272_105],
    )
    assert.equal(SCHEDULE_MS, 272_105_000)
    assert.equal(new Set(test.seen.map(({ id }) => id)).size, 1)
    assert.equal(new Set(test.seen.map(({ bytes }) => Buffer.from(bytes).toString())).size, 1)
    assert.deepEqual(await test.states(), ['givenUp'])
  })

  it('follow Retry-After where it is longer, and never wait beyond the age at which events are given up', async () => {
    await test.add()
    const from = test.clock.now()
    test.answer = () => ({ kind: 'answered', status: 503, retryAfterSeconds: 60 })
    await test.happen(1)
    await test.wait(6 * MINUTE)
    assert.deepEqual(test.trace(from), ['0 1', '60 1', '360 1'])
    test.answer = () => ({ kind: 'answered', status: 503, retryAfterSeconds: 1_000_000 })
    await test.wait(10 * 24 * HOUR)
    const last = test.seen.at(-1)
    assert.ok(last && last.at <= from + EVENT_AGE_MS_MAX)
    assert.deepEqual(await test.states(), ['givenUp'])
  })

  it('keep the order of their call: the next begins when the one before is there', async () => {
    await test.add()
    test.answer = ({ data }) => (data['n'] === 1 ? 'hang' : 200)
    const from = test.clock.now()
    for (const n of [1, 2, 3]) await test.happen(n)
    await test.happen(4, { key: 'call-2' })
    assert.deepEqual(test.trace(from), ['0 1', '0 4'])
    await test.hung({ kind: 'answered', status: 204 })
    assert.deepEqual(test.trace(from), ['0 1', '0 4', '0 2', '0 3'])
  })

  it('hold back the later ones of a failing call until it succeeds', async () => {
    await test.add()
    let well = false
    test.answer = () => (well ? 200 : 500)
    const from = test.clock.now()
    await test.happen(1)
    await test.happen(2)
    await test.happen(3)
    well = true
    await test.wait(5_000)
    assert.deepEqual(test.trace(from), ['0 1', '5 1', '5 2', '5 3'])
  })

  it('hold them back for 60 s at most; then they pass', async () => {
    await test.add()
    test.answer = ({ data }) => (data['n'] === 1 ? 500 : 200)
    const from = test.clock.now()
    await test.happen(1)
    await test.happen(2)
    await test.wait(30_000)
    await test.happen(3)
    await test.wait(29_999)
    assert.deepEqual(test.trace(from), ['0 1', '5 1'])
    await test.wait(1)
    assert.deepEqual(test.trace(from), ['0 1', '5 1', '60 2', '60 3'])
    await test.wait(10_000)
    await test.happen(4)
    assert.equal(test.trace(from).at(-1), '70 4', 'nothing is held by it any more')
  })

  it('wait for a minute each and no more when everything fails', async () => {
    await test.add()
    test.answer = () => 500
    const from = test.clock.now()
    for (const n of [1, 2, 3]) await test.happen(n)
    await test.wait(60_000)
    const first = new Map(test.seen.toReversed().map(({ at, data }) => [data['n'], (at - from) / 1_000]))
    assert.deepEqual(Object.fromEntries(first), { 1: 0, 2: 60, 3: 60 })
  })

  it('hold back again after a restart what a failing one held before', async () => {
    await test.add()
    test.answer = ({ data }) => (data['n'] === 1 ? 500 : 200)
    const from = test.clock.now()
    await test.happen(1)
    await test.crash()
    await test.wait(20_000)
    await test.start()
    await test.happen(2)
    await test.wait(60_000)
    assert.equal(test.trace(from).at(-1), '60 2')
  })

  it('are sent again after a kill, under the same id', async () => {
    await test.add()
    test.answer = () => 'hang'
    await test.happen(1)
    await test.crash()
    assert.deepEqual(await test.states(), ['sending'])
    test.answer = () => 200
    await test.happen(2) // While nobody delivers.
    await test.start()
    await test.rest()
    assert.deepEqual(
      test.seen.map(({ data }) => data['n']),
      [1, 1, 2],
    )
    assert.equal(test.seen[0]?.id, test.seen[1]?.id)
    assert.deepEqual(await test.states(), ['delivered', 'delivered'])
  })

  it('go to nobody who was not there: neither events from before a webhook nor another person’s', async () => {
    await test.happen(1)
    await test.add()
    await test.happen(2, { personId: 'somebody else' })
    await test.happen(3)
    assert.deepEqual(
      test.seen.map(({ data }) => data['n']),
      [3],
    )
  })

  it('disable a webhook after 100 failed attempts in five minutes; what waits goes out when it is revived', async () => {
    const webhook = await test.add()
    test.answer = () => 503
    for (let n = 1; n <= 99; n++) await test.happen(n, { key: `call-${n}` })
    // Their second attempts are due in 5 s: the first of them is the hundredth failure.
    assert.equal(await statusOf(webhook), 'active')
    await test.wait(5_000)
    assert.equal(await statusOf(webhook), 'inactive')
    assert.ok(test.audited.includes('webhook.disabled'))
    assert.deepEqual(test.alarms, [`webhook-disabled ${webhook.orgId} ${webhook.id}`])
    assert.deepEqual(test.counters.read('tandem_webhooks_disabled_total'), [
      { labels: { why: 'failures' }, value: 1 },
    ])
    const sent = test.seen.length
    await test.happen(500)
    await test.wait(2 * HOUR)
    assert.equal(test.seen.length, sent, 'nothing is sent while it is inactive')
    test.answer = () => 200
    await revive(webhook)
    assert.equal(await statusOf(webhook), 'active')
    const after = test.seen.slice(sent).map(({ data }) => data['n'])
    assert.equal(after.length, 99)
    assert.ok(!after.includes(500), 'events of the inactive time are not kept')
    assert.ok((await test.states()).every((state) => state === 'delivered'))
  })

  it('do not disable a webhook whose failures lie further apart', async () => {
    const webhook = await test.add()
    test.answer = () => 503
    for (let n = 1; n <= 49; n++) await test.happen(n, { key: `call-${n}` })
    await test.wait(5_000) // 98.
    assert.equal(await statusOf(webhook), 'active')
    await test.wait(5 * MINUTE) // Another 49, the first ones five minutes old.
    assert.equal(await statusOf(webhook), 'active')
  })

  it('disable one again with the next failure when it was revived within five minutes, else count from 0', async () => {
    const webhook = await test.add({ event: 'created' })
    await test.room.webhooks.disable(webhook.id, 'failures')
    await test.wait(5 * MINUTE - 1)
    await revive(webhook)
    test.answer = () => 500
    await test.happen(1, { event: 'created' })
    assert.equal(await statusOf(webhook), 'inactive')
    await test.wait(5 * MINUTE)
    await revive(webhook)
    await test.rest()
    await test.happen(2, { event: 'created', key: 'other' })
    assert.equal(await statusOf(webhook), 'active')
  })

  it('are given up while their webhook is inactive when their schedule ends', async () => {
    const webhook = await test.add()
    test.answer = () => 500
    await test.happen(1)
    await test.room.webhooks.disable(webhook.id, 'failures')
    assert.deepEqual(await test.states(), ['paused'])
    await test.wait(SCHEDULE_MS - MINUTE)
    assert.deepEqual(await test.states(), ['paused'])
    await test.wait(13 * HOUR)
    assert.deepEqual(await test.states(), ['givenUp'])
  })

  it('disable a webhook whose creator is gone, and one for the organisation whose creator lost the role', async () => {
    const webhook = await test.add()
    const wide = await test.add({ ownedBy: 'org', sights: { telephony_calls: 'complianceOfficer' } })
    await test.data.db.kysely.updateTable('people').set({ roles: '["user","admin"]' }).execute()
    await test.happen(1)
    assert.equal(await statusOf(wide), 'inactive')
    assert.equal(await statusOf(webhook), 'active')
    await test.data.db.kysely.deleteFrom('lines').where('id', '=', test.person.id).execute()
    await test.wait(10_000)
    await test.happen(2)
    assert.equal(await statusOf(webhook), 'inactive')
    assert.equal(test.seen.length, 1)
  })

  it('disable a webhook of a service app that is no longer authorized to read what it is about', async () => {
    await test.close()
    const scopes = new Set<Scope>(['spark-admin:recordings_read', 'spark-admin:calls_read'])
    test = await TestDeliveries.open({ scopesOfApp: async () => new Set(scopes) })
    const app = { creatorId: 'app', creatorIsApp: true, ownedBy: 'org', resource: 'all' } as const
    const sights = { telephony_calls: 'admin', convergedRecordings: 'admin' } as const
    const webhook = await test.add({ ...app, sights })
    await test.happen(1)
    scopes.add('spark-compliance:recordings_read')
    await test.wait(5_000)
    await test.happen(2)
    assert.equal(test.seen.length, 2, 'who sees more may see what it saw')
    scopes.delete('spark-admin:calls_read')
    await test.happen(3)
    assert.equal(test.seen.length, 3, 'an answer is used for five seconds')
    await test.wait(5_000)
    await test.happen(4)
    assert.equal(test.seen.length, 3)
    assert.equal(await statusOf(webhook), 'inactive')
    assert.deepEqual(test.alarms, [], 'its target is well')
  })

  it('are not sent into the network when the name leads there by now', async () => {
    await test.close()
    let address = '93.184.215.14'
    test = await TestDeliveries.open({ resolve: async () => [address] })
    await test.add()
    await test.happen(1)
    address = '169.254.169.254'
    await test.wait(6 * MINUTE)
    await test.happen(2, { key: 'call-2' }) // The name is asked again behind this one, which goes where the first went.
    await test.happen(3, { key: 'call-3' })
    assert.deepEqual(
      test.seen.map(({ data }) => data['n']),
      [1],
    )
    const [failed] = (await test.room.webhooks.log.list(await webhookOf(), { max: 1 })).items
    assert.deepEqual(
      failed?.attempts.map(({ error }) => error),
      ['forbidden'],
    )
  })
  const webhookOf = async () => {
    const [webhook] = (
      await test.room.webhooks.list(
        { orgId: test.person.orgId, own: { creatorId: test.person.id, clientId: '' }, wide: false },
        { max: 1 },
      )
    ).items
    assert.ok(webhook)
    return webhook
  }

  it('say nothing of a recording that was erased meanwhile (P16)', async () => {
    await test.add()
    test.answer = () => 500
    await test.happen(1, { key: 'rec-1', payload: { n: 1, topic: 'what was said' } })
    const { db } = test.data
    await db.commit([redactOutbox(db, 'rec-1')])
    test.answer = () => 200
    await test.wait(5_000)
    assert.deepEqual(test.seen.at(-1)?.data, { id: 'rec-1' })
    const rows = await db.kysely.selectFrom('webhook_deliveries').selectAll().execute()
    assert.ok(!JSON.stringify(rows).includes('what was said'))
  })

  it('are over before the outbox is pruned, also when the server was away for a week', async () => {
    await test.add()
    test.answer = () => 500
    await test.happen(1)
    await test.crash()
    await test.happen(2)
    await test.wait(EVENT_AGE_MS_MAX + HOUR)
    await pruneOutboxBefore(test.data.db, test.clock.now() - 7 * 24 * HOUR)
    await test.start()
    await test.wait(MINUTE)
    assert.deepEqual(await test.states(), ['givenUp', 'givenUp'])
    assert.equal(test.seen.length, 1)
  })

  it('can be sent again by hand under their id, whether they arrived or not', async () => {
    const webhook = await test.add()
    await test.happen(1)
    const [delivery] = (await test.room.webhooks.log.list(webhook, { max: 10 })).items
    assert.ok(delivery)
    assert.equal(await test.room.webhooks.log.redeliver(webhook, delivery.id, ACTOR), 'done')
    await test.rest()
    assert.deepEqual(
      test.seen.map(({ id }) => id),
      [delivery.id, delivery.id],
    )
    assert.ok(test.audited.includes('webhook.redelivered'))
    assert.equal(await test.room.webhooks.log.redeliver(webhook, 'msg_x', ACTOR), 'missing')
    await test.wait(8 * 24 * HOUR)
    assert.equal(await test.room.webhooks.log.redeliver(webhook, delivery.id, ACTOR), 'eventGone')
  })

  it('leave the log after 30 days', async () => {
    await test.add()
    await test.happen(1)
    await test.wait(30 * 24 * HOUR - MINUTE)
    assert.deepEqual(await test.states(), ['delivered'])
    await test.wait(13 * HOUR)
    assert.deepEqual(await test.states(), [])
  })

  it('leave the log when there are more than 10,000 of a webhook, the oldest that are over', async () => {
    const webhook = await test.add()
    const other = await test.add()
    test.answer = ({ host }) => (webhook.targetUrl.includes(host) ? 500 : 200)
    await test.happen(1)
    const { kysely } = test.data.db
    const { seq: _, ...row } = await kysely
      .selectFrom('webhook_deliveries')
      .selectAll()
      .where('webhook_id', '=', webhook.id)
      .executeTakeFirstOrThrow()
    const over = { state: 'delivered', due_at: Number(row.due_at) + 30 * 24 * HOUR }
    for (let at = 0; at < LOG_PER_WEBHOOK_MAX + 5; at += 435)
      await kysely
        .insertInto('webhook_deliveries')
        .values(Array.from({ length: 435 }, (_, n) => ({ ...row, ...over, id: `msg_${at + n}` })))
        .execute()
    await test.wait(12 * HOUR)
    const left = await kysely
      .selectFrom('webhook_deliveries')
      .select(['id', 'webhook_id', 'state'])
      .orderBy('seq')
      .execute()
    const mine = left.filter((each) => each.webhook_id === webhook.id)
    assert.equal(mine.length, LOG_PER_WEBHOOK_MAX + 1)
    assert.equal(mine[0]?.state, 'waiting', 'what is not over stays')
    assert.equal(mine[1]?.id, 'msg_5')
    assert.deepEqual(
      left.filter((each) => each.webhook_id === other.id).map(({ state }) => state),
      ['delivered'],
    )
  })
})
