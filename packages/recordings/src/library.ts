/**
 * The library of recordings as the rest of the server sees it: what can be asked of it and done to it, by whom, and how
 * it may be refused. Each part is built in a folder of its own and put together in `recordings.ts`; HTTP and commands
 * know these faces alone. Ids are raw UUIDs, moments Unix milliseconds; every question names an organisation.
 */
import type { Readable } from 'node:stream'
import type { RecordingMetadata, Role } from '@tandem/contract'
import type { Compilable } from '@tandem/store'
import type { RecordingPage, RecordingQuery } from './catalogue/catalogue.ts'
import type { Recording, RecordingStatus } from './catalogue/recording.ts'
import type { DownloadLinks, LinkedFile, LinkSubject } from './link/download-links.ts'
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

// ── Moves through the life of a recording (converged-recordings §1, §6, §8, §9; promise P16) ──

/** What a move does: `withdraw` is the delete of a meeting recording, which leaves it to compliance officers alone. */
export type MoveKind = 'softDelete' | 'restore' | 'purge' | 'withdraw'

/** Which recordings: ids, all or nothing, or everything eligible of one owner. `only` keeps to one API's recordings. */
export type MoveTarget = { readonly only?: 'meeting' } & (
  | {
      readonly ids: readonly string[]
      /** A user reaches these owners' recordings only; others count as missing. */
      readonly ownerIds?: readonly string[]
    }
  | {
      readonly allOf: string
      /** With `only: 'meeting'`: those of this site. */
      readonly siteUrl?: string
    }
)

/** What became of it. Anything but `done` has changed nothing. */
export type MoveOutcome =
  | { readonly kind: 'done'; readonly count: number }
  /** Unknown, not visible, or of somebody else. */
  | { readonly kind: 'missing'; readonly id: string }
  | { readonly kind: 'wrongStatus'; readonly id: string; readonly status: RecordingStatus }
  | { readonly kind: 'held'; readonly id: string }
  | { readonly kind: 'retained'; readonly id: string; readonly until: number }

/** Moves recordings; each with its events and its audit rows in one commit. */
export interface Lifecycle {
  /** `why` goes into the audit rows. */
  move(
    actor: Actor,
    kind: MoveKind,
    target: MoveTarget,
    why?: { readonly reason?: string; readonly comment?: string },
  ): Promise<MoveOutcome>
  /** Destroys key, media, transcript and index entry. Of any status. The list is worked off before it resolves. */
  erase(
    actor: Actor,
    id: string,
    why: { readonly reason?: string; readonly comment?: string },
  ): Promise<MoveOutcome>
  /**
   * Gives recordings a new owner (§8): `ids` whoever owns them, those of `ids` that `from` owns, or all that `from` owns.
   * `purged` ones count as missing.
   */
  reassign(
    actor: Actor,
    request: { readonly to: Owner; readonly from?: string; readonly ids?: readonly string[] },
  ): Promise<MoveOutcome>
  /** Changes what may be changed of one recording; `updated` is announced when the topic differs. */
  update(
    actor: Actor,
    id: string,
    change: { readonly topic?: string; readonly downloadPrevented?: boolean },
  ): Promise<MoveOutcome>
  /** Why and until when a recording is kept; undefined when there is none. */
  keeping(orgId: string, id: string): Promise<Keeping | undefined>
  /** Carries out what is due: bins that are over, retention that has ended, erasures cut off by a crash. */
  sweep(): Promise<Sweep>
}

/** Why a recording is still there. */
export interface Keeping {
  readonly status: RecordingStatus
  /** No purge or erasure before; absent without a policy. */
  readonly retainUntil?: number
  /** Whether it is erased then. */
  readonly eraseAtEnd: boolean
  /** When it leaves the recycle bin; absent outside of it. */
  readonly binUntil?: number
  /** Ids of the holds in force. */
  readonly holds: readonly string[]
}

/** What a sweep did. */
export interface Sweep {
  readonly purged: number
  readonly erased: number
  /** Due but not done: the clock is not trusted until somebody confirms it. */
  readonly postponed: boolean
}

// ── Legal hold and retention ──

/** A hold on some recordings. */
export interface Hold {
  readonly id: string
  readonly orgId: string
  readonly reason: string
  readonly recordingIds: readonly string[]
  readonly placedBy: string
  readonly placedAt: number
  readonly releasedBy?: string
  readonly releasedAt?: number
  readonly releaseReason?: string
}

