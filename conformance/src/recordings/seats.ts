/**
 * Who sits at the rows of the table of converged recordings (`role-tables.ts` of the server's tests): people of the cast,
 * each with whose recordings are asked for.
 */
import type { CallerName } from './cast.ts'
import type { OwnerName } from './states.ts'

/** Who asks, whose the recording is, and in whose name when not in the own. */
export interface Place {
  readonly caller: CallerName
  readonly owner: OwnerName
  readonly hostEmail?: string
}

/** The rows of the table of converged recordings. */
export const CONVERGED_SEATS: Readonly<Record<string, Place>> = {
  owner: { caller: 'owner', owner: 'owner' },
  colleague: { caller: 'colleague', owner: 'owner' },
  admin: { caller: 'admin', owner: 'owner' },
  officer: { caller: 'officer', owner: 'owner' },
  'admin, own': { caller: 'admin, own', owner: 'admin' },
  'officer, own': { caller: 'officer, own', owner: 'officer' },
  "officer's": { caller: 'officer', owner: 'officer' },
  foreign: { caller: 'foreign', owner: 'owner' },
}
