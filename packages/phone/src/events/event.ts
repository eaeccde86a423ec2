/**
 * What a phone tells: a line of JSON each under `tandem phone --json`, and what scripts wait for. `event-log.ts` keeps
 * them in order. What belongs to a call carries its number in `call`: 1 for the first call of the phone, and so on.
 */
import type { VoiceStatistics } from '../voice/voice.ts'

/** Something that happened to the phone itself. */
export type OwnEvent =
  | { readonly kind: 'registered'; readonly expiresSeconds: number }
  | { readonly kind: 'unregistered' }
  /** The registrar refused or was not reached; the phone goes on trying unless `final`. */
  | {
      readonly kind: 'registrationFailed'
      readonly status: number
      readonly reason: string
      readonly final: boolean
    }
  /** Somebody was turned away without a ring: do not disturb, or too many calls. */
  | { readonly kind: 'missed'; readonly remote: string; readonly name: string; readonly status: number }
  /** The lamp of the phone (RFC 3842): whether messages wait, and how many voice messages are new and old. */
  | {
      readonly kind: 'messageWaiting'
      readonly waiting: boolean
      readonly newCount: number
      readonly oldCount: number
    }

/** What happened in a call, without its number. */
export type CallHappening =
  /** Somebody calls. `remote` is the caller's address, `name` the display name, '' when there is none. */
  | {
      readonly kind: 'incoming'
      readonly remote: string
      readonly name: string
      readonly autoAnswer: boolean
    }
  /** The far end of our call rings. */
  | { readonly kind: 'ringing'; readonly status: number }
  /** Sound came before the answer: an announcement, or ringback made by the far side. */
  | { readonly kind: 'early'; readonly codec: string }
  | { readonly kind: 'established'; readonly direction: 'incoming' | 'outgoing'; readonly codec: string }
  /** A hold began, by us or by the peer. */
  | { readonly kind: 'held'; readonly by: 'us' | 'peer' }
  /** A hold ended. */
  | { readonly kind: 'resumed'; readonly by: 'us' | 'peer' }
  /** Our microphone was switched off or on; nobody else is told. */
  | { readonly kind: 'muted'; readonly muted: boolean }
  /** A re-INVITE or an INFO of ours was refused; the call goes on as it was. */
  | { readonly kind: 'refused'; readonly what: 'hold' | 'resume' | 'digits'; readonly status: number }
  /** The peer pressed a key: by RFC 4733 in its audio, or by INFO. */
  | { readonly kind: 'digit'; readonly digit: string; readonly by: 'rtp' | 'info' }
  /** The last of our key presses has left. */
  | { readonly kind: 'pressed' }
  /** A file has been played to its end. */
  | { readonly kind: 'played' }
  /** The server asked for something by NOTIFY (`honourTalk`). */
  | { readonly kind: 'asked'; readonly what: 'talk' | 'hold' }
  /** The peer is somebody else now, or somebody whom we know better (RFC 3325). */
  | { readonly kind: 'identity'; readonly remote: string; readonly name: string }
  /** News of our transfer before its end: 202 when it was accepted, then what the new call met (RFC 3515 §2.4.5). */
  | { readonly kind: 'transferring'; readonly status: number }
  /** Our transfer has succeeded; the phone hangs up. */
  | { readonly kind: 'transferred'; readonly status: number }
  /** Our transfer has failed; the call goes on as it was. */
  | { readonly kind: 'transferFailed'; readonly status: number; readonly reason: string }
  /** The peer has sent us elsewhere (`honourRefer`); we call there. */
  | { readonly kind: 'referred'; readonly target: string }
  | {
      readonly kind: 'ended'
      readonly why: 'us' | 'peer' | 'cancelled' | 'lost' | 'replaced'
      /** The Reason header of the BYE or CANCEL that ended it (RFC 3326), '' without one. */
      readonly reason: string
      readonly statistics: VoiceStatistics
    }
  /** Our call was not answered, or an incoming one was rejected by us. */
  | { readonly kind: 'failed'; readonly status: number; readonly reason: string }

/** What happened in the call of that number. */
export type CallEvent = CallHappening & { readonly call: number }

/** Something that happened. Times of day are added where events are printed. */
export type PhoneEvent = OwnEvent | CallEvent

/** The name of one kind of event. */
export type PhoneEventKind = PhoneEvent['kind']

/** All kinds, for scripts. */
export const PHONE_EVENT_KINDS: readonly PhoneEventKind[] = Object.keys({
  registered: true,
  unregistered: true,
  registrationFailed: true,
  missed: true,
  messageWaiting: true,
  incoming: true,
  ringing: true,
  early: true,
  established: true,
  held: true,
  resumed: true,
  muted: true,
  refused: true,
  digit: true,
  pressed: true,
  played: true,
  asked: true,
  identity: true,
  transferring: true,
  transferred: true,
  transferFailed: true,
  referred: true,
  ended: true,
  failed: true,
} satisfies Record<PhoneEventKind, true>) as PhoneEventKind[] // The compiler holds the table complete.

/** The call that an event belongs to; undefined for what happens to the phone itself. */
export function callOf(event: PhoneEvent): number | undefined {
  return 'call' in event ? event.call : undefined
}
