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
export { ImportFault, type ImportFaultKind } from './import/import-fault.ts'
export { DataKeys, type DataKeysOptions, type Erased, ErasedRecording } from './keys/data-keys.ts'
export { type KeyRing, keyIdOf, type NamedKey } from './keys/key-ring.ts'
export {
  type Actor,
  type AuditAction,
  type AuditClosing,
  type AuditEntry,
  type AuditHead,
  type AuditLog,
  type AuditRow,
  type Cursor,
  type Evidence,
  type FileFacts,
  type Hold,
  type Holds,
  type Import,
  type ImportRequest,
  type ImportState,
  type Imports,
  type Keeping,
  type KeptTime,
  type Library,
  type Lifecycle,
  type MeetingFacts,
  type MeetingQuery,
  type MeetingRecording,
  type MeetingRecordings,
  type MoveKind,
  type MoveOutcome,
  type MoveTarget,
  type OpenedFile,
  type Owner,
  type OwnersPort,
  type OwnerType,
  type Page,
  type Retention,
  type RetentionPolicy,
  type RetentionScope,
  type SearchHit,
  type SearchQuery,
  type SignedLink,
  type SignedManifest,
  type SigningKey,
  StorageFault,
  type StorageState,
  type Sweep,
  type Transcript,
  type TranscriptFormat,
  type TranscriptSegment,
  type TranscriptState,
  type Transcripts,
} from './library.ts'
export {
  DownloadLinks,
  LINK_MS_MAX,
  LINKED_FILES,
  type LinkedFile,
  type LinkRole,
  type LinkSubject,
  type LinkVerdict,
} from './link/download-links.ts'
export { LIBRARY_MIGRATIONS, type LibraryTables } from './migrations.ts'
export { type Mp3Info, readInfoFrame } from './mp3/info-frame.ts'
export { Lame } from './mp3/lame.ts'
export { MP3_BITS_PER_SECOND, MP3_FRAME_BYTES, MP3_RATE_HZ, type Mp3Encoder } from './mp3/mp3-encoder.ts'
export type { RecordingAlarm, RecordingsOptions, VoicemailMessage } from './options.ts'
export type { Recovery } from './publish/recovery.ts'
export { openRecordings, type RecordingCounts, Recordings } from './recordings.ts'
export { type Absence, KeptFiles, namesOf } from './restore/kept-files.ts'
export { RestoredLibrary, type RestoredLibraryOptions } from './restore/restored-library.ts'
export { OpenAiTranscriber } from './transcript/openai-transcriber.ts'
export type { TranscriberUse } from './transcript/recording-transcripts.ts'
export { vaultFolder } from './vault/open-vault.ts'
export type { StoredFile } from './vault/stored-reader.ts'
export type { ByteRange, OpenFile } from './vault/vault.ts'
export { VaultUnusable } from './vault/vault-unusable.ts'