/** Holds, for compliance officers. */
export interface Holds {
  /** All or nothing; `missing` when a recording is unknown. */
  place(
    actor: Actor,
    request: { readonly recordingIds: readonly string[]; readonly reason: string },
  ): Promise<Hold | { readonly kind: 'missing'; readonly id: string }>
  /** `missing`: no such hold. `released`: somebody did it before. */
  release(actor: Actor, holdId: string, reason: string): Promise<'done' | 'missing' | 'released'>
  get(orgId: string, holdId: string): Promise<Hold | undefined>
  /** Newest first, ties by id. */
  list(
    orgId: string,
    query: {
      readonly active?: boolean
      readonly recordingId?: string
      readonly max: number
      readonly cursor?: Cursor
    },
  ): Promise<Page<Hold>>
}

/** Whose recordings a policy is about. */
export type RetentionScope = 'organization' | 'location' | 'owner'

/** How long recordings are kept. For one recording the longest applicable policy counts. */
export interface RetentionPolicy {
  readonly scope: RetentionScope
  /** Raw UUID of the organisation, location or owner. */
  readonly scopeId: string
  /** From the making of the recording, whole days. */
  readonly keepDays: number
  /** Whether the recording is erased when the time is over, or merely may be. */
  readonly eraseAtEnd: boolean
  readonly setBy: string
  readonly setAt: number
}

/** Policies. What a recording was promised never becomes less. */
export interface Retention {
  list(orgId: string): Promise<readonly RetentionPolicy[]>
  /** How many existing recordings are now kept longer. */
  set(
    actor: Actor,
    policy: Pick<RetentionPolicy, 'scope' | 'scopeId' | 'keepDays' | 'eraseAtEnd'>,
  ): Promise<{ readonly policy: RetentionPolicy; readonly extended: number }>
  /** False when there is none. */
  remove(actor: Actor, scope: RetentionScope, scopeId: string): Promise<boolean>
}

/**
 * The time that retention believes in: it never goes back, and does not follow a clock that jumps ahead until somebody
 * confirms it, so that a wrong clock purges nothing early (promise P16).
 */
export interface KeptTime {
  now(): number
  /** Set while the clock is ahead of what may be believed. */
  readonly doubt: { readonly wall: number; readonly kept: number } | undefined
  accept(actor: Actor): Promise<void>
}

// ── Audit (promise P17) ──

/** What happened to a recording, a policy or the log itself, and who was let in, told or changed in the directory. */
export type AuditAction =
  | 'recording.created'
  | 'recording.imported'
  | 'recording.listed'
  | 'recording.searched'
  | 'recording.read'
  | 'recording.metadataRead'
  | 'recording.downloaded'
  | 'recording.transcriptRead'
  | 'recording.exported'
  | 'recording.updated'
  | 'recording.softDeleted'
  | 'recording.restored'
  | 'recording.purged'
  | 'recording.withdrawn'
  | 'recording.erased'
  | 'recording.reassigned'
  | 'recording.shared'
  | 'recording.transcribed'
  | 'recording.damaged'
  | 'hold.placed'
  | 'hold.released'
  | 'retention.set'
  | 'retention.removed'
  | 'clock.doubted'
  | 'clock.accepted'
  | 'import.created'
  | 'import.failed'
  | 'import.cancelled'
  | 'audit.read'
  | 'audit.exported'
  | 'directory.created'
  | 'directory.changed'
  | 'directory.removed'
  | 'directory.applied'
  | 'signin.succeeded'
  | 'signin.refused'
  | 'password.set'
  | 'token.created'
  | 'token.revoked'
  | 'client.created'
  | 'client.changed'
  | 'client.deleted'
  | 'app.authorized'
  | 'app.deauthorized'
  | 'webhook.created'
  | 'webhook.changed'
  | 'webhook.deleted'
  | 'webhook.disabled'
  | 'webhook.redelivered'
  | 'refused'

/** One thing to be written down. `detail` holds no audio, no transcript and no secret. */
export interface AuditEntry {
  readonly actor: Actor
  readonly action: AuditAction
  /** Absent when it is about no single recording. */
  readonly recordingId?: string
  readonly detail?: Readonly<Record<string, unknown>>
}

/** One row of the log. */
export interface AuditRow {
  /** Its place in the chain of its organisation, from 1 without gaps; 0 for the moment until the row is sealed. */
  readonly seq: number
  readonly id: string
  readonly orgId: string
  readonly at: number
  readonly actorId: string
  readonly as: Actor['as']
  readonly action: AuditAction
  readonly recordingId?: string
  readonly detail: Readonly<Record<string, unknown>>
  readonly trackingId?: string
  /** Of the row before it in the chain; empty for the first, and for a row that is not sealed yet. */
  readonly previousHash: string
  /** Lower-case hex of 32 bytes; empty for the moment until the row is sealed. */
  readonly hash: string
}

