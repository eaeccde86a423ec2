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
