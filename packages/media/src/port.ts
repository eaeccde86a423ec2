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

/** Something that a leg hears from us. */
export type Sound =
  | { readonly kind: 'tone'; readonly tone: 'ringback' | 'busy' | 'congestion' }
  /** A named prompt that the worker knows. */
  | { readonly kind: 'prompt'; readonly name: string }

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
  /** Plays a sound to the leg until `silence` or the next `bridge`. */
  | { readonly kind: 'play'; readonly leg: MediaLegId; readonly sound: Sound }
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
  /** From now on what this leg says goes to that side. A recording may change legs: transfer, retrieve. */
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
  | { readonly kind: 'recordingOpened'; readonly recording: RecordingId }
  | { readonly kind: 'recordingClosed'; readonly recording: RecordingId }
  /** The journal refuses (disk full, sync error): nothing more of this recording is kept. */
  | { readonly kind: 'recordingFailed'; readonly recording: RecordingId; readonly why: string }
