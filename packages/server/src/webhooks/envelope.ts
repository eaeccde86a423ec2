/**
 * The body of a delivery (contract, webhooks §5). It is made from the webhook and the event alone, members always in the
 * same order, so that every attempt sends the same bytes as long as the webhook is not changed.
 */
import { encodeWebexId, printMilliseconds } from '@tandem/contract'
import type { Webhook } from './webhook.ts'

/** The key of the application of tokens that belong to no client. */
const OWN_APP = 'tandem'

/** What of an event goes into it. */
export interface EnvelopeEvent {
  readonly resource: string
  readonly event: string
  /** Raw id of whom it concerns. */
  readonly personId?: string
  readonly payload: unknown
}

/** Webex ids of a webhook's organisation, creator and application. */
export function webhookIds(
  webhook: Pick<Webhook, 'id' | 'orgId' | 'creatorId' | 'creatorIsApp' | 'clientId'>,
): {
  readonly id: string
  readonly orgId: string
  readonly createdBy: string
  readonly appId: string
} {
  return {
    id: encodeWebexId('WEBHOOK', webhook.id),
    orgId: encodeWebexId('ORGANIZATION', webhook.orgId),
    createdBy: encodeWebexId(webhook.creatorIsApp ? 'APPLICATION' : 'PEOPLE', webhook.creatorId),
    appId: encodeWebexId('APPLICATION', webhook.clientId === '' ? OWN_APP : webhook.clientId),
  }
}

/** The bytes to send. */
export function envelopeOf(webhook: Webhook, event: EnvelopeEvent): Buffer {
  const { id, orgId, createdBy, appId } = webhookIds(webhook)
  return Buffer.from(
    JSON.stringify({
      id,
      name: webhook.name,
      targetUrl: webhook.targetUrl,
      resource: event.resource,
      event: event.event,
      ...(webhook.filter === '' ? {} : { filter: webhook.filter }),
      orgId,
      createdBy,
      appId,
      ownedBy: webhook.ownedBy,
      status: 'active', // Of a delivered event it always is (webhooks §5).
      created: printMilliseconds(webhook.createdAt),
      actorId: event.personId === undefined ? createdBy : encodeWebexId('PEOPLE', event.personId),
      data: event.payload,
    }),
  )
}
