/**
 * What the harness and its worker say to each other. Commands go in on stdin, a line of JSON each. The ledger comes out
 * on a pipe of its own, written with one system call after each acknowledgement, so that what was acknowledged is known
 * whatever becomes of the worker in the next instant (promise P1).
 */

/** Descriptor of the ledger in the worker. */
export const LEDGER_FD = 3

/** The organisation that everything belongs to. */
export const ORG = '5e0b7c52-0a41-4c5e-9d7b-2f6a8d1c3e90'

/** The owner whose recordings are kept by a policy. */
export const KEPT_OWNER = 'kept'

/** Everybody who owns recordings. */
export const OWNERS: readonly string[] = ['tomas', 'mira', KEPT_OWNER]

/** In place of the id of a hold whose placing was cut off. */
export const UNKNOWN_HOLD = 'unknown'

/** What an operation changes when it is carried out; exactly what must be found afterwards. */
export type Effect =
  | {
      readonly do: 'import'
      readonly sha256: string
      readonly owner: string
      readonly topic: string
      /** Known when it is acknowledged. */
      readonly id?: string
    }
  | { readonly do: 'status'; readonly id: string; readonly status: string; readonly action: string }
  | { readonly do: 'erase'; readonly id: string }
  | { readonly do: 'owner'; readonly id: string; readonly owner: string }
  | { readonly do: 'topic'; readonly id: string; readonly topic: string }
  | { readonly do: 'hold'; readonly id: string; readonly holdId?: string }
  | { readonly do: 'release'; readonly id: string; readonly holdId: string }
  | { readonly do: 'transcript'; readonly id: string; readonly text: string }
  | { readonly do: 'read'; readonly id: string }
  | { readonly do: 'retention'; readonly days: number }

/** One line of the ledger. */
export type LedgerLine =
  | { readonly k: 'ready'; readonly ms: number }
  | { readonly k: 'begin'; readonly lane: number; readonly effect: Effect }
  | { readonly k: 'done'; readonly lane: number; readonly effect: Effect }
  | { readonly k: 'failed'; readonly lane: number; readonly effect: Effect; readonly error: Fault }
  /** Something that must never be: a refusal that did not come, wrong bytes. */
  | { readonly k: 'violation'; readonly what: string }
  | { readonly k: 'report'; readonly report: Report }
  /** The worker stops itself right after this line. */
  | { readonly k: 'stopping' }
  | { readonly k: 'worked'; readonly acked: number; readonly failed: number }

/** An error as it was named. */
export interface Fault {
  readonly name: string
  readonly code: string
  readonly message: string
}

/** A recording as the ledger knows it. */
export interface KnownRecording {
  readonly id: string
  readonly sha256: string
  readonly owner: string
  readonly topic: string
  readonly status: string
  readonly holds: readonly string[]
  readonly transcript?: string
}

/** What the worker is told. */
export type Command =
  | { readonly c: 'report'; readonly auditFile: string; readonly putAway: boolean }
  | {
      readonly c: 'work'
      readonly seed: number
      readonly ops: number
      readonly lanes: number
      readonly known: readonly KnownRecording[]
      readonly retentionDays: number
      /** Only what leaves the database's log in place, so that a missing sync cannot be made good by another. */
      readonly kind: 'everything' | 'imports' | 'moves'
      /** Writes the database's log round before the work, as a day of service does. */
      readonly warm: boolean
      /** Stops itself with SIGSTOP after the last acknowledgement. */
      readonly stop: boolean
    }
  | { readonly c: 'close' }

/** One recording as it was found. */
export interface FoundRecording extends Omit<KnownRecording, 'holds'> {
  readonly held: number
  /** SHA-256 of the bytes that reading gave, or why it gave none. */
  readonly read: string
  readonly vaultKey: string
  readonly keyed: boolean
  /** The hash that the newest manifest names, when its signature fits. */
  readonly manifest: string
}

/** Everything that is there. */
export interface Report {
  readonly recordings: readonly FoundRecording[]
  /** Of all recordings that were erased, without hyphens. */
  readonly erased: readonly string[]
  /** Keys of recordings, without hyphens. */
  readonly keys: readonly string[]
  readonly files: readonly string[]
  readonly quarantined: number
  /** `action id` and how often. */
  readonly audited: Readonly<Record<string, number>>
  /** `event id` and how often. */
  readonly events: Readonly<Record<string, number>>
  readonly retentionDays: number
}