/** The log: append only, chained by hashes, its head signed. */
export interface AuditLog {
  /** The statements that write an entry down in the same commit as what it is about. */
  statements(entries: readonly AuditEntry[]): readonly Compilable[]
  /** Writes entries down; on disk when it resolves. */
  add(entries: readonly AuditEntry[]): Promise<void>
  /** Writes an entry down within a moment, without making its caller wait: for lists. */
  addSoon(entry: AuditEntry): void
  /** Newest first. */
  list(
    orgId: string,
    query: {
      readonly from?: number
      readonly to?: number
      readonly recordingId?: string
      readonly actorId?: string
      readonly action?: AuditAction
      readonly max: number
      /** Rows before this sequence number. */
      readonly before?: number
    },
  ): Promise<{ readonly items: readonly AuditRow[]; readonly next?: number }>
  /**
   * Oldest first, with signed heads between them and one that closes it: ready for `verify` when each is written as
   * `JSON.stringify` does it and a newline. Rows between are never left out, also when their clock was elsewhere.
   */
  export(orgId: string, from: number, to: number): AsyncIterable<AuditRow | AuditHead>
}

/** A signed statement of where the chain of an organisation stood. */
export interface AuditHead {
  readonly orgId: string
  readonly seq: number
  readonly hash: string
  readonly at: number
  readonly keyId: string
  /** Only in the last item of an export: what went before it, so that nothing of it can be left out. */
  readonly closes?: AuditClosing
  /** Ed25519, base64. */
  readonly signature: string
}

/** What an export of the log holds. */
export interface AuditClosing {
  readonly from: number
  readonly to: number
  readonly rows: number
  /** Of all lines before: each item as `JSON.stringify` writes it, and a newline. */
  readonly sha256: string
  /** The public keys that check the heads. */
  readonly keys: readonly SigningKey[]
}

// ── Manifest and export ──

/** What is signed about one recording. */
export interface SignedManifest {
  readonly keyId: string
  /** Canonical JSON, exactly the signed bytes. */
  readonly body: string
  /** Ed25519, base64. */
  readonly signature: string
}

/** A public key that checks signatures. */
export interface SigningKey {
  readonly keyId: string
  readonly algorithm: 'Ed25519'
  /** PEM, SPKI. */
  readonly publicKey: string
  readonly from: number
  /** Set when it is no longer used. */
  readonly until?: number
}

/** Manifests and exports. */
export interface Evidence {
  manifest(orgId: string, id: string): Promise<SignedManifest | undefined>
  keys(): Promise<readonly SigningKey[]>
  /** A tar with media, metadata, transcript, manifest, audit rows and keys, verifiable offline. Undefined: not there. */
  export(actor: Actor, id: string): Promise<Readable | undefined>
}

// ── Transcripts and search ──

/** How far the transcript of a recording is. */
export type TranscriptState = 'none' | 'waiting' | 'running' | 'done' | 'failed'

/** A stretch of speech. */
export interface TranscriptSegment {
  /** From the beginning of the audio. */
  readonly startMs: number
  readonly endMs: number
  /** As the recording's sides know them: the owner, or who was on the other side. */
  readonly speaker?: string
  readonly text: string
}

/** What was said. */
export interface Transcript {
  readonly language?: string
  /** What made it: an engine's name, or `import`. */
  readonly engine: string
  readonly segments: readonly TranscriptSegment[]
}

/** The forms in which a transcript is given. */
export type TranscriptFormat = 'vtt' | 'txt' | 'json'

/** Transcripts. */
export interface Transcripts {
  /** Whether a transcriber is configured. */
  readonly configured: boolean
  state(
    orgId: string,
    id: string,
  ): Promise<{ readonly state: TranscriptState; readonly error?: string; readonly language?: string }>
  get(orgId: string, id: string): Promise<Transcript | undefined>
  /** The text in one form, with its media type. */
  render(
    transcript: Transcript,
    format: TranscriptFormat,
  ): { readonly contentType: string; readonly text: string }
  /** Reads WebVTT, plain text or our JSON; an error text when it is none of them. */
  parse(text: string, format: TranscriptFormat): Transcript | string
  /** Stores a transcript made elsewhere, in place of an earlier one; false when there is no such recording. */
  put(actor: Actor, id: string, transcript: Transcript): Promise<boolean>
  /** Has one made; `off` when no transcriber is configured. */
  request(
    actor: Actor,
    id: string,
    options: { readonly language?: string },
  ): Promise<'done' | 'missing' | 'off'>
}

