/** A webhook and a delivery as the API shows them. */
import { printMilliseconds, type WebhookDelivery, type Webhook as WireWebhook } from '@tandem/contract'
import type { LoggedDelivery } from '../../webhooks/delivery-log.ts'
import { webhookIds } from '../../webhooks/envelope.ts'
import type { Webhook } from '../../webhooks/webhook.ts'

/** The secret is for the owner alone (webhooks §1). */
export function webhookView(webhook: Webhook, { withSecret }: { readonly withSecret: boolean }): WireWebhook {
  const { name, targetUrl, resource, event, filter, secret, status, ownedBy } = webhook
  return {
    ...webhookIds(webhook),
    ...{ name, targetUrl, resource, event, status, ownedBy },
    ...(filter === '' ? {} : { filter }),
    ...(secret === undefined || !withSecret ? {} : { secret: secret.reveal() }),
    created: printMilliseconds(webhook.createdAt),
  }
}

/** One delivery of the log. */
export function deliveryView(delivery: LoggedDelivery): WebhookDelivery {
  const { createdAt, attempts, nextAttemptAt, ...rest } = delivery
  return {
    ...rest,
    created: printMilliseconds(createdAt),
    attempts: attempts.map((attempt) => ({ ...attempt, at: printMilliseconds(attempt.at) })),
    ...(nextAttemptAt === undefined ? {} : { nextAttemptAt: printMilliseconds(nextAttemptAt) }),
  }
}
