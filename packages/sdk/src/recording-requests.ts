/**
 * What commands on recordings take: which ones are moved, who gets them, why they go (contract, converged-recordings §6,
 * §8, §9; meeting-recordings §5). What excludes each other cannot be written together, and whoever gets round the types
 * is stopped before anything is sent.
 */
import { requireText } from './api.ts'
import { InvalidArgument } from './error/webex-error.ts'
import type { CallOptions } from './options.ts'

/** Most recordings that one command names. */
export const RECORDING_IDS_MAX = 100
/** Longest comment of a deletion, in Unicode code points. */
const COMMENT_CHARS_MAX = 255

/** Which recordings: those that are named, or all of an owner (an administrator names the owner, a user nobody). */
export type RecordingSelection =
  | {
      readonly recordingIds: readonly string[]
      readonly all?: false | undefined
      readonly ownerEmail?: undefined
    }
  | {
      readonly all: true
      readonly ownerEmail?: string | undefined
      readonly recordingIds?: undefined
    }

/** Options of commands that name recordings. */
export interface BatchOptions extends CallOptions {
  /**
   * Sends more than 100 ids as several commands, one after the other. Each of them is all or nothing, the whole is not:
   * when one is refused, those before it have been carried out. Without it more than 100 ids are refused here.
   */
  readonly chunk?: boolean | undefined
}

/** Why a recording is deleted; a compliance officer has to say so of somebody else's. */
export interface DeleteReason {
  readonly reason?: string | undefined
  /** At most 255 characters. */
  readonly comment?: string | undefined
}

/** Which recordings get a new owner: those that are named, those of an owner, or those that are both. */
export type Reassignment = {
  /** The email of a person of the organisation. */
  readonly reassignOwnerEmail: string
} & (
  | {
      readonly recordingIds: readonly string[]
      readonly ownerEmail?: string | undefined
      readonly ownerId?: undefined
    }
  | {
      readonly recordingIds: readonly string[]
      readonly ownerId?: string | undefined
      readonly ownerEmail?: undefined
    }
  | { readonly ownerEmail: string; readonly ownerId?: undefined; readonly recordingIds?: undefined }
  | { readonly ownerId: string; readonly ownerEmail?: undefined; readonly recordingIds?: undefined }
)

/** The ids of a command, each once: batches of at most 100. Throws where they are none, or too many without `chunk`. */
export function batchesOf(ids: readonly string[], chunk: boolean | undefined): string[][] {
  const different = [...new Set(ids.map((id) => requireText('each of recordingIds', id)))]
  if (different.length === 0) throw new InvalidArgument('recordingIds must name at least one recording')
  if (different.length > RECORDING_IDS_MAX && chunk !== true)
    throw new InvalidArgument(
      `recordingIds may name ${RECORDING_IDS_MAX} recordings at once, not ${different.length}: { chunk: true } sends them in several commands`,
    )
  const batches: string[][] = []
  for (let at = 0; at < different.length; at += RECORDING_IDS_MAX)
    batches.push(different.slice(at, at + RECORDING_IDS_MAX))
  return batches
}

/** The bodies of a move, one for each command that it takes; `flag` is the member that means all. */
export function moveBodies(
  selection: RecordingSelection,
  flag: 'trashAll' | 'restoreAll' | 'purgeAll',
  chunk: boolean | undefined,
): Readonly<Record<string, unknown>>[] {
  const { all, ownerEmail, recordingIds }: Readonly<Record<string, unknown>> = selection
  if (all === true) {
    if (recordingIds !== undefined) throw new InvalidArgument('give recordingIds or all, not both')
    return [{ [flag]: true, ownerEmail: ownerEmail === undefined ? undefined : selection.ownerEmail }]
  }
  if (ownerEmail !== undefined) throw new InvalidArgument('ownerEmail goes with all: true alone')
  return batchesOf(selection.recordingIds ?? [], chunk).map((ids) => ({ recordingIds: ids }))
}

/** The bodies of a reassignment. The contract spells the id of the owner `ownerID`. */
export function reassignBodies(
  { reassignOwnerEmail, ownerEmail, ownerId, recordingIds }: Reassignment,
  chunk: boolean | undefined,
): Readonly<Record<string, unknown>>[] {
  requireText('reassignOwnerEmail', reassignOwnerEmail)
  if (ownerEmail !== undefined && ownerId !== undefined)
    throw new InvalidArgument('give ownerEmail or ownerId, not both')
  if (ownerEmail !== undefined) requireText('ownerEmail', ownerEmail)
  if (ownerId !== undefined) requireText('ownerId', ownerId)
  const whose = { reassignOwnerEmail, ownerEmail, ownerID: ownerId }
  if (recordingIds !== undefined)
    return batchesOf(recordingIds, chunk).map((ids) => ({ ...whose, recordingIds: ids }))
  if (ownerEmail === undefined && ownerId === undefined)
    throw new InvalidArgument('give recordingIds, ownerEmail or ownerId: nothing says which recordings')
  return [whose]
}

/** The body of a deletion; undefined when nothing is said. */
export function deleteBody({ reason, comment }: DeleteReason): DeleteReason | undefined {
  if (comment !== undefined && [...comment].length > COMMENT_CHARS_MAX)
    throw new InvalidArgument(`comment must have at most ${COMMENT_CHARS_MAX} characters`)
  return reason === undefined && comment === undefined ? undefined : { reason, comment }
}
