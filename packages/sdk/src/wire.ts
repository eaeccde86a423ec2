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
