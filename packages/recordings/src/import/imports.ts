/** Imports: recordings that come from elsewhere, one file each. */
import type { Recording } from '../catalogue/recording.ts'
import type { Actor, Cursor, Owner, Page } from '../library.ts'
import type { MeetingFacts } from '../meeting/meeting-recordings.ts'
import type { Transcript } from '../transcript/transcripts.ts'

/** What is known of a recording that comes from elsewhere. */
export interface ImportRequest {
  readonly owner: Owner
  readonly topic: string
  /** When the file was produced; absent: now. */
  readonly createTime?: number
  readonly timeRecorded?: number
  readonly serviceType: Recording['serviceType']
  readonly storageRegion?: string
  readonly callSessionId?: string
  readonly locationId?: string
  /** Only for `meeting`. */
  readonly meeting?: MeetingFacts
  readonly transcript?: Transcript
  /** The metadata document's `serviceData` as it came, kept and shown as far as it has the right shapes. */
  readonly serviceData?: Readonly<Record<string, unknown>>
  /** Of the media, when the sender knows it: lower-case hex. A recording with this hash makes the import a duplicate. */
  readonly sha256?: string
  /** Of the media. */
  readonly sizeBytes?: number
  /** Name of the file that it came from, for people. */
  readonly fileName?: string
}

/** Where an import stands. */
export type ImportState = 'waiting' | 'receiving' | 'checking' | 'done' | 'duplicate' | 'failed' | 'cancelled'

/** One import. */
export interface Import {
  readonly id: string
  readonly orgId: string
  readonly state: ImportState
  readonly fileName?: string
  readonly sizeBytes?: number
  /** Bytes that are on disk: an upload goes on from here. */
  readonly receivedBytes: number
  /** Set when `done`, and when `duplicate`: the one that is there. */
  readonly recordingId?: string
  /** Why it failed. */
  readonly error?: string
  readonly createdBy: string
  readonly createdAt: number
}

/** Imports: one file each; a folder is many of them. */
export interface Imports {
  /** Is a duplicate at once when the hash is known. */
  create(actor: Actor, request: ImportRequest): Promise<Import>
  /**
   * Appends media from `offset`, which must be what was received; with the last byte (`last`) the file is checked and
   * published before it resolves. What was sent stays when the connection breaks. Damaged media goes to quarantine.
   */
  receive(
    actor: Actor,
    id: string,
    upload: { readonly offset: number; readonly bytes: AsyncIterable<Uint8Array>; readonly last: boolean },
  ): Promise<Import | 'missing' | 'conflict'>
  get(orgId: string, id: string): Promise<Import | undefined>
  list(orgId: string, query: { readonly max: number; readonly cursor?: Cursor }): Promise<Page<Import>>
  cancel(actor: Actor, id: string): Promise<'done' | 'missing' | 'conflict'>
  /** A file of this machine in one go: for commands and benchmarks. The file stays where it is. */
  importFile(actor: Actor, request: ImportRequest, path: string): Promise<Import>
}
