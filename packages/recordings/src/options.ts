/**
 * What whoever opens the recordings gives them and is told by them: keys, folders, hooks, alarms. Read once at start.
 */
import type { Logger } from '@tandem/base'
import type { Database } from '@tandem/store'
import type { RecordingsTables } from './catalogue/tables.ts'
import type { VaultDisk } from './vault/folder-vault.ts'

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
export interface RecordingsOptions<Tables extends RecordingsTables> {
  readonly db: Database<Tables>
  /** Holds `journal`, `vault` and `quarantine`. */
  readonly dataFolder: string
  /** The key-encryption key under which the journal's data keys are wrapped, 32 bytes. */
  readonly kek: Uint8Array
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
  /** Where this server is reached; makes the links that `audioLink` gives absolute. */
  readonly publicUrl?: string
  /** Unix milliseconds; the system's clock unless a test says otherwise. */
  readonly now?: () => number
  readonly encoderThreads?: number
  readonly retryMs?: number
  /** The file system of the vault, for tests that make it fail. */
  readonly disk?: VaultDisk
}
