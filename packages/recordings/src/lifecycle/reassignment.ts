/**
 * A new owner for recordings (converged-recordings §8): for ids, for those of the ids that somebody owns, or for all of
 * somebody. Recycle-bin recordings move too and keep their status, purged ones count as missing. What the new owner's
 * policies promise is added to how long they are kept; nothing is taken away.
 */
import { type Compilable, sql } from '@tandem/store'
import { idKey, recordingOf } from '../catalogue/recording.ts'
import type { Actor, Owner } from '../library.ts'
import type { Announcer } from './announce.ts'
import { type Guarded, judgeAndCommit } from './guard.ts'
import { COMMIT_RECORDINGS_MAX, Keeper, type KeptRow, readRows } from './kept-rows.ts'
import type { MoveOutcome } from './lifecycle.ts'
import type { LifecycleOptions } from './options.ts'

const FREE = { hold: false, retention: false }

/** What is asked for. */
export interface ReassignRequest {
  readonly to: Owner
  readonly from?: string
  readonly ids?: readonly string[]
}

/** Gives recordings to other owners. */
export class Reassignment {
  readonly #options: LifecycleOptions
  readonly #announcer: Announcer

  constructor(options: LifecycleOptions, announcer: Announcer) {
    this.#options = options
    this.#announcer = announcer
  }

  async reassign(actor: Actor, { to, from, ids = [] }: ReassignRequest): Promise<MoveOutcome> {
    if (ids.length > 0) return this.#ids(actor, to, { ids, from })
    return from === undefined ? { kind: 'done', count: 0 } : this.#all(actor, to, from)
  }

  async #ids(
    actor: Actor,
    to: Owner,
    { ids, from }: { readonly ids: readonly string[]; readonly from: string | undefined },
  ): Promise<MoveOutcome> {
    const asked = new Map(ids.map((id) => [idKey(id), id]))
    if (asked.size > COMMIT_RECORDINGS_MAX)
      throw new RangeError(`At most ${COMMIT_RECORDINGS_MAX} recordings are reassigned at once.`)
    return judgeAndCommit<MoveOutcome>(this.#options.db, async () => {
      const found = await readRows(this.#options.db, actor.orgId, [...asked.keys()])
      for (const [key, id] of asked) {
        const row = found.get(key)
        if (row === undefined || row.status === 'purged') return { kind: 'missing', id }
      }
      const rows = [...asked.keys()].flatMap((key) => found.get(key) ?? [])
      const moving = rows.filter((row) => from === undefined || row.owner_id === from)
      const plan = await this.#plan(actor, to, moving)
      return plan ?? { kind: 'done', count: 0 }
    })
  }

  async #all(actor: Actor, to: Owner, from: string): Promise<MoveOutcome> {
    const { db } = this.#options
    let count = 0
    for (let after = 0; ; ) {
      const cursor = after
      const step = await judgeAndCommit(db, async () => {
        const page = await db.kysely
          .selectFrom('recording')
          .selectAll()
          .where('org_id', '=', actor.orgId)
          .where('owner_id', '=', from)
          .where('status', 'in', ['available', 'deleted'])
          .where('seq', '>', cursor)
          .orderBy('seq')
          .limit(COMMIT_RECORDINGS_MAX)
          .execute()
        const last = page.length < COMMIT_RECORDINGS_MAX ? undefined : Number(page.at(-1)?.seq)
        const plan = await this.#plan(actor, to, page)
        if (plan === undefined) return { moved: 0, last }
        return { commit: plan.commit, outcome: { moved: plan.outcome.count, last } }
      })
      count += step.moved
      if (step.last === undefined) return { kind: 'done', count }
      after = step.last
    }
  }

  /** What to commit, without those that have this owner already; undefined when there is nothing. */
  async #plan(
    actor: Actor,
    to: Owner,
    rows: readonly KeptRow[],
  ): Promise<{ readonly commit: Guarded; readonly outcome: { kind: 'done'; count: number } } | undefined> {
    const moving = rows.filter((row) => row.owner_id !== to.id)
    if (moving.length === 0) return undefined
    const { audit, retention, keptTime } = this.#options
    const keeper = await Keeper.of(retention, actor.orgId, keptTime.now())
    const given = moving.map((row) => ({ ...row, ...ownerColumns(to) }))
    const entries = moving.map((row) => {
      const detail = { from: row.owner_id, to: to.id }
      return { actor, action: 'recording.reassigned', recordingId: row.id, detail } as const
    })
    return {
      commit: {
        guard: keeper.guard(moving, FREE),
        statements: [
          ...given.map((row) => this.#update(row, keeper)),
          ...(await this.#announcer.changed('updated', given.map(recordingOf))),
          ...audit.statements(entries),
        ],
      },
      outcome: { kind: 'done', count: moving.length },
    }
  }

  #update(row: KeptRow, keeper: Keeper): Compilable {
    const { until, eraseAtEnd } = keeper.retention(row)
    const { owner_id, owner_type, owner_name, owner_email, owner_email_key } = row
    const owner = { owner_id, owner_type, owner_name, owner_email, owner_email_key }
    const update = this.#options.db.kysely.updateTable('recording').where('id_key', '=', row.id_key)
    if (until === undefined) return update.set(owner)
    // A policy that was set meanwhile may have promised more than was read.
    const longer = sql`retain_until is null or retain_until < ${until}`
    return update.set({
      ...owner,
      retain_until: sql<number>`case when ${longer} then ${until} else retain_until end`,
      erase_at_end: sql<number>`case when ${longer} then ${eraseAtEnd ? 1 : 0} else erase_at_end end`,
    })
  }
}

function ownerColumns(owner: Owner) {
  return {
    owner_id: owner.id,
    owner_type: owner.type,
    owner_name: owner.name,
    owner_email: owner.email,
    owner_email_key: owner.email.toLowerCase(),
  }
}
