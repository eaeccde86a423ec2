/**
 * The media port: what the call engine asks of whoever moves the audio, and what comes back.
 *
 * Commands are fire-and-forget and carried out in order for each leg; `allocate` is answered by `allocated` or
 * `failed`, `openRecording` and `closeRecording` by their events. Our media workers in `io` stand behind it.
 */
import type { WallTime } from '@tandem/base'

/** The engine's name of a leg. */
export type MediaLegId = string
/** A recording's UUID. */
export type RecordingId = string

/** The codecs that the workers relay, play and record. */
export type AudioCodec = 'PCMU' | 'PCMA'

/** What was negotiated for one leg. */
export interface MediaFormat {
  readonly codec: AudioCodec
  readonly payloadType: number
  readonly clockRateHz: number
  /** Packet time that the peer wants to receive, 10 to 60. */
  readonly ptimeMs: number
  /** Payload type of RFC 4733 events; absent when not negotiated. */
  readonly dtmfPayloadType?: number
  /** Payload type of comfort noise, RFC 3389. */
  readonly comfortNoisePayloadType?: number
}

/** The peer's end of a leg, as its SDP named it. */
export interface RemoteMedia {
  readonly host: string
  readonly port: number
  readonly rtcpPort: number
}

/** Which ear of a recording a leg's own voice goes to: left is the owner. */
export type RecordingSide = 'left' | 'right'

/** The spoken prompts that come with Tandem; `PROMPTS` has their words. */
export type PromptName =
  | 'recordingStarted'
  | 'recordingStopped'
  | 'recordingPaused'
  | 'recordingResumed'
  | 'recordingFailed'
  | 'recordingFailedGoodbye'
  | 'voicemailGreeting'
  | 'voicemailEnterPin'
  | 'voicemailWrongPin'
  | 'voicemailNoMessages'
  | 'voicemailNewMessages'
  | 'voicemailOldMessages'
  | 'voicemailMenu'
  | 'voicemailDeleted'
  | 'voicemailEnd'
  | 'parkedAt'
  | 'notPossible'
  | 'done'
  | 'goodbye'

/** Something that a leg hears from us. Tones and music go on until they are replaced; the rest ends by itself. */
export type Sound =
  | { readonly kind: 'tone'; readonly tone: 'ringback' | 'busy' | 'congestion' }
  /** One short beep: of a mailbox, of a recording that goes on, of its pause. */
  | { readonly kind: 'beep' }
  | { readonly kind: 'prompt'; readonly name: PromptName }
  /** Digits or a number, spoken one digit after the other. */
  | { readonly kind: 'digits'; readonly digits: string }
  /** The built-in hold music. */
  | { readonly kind: 'music' }
  /** A file of the clips folder, by its name without extension: uploaded announcements and music, voicemail. */
  | { readonly kind: 'clip'; readonly name: string; readonly repeat?: boolean }
  /** One after the other. */
  | { readonly kind: 'sequence'; readonly sounds: readonly Sound[] }

