/**
 * The face of the call engine: sessions, call halves and legs as one machine without I/O. `io` drives it.
 */
import type { Instant, Machine } from '@tandem/base'
import type { MediaCommand, MediaEvent } from '@tandem/media'
import type { Destination, Flow, SipCrypto, SipMessage, SocketAddress, TransportName } from '@tandem/sip'
import type { CallCommand, CallResult } from './commands.ts'
import type { Binding, DirectorySnapshot, Mailbox, RecordingFailurePolicy } from './directory.ts'
import type { EngineEvent } from './events.ts'

/** What the engine is made with. */
export interface EngineOptions {
  readonly crypto: SipCrypto
  /** Number of this call node; part of every call id. */
  readonly node: number
  /** Counts the starts of this node for ever, so that ids are never reused. */
  readonly boot: number
  /** Unix milliseconds at instant 0 of the monotonic clock. */
  readonly wallOffsetMs: number
  readonly product: string
  advertised(transport: TransportName, remote: SocketAddress): SocketAddress
  readonly directory: DirectorySnapshot
  readonly bindings: readonly Binding[]
  readonly mailboxes?: readonly Mailbox[]
  readonly limits: EngineLimits
}

/** Limits and times, each with its unit. */
export interface EngineLimits {
  readonly callsMax: number
  readonly callsPerPersonMax: number
  readonly bindingsPerDeviceMax: number
  readonly registerExpiresMinSeconds: number
  readonly registerExpiresMaxSeconds: number
  /** How long a callee's devices ring before no answer. */
  readonly ringMsMax: number
  /** How long the own devices ring for a click-to-dial call. */
  readonly clickToDialRingMsMax: number
  /** What happens to a call whose recording fails, where its location says nothing; `proceedWithAnnouncement` unless set. */
  readonly recordingFailure?: RecordingFailurePolicy
  /** How long a command waits for what only the phone can do (answer, its own hold); 5 s unless set. */
  readonly phoneMsMax?: number
  /** When a parked call rings back to who parked it; 60 s unless set. */
  readonly parkRecallMs?: number
  /** How long one voicemail message may be; 3 minutes unless set. */
  readonly voicemailMsMax?: number
  /** Forwardings that one call may go through; 5 unless set. */
  readonly forwardsMax?: number
  /** Session timer that is asked for (RFC 4028 §4), in seconds; 1800 unless set. */
  readonly sessionExpiresSeconds?: number
  /** SIP messages kept for `trace`; 20,000 unless set. */
  readonly traceMessagesMax?: number
}

/** What the engine caused, in the order to carry it out. */
export type EngineOutput =
  | { readonly kind: 'transmit'; readonly destination: Destination; readonly message: SipMessage }
  | { readonly kind: 'media'; readonly command: MediaCommand }
  | { readonly kind: 'reply'; readonly id: number; readonly result: CallResult }
  | { readonly kind: 'event'; readonly event: EngineEvent }
  /** Store these bindings of a device in place of its old ones, then call `registrationStored`: the 200 waits for it. */
  | {
      readonly kind: 'storeBindings'
      readonly token: number
      readonly orgId: string
      readonly deviceId: string
      readonly bindings: readonly Binding[]
    }
  /** Something for the log and a counter; carries no personal data. */
  | {
      readonly kind: 'notice'
      readonly notice: string
      readonly fields?: Readonly<Record<string, string | number>>
    }

/** The engine. Implemented by `Engine`. */
export interface CallEngine extends Machine<EngineOutput> {
  receive(now: Instant, message: SipMessage, flow: Flow): EngineOutput[]
  sendFailed(now: Instant, message: SipMessage): EngineOutput[]
  /** A TCP or TLS flow is gone: bindings that came by it are dropped. */
  flowClosed(now: Instant, flow: Flow): EngineOutput[]
  /** Runs a command; its `reply` output carries the same `id`, now or later. */
  command(now: Instant, id: number, command: CallCommand): EngineOutput[]
  media(now: Instant, event: MediaEvent): EngineOutput[]
  registrationStored(now: Instant, token: number, stored: boolean): EngineOutput[]
  /** Replaces the directory; calls in progress go on. */
  setDirectory(now: Instant, directory: DirectorySnapshot): EngineOutput[]
  /** What lies in a mailbox has changed; its owner's phones are told (RFC 3842). */
  setMailbox(now: Instant, mailbox: Mailbox): EngineOutput[]
  /** No new calls from now on: INVITE and dial get 503. */
  drain(now: Instant): EngineOutput[]
  /** What is alive; all 0 at rest. */
  readonly counts: {
    readonly sessions: number
    readonly halves: number
    readonly legs: number
    readonly recordings: number
    readonly transactions: number
    readonly registrations: number
  }
}
