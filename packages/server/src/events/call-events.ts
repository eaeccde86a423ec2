/**
 * What the call engine tells, kept: events of calls go to the outbox in the shape of webhook data (webhooks §6), each
 * conversation that ended becomes a call record. Commits keep the order in which the engine spoke.
 */

import type { Logger } from '@tandem/base'
import { encodeWebexId, printMilliseconds } from '@tandem/contract'
import type { EngineEvent, SessionRecord } from '@tandem/engine'
import { type Compilable, outboxEvent, StoreError } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import { callOf } from '../http/telephony-calls/call-view.ts'
import type { Counters } from '../observe/counters.ts'

/** Where events go, and who hears when they cannot. */
export interface CallEventsOptions {
  readonly db: ServerDatabase
  readonly counters: Counters
  readonly logger: Logger
}

/** Keeps the engine's events. */
export class CallEvents {
  readonly #options: CallEventsOptions
  readonly #open = new Set<Promise<void>>()

  constructor(options: CallEventsOptions) {
    this.#options = options
  }

  /** Commits one event. Never rejects: what the database refuses is counted, logged and lost. */
  keep(event: EngineEvent): void {
    const kept = this.#commit(event).catch((error: unknown) => {
      // The call goes on whatever the disk does (promise P4); counter and log are how an operator learns of it.
      const code = error instanceof StoreError ? error.code : 'unknown'
      this.#options.counters.add('tandem_storing_failures_total', { what: event.kind })
      this.#options.logger.error('An event of a call could not be stored', { kind: event.kind, code })
    })
    this.#open.add(kept)
    void kept.finally(() => this.#open.delete(kept))
  }

  /** Resolves when everything told so far is on disk or counted as lost. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open)
  }

  async #commit(event: EngineEvent): Promise<void> {
    const { db, counters } = this.#options
    if (event.kind === 'session') {
      counters.add('tandem_calls_ended_total', { cause: event.record.cause })
      await db.commit([insertRecord(db, event.record)])
      return
    }
    await db.commit([
      outboxEvent(db, {
        orgId: event.orgId,
        resource: 'telephony_calls',
        event: event.event,
        personId: event.personId,
        key: event.call.callId,
        payload: webhookData(event),
        createdAt: event.at,
      }),
    ])
  }
}

/** The `data` of a `telephony_calls` event: the call, with `callId` in place of `id` (Ruling 15). */
export function webhookData(
  event: Extract<EngineEvent, { kind: 'call' }>,
): Readonly<Record<string, unknown>> {
  const { id, ...call } = callOf(event.call)
  return {
    eventType: event.eventType,
    eventTimestamp: printMilliseconds(event.at),
    callId: id,
    ...call,
    actorPersonId: encodeWebexId('PEOPLE', event.personId),
    orgId: encodeWebexId('ORGANIZATION', event.orgId),
  }
}

function insertRecord(db: ServerDatabase, record: SessionRecord): Compilable {
  return db.kysely
    .insertInto('call_records')
    .values({
      org_id: record.orgId,
      call_session_id: record.callSessionId,
      started_at: record.startedAt,
      answered_at: record.answeredAt ?? null,
      ended_at: record.endedAt,
      cause: record.cause,
      record: JSON.stringify(record),
    })
    .onConflict((conflict) => conflict.doNothing())
}