export type MediaCommand =
  /** Asks for a port pair for a new leg. `family` is that of the peer. Legs that will be bridged name the same session. */
  | { readonly kind: 'allocate'; readonly leg: MediaLegId; readonly session: string; readonly family: 4 | 6 }
  /**
   * Sets or changes what the leg speaks. `relearn` opens source learning again (a new SDP address). `fixedSource` means
   * that only `remote` is ever listened to.
   */
  | {
      readonly kind: 'configure'
      readonly leg: MediaLegId
      readonly format: MediaFormat
      readonly remote: RemoteMedia
      /** Whether the peer may be sent audio, and whether its audio is taken. */
      readonly send: boolean
      readonly receive: boolean
      readonly relearn: boolean
      readonly fixedSource?: boolean
    }
  /** Joins two legs: each hears the other. A leg is in one bridge at most; a new bridge replaces the old one. */
  | { readonly kind: 'bridge'; readonly a: MediaLegId; readonly b: MediaLegId }
  | { readonly kind: 'unbridge'; readonly leg: MediaLegId }
  /**
   * Joins legs in a room where each hears the sum of the others, without itself. Sent again it changes how the leg takes
   * part. Those of one `group` do not hear each other: two dialogs of one phone. A leg is in one bridge or one room at
   * most; it leaves by `bridge`, `unbridge`, another `mix` or `release`, and the room goes with its last leg.
   */
  | {
      readonly kind: 'mix'
      readonly room: string
      readonly leg: MediaLegId
      /** Whether the others hear it, and whether it hears them. */
      readonly speaks: boolean
      readonly hears: boolean
      readonly group?: string
    }
  /** The leg's voice goes nowhere, neither to others nor into a recording; silence goes in its place. Its digits still pass. */
  | { readonly kind: 'mute'; readonly leg: MediaLegId; readonly muted: boolean }
  /**
   * Plays a sound to the leg until it ends, or `silence` or the next `bridge` or `mix` comes. With `over` it is added to
   * what the leg hears, which goes on below it, and `bridge` and `mix` leave it alone. With `token` its end is told by
   * `played`. It is kept on both sides of the recordings named in `recordings`, as something that is heard in the call.
   */
  | {
      readonly kind: 'play'
      readonly leg: MediaLegId
      readonly sound: Sound
      readonly over?: boolean
      readonly token?: string
      readonly recordings?: readonly RecordingId[]
    }
  /** Sends digits to the leg's peer (RFC 4733), `,` a pause of two seconds; as tones in the audio where no events were agreed. */
  | { readonly kind: 'sendDigits'; readonly leg: MediaLegId; readonly digits: string }
  | { readonly kind: 'silence'; readonly leg: MediaLegId }
  /** Frees the leg: its source is dropped for five seconds, then forgotten. Answered by `released` with its statistics. */
  | { readonly kind: 'release'; readonly leg: MediaLegId }
  /**
   * Begins a recording. `facts` is JSON that the metadata document is made of; it is journaled with the audio.
   * Answered by `recordingOpened` once the opening is on disk, or by `recordingFailed`.
   */
  | {
      readonly kind: 'openRecording'
      readonly recording: RecordingId
      readonly at: WallTime
      readonly facts: string
    }
  /** From now on what this leg says goes to that side, added to that of other legs there. A recording may change legs. */
  | {
      readonly kind: 'attach'
      readonly recording: RecordingId
      readonly side: RecordingSide
      readonly leg: MediaLegId
    }
  | { readonly kind: 'detach'; readonly recording: RecordingId; readonly leg: MediaLegId }
  | { readonly kind: 'pauseRecording'; readonly recording: RecordingId; readonly at: WallTime }
  | { readonly kind: 'resumeRecording'; readonly recording: RecordingId; readonly at: WallTime }
  /** Something for the metadata document: JSON, journaled in order with the audio. */
  | { readonly kind: 'note'; readonly recording: RecordingId; readonly at: WallTime; readonly note: string }
  /** Ends a recording. `facts` completes those given at the opening. Answered by `recordingClosed` once on disk. */
  | {
      readonly kind: 'closeRecording'
      readonly recording: RecordingId
      readonly at: WallTime
      readonly facts: string
    }

/** RTP quality of one leg, as received from its peer (RFC 3550 §6.4.1). */
export interface LegStatistics {
  readonly packetsReceived: number
  readonly packetsLost: number
  readonly jitterMs: number
  readonly packetsSent: number
  /** As the peer reported of what it received from us; absent when it never did. */
  readonly remote?: { readonly packetsLost: number; readonly jitterMs: number }
  /** From the peer's last report (RFC 3550 §6.4.1). */
  readonly roundTripMs?: number
}

export type MediaEvent =
  /** The leg's port pair, with the address to put into SDP. */
  | {
      readonly kind: 'allocated'
      readonly leg: MediaLegId
      readonly host: string
      readonly port: number
      readonly rtcpPort: number
    }
  | { readonly kind: 'failed'; readonly leg: MediaLegId; readonly why: string }
  | { readonly kind: 'released'; readonly leg: MediaLegId; readonly statistics: LegStatistics }
  /** An RFC 4733 digit from the leg, once per key press; it has been relayed already. */
  | { readonly kind: 'digit'; readonly leg: MediaLegId; readonly digit: string }
  /** A sound with a token has ended by itself, or could not be played at all (`complete` false). One that was replaced says nothing. */
  | { readonly kind: 'played'; readonly leg: MediaLegId; readonly token: string; readonly complete: boolean }
  /** Nothing has come from a leg for ten seconds although it is to be recorded and taken from; once, until it is `heard` again. */
  | { readonly kind: 'silent'; readonly leg: MediaLegId }
  | { readonly kind: 'heard'; readonly leg: MediaLegId }
  | { readonly kind: 'recordingOpened'; readonly recording: RecordingId }
  | { readonly kind: 'recordingClosed'; readonly recording: RecordingId }
  /** The journal refuses (disk full, sync error): nothing more of this recording is kept. */
  | { readonly kind: 'recordingFailed'; readonly recording: RecordingId; readonly why: string }
