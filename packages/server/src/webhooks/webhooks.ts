/**
 * The room of webhooks: registered, changed and deleted here, in the database first and then in memory, and taken out of
 * service when their target or creator is gone. What happens is committed with its row of the audit log.
 */
import { randomUUID } from 'node:crypto'
import type { Logger } from '@tandem/base'
import type { PageCursor } from '@tandem/contract'
import type { Actor, AuditEntry } from '@tandem/recordings'
import { type Compilable, StoreError, sql } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import type { RaisesAlarms } from '../observe/alarms.ts'
import type { Counters } from '../observe/counters.ts'
import type { DeliveryClock } from './clock.ts'
import { Deliveries } from './deliveries.ts'
import { DeliveryLog } from './delivery-log.ts'
import type { Dispatcher } from './dispatcher.ts'
import { FAILURE_WINDOW_MS } from './failure-window.ts'
import type { WebhookRegistry } from './registry.ts'
import type { TargetRefusal, TargetResolver } from './resolve-target.ts'
import { readTarget } from './target-url.ts'
import { marksOf, rowOf, type Webhook, webhookOf } from './webhook.ts'

/** Webhooks of one creator (webhooks §2). */
export const WEBHOOKS_PER_CREATOR_MAX = 30_000

/** What a new webhook is made of. */
export type NewWebhook = Omit<Webhook, 'id' | 'status' | 'createdAt' | 'disabledAt' | 'fragile'>

/** Members that may change; absent ones stay. */
export interface WebhookChange {
  readonly name: string
  readonly targetUrl: string
  /** `undefined` inside takes the secret away. */
  readonly secret?: { readonly value: Webhook['secret'] }
  /** Takes it back into service. */
  readonly revive: boolean
}

/** Why a webhook cannot be registered: the same is there, its slot is taken (organisation-wide), or there are too many. */
export type RegistrationRefusal = 'exists' | 'slotTaken' | 'limit'

/** Whose webhooks are listed: the own ones of one client, those of the organisation, or both. */
export interface WebhookView {
  readonly orgId: string
  readonly own?: { readonly creatorId: string; readonly clientId: string }
  readonly wide: boolean
}

/** The statements of an audit row. */
export type AuditStatements = (entries: readonly AuditEntry[]) => readonly Compilable[]

/** What the room works with. */
export interface WebhooksOptions {
  readonly db: ServerDatabase
  /** Seals secrets. */
  readonly kek: Uint8Array
  readonly clock: DeliveryClock
  readonly audit: AuditStatements
  readonly registry: WebhookRegistry
  readonly resolver: TargetResolver
  readonly counters: Counters
  readonly logger: Logger
  /** Told when one is disabled because its target fails. */
  readonly alarms?: Pick<RaisesAlarms, 'alarm'>
}

/** The webhooks of a server. */
export class Webhooks {
  readonly #options: WebhooksOptions
  readonly #deliveries: Deliveries
  readonly log: DeliveryLog
  #dispatcher: Dispatcher | undefined

