/**
 * The contract's types as a client must take them: a server newer than this SDK may send enum values that it does
 * not know, so each closed list of words becomes "one of these, or another string".
 */
import type * as contract from '@tandem/contract'

/** `T` with every union of string literals left open. */
export type Open<T> = T extends string
  ? string extends T
    ? T
    : T | (string & {})
  : T extends readonly (infer Item)[]
    ? Open<Item>[]
    : T extends object
      ? { [Key in keyof T]: Open<T[Key]> }
      : T

/** What a request may hold, as it is written in a program: values that are undefined are not sent. */
export type Given<T> = T extends string
  ? Open<T>
  : T extends readonly (infer Item)[]
    ? readonly Given<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Given<T[Key]> | MaybeUndefined<T, Key> }
      : T

type MaybeUndefined<T, Key extends keyof T> = Record<never, never> extends Pick<T, Key> ? undefined : never

/** A call as list and details show it. `callId` is always there, under the name that webhooks use for it. */
export type Call = Open<contract.Call> & { readonly callId: string }
/** The other side of a call, as one person may see it. */
export type Party = Open<contract.Party>
/** One past call. */
export type CallHistoryRecord = Open<contract.CallHistoryRecord>
/** A conference, its host's state and who is in it. */
export type ConferenceDetails = Open<contract.ConferenceDetails>
/** The ids of a new call. */
export type CallInfo = Open<contract.CallInfo>
/** A recording as lists show it. */
export type ConvergedRecording = Open<contract.ConvergedRecording>
/** A recording with its download links, where the caller is given them. */
export type ConvergedRecordingDetails = Open<contract.ConvergedRecordingDetails>
/** The metadata document of a recording. */
export type RecordingMetadata = Open<contract.RecordingMetadata>
/** The person whose token it is. */
export type Person = Open<contract.Person>
/** Where a person's calls are answered when a command names no device, and the choices. */
export type PreferredAnswerEndpoint = Open<contract.PreferredAnswerEndpoint>
/** The caller's own choice. */
export type MyPreferredAnswerEndpoint = Open<contract.AnswerEndpoint>
/** How a line's calls are recorded. */
export type CallRecordingSettings = Open<contract.CallRecordingSettings>
/** What a change of it names. */
export type CallRecordingSettingsChange = Open<contract.CallRecordingSettingsChange>
/** The caller's own view of how calls are recorded. */
export type MyCallRecording = Open<contract.MyCallRecording>
/** An uploaded announcement or hold music. */
export type Announcement = Open<contract.Announcement>
/** One conversation that has ended. */
export type CallRecord = Open<contract.CallRecord>
/** The SIP messages of one conversation, without personal data. */
export type CallTrace = Open<contract.CallTrace>
/** A message in the caller's mailbox. */
export type VoicemailMessage = Open<contract.VoicemailMessage>
/** A meeting recording in the list of who hosted it or was given a share. */
export type MeetingRecording = Open<contract.MeetingRecording>
/** A meeting recording in the list of a site. */
export type AdminMeetingRecording = Open<contract.AdminMeetingRecording>
/** A meeting recording in the list that a service app gets of one person. */
export type GroupMeetingRecording = Open<contract.GroupMeetingRecording>
/** A meeting recording with its download links, where the caller is given them. */
export type MeetingRecordingDetails = Open<contract.MeetingRecordingDetails>
/** A recording that was found, and where the words stand. */
export type FoundRecording = Open<contract.FoundRecording>
/** How far a transcript is, and what was said. */
export type RecordingTranscript = Open<contract.RecordingTranscript>
/** What may be changed of a recording. */
export type RecordingChange = Given<contract.UpdateRecordingRequest>
/** A transcript that was made elsewhere. */
export type NewTranscript = Given<contract.PutTranscriptRequest>
/** What is known of a recording that comes from elsewhere. */
export type NewImport = Given<contract.CreateImportRequest>
/** One import and how far it has come. */
export type RecordingImport = Open<contract.RecordingImport>
/** A legal hold. */
export type LegalHold = Open<contract.LegalHold>
/** What is placed under legal hold, and why. */
export type NewHold = Given<contract.PlaceHoldRequest>
/** How long some recordings are kept. */
export type RetentionPolicy = Open<contract.RetentionPolicy>
/** How long to keep them. */
export type NewRetentionPolicy = Given<contract.RetentionPolicyRequest>
/** A policy that was just set, and how many recordings it keeps longer. */
export type RetentionPolicySet = Open<contract.RetentionPolicySet>
/** Until when a recording is kept, and why. */
export type RecordingKeeping = Open<contract.RecordingKeeping>
/** The signed manifest of a recording. */
export type RecordingManifest = Open<contract.RecordingManifest>
/** A public key that checks manifests and exports. */
export type SigningKey = Open<contract.SigningKeyList['items'][number]>
/** One row of the audit log. */
export type AuditRecord = Open<contract.AuditRecord>
/** The state of the store of recordings. */
export type StorageReport = Open<contract.StorageReport>
