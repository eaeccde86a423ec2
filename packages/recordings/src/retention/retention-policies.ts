/**
 * Retention policies of organisations, locations and owners (promise P16). Setting one extends what exists and never
 * shortens it; removing one changes no recording. Policies are carried out by the row (`retain_until`), and moves look
 * at the policies too, so that a recording made in the very moment of a change is not missed.
 */
import { type Compilable, type Database, sql } from '@tandem/store'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Actor } from '../library.ts'
import type { KeptTime } from '../lifecycle/kept-time.ts'
import type { LifeTables } from '../lifecycle/tables.ts'
import type { Retention, RetentionPolicy, RetentionScope } from './retention.ts'
import { DAY_MS, type RetentionStamp, retentionOf } from './retention-of.ts'

/** Longest retention, days: a hundred years, which no law exceeds and every clock can count. */
export const KEEP_DAYS_MAX = 36_500

/** What policies need. */
export interface RetentionOptions {
  readonly db: Database<LifeTables>
  readonly audit: Pick<AuditLog, 'statements'>
  /** The wall clock, Unix milliseconds: for `setAt` alone. */
  readonly now: () => number
  readonly keptTime: Pick<KeptTime, 'now'>
}

/** The policies. */
export class RetentionPolicies implements Retention {
  readonly #options: RetentionOptions

  constructor(options: RetentionOptions) {
    this.#options = options
  }

  /** By scope, then by id. */
  async list(orgId: string): Promise<readonly RetentionPolicy[]> {
    const rows = await this.#options.db.kysely
      .selectFrom('retention_policy')
      .selectAll()
      .where('org_id', '=', orgId)
      .orderBy('scope')
      .orderBy('scope_id')
      .execute()
    return rows.map((row) => ({
      scope: row.scope as RetentionScope, // Written by `set` from this very type.
      scopeId: row.scope_id,
      keepDays: Number(row.keep_days),
      eraseAtEnd: Number(row.erase_at_end) === 1,
      setBy: row.set_by,
      setAt: Number(row.set_at),
    }))
  }

  async set(
    actor: Actor,
    policy: Pick<RetentionPolicy, 'scope' | 'scopeId' | 'keepDays' | 'eraseAtEnd'>,
  ): Promise<{ readonly policy: RetentionPolicy; readonly extended: number }> {
    const { scope, scopeId, keepDays, eraseAtEnd } = policy
    if (!Number.isInteger(keepDays) || keepDays < 1 || keepDays > KEEP_DAYS_MAX)
      throw new RangeError(`A recording is kept for 1 to ${KEEP_DAYS_MAX} whole days, not for ${keepDays}.`)
    const { db, audit, now } = this.#options
    const setAt = now()
    const values = { keep_days: keepDays, erase_at_end: eraseAtEnd ? 1 : 0, set_by: actor.personId }
    const upsert = db.kysely
      .insertInto('retention_policy')
      .values({ org_id: actor.orgId, scope, scope_id: scopeId, ...values, set_at: setAt })
      .onConflict((conflict) =>
        conflict.columns(['org_id', 'scope', 'scope_id']).doUpdateSet({ ...values, set_at: setAt }),
      )
    const extensions = this.#extensions(actor.orgId, policy)
    const results = await db.commit([
      ...(await this.#keepPromises(actor.orgId, scope, scopeId)),
      upsert,
      ...audit.statements([
        { actor, action: 'retention.set', detail: { scope, scopeId, keepDays, eraseAtEnd } },
      ]),
      ...extensions,
    ])
    const extended = results.at(-extensions.length)?.changes ?? 0
    return { policy: { scope, scopeId, keepDays, eraseAtEnd, setBy: actor.personId, setAt }, extended }
  }

  async remove(actor: Actor, scope: RetentionScope, scopeId: string): Promise<boolean> {
    const { db, audit } = this.#options
    const known = (await this.list(actor.orgId)).some(
      (policy) => policy.scope === scope && policy.scopeId === scopeId,
    )
    if (!known) return false
    const removal = db.kysely
      .deleteFrom('retention_policy')
      .where('org_id', '=', actor.orgId)
      .where('scope', '=', scope)
      .where('scope_id', '=', scopeId)
    await db.commit([
      ...(await this.#keepPromises(actor.orgId, scope, scopeId)),
      removal,
      ...audit.statements([{ actor, action: 'retention.removed', detail: { scope, scopeId } }]),
    ])
    return true
  }

  /**
   * How long a recording that is being made is to be kept: the columns of its row. `madeAt` is given for what comes from
   * elsewhere and was made long ago; retention counts from then, but never from a moment that has not come yet.
   */
  async stamp(
    orgId: string,
    subject: { readonly locationId: string; readonly ownerId: string; readonly madeAt?: number },
  ): Promise<RetentionStamp & { readonly kept_from: number }> {
    const now = this.#options.keptTime.now()
    const keptFrom = Math.min(now, subject.madeAt ?? now)
    return { ...retentionOf(await this.list(orgId), { ...subject, keptFrom }), kept_from: keptFrom }
  }

  /** Writes down what the policy in force promises, for recordings that were made in the moment when it was set. */
  async #keepPromises(orgId: string, scope: RetentionScope, scopeId: string): Promise<readonly Compilable[]> {
    const before = (await this.list(orgId)).find(
      (policy) => policy.scope === scope && policy.scopeId === scopeId,
    )
    return before === undefined ? [] : this.#extensions(orgId, before)
  }

  /** The statements that make rows keep what the policy promises; the first one counts those that are kept longer. */
  #extensions(
    orgId: string,
    {
      scope,
      scopeId,
      keepDays,
      eraseAtEnd,
    }: Pick<RetentionPolicy, 'scope' | 'scopeId' | 'keepDays' | 'eraseAtEnd'>,
  ): readonly Compilable[] {
    const until = sql<number>`kept_from + ${keepDays * DAY_MS}`
    let update = this.#options.db.kysely.updateTable('recording').where('org_id', '=', orgId)
    if (scope === 'location') update = update.where('location_id', '=', scopeId)
    if (scope === 'owner') update = update.where('owner_id', '=', scopeId)
    const extension = update
      .set({ retain_until: until, erase_at_end: eraseAtEnd ? 1 : 0 })
      .where((eb) => eb.or([eb('retain_until', 'is', null), eb('retain_until', '<', until)]))
    if (eraseAtEnd) return [extension]
    // Of two policies of one length the one that does not erase counts.
    return [extension, update.set({ erase_at_end: 0 }).where('retain_until', '=', until)]
  }
}
