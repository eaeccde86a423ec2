/**
 * What whoever opens the recordings gives them and is told by them: keys, folders, hooks, alarms. Read once at start.
 */
import type { Logger } from '@tandem/base'
import type { Database } from '@tandem/store'
import type { AuditHead } from './audit/audit-log.ts'
import type { KeyRing } from './keys/key-ring.ts'
import type { LibraryTables } from './migrations.ts'
import type { ScrubRates } from './scrub/scrub-pace.ts'
import type { TranscriberUse } from './transcript/recording-transcripts.ts'
import type { VaultDisk } from './vault/vault-disk.ts'

/** Something that an operator must know of (promise P4). `what` is for programs, `message` says what to do. */
export interface RecordingAlarm {
  readonly what: 'encoding-failed' | 'unreadable' | 'recording-failed' | 'file-damaged' | 'voicemail-refused'
  readonly recordingId: string
  readonly message: string
}

/** A message that a caller has left, as a file for its mailbox. */
export interface VoicemailMessage {
  /** Names the message for ever: whoever has it already does nothing. */
  readonly id: string
  readonly orgId: string
  /** The line to whose mailbox it belongs. */
  readonly ownerId: string
  readonly callSessionId: string
  /** The caller's name, else number. */
  readonly remoteName: string
  /** Digits that can be called back; absent when the caller hid them or has none. */
  readonly callingNumber?: string
  /** When it was begun, Unix milliseconds. */
  readonly at: number
  readonly durationMs: number
  /** Headerless G.711 mu-law, 8 kHz, mono: whole and synced, on the volume of the data folder, to be moved away. */
  readonly path: string
}

/** How to open recordings. */
export interface RecordingsOptions<Tables extends LibraryTables = LibraryTables> {
  /** Opened with a schema `keys` attached, where the wrapped keys of recordings lie. */
  readonly db: Database<Tables>
  /** Holds `journal`, `vault`, `imports` and `quarantine`. */
  readonly dataFolder: string
  /** The key-encryption key under which the journal's data keys are wrapped, 32 bytes. */
  readonly kek: Uint8Array
  /** The key-encryption keys of the vault, while a rotation goes on; else `kek` alone. */
  readonly ring?: KeyRing
  /** Signs download links, 32 bytes. */
  readonly linkKey: Uint8Array
  readonly logger: Logger
  readonly onAlarm: (alarm: RecordingAlarm) => void
  /**
   * Takes a message into its mailbox, on disk when it resolves. It is asked again after a failure, and after a crash
   * that came before its answer was noted. Without it messages stay in the journal, with an alarm.
   */
  readonly onVoicemail?: (message: VoicemailMessage) => Promise<void>
  /** Region code that every recording made here shows. */
  readonly storageRegion: string
  /** Where this server is reached; makes links absolute. A function where it is known only later. */
  readonly publicUrl?: string | (() => string)
  /** Where files live, see `openVault`; a folder `vault` in the data folder by default. */
  readonly vaultUrl?: string
  /** Whether files are sealed; true by default. */
  readonly encryption?: boolean
  /** Time in the recycle bin, milliseconds; 30 days by default. */
  readonly binMs?: number
  /** How fast the scrub reads. */
  readonly scrubRates?: ScrubRates
  /** Whether calls run now, so that the scrub keeps back. */
  readonly isBusy?: () => boolean
  /** Organisations whose audit log is told of a clock that jumped. */
  readonly organizations?: () => Promise<readonly string[]>
  /** Takes each signed head of the audit log, to be copied off the machine. */
  readonly onAuditHead?: (head: AuditHead) => void | Promise<void>
  /** How transcripts are made; absent: they are stored and shown, and none are made. */
  readonly transcriber?: TranscriberUse
  /** Whether the words of transcripts stand in the database for search; true by default. */
  readonly transcriptSearch?: boolean
  /** Whether the recordings of an owner are to be transcribed. */
  readonly wantsTranscript?: (orgId: string, ownerId: string) => Promise<boolean>
  /** Name of this node, for work that a dead process left. */
  readonly node?: string
  /** Release of this software, for manifests and exports. */
  readonly software?: string
  /** Environment variables for the credentials of an object store. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Unix milliseconds; the system's clock unless a test says otherwise. */
  readonly now?: () => number
  /** Milliseconds that never go back; the process's own unless a test says otherwise. */
  readonly monotonic?: () => number
  readonly encoderThreads?: number
  readonly retryMs?: number
  /** The file system of the vault, for tests that make it fail. */
  readonly disk?: VaultDisk
}
