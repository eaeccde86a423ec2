/**
 * What the engine tells the world, as data for the outbox: changes of calls for each person concerned, in order, and
 * one record for each session that ended.
 */
import type { LegStatistics } from '@tandem/media'
import type { CallView } from './commands.ts'

export type CallEventType =
  | 'received'
  | 'originated'
  | 'answered'
  | 'connected'
  | 'held'
  | 'resumed'
  | 'remoteHeld'
  | 'remoteResumed'
  | 'recording'
  | 'updated'
  | 'disconnected'
  | 'forwarded'

export type EngineEvent =
  /** The `telephony_calls` events of the contract, one for each person whose view changed. */
  | {
      readonly kind: 'call'
      readonly event: 'created' | 'updated' | 'deleted'
      readonly eventType: CallEventType
      /** Unix milliseconds. */
      readonly at: number
      readonly orgId: string
      readonly personId: string
      readonly call: CallView
    }
  /** One session has ended: the call detail record. */
  | { readonly kind: 'session'; readonly record: SessionRecord }

/** One conversation from first ring to last BYE. */
export interface SessionRecord {
  readonly orgId: string
  readonly callSessionId: string
  readonly startedAt: number
  readonly answeredAt?: number
  readonly endedAt: number
  readonly cause: string
  readonly halves: readonly { readonly callId: string; readonly personId: string; readonly view: CallView }[]
  readonly legs: readonly {
    readonly leg: string
    readonly deviceId?: string
    readonly statistics?: LegStatistics
  }[]
  /** Recordings that were to be made, each with what became of it. */
  readonly recordings: readonly {
    readonly id: string
    readonly ownerId: string
    readonly outcome: 'closed' | 'failed'
  }[]
}
