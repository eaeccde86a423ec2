/**
 * What the engine tells the world, as data for the outbox: changes of calls for each line concerned, in order, and
 * one record for each session that ended.
 */
import type { LegStatistics } from '@tandem/media'
import type { CallView, ConferenceView } from './commands.ts'

export type CallEventType =
  | 'received'
  | 'originated'
  | 'answered'
  | 'connected'
  | 'held'
  | 'resumed'
  | 'remoteHeld'
  | 'remoteResumed'
  | 'muted'
  | 'unmuted'
  | 'recording'
  | 'updated'
  | 'disconnected'
  | 'forwarded'

export type ConferenceEventType =
  | 'created'
  | 'held'
  | 'resumed'
  | 'muted'
  | 'unmuted'
  | 'participantMuted'
  | 'participantUnmuted'
  | 'participantDeafened'
  | 'participantUndeafened'
  | 'updated'
  | 'deleted'

export type EngineEvent =
  /** The `telephony_calls` events of the contract, one for each line whose view changed. */
  | {
      readonly kind: 'call'
      readonly event: 'created' | 'updated' | 'deleted'
      readonly eventType: CallEventType
      /** Unix milliseconds. */
      readonly at: number
      readonly orgId: string
      readonly lineId: string
      readonly call: CallView
      /** Only with `deleted`: what goes into the line's history; absent when nothing does. */
      readonly history?: HistoryEntry
    }
  /** The `telephony_conference` events: of the host's conference. */
  | {
      readonly kind: 'conference'
      readonly event: 'created' | 'updated' | 'deleted'
      readonly eventType: ConferenceEventType
      readonly at: number
      readonly orgId: string
      readonly lineId: string
      readonly conference: ConferenceView
    }
  /** One session has ended: the call detail record. */
  | { readonly kind: 'session'; readonly record: SessionRecord }
  /** A message was listened to or deleted by telephone. */
  | {
      readonly kind: 'mailbox'
      readonly orgId: string
      readonly lineId: string
      readonly messageId: string
      readonly change: 'heard' | 'deleted'
    }
  /** An operator should look: nothing is heard from one side of a recorded call although both are up, or again. */
  | {
      readonly kind: 'alarm'
      readonly what: 'oneSideSilent' | 'oneSideHeard' | 'recordingFailed'
      readonly at: number
      readonly orgId: string
      readonly callSessionId: string
      readonly callId: string
    }

/** One line of a call history (contract, call controls §2). Time in Unix milliseconds. */
export interface HistoryEntry {
  readonly type: 'placed' | 'missed' | 'received'
  readonly name?: string
  readonly number?: string
  readonly privacyEnabled: boolean
  readonly time: number
}

/** One conversation from first ring to last BYE. */
export interface SessionRecord {
  readonly orgId: string
  readonly callSessionId: string
  readonly startedAt: number
  readonly answeredAt?: number
  readonly endedAt: number
  readonly cause: string
  readonly halves: readonly { readonly callId: string; readonly lineId: string; readonly view: CallView }[]
  readonly legs: readonly {
    readonly leg: string
    readonly callId: string
    readonly deviceId?: string
    readonly statistics?: LegStatistics
  }[]
  /** Recordings that were to be made, each with what became of it. */
  readonly recordings: readonly {
    readonly id: string
    readonly ownerId: string
    readonly outcome: 'closed' | 'failed'
    /** Why it failed. */
    readonly why?: string
  }[]
  /** Calls of lines that are always recorded, of which no recording was even begun, each with the reason. */
  readonly unrecorded: readonly { readonly callId: string; readonly lineId: string; readonly why: string }[]
}
