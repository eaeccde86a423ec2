/**
 * The tables of webhooks and their deliveries. A delivery refers to its event in the outbox and never copies what it says,
 * so that an erased recording is gone from here with its event's payload (promise P16). Moments in Unix milliseconds.
 */
import type { Generated } from '@tandem/store'

/** A webhook. */
export interface WebhookTable {
  id: string
  org_id: string
  creator_id: string
  /** 1 for a service app. */
  creator_is_app: number
  /** Empty: a token that belongs to no client. */
  client_id: string
  name: string
  target_url: string
  /** `all` or a resource. */
  resource: string
  /** `all` or an event. */
  event: string
  /** Empty: none. */
  filter: string
  /** Sealed. */
  secret: Uint8Array | null
  owned_by: string
  /** JSON: in which role the creator looks at each resource. */
  sights: string
  status: string
  created_at: number
  /** When it was last disabled. */
  disabled_at: number | null
  /** 1: the next failure disables it again. */
  fragile: number
  /** Hash of creator, target, resource, event and filter: none twice. */
  fingerprint: string
  /** Hash of organisation, resource and filter of an organisation-wide one: none twice. */
  org_slot: string | null
}

/** One event on its way to one webhook, and what became of it. */
export interface WebhookDeliveryTable {
  seq: Generated<number>
  /** The `webhook-id` of every attempt. */
  id: string
  org_id: string
  webhook_id: string
  outbox_id: number
  resource: string
  event: string
  /** Deliveries of a webhook with one key keep their order. */
  key: string
  /** When the event happened. */
  event_at: number
  queued_at: number
  /** `waiting`, `sending` (held by the running server), `paused` (webhook inactive), `delivered`, `givenUp`. */
  state: string
  /** Waiting: the next attempt. Paused: when it is given up. Over: when the row may go. */
  due_at: number
  /** Of the schedule; those made by hand do not count. */
  attempts: number
  /** When the first attempt failed; until a minute later it holds back others of its key. */
  failed_at: number | null
  /** JSON: the last attempts. */
  log: string
}

/** How far the dispatcher has read the outbox: one row. */
export interface WebhookCursorTable {
  name: string
  outbox_id: number
}

/** By name. */
export interface WebhookTables {
  webhooks: WebhookTable
  webhook_deliveries: WebhookDeliveryTable
  webhook_cursor: WebhookCursorTable
}
