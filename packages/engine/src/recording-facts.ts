/**
 * The facts about a recording that are journaled with its audio, so that its catalogue row and its metadata document
 * can be made from the journal alone, also after a crash. The JSON of `openRecording`, `note` and `closeRecording`.
 */
import type { RedirectionReason } from './commands.ts'

/** A party as the metadata document shows it (contract, recording metadata §2). */
export interface FactParty {
  readonly actor: {
    readonly type: 'USER' | 'PLACE' | 'VIRTUAL_LINE' | 'CALL_QUEUE' | 'EXTERNAL'
    readonly id?: string
    readonly email?: string
  }
  readonly name?: string
  /** SIP URI with `;user=phone` for numbers. */
  readonly number: string
}

/** `facts` of `openRecording`. */
export interface RecordingOpening {
  readonly version: 1
  /** What a caller left for somebody: it becomes a message of the owner's mailbox. Absent: a recorded call. */
  readonly purpose?: 'voicemail'
  readonly recordingId: string
  readonly orgId: string
  readonly ownerId: string
  readonly ownerType: 'user' | 'place' | 'virtualLine' | 'callQueue'
  readonly ownerName: string
  readonly ownerEmail: string
  readonly locationId: string
  /** Bare UUID. */
  readonly callSessionId: string
  /** Raw, `callhalf-…:node`. */
  readonly callId: string
  readonly sipCallId?: string
  readonly personality: 'originator' | 'terminator'
  readonly callingParty: FactParty
  readonly calledParty: FactParty
  readonly recordingType: 'alwaysON' | 'alwaysPauseResume' | 'onDemand' | 'onDemandUserStart'
  /** What the default topic names: the remote party's name, else number. */
  readonly remoteName: string
  /** Unix milliseconds. */
  readonly startedAt: number
}

/** Why a call came to be where it is (contract, recording metadata §4, `redirectInfo`). */
export interface FactRedirection {
  readonly reason: RedirectionReason | 'transfer'
  readonly redirectingParty: FactParty
  /** Unix milliseconds. */
  readonly at: number
}

/** `note`: one change in the call that the recording saw. Times in Unix milliseconds. */
export type RecordingNote =
  | { readonly kind: 'action'; readonly action: 'START' | 'STOP' | 'PAUSE' | 'RESUME'; readonly at: number }
  | {
      readonly kind: 'activity'
      readonly at: number
      readonly participants: readonly { readonly actor: FactParty['actor']; readonly aor: string }[]
      readonly redirection?: FactRedirection
      /** The leg that took over. `callSessionId` is a bare UUID. */
      readonly redirectedCall?: {
        readonly callId: string
        readonly callSessionId: string
        readonly party: FactParty
      }
    }
  /** Put into the activity entry nearest to its time. */
  | {
      readonly kind: 'announcement'
      readonly at: number
      readonly file: string
      /** Addresses of record of those who heard it. */
      readonly heardBy: readonly string[]
      readonly level: 'USER_LEVEL' | 'LOCATION_LEVEL' | 'ORGANIZATION_LEVEL'
    }

/** `facts` of `closeRecording`. */
export interface RecordingClosing {
  readonly stoppedAt: number
  readonly answererInfo?: FactParty
  readonly connectedParty?: FactParty
  readonly managedBy?: FactParty
  /** Nothing is kept of it: a voicemail whose caller said nothing. */
  readonly discarded?: boolean
  /**
   * It was stopped while its call half goes on, which may be recorded again: it is published with the others of the
   * half when that ends.
   */
  readonly callContinues?: boolean
}
