/**
 * The deliveries in the database: what waits, what is held by the running server, what is over. Every change is a
 * statement, so that whoever commits decides what belongs together.
 */
import { randomUUID } from 'node:crypto'
import { type Compilable, type StoredOutboxEvent, sql } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import type { Recall } from './key-order.ts'
import type { PostFault } from './post.ts'
import { SCHEDULE_MS } from './schedule.ts'

/** How long a delivery that is over stays in the log. */
export const LOG_KEPT_MS: number = 30 * 24 * 3_600_000
/** Deliveries of one webhook that the log keeps. */
export const LOG_PER_WEBHOOK_MAX = 10_000
/** Attempts that the log tells of one delivery. */
const ATTEMPTS_TOLD = 20
/** Rows of one statement. */
const ROWS_AT_ONCE = 500

/** One attempt, for the log. */
export interface AttemptNote {
  /** Unix milliseconds. */
  readonly at: number
  readonly status?: number
  readonly error?: PostFault
  readonly ms: number
}

/** A delivery in memory. Moments in Unix milliseconds. */
export interface Outgoing {
  readonly id: string
  readonly webhookId: string
  readonly outboxId: number
  readonly resource: string
  readonly event: string
  readonly key: string
  readonly eventAt: number
  readonly queuedAt: number
  readonly attempts: number
  readonly failedAt: number | undefined
  readonly log: readonly AttemptNote[]
  readonly personId?: string
  /** Undefined when the outbox no longer has it. */
  readonly payload: unknown
}

/** A new delivery of an event. */
export function newOutgoing(webhookId: string, event: StoredOutboxEvent, now: number): Outgoing {
  return {
    id: `msg_${randomUUID()}`,
    webhookId,
    outboxId: event.id,
    resource: event.resource,
    event: event.event,
    key: event.key,
    eventAt: event.createdAt,
    queuedAt: now,
    attempts: 0,
    failedAt: undefined,
    log: [],
    payload: event.payload,
    ...(event.personId === undefined ? {} : { personId: event.personId }),
  }
}

/** Where a new delivery stands: with the running server, or waiting until a moment. */
export interface NewDelivery {
  readonly orgId: string
  readonly outgoing: Outgoing
  readonly waitsUntil: number | undefined
}

/** The deliveries of a database. */
export class Deliveries {
  readonly #db: ServerDatabase

  constructor(db: ServerDatabase) {
    this.#db = db
  }

