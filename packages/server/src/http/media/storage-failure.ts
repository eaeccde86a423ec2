/** What a client is told when the store of files cannot give what it should (promises P2, P5; contract README §4). */
import type { StorageFault } from '@tandem/recordings'
import { Failure } from '../failure.ts'

/** How long a recording whose file is being moved should be left alone, in whole seconds. */
const LOCKED_SECONDS = 5

/** The answer for a fault of the store. */
export function storageFailure(fault: StorageFault): Failure {
  if (fault.kind === 'damaged') return new Failure('recording_damaged')
  if (fault.kind === 'locked')
    return new Failure('recording_locked', undefined, { 'retry-after': String(LOCKED_SECONDS) })
  return new Failure('storage_unavailable')
}
