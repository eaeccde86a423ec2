/**
 * Every webhook in memory, found by organisation and person, so that an event asks only those that may want it. It follows
 * the database: whoever changes a row there changes it here after the commit.
 */
import type { SeenEvent } from '../events/sight.ts'
import { type ReadyWebhook, readyWebhook, type Webhook, wants } from './webhook.ts'

/** The webhooks of one organisation by whom they look for. */
interface Organization {
  readonly byCreator: Map<string, Set<ReadyWebhook>>
  readonly wide: Set<ReadyWebhook>
}

/** The webhooks of a server. */
export class WebhookRegistry {
  readonly #byId = new Map<string, ReadyWebhook>()
  readonly #organizations = new Map<string, Organization>()
  #active = 0

  /** How many are active. */
  get active(): number {
    return this.#active
  }

  get(id: string): ReadyWebhook | undefined {
    return this.#byId.get(id)
  }

  /** Adds one or puts it in the place of its former self. */
  put(webhook: Webhook): void {
    this.remove(webhook.id)
    const ready = readyWebhook(webhook)
    if (ready === undefined) return
    this.#byId.set(webhook.id, ready)
    if (webhook.status !== 'active') return
    this.#active++
    this.#placeOf(webhook).add(ready)
  }

  remove(id: string): void {
    const ready = this.#byId.get(id)
    if (ready === undefined) return
    this.#byId.delete(id)
    const { orgId, creatorId, ownedBy, status } = ready.webhook
    if (status !== 'active') return
    this.#active--
    const place = this.#placeOf(ready.webhook)
    place.delete(ready)
    if (place.size === 0 && ownedBy === 'creator') this.#organizations.get(orgId)?.byCreator.delete(creatorId)
  }

  /** Those that an event goes to. */
  wanting(event: SeenEvent): readonly ReadyWebhook[] {
    const organization = this.#organizations.get(event.orgId)
    if (organization === undefined) return []
    const own = event.personId === undefined ? undefined : organization.byCreator.get(event.personId)
    return [...(own ?? []), ...organization.wide].filter((ready) => wants(ready, event))
  }

  #placeOf({ orgId, creatorId, ownedBy }: Webhook): Set<ReadyWebhook> {
    let organization = this.#organizations.get(orgId)
    if (organization === undefined) {
      organization = { byCreator: new Map(), wide: new Set() }
      this.#organizations.set(orgId, organization)
    }
    if (ownedBy === 'org') return organization.wide
    let own = organization.byCreator.get(creatorId)
    if (own === undefined) {
      own = new Set()
      organization.byCreator.set(creatorId, own)
    }
    return own
  }
}
