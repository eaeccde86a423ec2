/** Webhooks with a clock, a network and a directory that a test moves by hand. */
import { randomUUID } from 'node:crypto'
import { SILENT } from '@tandem/base'
import { LIBRARY_MIGRATIONS } from '@tandem/recordings'
import { outboxEvent } from '@tandem/store'
import { Counters } from '../observe/counters.ts'
import { openTestData, type TestData } from '../testing/open-test-data.ts'
import type { DeliveryClock } from './clock.ts'
import { type OpenedWebhooks, type OpenWebhooksOptions, openWebhooks } from './open-webhooks.ts'
import type { PostOutcome, PostRequest } from './post.ts'
import type { Webhook } from './webhook.ts'
import type { NewWebhook } from './webhooks.ts'

/** Time that passes when it is told to. */
export class TestClock implements DeliveryClock {
  #now = Date.UTC(2026, 1, 3, 12)
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>()

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Moves to `to` timer by timer, and lets everything that each caused come to rest. */
  async advance(to: number, rest: () => Promise<void>): Promise<void> {
    await rest()
    for (;;) {
      const next = [...this.#timers].filter((timer) => timer.at <= to).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
      await rest()
    }
    this.#now = Math.max(this.#now, to)
  }
}

/** One POST as the target saw it. */
export interface Seen {
  readonly at: number
  readonly host: string
  readonly id: string
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
  readonly data: Readonly<Record<string, unknown>>
}

/** The target's answer; `hang` never comes, until `hung` is called. */
export type Answer = number | PostOutcome | 'hang'

/** A room of webhooks under test, with one person who makes them. */
export class TestDeliveries {
  readonly data: TestData
  readonly clock: TestClock = new TestClock()
  readonly seen: Seen[] = []
  readonly counters: Counters = new Counters()
  readonly audited: string[] = []
  readonly alarms: string[] = []
  answer: (seen: Seen) => Answer = () => 200
  readonly person: { readonly id: string; readonly orgId: string }
  readonly #options: Partial<OpenWebhooksOptions>
  readonly #hanging: ((outcome: PostOutcome) => void)[] = []
  #opened: OpenedWebhooks | undefined
  #made = 0

  private constructor(
    data: TestData,
    person: { readonly id: string; readonly orgId: string },
    options: Partial<OpenWebhooksOptions>,
  ) {
    this.data = data
    this.person = person
    this.#options = options
  }

  static async open(options: Partial<OpenWebhooksOptions> = {}): Promise<TestDeliveries> {
    const data = await openTestData({ migrations: LIBRARY_MIGRATIONS })
    const row = await data.db.kysely
      .selectFrom('people')
      .select(['id', 'org_id'])
      .orderBy('email')
      .executeTakeFirstOrThrow()
    const test = new TestDeliveries(data, { id: row.id, orgId: row.org_id }, options)
    await test.start()
    return test
  }

  get room(): OpenedWebhooks {
    if (this.#opened === undefined) throw new Error('It is not running')
    return this.#opened
  }

  async start(): Promise<void> {
    this.#opened = await openWebhooks({
      ...{ db: this.data.db, kek: this.data.keys.kek, counters: this.counters, logger: SILENT },
      audit: (entries) => {
        this.audited.push(...entries.map((entry) => entry.action))
        return []
      },
      alarms: {
        alarm: (kind, ids) => this.alarms.push(`${kind} ${ids?.orgId} ${String(ids?.['webhookId'])}`),
      },
      clock: this.clock,
      resolve: async () => ['93.184.215.14'],
      post: (request) => this.#post(request),
      random: () => 0,
      pace: { lookMs: Number.MAX_SAFE_INTEGER, tidyMs: 12 * 3_600_000 },
      ...this.#options,
    })
  }

  /** As a kill does it: nothing more is written of what is under way. */
  async crash(): Promise<void> {
    await this.#opened?.dispatcher.stop(0)
    this.#opened = undefined
    this.#hanging.length = 0
  }

  async add(change: Partial<NewWebhook> = {}): Promise<Webhook> {
    const made = await this.room.webhooks.create(
      {
        orgId: this.person.orgId,
        creatorId: this.person.id,
        creatorIsApp: false,
        clientId: '',
        name: 'crm pop',
        targetUrl: `https://crm${++this.#made}.example.com/hooks?x=1`,
        resource: 'telephony_calls',
        event: 'all',
        filter: '',
        secret: undefined,
        ownedBy: 'creator',
        sights: { telephony_calls: 'user' },
        ...change,
      },
      { orgId: this.person.orgId, personId: this.person.id, as: 'user' },
    )
    if (typeof made === 'string') throw new Error(made)
    return made
  }

  /** Something happens to a call of the person, and is settled. */
  async happen(n: number, change: Partial<Parameters<typeof outboxEvent>[1]> = {}): Promise<void> {
    await this.data.db.commit([
      outboxEvent(this.data.db, {
        orgId: this.person.orgId,
        resource: 'telephony_calls',
        event: 'updated',
        personId: this.person.id,
        key: 'call-1',
        payload: { n },
        createdAt: this.clock.now(),
        ...change,
      }),
    ])
    await this.rest()
  }

  /** Lets everything that is not waiting for time or a target come to rest. */
  readonly rest = async (): Promise<void> => {
    for (let quiet = 0; quiet < 10; ) {
      const before = this.seen.length
      await this.#opened?.dispatcher.settled()
      // Whatever asked the database or writes to it before has its answer by then: both are queues.
      await Promise.all([
        this.data.db.kysely.selectFrom('webhooks').select('id').limit(1).execute(),
        this.data.db.commit([this.data.db.kysely.deleteFrom('webhooks').where('id', '=', '')]),
      ])
      await new Promise<void>((resolve) => setImmediate(resolve))
      const underWay = (this.#opened?.dispatcher.underWay ?? 0) > this.#hanging.length
      quiet = underWay || before !== this.seen.length ? 0 : quiet + 1
    }
  }

  /** Moves time forward. */
  wait(ms: number): Promise<void> {
    return this.clock.advance(this.clock.now() + ms, this.rest)
  }

  /** The oldest POST that hangs gets its answer. */
  async hung(outcome: PostOutcome): Promise<void> {
    this.#hanging.shift()?.(outcome)
    await this.rest()
  }

  /** States of deliveries in the order of their events. */
  async states(): Promise<readonly string[]> {
    const rows = await this.data.db.kysely
      .selectFrom('webhook_deliveries')
      .select('state')
      .orderBy('seq')
      .execute()
    return rows.map((row) => row.state)
  }

  /** What arrived: moment in seconds since `from`, and the number of the event. */
  trace(from: number): readonly string[] {
    return this.seen.map(({ at, data }) => `${(at - from) / 1_000} ${String(data['n'])}`)
  }

  async close(): Promise<void> {
    await this.crash()
    await this.data.remove()
  }

  #post({ target, headers, body }: PostRequest): Promise<PostOutcome> {
    const { data } = JSON.parse(Buffer.from(body).toString()) as { data: Record<string, unknown> }
    const seen = {
      at: this.clock.now(),
      host: target.host,
      id: headers['webhook-id'] ?? randomUUID(),
      headers,
      bytes: body,
      data,
    }
    this.seen.push(seen)
    const answer = this.answer(seen)
    if (answer === 'hang') return new Promise((resolve) => this.#hanging.push(resolve))
    return Promise.resolve(typeof answer === 'number' ? { kind: 'answered', status: answer } : answer)
  }
}
