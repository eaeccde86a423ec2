/**
 * Webhooks (contract, webhooks), the log of their deliveries, and the stream of live events.
 */
import { CURSOR, LIBRARY_PAGE } from './parameters.ts'
import type { Route } from './route.ts'

/** Webhooks and live events. */
export const WEBHOOK_ROUTES = {
  listWebhooks: {
    method: 'GET',
    path: '/v1/webhooks',
    access: 'token',
    success: 200,
    summary: 'The caller’s webhooks, newest first',
    tag: 'Webhooks',
    paged: true,
    query: {
      ownedBy: {
        kind: 'choice',
        choices: ['org', 'creator'],
        description: 'Only those of the organisation, or only one’s own',
      },
      max: {
        kind: 'integer',
        min: 1,
        max: 999_999_999,
        default: 100,
        description: 'Most items of one page; more than 100 counts as 100',
      },
      ...CURSOR,
    },
    answer: 'WebhookList',
  },
  createWebhook: {
    method: 'POST',
    path: '/v1/webhooks',
    access: 'token',
    success: 200,
    summary: 'Registers a webhook',
    tag: 'Webhooks',
    errors: ['webhook_exists', 'webhook_limit'],
    body: 'CreateWebhookRequest',
    answer: 'Webhook',
  },
  getWebhook: {
    method: 'GET',
    path: '/v1/webhooks/{webhookId}',
    access: 'token',
    success: 200,
    summary: 'One webhook',
    tag: 'Webhooks',
    errors: ['webhook_not_found'],
    answer: 'Webhook',
  },
  updateWebhook: {
    method: 'PUT',
    path: '/v1/webhooks/{webhookId}',
    access: 'token',
    success: 200,
    summary: 'Changes name, target, secret, or revives a webhook',
    tag: 'Webhooks',
    body: 'UpdateWebhookRequest',
    bodyTypes: ['application/x-www-form-urlencoded'],
    answer: 'Webhook',
    errors: ['webhook_not_found', 'webhook_exists', 'webhook_limit'],
  },
  deleteWebhook: {
    method: 'DELETE',
    path: '/v1/webhooks/{webhookId}',
    access: 'token',
    success: 204,
    summary: 'Deletes a webhook',
    tag: 'Webhooks',
    errors: ['webhook_not_found'],
  },
  listWebhookDeliveries: {
    method: 'GET',
    path: '/tandem/v1/webhooks/{webhookId}/deliveries',
    access: 'token',
    success: 200,
    summary: 'What was sent to a webhook and with which outcome, newest first',
    tag: 'Webhooks',
    paged: true,
    errors: ['webhook_not_found'],
    query: LIBRARY_PAGE,
    answer: 'WebhookDeliveryList',
  },
  redeliverWebhook: {
    method: 'POST',
    path: '/tandem/v1/webhooks/{webhookId}/deliveries/{deliveryId}/redelivery',
    access: 'token',
    success: 204,
    summary: 'Sends one event again',
    tag: 'Webhooks',
    errors: ['webhook_not_found', 'delivery_not_found'],
  },
  streamEvents: {
    method: 'GET',
    path: '/tandem/v1/events',
    access: 'token',
    success: 200,
    summary: 'Live events as server-sent events, resumed by Last-Event-ID',
    tag: 'Live Events',
    headers: {
      'Last-Event-ID': { kind: 'text', charsMax: 128, description: 'The last event that was seen' },
    },
    answerTypes: ['text/event-stream'],
    errors: ['events_gone'],
    query: {
      ownedBy: {
        kind: 'choice',
        choices: ['creator', 'org'],
        default: 'creator',
        description: 'One’s own events, or those of the organisation',
      },
      resource: {
        kind: 'text',
        charsMax: 256,
        description: 'Only these resources, with commas between them',
      },
      lastEventId: {
        kind: 'text',
        charsMax: 32,
        description: 'The last event that was seen, for clients that cannot send the header',
      },
    },
  },
} as const satisfies Record<string, Route>
