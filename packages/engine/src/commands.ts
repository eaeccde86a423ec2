/**
 * The asynchronous port through which HTTP reaches the engine: commands and questions as plain data, answers as plain
 * data, so that a MessagePort or a message bus can carry them.
 */
import type { ErrorName } from '@tandem/contract'

/** Whose call is meant: every command acts for one person of one organisation. */
export interface CallActor {
  readonly orgId: string
  readonly personId: string
}

export type CallCommand =
  /** Rings the actor's own devices (or one), then the destination. Answered by a `placed` result when ringing has begun. */
  | {
      readonly kind: 'dial'
      readonly actor: CallActor
      readonly destination: string
      readonly endpointId?: string
    }
  | { readonly kind: 'hangup'; readonly actor: CallActor; readonly callId: string }
  | { readonly kind: 'list'; readonly actor: CallActor }
  | { readonly kind: 'details'; readonly actor: CallActor; readonly callId: string }

/** Raw ids: `callId` is `callhalf-…:node`, `callSessionId` a bare UUID. The HTTP side gives them their Webex form. */
export type CallResult =
  | { readonly kind: 'placed'; readonly callId: string; readonly callSessionId: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'calls'; readonly calls: readonly CallView[] }
  | { readonly kind: 'call'; readonly call: CallView }
  | { readonly kind: 'refused'; readonly error: ErrorName; readonly detail?: string }

export type Personality = 'originator' | 'terminator' | 'clickToDial'
export type CallState = 'connecting' | 'alerting' | 'connected' | 'held' | 'remoteHeld' | 'disconnected'
export type RecordingState = 'pending' | 'started' | 'paused' | 'stopped' | 'failed'

/** The other side, as one person may see it. `personId` is a raw UUID. */
export interface PartyView {
  readonly name?: string
  readonly number?: string
  readonly personId?: string
  readonly privacyEnabled: boolean
  readonly callType: 'location' | 'organization' | 'external' | 'emergency' | 'repair' | 'other'
}

/** One person's part in a call, as list and details show it. Times in Unix milliseconds. */
export interface CallView {
  readonly callId: string
  readonly callSessionId: string
  readonly personality: Personality
  readonly state: CallState
  readonly remoteParty: PartyView
  readonly appearance?: number
  readonly created: number
  readonly answered?: number
  readonly disconnected?: number
  readonly recordingState?: RecordingState
  readonly muteCapable: boolean
  readonly muted: boolean
}

/** The port itself. Rejects only when the engine cannot be reached at all. */
export interface CallCommands {
  run(command: CallCommand): Promise<CallResult>
}
