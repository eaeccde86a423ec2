export type {
  AuditAction,
  AuditClosing,
  AuditEntry,
  AuditHead,
  AuditLog,
  AuditRow,
  SigningKey,
} from './audit/audit-log.ts'
export { SigningKeyError } from './audit/signing-keys.ts'
export {
  PAGE_ITEMS_MAX,
  type RecordingCursor,
  type RecordingPage,
  type RecordingQuery,
} from './catalogue/catalogue.ts'
export {
  idKey,
  type NewRecordingRow,
  type Recording,
  type RecordingGap,
  type RecordingStatus,
} from './catalogue/recording.ts'
export type {
  RecordingFactsTable,
  RecordingFileTable,
  RecordingSettledTable,
  RecordingTable,
} from './catalogue/tables.ts'
export type { Evidence, SignedManifest } from './evidence/evidence.ts'
export type { FileFacts, OpenedFile, SignedLink } from './file/recording-files.ts'
export type { Hold, Holds } from './hold/holds.ts'
export { ImportFault, type ImportFaultKind } from './import/import-fault.ts'
export type { Import, ImportRequest, ImportState, Imports } from './import/imports.ts'
export { DataKeys, type DataKeysOptions, type Erased, ErasedRecording } from './keys/data-keys.ts'
export { type KeyRing, keyIdOf, type NamedKey } from './keys/key-ring.ts'
export type { Actor, Cursor, Library, Owner, OwnersPort, OwnerType, Page } from './library.ts'
export type { KeptTime } from './lifecycle/kept-time.ts'
export type { Keeping, Lifecycle, MoveKind, MoveOutcome, MoveTarget, Sweep } from './lifecycle/lifecycle.ts'
export {
  DownloadLinks,
  LINK_MS_MAX,
  LINKED_FILES,
  type LinkedFile,
  type LinkRole,
  type LinkSubject,
  type LinkVerdict,
} from './link/download-links.ts'
export type {
  MeetingFacts,
  MeetingQuery,
  MeetingRecording,
  MeetingRecordings,
} from './meeting/meeting-recordings.ts'
export { LIBRARY_MIGRATIONS, type LibraryTables } from './migrations.ts'
export { type Mp3Info, readInfoFrame } from './mp3/info-frame.ts'
export { Lame } from './mp3/lame.ts'
export { MP3_BITS_PER_SECOND, MP3_FRAME_BYTES, MP3_RATE_HZ, type Mp3Encoder } from './mp3/mp3-encoder.ts'
export type { RecordingAlarm, RecordingsOptions, VoicemailMessage } from './options.ts'
export type { Recovery } from './publish/recovery.ts'
export { openRecordings, type RecordingCounts, Recordings } from './recordings.ts'
export { type Absence, KeptFiles, namesOf } from './restore/kept-files.ts'
export { RestoredLibrary, type RestoredLibraryOptions } from './restore/restored-library.ts'
export type { Retention, RetentionPolicy, RetentionScope } from './retention/retention.ts'
export type { StorageState } from './scrub/storage-state.ts'
export type { SearchHit, SearchQuery } from './search/search-query.ts'
export { OpenAiTranscriber } from './transcript/openai-transcriber.ts'
export type { TranscriberUse } from './transcript/recording-transcripts.ts'
export type {
  Transcript,
  TranscriptFormat,
  TranscriptSegment,
  TranscriptState,
  Transcripts,
} from './transcript/transcripts.ts'
export { vaultFolder } from './vault/open-vault.ts'
export { StorageFault } from './vault/storage-fault.ts'
export type { StoredFile } from './vault/stored-reader.ts'
export type { ByteRange, OpenFile } from './vault/vault.ts'
export { VaultUnusable } from './vault/vault-unusable.ts'
