/** A legal hold as the API shows it. */
import { type LegalHold, printMilliseconds } from '@tandem/contract'
import type { Hold } from '@tandem/recordings'

/** Times as in all our own operations: UTC with milliseconds. */
export function holdOf(hold: Hold): LegalHold {
  const { id, reason, recordingIds, placedBy, placedAt, releasedBy, releasedAt, releaseReason } = hold
  return {
    id,
    reason,
    recordingIds: [...recordingIds],
    placedBy,
    placed: printMilliseconds(placedAt),
    ...(releasedBy === undefined ? {} : { releasedBy }),
    ...(releasedAt === undefined ? {} : { released: printMilliseconds(releasedAt) }),
    ...(releaseReason === undefined ? {} : { releaseReason }),
  }
}
