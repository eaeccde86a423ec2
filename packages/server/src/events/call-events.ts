/**
 * What the call engine tells, kept: events of calls and conferences go to the outbox in the shape of webhook data
 * (webhooks §6), a call that ended goes into its line's history, each conversation that ended becomes a call record, and
 * a message that was listened to is marked. One commit takes all that waits, in the engine's order.
 */
import type { Logger } from '@tandem/base'
import { encodeWebexId, printMilliseconds } from '@tandem/contract'
import type { EngineEvent } from '@tandem/engine'
import { type Compilable, outboxEvent, StoreError } from '@tandem/store'
import { insertRecord } from '../call-records/call-records.ts'
import type { ServerDatabase } from '../data/open-data.ts'
import { insertHistory } from '../history/history.ts'
import { callOf } from '../http/telephony-calls/call-view.ts'
import { conferenceOf } from '../http/telephony-conference/conference-view.ts'
import type { Counters } from '../observe/counters.ts'
import { markMessage } from '../voicemail/mailboxes.ts'

/** Where events go, and who hears when they cannot. */
export interface CallEventsOptions {
  readonly db: ServerDatabase
  readonly counters: Counters
  readonly logger: Logger
  /** A message of this mailbox was listened to or deleted, and that is on disk. */
  readonly onMailbox?: (orgId: string, lineId: string) => void
}

/** Events that may wait for the database: some ten minutes of a busy system whose disk stands still, in 100 MB. */
const WAITING_MAX = 100_000
/** How soon a database that could not be reached is asked again. */
const AGAIN_MS = 1_000
/** How long a stop waits for a database that cannot be reached. */
const STOP_MS_MAX = 10_000

/** Keeps the engine's events. */
export class CallEvents {
  readonly #options: CallEventsOptions
  #waiting: EngineEvent[] = []
  #keeping: Promise<void> | undefined
  /** The server stops and the database did not come back. */
  #givenUp = false

  constructor(options: CallEventsOptions) {
    this.#options = options
  }

  /**
   * Commits one event, together with those that come while the one before is committed. While the database cannot be
   * reached they wait; what it refuses is counted, logged and lost.
   */
  keep(event: EngineEvent): void {
    this.#count(event)
    if (this.#waiting.length >= WAITING_MAX) this.#lost(event, 'too many wait')
    else this.#waiting.push(event)
    this.#start()
  }

  #start(): void {
    this.#keeping ??= this.#keepWaiting().finally(() => {
      this.#keeping = undefined
      if (this.#waiting.length > 0) this.#start() // One that came when the last look had been taken.
    })
  }

  /** Resolves when everything told so far is on disk or counted as lost. */
  async settled(): Promise<void> {
    const timer = setTimeout(() => {
      this.#givenUp = true
    }, STOP_MS_MAX)
    while (this.#keeping !== undefined) await this.#keeping
    clearTimeout(timer)
  }

  async #keepWaiting(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve)) // The rest of what came in one message.
    while (this.#waiting.length > 0) {
      const events = this.#waiting
      this.#waiting = []
      const left = await this.#keepTogether(events)
      if (left.length === 0) continue
      this.#waiting = [...left, ...this.#waiting]
      await new Promise<void>((resolve) => setTimeout(resolve, AGAIN_MS))
    }
  }

  /** Gives back what the database could not be asked for. */
  async #keepTogether(events: readonly EngineEvent[]): Promise<readonly EngineEvent[]> {
    try {
      await this.#options.db.commit(events.flatMap((event) => this.#rowsOf(event)))
      for (const event of events) this.#kept(event)
      return []
    } catch (error) {
      if (this.#mayComeBack(error)) return events
    }
    // One row that the database refuses must not take the others with it.
    for (const [at, event] of events.entries()) if (!(await this.#keepAlone(event))) return events.slice(at)
    return []
  }

  /** False when it is to be tried again. */
  async #keepAlone(event: EngineEvent): Promise<boolean> {
    try {
      await this.#options.db.commit(this.#rowsOf(event))
      this.#kept(event)
    } catch (error) {
      if (this.#mayComeBack(error)) return false
      this.#lost(event, error instanceof StoreError ? error.code : 'unknown')
    }
    return true
  }

  #mayComeBack(error: unknown): boolean {
    return !this.#givenUp && error instanceof StoreError && error.code === 'unreachable'
  }

  #kept(event: EngineEvent): void {
    if (event.kind === 'mailbox') this.#options.onMailbox?.(event.orgId, event.lineId)
  }

  #count(event: EngineEvent): void {
    const { counters, logger } = this.#options
    if (event.kind === 'session') {
      counters.add('tandem_calls_ended_total', { cause: event.record.cause })
      for (const { callId, why } of event.record.unrecorded) {
        counters.add('tandem_calls_unrecorded_total')
        logger.warn('A call that is always recorded was not', { callId, why })
      }
    } else if (event.kind === 'alarm') {
      const { what, callSessionId, callId } = event
      counters.add('tandem_call_alarms_total', { what })
      if (what === 'oneSideHeard')
        logger.info('The silent side of a recorded call is heard again', { callSessionId, callId })
      else logger.error(ALARMS[what], { what, callSessionId, callId })
    }
  }

  /** The call goes on whatever the disk does (promise P4); counter and log are how an operator learns of it. */
  #lost(event: EngineEvent, code: string): void {
    this.#options.counters.add('tandem_storing_failures_total', { what: event.kind })
    this.#options.logger.error('An event of a call could not be stored', { kind: event.kind, code })
  }

  #rowsOf(event: EngineEvent): readonly Compilable[] {
    const { db } = this.#options
    switch (event.kind) {
      case 'session':
        return [insertRecord(db, event.record)]
      case 'mailbox':
        return [markMessage(db, event)]
      case 'alarm':
        return [] // For the operator alone, who has the log and the counter.
      case 'conference':
        return [
          outboxEvent(db, {
            orgId: event.orgId,
            resource: 'telephony_conference',
            event: event.event,
            personId: event.lineId,
            key: `conference-${event.lineId}`, // A line has one conference at a time.
            payload: conferenceData(event),
            createdAt: event.at,
          }),
        ]
      case 'call': {
        const { call, history } = event
        const announced = outboxEvent(db, {
          orgId: event.orgId,
          resource: 'telephony_calls',
          event: event.event,
          personId: event.lineId,
          key: call.callId,
          payload: webhookData(event),
          createdAt: event.at,
        })
        return history === undefined ? [announced] : [announced, ...insertHistory(db, { ...event, history })]
      }
    }
  }
}

const ALARMS = {
  oneSideSilent: 'Nothing is heard from one side of a recorded call',
  recordingFailed: 'A call goes on without its recording',
} as const

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
    actorPersonId: encodeWebexId('PEOPLE', event.lineId),
    orgId: encodeWebexId('ORGANIZATION', event.orgId),
  }
}

/** The `data` of a `telephony_conference` event (webhooks §6). */
export function conferenceData(
  event: Extract<EngineEvent, { kind: 'conference' }>,
): Readonly<Record<string, unknown>> {
  return {
    eventType: event.eventType,
    eventTimestamp: printMilliseconds(event.at),
    ...conferenceOf(event.conference),
  }
}