  insert(deliveries: readonly NewDelivery[]): readonly Compilable[] {
    const statements: Compilable[] = []
    for (let at = 0; at < deliveries.length; at += ROWS_AT_ONCE)
      statements.push(
        this.#db.kysely.insertInto('webhook_deliveries').values(
          deliveries.slice(at, at + ROWS_AT_ONCE).map(({ orgId, outgoing, waitsUntil }) => ({
            id: outgoing.id,
            org_id: orgId,
            webhook_id: outgoing.webhookId,
            outbox_id: outgoing.outboxId,
            resource: outgoing.resource,
            event: outgoing.event,
            key: outgoing.key,
            event_at: outgoing.eventAt,
            queued_at: outgoing.queuedAt,
            state: waitsUntil === undefined ? 'sending' : 'waiting',
            due_at: waitsUntil ?? outgoing.queuedAt,
            attempts: 0,
            failed_at: null,
            log: '[]',
          })),
        ),
      )
    return statements
  }

  /** Takes what is due out of the database, oldest first: it is with the running server from now on. */
  async take(now: number, limit: number): Promise<readonly Outgoing[]> {
    const rows = await this.#db.kysely
      .selectFrom('webhook_deliveries as d')
      .leftJoin('outbox as o', 'o.id', 'd.outbox_id')
      .selectAll('d')
      .select(['o.payload', 'o.person_id'])
      .where('d.state', '=', 'waiting')
      .where('d.due_at', '<=', now)
      .orderBy('d.due_at')
      .orderBy('d.seq')
      .limit(limit)
      .execute()
    if (rows.length === 0) return []
    const ids = rows.map((row) => row.id)
    await this.#db.commit([
      this.#db.kysely.updateTable('webhook_deliveries').set({ state: 'sending' }).where('id', 'in', ids),
    ])
    return rows.map((row) => ({
      id: row.id,
      webhookId: row.webhook_id,
      outboxId: Number(row.outbox_id),
      resource: row.resource,
      event: row.event,
      key: row.key,
      eventAt: Number(row.event_at),
      queuedAt: Number(row.queued_at),
      attempts: row.attempts,
      failedAt: row.failed_at === null ? undefined : Number(row.failed_at),
      log: JSON.parse(row.log) as AttemptNote[], // Written below.
      payload: row.payload === null ? undefined : (JSON.parse(row.payload) as unknown),
      ...(row.person_id === null ? {} : { personId: row.person_id }),
    }))
  }

  /** When something is due next; undefined when nothing waits. */
  async nextDueAt(): Promise<number | undefined> {
    const row = await this.#db.kysely
      .selectFrom('webhook_deliveries')
      .select('due_at')
      .where('state', '=', 'waiting')
      .orderBy('due_at')
      .limit(1)
      .executeTakeFirst()
    return row === undefined ? undefined : Number(row.due_at)
  }

  /** What an earlier run held when it ended waits again, and what waited behind it comes with it, in its order. */
  async takeBack(now: number): Promise<void> {
    const { kysely } = this.#db
    const due = () => kysely.updateTable('webhook_deliveries').set({ state: 'waiting', due_at: now })
    await this.#db.commit([
      due().where('state', '=', 'sending'),
      due().where('state', '=', 'waiting').where('attempts', '=', 0),
    ])
  }

  /** What of a key waits untried is due now. */
  recall({ webhookId, key, outboxIdMax }: Recall, now: number): Compilable {
    return this.#db.kysely
      .updateTable('webhook_deliveries')
      .set({ due_at: now })
      .where('webhook_id', '=', webhookId)
      .where('state', '=', 'waiting')
      .where('key', '=', key)
      .where('attempts', '=', 0)
      .where('outbox_id', '<=', outboxIdMax)
  }

  /** Deliveries that failed for the first time after a moment and wait for their next attempt. */
  async failedSince(
    since: number,
  ): Promise<readonly { id: string; webhookId: string; outboxId: number; key: string; failedAt: number }[]> {
    const rows = await this.#db.kysely
      .selectFrom('webhook_deliveries')
      .select(['id', 'webhook_id', 'outbox_id', 'key', 'failed_at'])
      .where('state', '=', 'waiting')
      .where('failed_at', '>', since)
      .execute()
    return rows.map((row) => ({
      id: row.id,
      webhookId: row.webhook_id,
      outboxId: Number(row.outbox_id),
      key: row.key,
      failedAt: Number(row.failed_at),
    }))
  }

  /** An attempt was made; it waits for the next. */
  retry(outgoing: Outgoing, change: { dueAt: number; failedAt: number; note: AttemptNote }): Compilable {
    return this.#set(outgoing.id, {
      state: 'waiting',
      due_at: change.dueAt,
      attempts: outgoing.attempts + 1,
      failed_at: outgoing.failedAt ?? change.failedAt,
      log: logWith(outgoing, change.note),
    })
  }

  /** It is over. `note` is the attempt that ended it. */
  finish(
    outgoing: Outgoing,
    change: { state: 'delivered' | 'givenUp'; now: number; note?: AttemptNote },
  ): Compilable {
    return this.#set(outgoing.id, {
      state: change.state,
      due_at: change.now + LOG_KEPT_MS,
      attempts: outgoing.attempts + (change.note === undefined ? 0 : 1),
      log: logWith(outgoing, change.note),
    })
  }

  /** Its webhook is inactive: it keeps waiting until its schedule would have ended. */
  pause(outgoing: Outgoing, change: { failedAt?: number; note?: AttemptNote }): Compilable {
    return this.#set(outgoing.id, {
      state: 'paused',
      due_at: outgoing.queuedAt + SCHEDULE_MS,
      attempts: outgoing.attempts + (change.note === undefined ? 0 : 1),
      failed_at: outgoing.failedAt ?? change.failedAt ?? null,
      log: logWith(outgoing, change.note),
    })
  }

  /** It waits until a moment without having been tried. */
  putBack(ids: readonly string[], dueAt: number): Compilable {
    return this.#db.kysely
      .updateTable('webhook_deliveries')
      .set({ state: 'waiting', due_at: dueAt })
      .where('id', 'in', [...ids])
  }

  pauseAll(webhookId: string): Compilable {
    return this.#db.kysely
      .updateTable('webhook_deliveries')
      .set({ state: 'paused', due_at: sql<number>`queued_at + ${sql.lit(SCHEDULE_MS)}` })
      .where('webhook_id', '=', webhookId)
      .where('state', '=', 'waiting')
  }

  resumeAll(webhookId: string, now: number): Compilable {
    return this.#db.kysely
      .updateTable('webhook_deliveries')
      .set({ state: 'waiting', due_at: now })
      .where('webhook_id', '=', webhookId)
      .where('state', '=', 'paused')
  }

  /** Gives up what was paused for longer than its schedule; returns how many. */
  async giveUpPaused(now: number): Promise<number> {
    const [result] = await this.#db.commit([
      this.#db.kysely
        .updateTable('webhook_deliveries')
        .set({ state: 'givenUp', due_at: now + LOG_KEPT_MS })
        .where('state', '=', 'paused')
        .where('due_at', '<=', now),
    ])
    return result?.changes ?? 0
  }

  /** Deletes what the log no longer keeps: by age, and of these webhooks by number. */
  async prune(now: number, webhookIds: Iterable<string>): Promise<void> {
    const { kysely } = this.#db
    const over = ['delivered', 'givenUp']
    for (const state of over)
      await this.#db.commit([
        kysely.deleteFrom('webhook_deliveries').where('state', '=', state).where('due_at', '<=', now),
      ])
    for (const webhookId of webhookIds) {
      const oldest = await kysely
        .selectFrom('webhook_deliveries')
        .select('seq')
        .where('webhook_id', '=', webhookId)
        .orderBy('seq', 'desc')
        .offset(LOG_PER_WEBHOOK_MAX)
        .limit(1)
        .executeTakeFirst()
      if (oldest !== undefined)
        await this.#db.commit([
          kysely
            .deleteFrom('webhook_deliveries')
            .where('webhook_id', '=', webhookId)
            .where('state', 'in', over)
            .where('seq', '<=', oldest.seq),
        ])
    }
  }

  #set(id: string, change: Readonly<Record<string, string | number | null>>): Compilable {
    return this.#db.kysely.updateTable('webhook_deliveries').set(change).where('id', '=', id)
  }
}

function logWith({ log }: Outgoing, note: AttemptNote | undefined): string {
  return JSON.stringify((note === undefined ? log : [...log, note]).slice(-ATTEMPTS_TOLD))
}
