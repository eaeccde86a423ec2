/**
 * What each cell of the matrix must come to, by the rights table alone: the server is asked over its sockets and has no
 * part in saying what is right. Whoever is to be refused asks for what really exists, whoever is let in for what does not,
 * so that the matrix changes nothing.
 */
import {
  ANY_TOKEN,
  type Caller,
  ERRORS,
  effectiveScopes,
  encodeWebexId,
  grantsOf,
  type OperationId,
  ROUTES,
  type Route,
  type TokenOperationId,
} from '@tandem/contract'
import { CAST, type Cast, type CastName, IDS } from './cast.ts'

/** An answer, as far as a cell looks at it. */
export interface CellAnswer {
  readonly status: number
  readonly errorCode: number | undefined
}

/** How a cell is asked, and what is wrong with an answer. */
export interface Cell {
  readonly operation: OperationId
  readonly method: string
  readonly path: string
  /** Why the answer is not what it must be; nothing when it is. */
  readonly wrong: (answer: CellAnswer) => string | undefined
}

/** Names nothing that exists. */
const NOTHING = '99999999-9999-4999-8999-999999999999'

/** Every token operation with its route. */
export const TOKEN_ROUTES: readonly (readonly [TokenOperationId, Route])[] = (
  Object.entries(ROUTES) as [OperationId, Route][]
).flatMap(([id, route]) => (route.access === 'token' ? [[id as TokenOperationId, route] as const] : []))

/** A path with ids in it. `made` holds those that the server gave out. */
function pathOf(route: Route, isReal: boolean, made: Readonly<Record<string, string>>): string {
  const real: Readonly<Record<string, string>> = {
    personId: encodeWebexId('PEOPLE', IDS.owner),
    memberId: encodeWebexId('PEOPLE', IDS.owner),
    lineOwnerId: encodeWebexId('PEOPLE', IDS.owner),
    organizationId: IDS.org,
    locationId: IDS.location,
    workspaceId: IDS.place,
    virtualLineId: IDS.virtualLine,
    deviceId: IDS.device,
    groupId: IDS.group,
    scopeId: IDS.owner,
    ...made,
  }
  return route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    name === 'scope' ? 'owner' : encodeURIComponent((isReal ? real[name] : undefined) ?? NOTHING),
  )
}

/** A cell of a token that is worth nothing. */
export function deadCell(
  operation: TokenOperationId,
  route: Route,
  made: Readonly<Record<string, string>>,
): Cell {
  return {
    operation,
    method: route.method,
    path: pathOf(route, true, made),
    wrong: ({ status }) => (status === 401 ? undefined : 'must be 401'),
  }
}

/** A cell of somebody with a token. */
export function liveCell(
  operation: TokenOperationId,
  route: Route,
  name: CastName,
  made: Readonly<Record<string, string>>,
): Cell {
  const who: Cast = CAST[name]
  const scopes = effectiveScopes(who.scopes, who.roles)
  const caller: Caller = { orgId: IDS.org, personId: who.email, scopes }
  const grants = grantsOf(operation, caller)
  const isOpen = ANY_TOKEN.includes(operation)
  const namesThing = route.path.includes('{')
  if (grants.length === 0 && !isOpen)
    return {
      operation,
      method: route.method,
      path: pathOf(route, true, made),
      wrong: ({ status, errorCode }) =>
        status === 403 && errorCode === ERRORS.scope_missing.errorCode
          ? undefined
          : 'must be 403 for want of a scope',
    }
  const isOwner = who.email === 'owner@alpha.test'
  const reachesOwnOnly = grants.every((grant) => grant.reach === 'own')
  const mustMiss = namesThing && (who.isForeign === true || (reachesOwnOnly && !isOwner))
  return {
    operation,
    method: route.method,
    path: pathOf(route, mustMiss, made),
    wrong({ status, errorCode }) {
      if (status === 401 || errorCode === ERRORS.scope_missing.errorCode) return 'must be let in'
      if (status >= 500) return 'must not fail'
      if (namesThing && status < 300)
        return 'must not find a thing of somebody else, or one that is not there'
      return undefined
    },
  }
}
