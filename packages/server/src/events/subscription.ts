/**
 * What a stream of live events is open for: resources, each seen in the role that the token's scopes give (`sight.ts`).
 * A token may lose a scope while its stream is open, so that the question is asked again and again.
 */
import type { Caller, Role } from '@tandem/contract'
import type { StoredOutboxEvent } from '@tandem/store'
import { Failure, invalid } from '../http/failure.ts'
import {
  ALARM_RESOURCE,
  type OwnedBy,
  readScopesOf,
  roleFor,
  type SeenResource,
  sees,
  WEBHOOK_RESOURCES,
} from './sight.ts'

/** Everything that a stream can hold. */
export const STREAM_RESOURCES: readonly SeenResource[] = [...WEBHOOK_RESOURCES, ALARM_RESOURCE]

/** What is asked for; without `resources` everything that the token opens. */
export interface Wish {
  readonly ownedBy: OwnedBy
  readonly resources?: readonly SeenResource[]
}

/** What is opened. */
export interface Subscription {
  readonly orgId: string
  readonly personId: string
  readonly ownedBy: OwnedBy
  readonly roles: ReadonlyMap<string, Role>
}

/** The resources of a comma-separated list. Throws the `Failure` for a name that is none. */
export function parseResources(text: string): readonly SeenResource[] {
  return text.split(',').map((name) => {
    const resource = STREAM_RESOURCES.find((known) => known === name.trim())
    if (resource === undefined)
      throw invalid('resource', `must be a list of ${STREAM_RESOURCES.join(', ')}, joined by commas`)
    return resource
  })
}

/** Opens what a caller wishes. Throws the `Failure` that names the missing scope. */
export function subscribe(caller: Caller, wish: Wish): Subscription {
  const { orgId, personId, scopes } = caller
  const { ownedBy } = wish
  const wanted = wish.resources ?? STREAM_RESOURCES
  const roles = new Map<string, Role>()
  for (const resource of wanted) {
    const role = roleFor(scopes, resource, ownedBy)
    if (role !== undefined) roles.set(resource, role)
    else if (wish.resources !== undefined) throw closed(resource, ownedBy)
  }
  if (roles.size === 0)
    throw new Failure(
      'scope_missing',
      ownedBy === 'org'
        ? 'ownedBy=org needs a read scope of an administrator or compliance officer, held by a person with that role'
        : 'This operation needs the read scope of a resource; for a whole organisation ask with ownedBy=org',
    )
  return { orgId, personId, ownedBy, roles }
}

/** Whether a caller as it is now may still have all of a subscription. */
export function stillHolds(caller: Caller, { ownedBy, roles }: Subscription): boolean {
  return [...roles].every(
    ([resource, role]) => roleFor(caller.scopes, resource as SeenResource, ownedBy) === role, // Keys of `subscribe`.
  )
}

/** Whether an event belongs on the stream. */
export function isSeen(subscription: Subscription, event: StoredOutboxEvent): boolean {
  const as = subscription.roles.get(event.resource)
  return as !== undefined && sees({ ...subscription, as }, event)
}

function closed(resource: SeenResource, ownedBy: OwnedBy): Failure {
  const scopes = readScopesOf(resource, ownedBy)
  if (scopes.length > 0)
    return new Failure('scope_missing', `${resource} needs the scope ${scopes.join(' or ')}`)
  const other = ownedBy === 'org' ? 'creator' : 'org'
  return invalid('resource', `${resource} is offered with ownedBy=${other} only`)
}
