/**
 * What was sent to a webhook, newest first, and sending it again by hand. The log says which event it was and how the
 * attempts went, never what was in it.
 */
import type { PageCursor } from '@tandem/contract'
import type { Actor } from '@tandem/recordings'
import type { ServerDatabase } from '../data/open-data.ts'
import type { DeliveryClock } from './clock.ts'
import type { AttemptNote } from './deliveries.ts'
import { EVENT_AGE_MS_MAX } from './schedule.ts'
import type { Webhook } from './webhook.ts'
import type { AuditStatements } from './webhooks.ts'

/** A delivery as it stands. Moments in Unix milliseconds. */
export interface LoggedDelivery {
  /** The `webhook-id` of every attempt. */
  readonly id: string
  /** Id of the event, as in the stream of live events. */
  readonly eventId: number
  readonly resource: string
  readonly event: string
  readonly createdAt: number
  readonly state: 'waiting' | 'sending' | 'paused' | 'delivered' | 'givenUp'
  readonly attempts: readonly AttemptNote[]
  /** Only while it waits. */
  readonly nextAttemptAt?: number
}

/** What came of a redelivery. */
export type Redelivery = 'done' | 'missing' | 'eventGone'

/** The log of all webhooks. */
export class DeliveryLog {
  readonly #options: {
    readonly db: ServerDatabase
    readonly clock: DeliveryClock
    readonly audit: AuditStatements
    /** Something waits that is due at once. */
    readonly onDue: () => void
  }

  constructor(options: {
    readonly db: ServerDatabase
    readonly clock: DeliveryClock
    readonly audit: AuditStatements
    readonly onDue: () => void
  }) {
    this.#options = options
  }

  /** A page; the cursor of the next is a place in the log. */
  async list(
    webhook: Webhook,
    page: { readonly max: number; readonly cursor?: PageCursor },
  ): Promise<{ readonly items: readonly LoggedDelivery[]; readonly next?: PageCursor }> {
    let select = this.#options.db.kysely
      .selectFrom('webhook_deliveries')
      .selectAll()
      .where('webhook_id', '=', webhook.id)
    if (page.cursor !== undefined) select = select.where('seq', '<', page.cursor.at)
    const rows = await select
      .orderBy('seq', 'desc')
      .limit(page.max + 1)
      .execute()
    const shown = rows.slice(0, page.max)
    const items = shown.map((row): LoggedDelivery => {
      const state = row.state as LoggedDelivery['state'] // Written by `Deliveries`.
      return {
        id: row.id,
        eventId: Number(row.outbox_id),
        resource: row.resource,
        event: row.event,
        createdAt: Number(row.event_at),
        state,
        attempts: JSON.parse(row.log) as AttemptNote[], // Written by `Deliveries`.
        ...(state === 'waiting' ? { nextAttemptAt: Number(row.due_at) } : {}),
      }
    })
    const last = shown.at(-1)
    return rows.length > page.max && last !== undefined
      ? { items, next: { at: last.seq, id: last.id } }
      : { items }
  }

  /**
   * Sends one again, under the same `webhook-id`: what waits is due at once, what is over begins its schedule anew. What is
   * being sent now needs nothing.
   */
  async redeliver(webhook: Webhook, deliveryId: string, actor: Actor): Promise<Redelivery> {
    const { db, clock, audit, onDue } = this.#options
    const now = clock.now()
    const row = await db.kysely
      .selectFrom('webhook_deliveries as d')
      .leftJoin('outbox as o', 'o.id', 'd.outbox_id')
      .select(['d.event_at', 'o.id as event_id'])
      .where('d.webhook_id', '=', webhook.id)
      .where('d.id', '=', deliveryId)
      .executeTakeFirst()
    if (row === undefined) return 'missing'
    if (row.event_id === null || now > Number(row.event_at) + EVENT_AGE_MS_MAX) return 'eventGone'
    const mine = db.kysely
      .updateTable('webhook_deliveries')
      .where('id', '=', deliveryId)
      .where('webhook_id', '=', webhook.id)
    await db.commit([
      mine.set({ due_at: now }).where('state', '=', 'waiting'),
      mine
        .set({ state: 'waiting', due_at: now, queued_at: now, attempts: 0, failed_at: null })
        .where('state', 'in', ['delivered', 'givenUp']),
      ...audit([{ actor, action: 'webhook.redelivered', detail: { webhookId: webhook.id, deliveryId } }]),
    ])
    onDue()
    return 'done'
  }
}
