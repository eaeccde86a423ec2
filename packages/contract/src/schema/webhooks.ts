/**
 * Webhooks on the wire (contract, webhooks §1, §2), and the log of their deliveries, which is our own. Times are UTC with
 * milliseconds.
 */
import Type, { type Static } from 'typebox'

/** Longest name of a webhook. */
const NAME_CHARS_MAX = 256
/** Longest target: what every HTTP server takes in its request line. */
const TARGET_URL_CHARS_MAX = 2_048
/** Longest filter, secret and word that is looked at. */
const FILTER_CHARS_MAX = 1_024
const SECRET_CHARS_MAX = 1_024
const WORD_CHARS_MAX = 64

const time = Type.String({ format: 'date-time' })
const name = Type.String({ minLength: 1, maxLength: NAME_CHARS_MAX })
const targetUrl = Type.String({
  minLength: 1,
  maxLength: TARGET_URL_CHARS_MAX,
  description: 'Absolute, http or https; receives POSTs',
})
const secret = Type.Optional(
  Type.String({ maxLength: SECRET_CHARS_MAX, description: 'Signs deliveries; empty: none' }),
)
const word = Type.String({ minLength: 1, maxLength: WORD_CHARS_MAX })

/** A webhook. */
export const Webhook = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    targetUrl: Type.String({ format: 'uri' }),
    resource: Type.String(),
    event: Type.String(),
    filter: Type.Optional(Type.String()),
    secret: Type.Optional(Type.String({ description: 'Only for its owner' })),
    status: Type.Enum(['active', 'inactive']),
    created: time,
    ownedBy: Type.Enum(['creator', 'org']),
    orgId: Type.String(),
    createdBy: Type.String(),
    appId: Type.String(),
  },
  { title: 'Webhook' },
)
/** A webhook. */
export type Webhook = Static<typeof Webhook>

/** One page of webhooks, newest first. */
export const WebhookList = Type.Object({ items: Type.Array(Webhook) }, { title: 'WebhookList' })
/** One page of webhooks, newest first. */
export type WebhookList = Static<typeof WebhookList>

/** Body of `POST /webhooks`. */
export const CreateWebhookRequest = Type.Object(
  {
    name,
    targetUrl,
    resource: word,
    event: word,
    filter: Type.Optional(
      Type.String({ maxLength: FILTER_CHARS_MAX, description: 'key=value pairs joined by &' }),
    ),
    secret,
    ownedBy: Type.Optional(Type.Enum(['creator', 'org'])),
  },
  { title: 'CreateWebhookRequest' },
)
/** Body of `POST /webhooks`. */
export type CreateWebhookRequest = Static<typeof CreateWebhookRequest>

/** Body of `PUT /webhooks/{webhookId}`; other members are ignored. */
export const UpdateWebhookRequest = Type.Object(
  {
    name,
    targetUrl,
    secret,
    status: Type.Optional(
      Type.Enum(['active', 'inactive'], { description: 'active revives one that was disabled' }),
    ),
  },
  { title: 'UpdateWebhookRequest' },
)
/** Body of `PUT /webhooks/{webhookId}`. */
export type UpdateWebhookRequest = Static<typeof UpdateWebhookRequest>

/** One event on its way to a webhook, and how it went. */
export const WebhookDelivery = Type.Object(
  {
    id: Type.String({ description: 'The webhook-id of every attempt' }),
    eventId: Type.Integer({ description: 'As in the stream of live events' }),
    resource: Type.String(),
    event: Type.String(),
    created: Type.String({ format: 'date-time', description: 'When the event happened' }),
    state: Type.Enum(['waiting', 'sending', 'paused', 'delivered', 'givenUp']),
    attempts: Type.Array(
      Type.Object({
        at: time,
        status: Type.Optional(Type.Integer({ description: 'HTTP status of the answer' })),
        error: Type.Optional(
          Type.Enum(['timeout', 'refused', 'reset', 'tls', 'unreachable', 'unresolved', 'forbidden'], {
            description: 'Why there was no answer',
          }),
        ),
        ms: Type.Integer({ description: 'How long it took' }),
      }),
      { description: 'The last ones, oldest first' },
    ),
    nextAttemptAt: Type.Optional(time),
  },
  { title: 'WebhookDelivery' },
)
/** One event on its way to a webhook, and how it went. */
export type WebhookDelivery = Static<typeof WebhookDelivery>

/** One page of deliveries, newest first. */
export const WebhookDeliveryList = Type.Object(
  { items: Type.Array(WebhookDelivery) },
  { title: 'WebhookDeliveryList' },
)
/** One page of deliveries, newest first. */
export type WebhookDeliveryList = Static<typeof WebhookDeliveryList>