  constructor(options: WebhooksOptions) {
    this.#options = options
    this.#deliveries = new Deliveries(options.db)
    this.log = new DeliveryLog({ ...options, onDue: () => this.#dispatcher?.pull() })
  }

  /** Reads all of them into memory. */
  async load(): Promise<void> {
    const rows = await this.#options.db.kysely.selectFrom('webhooks').selectAll().execute()
    for (const row of rows) this.#options.registry.put(webhookOf(row, this.#options.kek))
  }

  /** From now on this one delivers. */
  attach(dispatcher: Dispatcher): void {
    this.#dispatcher = dispatcher
  }

  /** Why nothing may be sent to a target, looked up now; `undefined` when it may. A text that is no target is forbidden. */
  async refuses(targetUrl: string): Promise<TargetRefusal | undefined> {
    const target = readTarget(targetUrl)
    if (typeof target === 'string') return 'forbidden'
    const addresses = await this.#options.resolver.addresses(target.host, { fresh: true })
    return typeof addresses === 'string' ? addresses : undefined
  }

  /** Registers one; it hears of what happens from now on. */
  async create(made: NewWebhook, actor: Actor): Promise<Webhook | RegistrationRefusal> {
    const { db, kek, clock, audit, registry } = this.#options
    const webhook: Webhook = {
      ...made,
      id: randomUUID(),
      status: 'active',
      createdAt: clock.now(),
      disabledAt: undefined,
      fragile: false,
    }
    const refusal = await this.#refusal(webhook)
    if (refusal !== undefined) return refusal
    try {
      await db.commit([
        db.kysely.insertInto('webhooks').values(rowOf(webhook, kek)),
        ...((await this.#dispatcher?.beforeActive()) ?? []),
        ...audit([{ actor, action: 'webhook.created', detail: detailOf(webhook) }]),
      ])
    } catch (error) {
      if (!isDuplicate(error)) throw error
      return (await this.#refusal(webhook)) ?? 'exists' // Another request was faster.
    }
    registry.put(webhook)
    this.#dispatcher?.wake()
    return webhook
  }

  /** One of an organisation, whoever's it is. */
  async get(orgId: string, id: string): Promise<Webhook | undefined> {
    const { db, kek } = this.#options
    const row = await db.kysely
      .selectFrom('webhooks')
      .selectAll()
      .where('org_id', '=', orgId)
      .where('id', '=', id)
      .executeTakeFirst()
    return row === undefined ? undefined : webhookOf(row, kek)
  }

  /** A page, newest first. */
  async list(
    view: WebhookView,
    page: { readonly max: number; readonly cursor?: PageCursor },
  ): Promise<{ readonly items: readonly Webhook[]; readonly next?: PageCursor }> {
    const { own, wide } = view
    const { max, cursor } = page
    let select = this.#options.db.kysely
      .selectFrom('webhooks')
      .selectAll()
      .where('org_id', '=', view.orgId)
      .where((eb) =>
        eb.or([
          ...(own === undefined
            ? []
            : [eb.and([eb('creator_id', '=', own.creatorId), eb('client_id', '=', own.clientId)])]),
          ...(wide ? [eb('owned_by', '=', 'org')] : []),
        ]),
      )
    if (cursor !== undefined)
      select = select.where((eb) =>
        eb.or([
          eb('created_at', '<', cursor.at),
          eb.and([eb('created_at', '=', cursor.at), eb('id', '<', cursor.id)]),
        ]),
      )
    const rows = await select
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(max + 1)
      .execute()
    const items = rows.slice(0, max).map((row) => webhookOf(row, this.#options.kek))
    const last = items.at(-1)
    return rows.length > max && last !== undefined
      ? { items, next: { at: last.createdAt, id: last.id } }
      : { items }
  }

  /** Changes one; one that is gone meanwhile gives `undefined`. */
  async update(
    webhook: Webhook,
    change: WebhookChange,
    actor: Actor,
  ): Promise<Webhook | RegistrationRefusal | undefined> {
    const { db, kek, clock, audit, registry } = this.#options
    const now = clock.now()
    const revived = change.revive && webhook.status === 'inactive'
    const changed: Webhook = {
      ...webhook,
      name: change.name,
      targetUrl: change.targetUrl,
      secret: change.secret === undefined ? webhook.secret : change.secret.value,
      status: revived ? 'active' : webhook.status,
      fragile: revived
        ? webhook.disabledAt !== undefined && now - webhook.disabledAt < FAILURE_WINDOW_MS
        : webhook.fragile,
    }
    if (marksOf(changed).fingerprint !== marksOf(webhook).fingerprint) {
      const refusal = await this.#refusal(changed)
      if (refusal !== undefined) return refusal
    }
    const { id: _id, org_id: _orgId, status, fragile, disabled_at: _disabledAt, ...row } = rowOf(changed, kek)
    let results: readonly { readonly changes: number }[]
    try {
      results = await db.commit([
        db.kysely
          .updateTable('webhooks')
          // Only a revival touches these two: it may be disabled at this very moment.
          .set(revived ? { ...row, status, fragile } : row)
          .where('id', '=', webhook.id),
        ...(revived ? [this.#deliveries.resumeAll(webhook.id, now)] : []),
        ...(revived ? ((await this.#dispatcher?.beforeActive()) ?? []) : []),
        ...audit([{ actor, action: 'webhook.changed', detail: { ...detailOf(changed), revived } }]),
      ])
    } catch (error) {
      if (!isDuplicate(error)) throw error
      return 'exists'
    }
    if (results[0]?.changes !== 1) return undefined
    const stored = await this.get(webhook.orgId, webhook.id)
    if (stored === undefined) return undefined
    registry.put(stored)
    if (revived) this.#dispatcher?.revived(webhook.id)
    this.#dispatcher?.wake()
    return stored
  }

  /** Deletes one with everything that it has waiting; false when it is gone already. */
  async remove(webhook: Webhook, actor: Actor): Promise<boolean> {
    const { db, audit, registry } = this.#options
    const [result] = await db.commit([
      db.kysely.deleteFrom('webhooks').where('id', '=', webhook.id),
      ...audit([{ actor, action: 'webhook.deleted', detail: detailOf(webhook) }]),
    ])
    registry.remove(webhook.id)
    this.#dispatcher?.stopped(webhook.id)
    return result?.changes === 1
  }

  /** Takes one out of service (webhooks §8): it says so in the log, the metrics and the audit log. */
  async disable(id: string, why: 'failures' | 'creatorGone'): Promise<void> {
    const { db, clock, audit, registry, counters, logger, alarms } = this.#options
    const webhook = registry.get(id)?.webhook
    if (webhook?.status !== 'active') return
    const disabledAt = clock.now()
    registry.put({ ...webhook, status: 'inactive', disabledAt, fragile: false })
    const actor = { orgId: webhook.orgId, personId: '', as: 'system' } as const
    await db.commit([
      db.kysely
        .updateTable('webhooks')
        .set({ status: 'inactive', disabled_at: disabledAt, fragile: 0 })
        .where('id', '=', id),
      this.#deliveries.pauseAll(id),
      ...audit([{ actor, action: 'webhook.disabled', detail: { ...detailOf(webhook), why } }]),
    ])
    this.#dispatcher?.stopped(id)
    counters.add('tandem_webhooks_disabled_total', { why })
    logger.warn('A webhook was disabled; PUT it with status active to revive it', {
      ...detailOf(webhook),
      why,
    })
    if (why === 'failures') alarms?.alarm('webhook-disabled', { orgId: webhook.orgId, webhookId: id })
  }

  async #refusal(webhook: Webhook): Promise<RegistrationRefusal | undefined> {
    const { kysely } = this.#options.db
    const { fingerprint, org_slot } = marksOf(webhook)
    const others = kysely
      .selectFrom('webhooks')
      .where('org_id', '=', webhook.orgId)
      .where('id', '<>', webhook.id)
    if ((await others.select('id').where('fingerprint', '=', fingerprint).executeTakeFirst()) !== undefined)
      return 'exists'
    const taken =
      org_slot !== null && (await others.select('id').where('org_slot', '=', org_slot).executeTakeFirst())
    if (taken) return 'slotTaken'
    const row = await others
      .select(sql<number>`count(*)`.as('count'))
      .where('creator_id', '=', webhook.creatorId)
      .executeTakeFirst()
    return Number(row?.count ?? 0) >= WEBHOOKS_PER_CREATOR_MAX ? 'limit' : undefined
  }
}

/** What logs may say of a webhook: of its target only where it is, since the rest may hold a secret. */
function detailOf(webhook: Webhook): Readonly<Record<string, string>> {
  const { id, resource, event, ownedBy } = webhook
  const target = readTarget(webhook.targetUrl)
  return {
    webhookId: id,
    resource,
    event,
    ownedBy,
    target: typeof target === 'string' ? '' : target.url.origin,
  }
}

function isDuplicate(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'constraint'
}
