/**
 * The ids and the owner that a body names, as the operations on many recordings read them (converged-recordings §8, §9):
 * absent, `null`, `""` and `[]` are the same, and an id counts once however often it is given.
 */
import { RECORDING_IDS_MAX } from '@tandem/contract'
import { idKey, type RecordingStatus } from '@tandem/recordings'
import { invalid } from '../failure.ts'
import type { Services } from '../operation.ts'

/** The ids without repetitions; an empty list when there is none. More than 100 are a 400. */
export function distinctIds(ids: readonly string[] | undefined): readonly string[] {
  const distinct = [...new Map((ids ?? []).map((id) => [idKey(id), id])).values()]
  if (distinct.length > RECORDING_IDS_MAX)
    throw invalid('recordingIds', `must name at most ${RECORDING_IDS_MAX} recordings`)
  return distinct
}

/** A text that counts: not absent and not empty. */
export function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

/** The states of recordings whose owner an administrator can name. */
const SEEN: readonly RecordingStatus[] = ['available', 'deleted']
/** Later than any recording, and an exact date. */
const FOREVER = 8_640_000_000_000_000

/**
 * The raw id of the owner with this email or id. Somebody who has left the directory is still known by the recordings
 * that stayed, so that they can be given to somebody else.
 */
export async function ownerIdOf(
  services: Services,
  orgId: string,
  owner: { readonly email: string } | { readonly id: string },
): Promise<string | undefined> {
  const known =
    'email' in owner
      ? await services.owners.byEmail(orgId, owner.email)
      : await services.owners.byId(orgId, owner.id)
  if (known !== undefined) return known.id
  const filter = 'email' in owner ? { ownerEmail: owner.email } : { ownerId: owner.id }
  for (const status of SEEN) {
    const page = await services.recordings.list({ orgId, from: 0, to: FOREVER, status, max: 1, ...filter })
    const [recording] = page.items
    if (recording !== undefined) return recording.ownerId
  }
  return undefined
}
