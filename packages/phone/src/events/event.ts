/**
 * What a phone tells: a line of JSON each under `tandem phone --json`, and what scripts wait for. `event-log.ts` keeps
 * them in order.
 */
import type { VoiceStatistics } from '../voice/voice.ts'

/** Something that happened. Times of day are added where events are printed. */
export type PhoneEvent =
  | { readonly kind: 'registered'; readonly expiresSeconds: number }
  | { readonly kind: 'unregistered' }
  /** The registrar refused or was not reached; the phone goes on trying unless `final`. */
  | {
      readonly kind: 'registrationFailed'
      readonly status: number
      readonly reason: string
      readonly final: boolean
    }
  /** Somebody calls. `remote` is the caller's address, `name` the display name, '' when there is none. */
  | {
      readonly kind: 'incoming'
      readonly remote: string
      readonly name: string
      readonly autoAnswer: boolean
    }
  /** The far end of our call rings. */
  | { readonly kind: 'ringing'; readonly status: number }
  | { readonly kind: 'established'; readonly direction: 'incoming' | 'outgoing'; readonly codec: string }
  /** A hold began or ended, by us or by the peer. */
  | { readonly kind: 'held'; readonly by: 'us' | 'peer'; readonly held: boolean }
  /** A re-INVITE of ours was refused; the call goes on as it was. */
  | { readonly kind: 'refused'; readonly what: 'hold' | 'resume'; readonly status: number }
  /** The peer pressed a key. */
  | { readonly kind: 'digit'; readonly digit: string }
  /** A file has been played to its end. */
  | { readonly kind: 'played' }
  /** The server asked for something by NOTIFY (`honourTalk`). */
  | { readonly kind: 'asked'; readonly what: 'talk' | 'hold' }
  | {
      readonly kind: 'ended'
      readonly why: 'us' | 'peer' | 'cancelled' | 'lost'
      readonly statistics: VoiceStatistics
    }
  /** Our call was not answered, or an incoming one was rejected by us. */
  | { readonly kind: 'failed'; readonly status: number; readonly reason: string }

/** The name of one kind of event. */
export type PhoneEventKind = PhoneEvent['kind']

/** All kinds, for scripts. */
export const PHONE_EVENT_KINDS: readonly PhoneEventKind[] = [
  'registered',
  'unregistered',
  'registrationFailed',
  'incoming',
  'ringing',
  'established',
  'held',
  'refused',
  'digit',
  'played',
  'asked',
  'ended',
  'failed',
]