/** What to search for. Visibility is the asker's: `statuses` and `ownerIds` restrict what can be found. */
export interface SearchQuery {
  readonly orgId: string
  /** Words; all must occur, in any case, somewhere in topic, parties or transcript. */
  readonly text: string
  readonly statuses: readonly RecordingStatus[]
  readonly ownerIds?: readonly string[]
  /** For whoever may not read what was said: transcripts neither match nor show, so that asking tells nothing of them. */
  readonly withoutTranscripts?: boolean
  readonly from?: number
  readonly to?: number
  readonly max: number
  readonly cursor?: Cursor
}

/** A recording that was found, and where. */
export interface SearchHit {
  readonly recording: Recording
  readonly matches: readonly {
    readonly in: 'topic' | 'party' | 'transcript'
    /** Some words around the match. */
    readonly text: string
    /** Where in the audio, for a transcript. */
    readonly atMs?: number
  }[]
}

// ── Imports ──

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

/** What only a meeting recording has (meeting-recordings §1). */
export interface MeetingFacts {
  readonly meetingId: string
  readonly scheduledMeetingId?: string
  readonly meetingSeriesId?: string
  readonly siteUrl: string
  readonly password: string
  readonly serviceType: 'MeetingCenter' | 'EventCenter' | 'SupportCenter' | 'TrainingCenter'
  readonly format: 'MP4' | 'ARF' | 'UPLOADED'
  /** Foreign keys, each visible to the client that set it. */
  readonly integrationTags: readonly { readonly clientId: string; readonly tag: string }[]
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

// ── Meetings ──

/** A meeting recording. */
export interface MeetingRecording {
  readonly recording: Recording
  readonly meeting: MeetingFacts
  /** Emails that it is shared with, as they were given. */
  readonly sharedWith: readonly string[]
}

/** What to list of meetings; filters combine with AND. */
export interface MeetingQuery {
  readonly orgId: string
  readonly from?: number
  readonly to?: number
  readonly status: RecordingStatus
  readonly max: number
  readonly cursor?: Cursor
  /** Hosted by. */
  readonly hostId?: string
  /** Hosted by `hostId`, or shared with this email. */
  readonly sharedWith?: string
  /** Instance, scheduled meeting or series. */
  readonly meetingId?: string
  readonly siteUrl?: string
  readonly topic?: string
  readonly format?: string
  readonly serviceType?: string
  readonly integrationTag?: { readonly clientId: string; readonly tag: string }
}

/** Meeting recordings. Their moves are those of `Lifecycle`. */
export interface MeetingRecordings {
  list(query: MeetingQuery): Promise<Page<MeetingRecording>>
  get(orgId: string, id: string): Promise<MeetingRecording | undefined>
  /** Whatever its organisation: behind its password alone. */
  find(id: string): Promise<MeetingRecording | undefined>
  /** False when there is none. */
  share(
    actor: Actor,
    id: string,
    change: { readonly add: readonly string[]; readonly remove: readonly string[] },
  ): Promise<boolean>
}

// ── Storage ──

/** The state of the store. */
export interface StorageState {
  readonly scrub: {
    /** When the running pass began, and how much of it is done. */
    readonly since?: number
    readonly checkedFiles: number
    readonly checkedBytes: number
    /** When everything had been read at last. */
    readonly lastCompleted?: number
    readonly damaged: readonly {
      readonly recordingId: string
      readonly file: string
      readonly foundAt: number
    }[]
  }
  readonly quarantinedFiles: number
  readonly encrypted: boolean
  readonly vault: 'folder' | 's3'
  readonly keptTime: number
  readonly clockDoubted: boolean
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

/** A file of a recording, opened and being checked while it is read. `undefined` bytes never leave: a fault ends it. */
export interface OpenedFile {
  readonly stream: Readable
  /** Of the whole file. */
  readonly sizeBytes: number
  readonly contentType: string
  /** Strong, in quotes. */
  readonly etag: string
}

/** What a file of a recording is, without opening it. */
export interface FileFacts {
  readonly sizeBytes: number
  readonly contentType: string
  readonly sha256: string
  /** Of the name in `Content-Disposition`. */
  readonly extension: string
}

/** How the files of a recording are looked at. */
export interface FilesOptions {
  /** Size and hash of a transcript are those of what is given out, for which it is read; else those of what is stored. */
  readonly measured?: boolean
}

/** A signed address. */
export interface SignedLink {
  /** Absolute when `publicUrl` was given, else a path. */
  readonly url: string
  /** Unix milliseconds. */
  readonly expiresAt: number
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

/** The store of files cannot give what it should. */
export class StorageFault extends Error {
  override readonly name = 'StorageFault'
  readonly kind: 'damaged' | 'unreachable' | 'locked'

  constructor(kind: StorageFault['kind'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}
