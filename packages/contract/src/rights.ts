/**
 * Who may do what: the one table that every route is held to, denied by default (contract README §3, §3.1; promise
 * P11). A row gives an operation to callers that hold a scope in a role, and says how far they reach with it: their own
 * things, or those of their organisation. Nothing reaches into another organisation.
 *
 * Order matters: the widest grant stands first, and the first one that reaches the object is the role acted in.
 */
import type { OperationId, ROUTES } from './routes.ts'
import type { Role, Scope } from './scopes.ts'

/** The states of a recording that a grant reaches. */
export type RecordingStatus = 'available' | 'deleted' | 'purged'

/** One row of the table. */
export interface Grant {
  readonly as: Role
  readonly scope: Scope
  readonly reach: 'own' | 'organization'
  /** Only for recordings: the states that are visible, and whether download links come with it. */
  readonly statuses?: readonly RecordingStatus[]
  readonly links?: boolean
}

/** The operations that a bearer token opens. */
export type TokenOperationId = {
  [Id in OperationId]: (typeof ROUTES)[Id]['access'] extends 'token' ? Id : never
}[OperationId]

const SEEN: readonly RecordingStatus[] = ['available', 'deleted']

const READ_RECORDING: readonly Grant[] = [
  {
    as: 'complianceOfficer',
    scope: 'spark-compliance:recordings_read',
    reach: 'organization',
    statuses: [...SEEN, 'purged'],
    links: true,
  },
  { as: 'admin', scope: 'spark-admin:recordings_read', reach: 'organization', statuses: SEEN, links: false },
  { as: 'user', scope: 'spark:recordings_read', reach: 'own', statuses: SEEN, links: true },
]

/** The table. */
export const RIGHTS: Readonly<Record<TokenOperationId, readonly Grant[]>> = {
  listCalls: [{ as: 'user', scope: 'spark:calls_read', reach: 'own' }],
  getCallDetails: [{ as: 'user', scope: 'spark:calls_read', reach: 'own' }],
  dialCall: [{ as: 'user', scope: 'spark:calls_write', reach: 'own' }],
  hangupCall: [{ as: 'user', scope: 'spark:calls_write', reach: 'own' }],
  listConvergedRecordings: [
    { as: 'user', scope: 'spark:recordings_read', reach: 'own', statuses: SEEN, links: false },
  ],
  getConvergedRecordingDetails: READ_RECORDING,
  getConvergedRecordingMetadata: READ_RECORDING,
  getMyPerson: [{ as: 'user', scope: 'spark:people_read', reach: 'own' }],
}

/**
 * Operations that any valid token opens, since they tell its holder only about themselves (contract README §3: people
 * me). Everything else needs a row of the table.
 */
export const ANY_TOKEN: readonly TokenOperationId[] = ['getMyPerson']

/** Who asks. `scopes` are the effective ones, see `effectiveScopes`. */
export interface Caller {
  readonly orgId: string
  readonly personId: string
  readonly scopes: ReadonlySet<Scope>
}

/** What is asked about. */
export interface Protected {
  readonly orgId: string
  readonly ownerId: string
  readonly status?: RecordingStatus
}

/** `hidden` is answered 404, so that nobody learns what they may not see. */
export type Verdict =
  | { readonly kind: 'allowed'; readonly as: Role; readonly links: boolean }
  | { readonly kind: 'scopeMissing' }
  | { readonly kind: 'hidden' }

/** The grants of an operation that the caller's scopes open; none means 403 before anything is looked up. */
export function grantsOf(operation: TokenOperationId, caller: Caller): readonly Grant[] {
  const open = ANY_TOKEN.includes(operation)
  return (RIGHTS[operation] ?? []).filter((grant) => open || caller.scopes.has(grant.scope))
}

/** Decides one operation of one caller on one thing. */
export function decide(operation: TokenOperationId, caller: Caller, object: Protected): Verdict {
  const grants = grantsOf(operation, caller)
  if (grants.length === 0) return { kind: 'scopeMissing' }
  const reaching = grants.filter((grant) => reaches(grant, caller, object))
  const acting = reaching[0]
  if (acting === undefined) return { kind: 'hidden' }
  // The owner keeps the links while acting as administrator (README §3.1): any grant that reaches may give them.
  return { kind: 'allowed', as: acting.as, links: reaching.some((grant) => grant.links === true) }
}

function reaches(grant: Grant, caller: Caller, object: Protected): boolean {
  if (object.orgId !== caller.orgId) return false
  if (grant.reach === 'own' && object.ownerId !== caller.personId) return false
  return object.status === undefined || (grant.statuses?.includes(object.status) ?? false)
}
