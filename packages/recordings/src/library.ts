/**
 * The library of recordings as the rest of the server sees it: what can be asked of it and done to it, by whom, and how
 * it may be refused. Each part is built in a folder of its own and put together in `recordings.ts`; HTTP and commands
 * know these faces alone. Ids are raw UUIDs, moments Unix milliseconds; every question names an organisation.
 */
import type { RecordingMetadata, Role } from '@tandem/contract'
import type { AuditLog } from './audit/audit-log.ts'
import type { RecordingPage, RecordingQuery } from './catalogue/catalogue.ts'
import type { Recording } from './catalogue/recording.ts'
import type { Evidence } from './evidence/evidence.ts'
import type { FileFacts, FilesOptions, OpenedFile, SignedLink } from './file/recording-files.ts'
import type { Holds } from './hold/holds.ts'
import type { Imports } from './import/imports.ts'
import type { KeptTime } from './lifecycle/kept-time.ts'
import type { Lifecycle } from './lifecycle/lifecycle.ts'
import type { DownloadLinks, LinkedFile, LinkSubject } from './link/download-links.ts'
import type { MeetingRecordings } from './meeting/meeting-recordings.ts'
import type { Retention } from './retention/retention.ts'
import type { StorageState } from './scrub/storage-state.ts'
import type { SearchHit, SearchQuery } from './search/search-query.ts'
import type { Transcripts } from './transcript/transcripts.ts'
import type { ByteRange } from './vault/vault.ts'

/** Who does something, for the audit log and the rules. `system` is the server itself: retention, recycle bin, scrub. */
export interface Actor {
  readonly orgId: string
  /** Empty for `system`. */
  readonly personId: string
  readonly as: Role | 'system'
  readonly trackingId?: string
}

/** A kind of owner, in the spelling of lists. */
export type OwnerType = Recording['ownerType']

/** Whoever may own recordings. */
export interface Owner {
  readonly id: string
  readonly type: OwnerType
  readonly name: string
  readonly email: string
  readonly locationId: string
}

/** Finds owners: the directory of the server implements it. */
export interface OwnersPort {
  /** By email in any case, whatever the kind of owner; undefined when there is none in this organisation. */
  byEmail(orgId: string, email: string): Promise<Owner | undefined>
  /** By raw UUID. */
  byId(orgId: string, id: string): Promise<Owner | undefined>
}

/** The sort key of the last item of a page. */
export interface Cursor {
  readonly at: number
  readonly id: string
}

/** One page. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next?: Cursor
}

/** Everything together. */
export interface Library {
  readonly links: DownloadLinks
  readonly lifecycle: Lifecycle
  readonly holds: Holds
  readonly retention: Retention
  readonly keptTime: KeptTime
  readonly audit: AuditLog
  readonly evidence: Evidence
  readonly transcripts: Transcripts
  readonly imports: Imports
  readonly meetings: MeetingRecordings
  list(query: RecordingQuery): Promise<RecordingPage>
  get(orgId: string, id: string): Promise<Recording | undefined>
  /** Whatever its organisation: only behind a signed link. */
  find(id: string): Promise<Recording | undefined>
  metadata(
    orgId: string,
    id: string,
    options: { readonly showAllTypes: boolean },
  ): Promise<RecordingMetadata | undefined>
  search(query: SearchQuery): Promise<Page<SearchHit>>
  /** The files that a recording has: `audio` always, `video` for MP4, `transcript` when there is one. */
  files(recording: Recording, options?: FilesOptions): Promise<ReadonlyMap<LinkedFile, FileFacts>>
  /** Undefined when recording, file or key are gone. Throws `StorageFault` when it is damaged or cannot be reached. */
  openFile(recordingId: string, file: LinkedFile, range?: ByteRange): Promise<OpenedFile | undefined>
  link(subject: Omit<LinkSubject, 'expiresAt'>): SignedLink
  storage(): Promise<StorageState>
}
