/** An import as the API shows it. */
import { printMilliseconds, type RecordingImport } from '@tandem/contract'
import type { Import } from '@tandem/recordings'

/** Times as in all our own operations: UTC with milliseconds. */
export function importOf({ createdAt, orgId: _orgId, ...rest }: Import): RecordingImport {
  return { ...rest, created: printMilliseconds(createdAt) }
}
