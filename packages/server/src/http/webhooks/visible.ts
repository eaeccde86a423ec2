/**
 * Which webhooks a caller may see (contract, webhooks §2): the own ones of the same client, and the organisation-wide ones
 * for administrators and compliance officers. All others do not exist for them.
 */
import { grantsOf, rawKey, type TokenOperationId } from '@tandem/contract'
import { roleFor, type WebhookResource } from '../../events/sight.ts'
import type { Webhook } from '../../webhooks/webhook.ts'
import type { WebhookView } from '../../webhooks/webhooks.ts'
import { clientIdOf } from '../client-id.ts'
import { Failure } from '../failure.ts'
import type { ApiRequest, Services } from '../operation.ts'

/** Whether the caller's scopes reach the organisation's webhooks. */
export function seesWide({ caller }: ApiRequest, operation: TokenOperationId): boolean {
  return grantsOf(operation, caller).some((grant) => grant.reach === 'organization')
}

/** What the caller may list. */
export function viewOf(request: ApiRequest, operation: TokenOperationId): WebhookView & { own: object } {
  const { caller } = request
  return {
    orgId: caller.orgId,
    own: { creatorId: caller.personId, clientId: clientIdOf(caller) },
    wide: seesWide(request, operation),
  }
}

/** Whether it was made by this caller with this client. */
export function isOwn(webhook: Webhook, { caller }: ApiRequest): boolean {
  return webhook.creatorId === caller.personId && webhook.clientId === clientIdOf(caller)
}

/** The webhook that the path names; a 404 for what the caller may not see. */
export async function visibleWebhook(
  request: ApiRequest,
  services: Services,
  operation: TokenOperationId,
): Promise<Webhook> {
  const id = rawKey(request.params['webhookId'] ?? '', ['WEBHOOK'])
  const webhook = id === undefined ? undefined : await services.webhooks.get(request.caller.orgId, id)
  if (webhook === undefined) throw new Failure('webhook_not_found')
  if (isOwn(webhook, request)) return webhook
  if (webhook.ownedBy === 'org' && seesWide(request, operation)) return webhook
  throw new Failure('webhook_not_found')
}

/**
 * Refuses a caller that would turn somebody else's organisation-wide webhook to a target of its own without being able to
 * see what that one sees: what was purged is for compliance officers alone.
 */
export function mustSeeAsMuch(webhook: Webhook, request: ApiRequest): void {
  if (isOwn(webhook, request)) return
  for (const [resource, as] of Object.entries(webhook.sights)) {
    const mine = roleFor(request.caller.scopes, resource as WebhookResource, 'org') // A key of sights.
    if (mine === undefined || (as === 'complianceOfficer' && mine !== 'complianceOfficer'))
      throw new Failure(
        'scope_missing',
        `Your token may not read all of ${resource} that this webhook is sent`,
      )
  }
}
