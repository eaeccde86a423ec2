/**
 * What a new webhook may be (contract, webhooks §2 to §4): known words, a resource that is offered and that the token may
 * read, a filter that the resource has.
 */
import { Secret } from '@tandem/base'
import type { CreateWebhookRequest } from '@tandem/contract'
import {
  isWebhookResource,
  type OwnedBy,
  readScopesOf,
  roleFor,
  WEBHOOK_RESOURCES,
  type WebhookResource,
} from '../../events/sight.ts'
import { readFilter } from '../../webhooks/filter.ts'
import { readTarget } from '../../webhooks/target-url.ts'
import { type Sights, WEBHOOK_EVENTS, type WebhookEvent } from '../../webhooks/webhook.ts'
import type { NewWebhook, RegistrationRefusal } from '../../webhooks/webhooks.ts'
import { clientIdOf } from '../client-id.ts'
import { Failure, invalid } from '../failure.ts'
import type { ApiRequest, Services } from '../operation.ts'

/** Resources and events of Webex that this server does not have (webhooks §3). */
const OTHER_RESOURCES =
  'attachmentActions dataSources memberships messages rooms meetings meetingParticipants meetingTranscripts telephony_mwi uc_counters serviceApp adminBatchJobs'.split(
    ' ',
  )
const OTHER_EVENTS = 'started ended joined left migrated authorized deauthorized statusChanged'.split(' ')

/** What the request asks for, in the name of the caller; whether the target may be sent to is not asked yet. */
export function registrationOf(body: CreateWebhookRequest, { caller }: ApiRequest): NewWebhook {
  const ownedBy = body.ownedBy ?? 'creator'
  const resource = resourceOf(body.resource)
  const event = eventOf(body.event)
  const filter = body.filter ?? ''
  const read = readFilter(filter, { resource, ownedBy })
  if (typeof read === 'string') throw new Failure('invalid_request', read)
  checkTarget(body.targetUrl)
  return {
    orgId: caller.orgId,
    creatorId: caller.personId,
    creatorIsApp: caller.isApp === true,
    clientId: clientIdOf(caller),
    name: body.name,
    targetUrl: body.targetUrl,
    ...{ resource, event, filter, ownedBy },
    secret: secretOf(body.secret),
    sights: sightsOf(resource, ownedBy, caller.scopes),
  }
}

/** An empty secret is none. */
export function secretOf(secret: string | undefined): Secret<string> | undefined {
  return secret === undefined || secret === '' ? undefined : new Secret(secret)
}

/** Refuses a text that is no target. */
export function checkTarget(targetUrl: string): void {
  const target = readTarget(targetUrl)
  if (typeof target === 'string') throw invalid('targetUrl', target)
}

/** Refuses a target inside the operator's network, or one whose name nobody knows. */
export async function checkReach(targetUrl: string, services: Services): Promise<void> {
  const refusal = await services.webhooks.refuses(targetUrl)
  if (refusal === 'forbidden')
    throw invalid('targetUrl', 'leads to an address that webhooks may not be sent to')
  if (refusal === 'unresolved') throw invalid('targetUrl', 'names a host that cannot be resolved')
}

/** The answer to a registration that clashes with another. */
export function clash(refusal: RegistrationRefusal): Failure {
  if (refusal === 'limit') return new Failure('webhook_limit')
  if (refusal === 'exists') return new Failure('webhook_exists')
  return new Failure(
    'webhook_exists',
    'An organisation-wide webhook of this resource and filter is already registered',
  )
}

function resourceOf(text: string): WebhookResource | 'all' {
  if (text === 'all' || isWebhookResource(text)) return text
  const known = OTHER_RESOURCES.includes(text)
  const offered = `must be one of ${WEBHOOK_RESOURCES.join(', ')} or all`
  throw invalid('resource', known ? `${text} is not offered by this server: it ${offered}` : offered)
}

function eventOf(text: string): WebhookEvent | 'all' {
  if (text === 'all') return text
  const event = WEBHOOK_EVENTS.find((name) => name === text)
  if (event !== undefined) return event
  const offered = `must be one of ${WEBHOOK_EVENTS.join(', ')} or all`
  throw invalid('event', OTHER_EVENTS.includes(text) ? `${text} is not offered here: it ${offered}` : offered)
}

/** In which role the caller looks at what is watched; a 403 when the token may not read it. */
function sightsOf(
  resource: WebhookResource | 'all',
  ownedBy: OwnedBy,
  scopes: ApiRequest['caller']['scopes'],
): Sights {
  const covered = resource === 'all' ? WEBHOOK_RESOURCES : [resource]
  const sights = covered.flatMap((each) => {
    const as = roleFor(scopes, each, ownedBy)
    return as === undefined ? [] : [[each, as] as const]
  })
  if (sights.length > 0) return Object.fromEntries(sights)
  const wanted = [...new Set(covered.flatMap((each) => readScopesOf(each, ownedBy)))]
  throw new Failure(
    'scope_missing',
    wanted.length === 0
      ? `Nobody may watch ${resource} for the whole organisation`
      : `Watching ${resource} needs one of the scopes ${wanted.join(', ')}`,
  )
}
