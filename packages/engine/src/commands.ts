/**
 * The asynchronous port through which HTTP reaches the engine: commands and questions as plain data, answers as plain
 * data, so that a MessagePort or a message bus can carry them.
 */
import type { ErrorName } from '@tandem/contract'

/** Whose call is meant: every command acts for one line of one organisation. */
export interface CallActor {
  readonly orgId: string
  /** Who asks: the caller's own line. For calls by member it is the member: person, workspace or virtual line. */
  readonly lineId: string
  /** Another line that the command acts for; it must appear on one of the caller's own devices. */
  readonly lineOwnerId?: string
}

/** Which of the actor's phones rings for a click-to-dial call; both absent: all of them. */
export interface OwnPhone {
  readonly endpointId?: string
  /** One of the line's `numberReach`. */
  readonly numberReach?: string
}

type For<Command> = Command & { readonly actor: CallActor }

export type CallCommand =
  | For<{ readonly kind: 'list' }>
  | For<{ readonly kind: 'details'; readonly callId: string }>
  /** Rings the actor's own phones, then the destination. Answered by `placed` when ringing has begun, as are the other three. */
  | For<{ readonly kind: 'dial'; readonly destination: string } & OwnPhone>
  | For<{ readonly kind: 'retrieve'; readonly destination?: string } & OwnPhone>
  | For<{ readonly kind: 'pickup'; readonly target?: string } & OwnPhone>
  | For<{ readonly kind: 'bargeIn'; readonly target: string } & OwnPhone>
  | For<{ readonly kind: 'pull'; readonly endpointId?: string }>
  /** Answered by `done` once the phone has answered, within `phoneMsMax`. */
  | For<{ readonly kind: 'answer'; readonly callId: string; readonly endpointId?: string }>
  | For<{
      readonly kind: 'reject'
      readonly callId: string
      readonly action?: 'busy' | 'temporarilyUnavailable' | 'ignore'
    }>
  | For<{ readonly kind: 'hangup' | 'hold' | 'resume' | 'mute' | 'unmute'; readonly callId: string }>
  | For<{
      readonly kind: 'divert'
      readonly callId: string
      readonly destination?: string
      readonly toVoicemail?: boolean
    }>
  /** Answered by `done` when two calls are joined, by `placed` when a destination is rung. */
  | For<{
      readonly kind: 'transfer'
      readonly callId1?: string
      readonly callId2?: string
      readonly destination?: string
    }>
  /** Answered by `parked`. */
  | For<{
      readonly kind: 'park'
      readonly callId: string
      readonly destination?: string
      readonly isGroupPark?: boolean
    }>
  | For<{
      readonly kind: 'startRecording' | 'stopRecording' | 'pauseRecording' | 'resumeRecording'
      readonly callId?: string
    }>
  | For<{ readonly kind: 'transmitDtmf'; readonly callId?: string; readonly dtmf: string }>
  | For<{ readonly kind: 'push'; readonly callId?: string }>
  | For<{ readonly kind: 'startConference'; readonly callIds: readonly string[] }>
  /** Answered by `conference`. */
  | For<{ readonly kind: 'conference' }>
  | For<{ readonly kind: 'releaseConference' | 'holdConference' | 'resumeConference' }>
  | For<{ readonly kind: 'addParticipant' | 'deafen' | 'undeafen'; readonly callId: string }>
  /** Without `callId` the host. */
  | For<{ readonly kind: 'muteParticipant' | 'unmuteParticipant'; readonly callId?: string }>
  /** The SIP ladder of a session (bare UUID), answered by `trace`; personal data is left out. Only for operators. */
  | { readonly kind: 'trace'; readonly callSessionId: string }

/** Raw ids: `callId` is `callhalf-…:node`, `callSessionId` a bare UUID. The HTTP side gives them their Webex form. */
export type CallResult =
  | { readonly kind: 'placed'; readonly callId: string; readonly callSessionId: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'calls'; readonly calls: readonly CallView[] }
  | { readonly kind: 'call'; readonly call: CallView }
  | { readonly kind: 'parked'; readonly parkedAgainst: PartyView }
  /** Absent: there is none. */
  | { readonly kind: 'conference'; readonly conference?: ConferenceView }
  /** `orgId` is that of the session, while anything is kept of it. */
  | { readonly kind: 'trace'; readonly orgId?: string; readonly messages: readonly TracedMessage[] }
  | { readonly kind: 'refused'; readonly error: ErrorName; readonly detail?: string }

export type Personality = 'originator' | 'terminator' | 'clickToDial'
export type CallState = 'connecting' | 'alerting' | 'connected' | 'held' | 'remoteHeld' | 'disconnected'
export type RecordingState = 'pending' | 'started' | 'paused' | 'stopped' | 'failed'
export type CallType = 'location' | 'organization' | 'external' | 'emergency' | 'repair' | 'other'
export type RedirectionReason =
  | 'busy'
  | 'noAnswer'
  | 'unavailable'
  | 'unconditional'
  | 'timeOfDay'
  | 'divert'
  | 'followMe'
  | 'huntGroup'
  | 'callQueue'
  | 'unknown'

/** The other side, as one person may see it. Ids are raw UUIDs; nothing but the type of a party that is private. */
export interface PartyView {
  readonly name?: string
  readonly number?: string
  readonly personId?: string
  readonly placeId?: string
  readonly privacyEnabled: boolean
  readonly callType: CallType
}

/** One step by which a call came to where it rings now. */
export interface RedirectionView {
  readonly reason: RedirectionReason
  readonly redirectingParty: PartyView
}

/** One line's part in a call, as list and details show it. Times in Unix milliseconds. */
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
  /** Newest first; only while an incoming call alerts. */
  readonly redirections?: readonly RedirectionView[]
  readonly recall?: { readonly type: 'park'; readonly party: PartyView }
  readonly recordingState?: RecordingState
  readonly muteCapable: boolean
  readonly muted: boolean
}

/** A host's conference (contract, call controls §7). Times in Unix milliseconds. */
export interface ConferenceView {
  readonly state: 'connected' | 'held' | 'disconnected'
  readonly appearance?: number
  readonly created: number
  /** The host is muted. */
  readonly muted: boolean
  readonly type?: 'bargeIn'
  /** `callId` is the host's own call with that participant. */
  readonly participants: readonly {
    readonly callId: string
    readonly muted: boolean
    readonly deafened: boolean
  }[]
}

/** One SIP message of a call, without personal data. */
export interface TracedMessage {
  /** Unix milliseconds. */
  readonly at: number
  readonly direction: 'in' | 'out'
  /** Our name of the leg. */
  readonly leg: string
  /** `INVITE`, `180 Ringing` and the like, with the method of a response after it. */
  readonly title: string
  /** Header fields that say something about the call's state, personal data masked; SDP lines likewise. */
  readonly lines: readonly string[]
}

/** The port itself. Rejects only when the engine cannot be reached at all. */
export interface CallCommands {
  run(command: CallCommand): Promise<CallResult>
}
