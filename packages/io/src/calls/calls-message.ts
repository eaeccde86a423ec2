/** What the main thread and the calls thread say to each other: plain data over a message port. */
import type { LogFields } from '@tandem/base'
import type {
  Binding,
  CallCommand,
  CallResult,
  DirectorySnapshot,
  EngineEvent,
  EngineLimits,
  Mailbox,
} from '@tandem/engine'
import type { MediaAddressing } from '../media/media-workers.ts'
import type { MediaWorkerCounts } from '../media/worker-message.ts'
import type { ListenAddress, TransportCounts } from '../transport/transports.ts'

/** What the calls thread is made with: everything that can be posted. */
export interface CallNodeOptions {
  readonly sip: { readonly listen: readonly ListenAddress[]; readonly advertisedHost?: string }
  readonly media: MediaAddressing & { readonly workers?: number }
  /** Number of this call node, and how often it has been started. */
  readonly node: number
  readonly boot: number
  readonly product: string
  readonly directory: DirectorySnapshot
  readonly bindings: readonly Binding[]
  readonly mailboxes?: readonly Mailbox[]
  readonly limits: EngineLimits
  /** Wraps the data keys of recordings, 32 bytes. */
  readonly kek: Uint8Array
  readonly journalFolder: string
  /** Where uploaded sounds and voicemail lie; without it there are none to play. */
  readonly clipsFolder?: string
}

/** What became of a recording, or of a journal segment. */
export type RecordingNews =
  | { readonly kind: 'opened' | 'closed'; readonly recordingId: string }
  | { readonly kind: 'failed'; readonly recordingId: string; readonly why: string }

/** What is alive in the calls thread and below it. */
export interface CallsStats {
  readonly engine: {
    readonly sessions: number
    readonly halves: number
    readonly legs: number
    readonly recordings: number
    readonly transactions: number
    readonly registrations: number
  }
  readonly transport: Readonly<TransportCounts> & { readonly connections: number }
  readonly media: readonly MediaWorkerCounts[]
}

/** To the calls thread. */
export type CallsOrder =
  | { readonly kind: 'run'; readonly id: number; readonly command: CallCommand }
  | { readonly kind: 'directory'; readonly directory: DirectorySnapshot }
  | { readonly kind: 'mailbox'; readonly mailbox: Mailbox }
  | { readonly kind: 'stored'; readonly token: number; readonly stored: boolean }
  | { readonly kind: 'stats'; readonly id: number }
  /** No new calls; after `graceMs` hang up the rest; then sync the journals and answer `drained`. */
  | { readonly kind: 'drain'; readonly graceMs: number }

/** From the calls thread. */
export type CallsReport =
  | { readonly kind: 'ready'; readonly addresses: readonly ListenAddress[] }
  | { readonly kind: 'unable'; readonly why: string }
  | { readonly kind: 'reply'; readonly id: number; readonly result: CallResult }
  | { readonly kind: 'event'; readonly event: EngineEvent }
  | { readonly kind: 'recording'; readonly news: RecordingNews }
  | { readonly kind: 'retired'; readonly segment: string }
  | {
      readonly kind: 'storeBindings'
      readonly token: number
      readonly orgId: string
      readonly deviceId: string
      readonly bindings: readonly Binding[]
    }
  | {
      readonly kind: 'notice'
      readonly notice: string
      readonly fields: Readonly<Record<string, string | number>>
    }
  | { readonly kind: 'stats'; readonly id: number; readonly stats: CallsStats }
  | {
      readonly kind: 'log'
      readonly level: 'debug' | 'info' | 'warn' | 'error'
      readonly message: string
      readonly fields: LogFields
    }
  | { readonly kind: 'drained' }
  /** A thread below has ended: nothing here can be trusted any more. */
  | { readonly kind: 'broken'; readonly why: string }
