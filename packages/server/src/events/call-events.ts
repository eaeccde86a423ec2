/**
 * What the call engine tells, kept: events of calls go to the outbox in the shape of webhook data (webhooks §6), each
 * conversation that ended becomes a call record. One commit takes all that waits, in the engine's order.
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

/** Events that may wait for the database: some ten minutes of a busy system whose disk stands still, in 100 MB. */
const WAITING_MAX = 100_000

/** Keeps the engine's events. */
export class CallEvents {
  readonly #options: CallEventsOptions
  #waiting: EngineEvent[] = []
  #keeping: Promise<void> | undefined

  constructor(options: CallEventsOptions) {
    this.#options = options
  }

  /**
   * Commits one event, together with those that come while the one before is committed. What the database refuses is
   * counted, logged and lost.
   */
  keep(event: EngineEvent): void {
    if (this.#waiting.length >= WAITING_MAX) this.#lost(event, 'too many wait')
    else this.#waiting.push(event)
    this.#keeping ??= this.#keepWaiting().finally(() => {
      this.#keeping = undefined
    })
  }

  /** Resolves when everything told so far is on disk or counted as lost. */
  async settled(): Promise<void> {
    while (this.#keeping !== undefined) await this.#keeping
  }

  async #keepWaiting(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve)) // The rest of what came in one message.
    while (this.#waiting.length > 0) {
      const events = this.#waiting
      this.#waiting = []
      await this.#keepTogether(events)
    }
  }

  async #keepTogether(events: readonly EngineEvent[]): Promise<void> {
    for (const event of events)
      if (event.kind === 'session')
        this.#options.counters.add('tandem_calls_ended_total', { cause: event.record.cause })
    try {
      await this.#options.db.commit(events.map((event) => this.#rowOf(event)))
    } catch {
      // One row that the database refuses must not take the others with it.
      for (const event of events) await this.#keepAlone(event)
    }
  }

  async #keepAlone(event: EngineEvent): Promise<void> {
    try {
      await this.#options.db.commit([this.#rowOf(event)])
    } catch (error) {
      this.#lost(event, error instanceof StoreError ? error.code : 'unknown')
    }
  }

  /** The call goes on whatever the disk does (promise P4); counter and log are how an operator learns of it. */
  #lost(event: EngineEvent, code: string): void {
    this.#options.counters.add('tandem_storing_failures_total', { what: event.kind })
    this.#options.logger.error('An event of a call could not be stored', { kind: event.kind, code })
  }

  #rowOf(event: EngineEvent): Compilable {
    const { db } = this.#options
    if (event.kind === 'session') return insertRecord(db, event.record)
    return outboxEvent(db, {
      orgId: event.orgId,
      resource: 'telephony_calls',
      event: event.event,
      personId: event.personId,
      key: event.call.callId,
      payload: webhookData(event),
      createdAt: event.at,
    })
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
