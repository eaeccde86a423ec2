/** A webhook as the server works with it, and its row. */
import { createHash } from 'node:crypto'
import { Secret } from '@tandem/base'
import type { Role } from '@tandem/contract'
import type { Selectable } from '@tandem/store'
import type { OwnedBy, SeenEvent, WebhookResource } from '../events/sight.ts'
import { sees } from '../events/sight.ts'
import { openText, sealText } from '../keys/seal.ts'
import { type Filter, matches, readFilter } from './filter.ts'
import type { WebhookTable } from './tables.ts'
import { readTarget, type Target } from './target-url.ts'

/** The events of the resources that this server has (webhooks §3). */
export const WEBHOOK_EVENTS = ['created', 'updated', 'deleted'] as const
/** One of them. */
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number]

/** In which role the creator looks at each resource that the webhook covers. */
export type Sights = Readonly<Partial<Record<WebhookResource, Role>>>

/** A registered webhook. Moments in Unix milliseconds. */
export interface Webhook {
  /** Raw id. */
  readonly id: string
  readonly orgId: string
  readonly creatorId: string
  readonly creatorIsApp: boolean
  /** The client that it was made with; empty for tokens that belong to none. */
  readonly clientId: string
  readonly name: string
  readonly targetUrl: string
  readonly resource: WebhookResource | 'all'
  readonly event: WebhookEvent | 'all'
  /** Empty: none. */
  readonly filter: string
  readonly secret: Secret<string> | undefined
  readonly ownedBy: OwnedBy
  readonly sights: Sights
  readonly status: 'active' | 'inactive'
  readonly createdAt: number
  readonly disabledAt: number | undefined
  /** The next failure disables it again: it was revived too soon (webhooks §8). */
  readonly fragile: boolean
}

/** A webhook with everything that each event needs of it worked out. */
export interface ReadyWebhook {
  readonly webhook: Webhook
  readonly target: Target
  readonly filter: Filter
}

/** Gets a webhook ready. One whose target or filter can no longer be read gives nothing: it is never sent to. */
export function readyWebhook(webhook: Webhook): ReadyWebhook | undefined {
  const target = readTarget(webhook.targetUrl)
  const filter = readFilter(webhook.filter, webhook)
  return typeof target === 'string' || typeof filter === 'string' ? undefined : { webhook, target, filter }
}

/** Whether an event goes to a webhook: resource, event, sight and filter. */
export function wants({ webhook, filter }: ReadyWebhook, event: SeenEvent): boolean {
  if (webhook.status !== 'active') return false
  if (webhook.resource !== 'all' && webhook.resource !== event.resource) return false
  if (webhook.event !== 'all' && webhook.event !== event.event) return false
  const as = Object.hasOwn(webhook.sights, event.resource)
    ? webhook.sights[event.resource as WebhookResource] // A key of it, as was just seen.
    : undefined
  if (as === undefined) return false
  const { orgId, creatorId, ownedBy } = webhook
  return sees({ orgId, personId: creatorId, ownedBy, as }, event) && matches(filter, event.payload)
}

/** The row of a webhook, its secret sealed for its place. */
export function rowOf(webhook: Webhook, kek: Uint8Array): WebhookTable {
  const { id, orgId, secret } = webhook
  return {
    id,
    org_id: orgId,
    creator_id: webhook.creatorId,
    creator_is_app: webhook.creatorIsApp ? 1 : 0,
    client_id: webhook.clientId,
    name: webhook.name,
    target_url: webhook.targetUrl,
    resource: webhook.resource,
    event: webhook.event,
    filter: webhook.filter,
    secret: secret === undefined ? null : sealText(kek, contextOf(id), secret.reveal()),
    owned_by: webhook.ownedBy,
    sights: JSON.stringify(webhook.sights),
    status: webhook.status,
    created_at: webhook.createdAt,
    disabled_at: webhook.disabledAt ?? null,
    fragile: webhook.fragile ? 1 : 0,
    ...marksOf(webhook),
  }
}

/** The webhook of a row. A secret that does not open leaves the webhook inactive: nothing goes out unsigned. */
export function webhookOf(row: Selectable<WebhookTable>, kek: Uint8Array): Webhook {
  const secret = row.secret === null ? undefined : openText(kek, contextOf(row.id), row.secret)
  const lost = row.secret !== null && secret === undefined
  return {
    id: row.id,
    orgId: row.org_id,
    creatorId: row.creator_id,
    creatorIsApp: row.creator_is_app === 1,
    clientId: row.client_id,
    name: row.name,
    targetUrl: row.target_url,
    resource: row.resource as Webhook['resource'], // Written by `rowOf`, like the rest.
    event: row.event as Webhook['event'],
    filter: row.filter,
    secret: secret === undefined ? undefined : new Secret(secret),
    ownedBy: row.owned_by as OwnedBy,
    sights: JSON.parse(row.sights) as Sights,
    status: lost ? 'inactive' : (row.status as Webhook['status']),
    createdAt: Number(row.created_at),
    disabledAt: row.disabled_at === null ? undefined : Number(row.disabled_at),
    fragile: row.fragile === 1,
  }
}

/** What makes a second one like it a duplicate (webhooks §2): hashes, since targets are long. */
export function marksOf(
  webhook: Pick<Webhook, 'creatorId' | 'targetUrl' | 'resource' | 'event' | 'filter' | 'ownedBy'>,
): Pick<WebhookTable, 'fingerprint' | 'org_slot'> {
  const { creatorId, targetUrl, resource, event, filter, ownedBy } = webhook
  return {
    fingerprint: hashOf([creatorId, targetUrl, resource, event, filter]),
    org_slot: ownedBy === 'org' ? hashOf([resource, filter]) : null,
  }
}

/** The secret of a webhook sealed with another key, for a rotation; `undefined` when it opens with neither. */
export function resealSecret(
  id: string,
  sealed: Uint8Array,
  keys: { readonly from: Uint8Array; readonly to: Uint8Array },
): Uint8Array | undefined {
  if (openText(keys.to, contextOf(id), sealed) !== undefined) return sealed
  const text = openText(keys.from, contextOf(id), sealed)
  return text === undefined ? undefined : sealText(keys.to, contextOf(id), text)
}

function contextOf(id: string): string {
  return `webhook ${id}`
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
