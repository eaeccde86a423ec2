/**
 * Moves between available, recycle bin and purged (converged-recordings §1, §6, §9; meeting-recordings §4, §5). Ids are
 * all judged before any is changed, and changed in one commit that fails when one is no longer as it was judged. The
 * forms for everything of an owner take what is eligible and leave what is kept, a bounded commit at a time.
 */
import type { Kysely } from '@tandem/store'
import type { AuditAction, AuditEntry } from '../audit/audit-log.ts'
import { idKey, type RecordingStatus } from '../catalogue/recording.ts'
import type { Actor } from '../library.ts'
import type { MeetingTables } from '../meeting/tables.ts'
import type { Announcer } from './announce.ts'
import type { ErasureReason } from './erasure.ts'
import { type Guarded, judgeAndCommit } from './guard.ts'
import { COMMIT_RECORDINGS_MAX, type Forbids, Keeper, type KeptRow, movedTo, readRows } from './kept-rows.ts'
import type { MoveKind, MoveOutcome, MoveTarget } from './lifecycle.ts'
import { BIN_MS_DEFAULT, type LifecycleOptions } from './options.ts'

/** One line of the table of moves. */
interface Rule {
  readonly from: readonly RecordingStatus[]
  readonly to: RecordingStatus
  readonly forbids: Forbids
  readonly action: AuditAction
  readonly event: 'updated' | 'deleted'
}

const FREE: Forbids = { hold: false, retention: false }
const UNHELD: Forbids = { hold: true, retention: false }
const UNKEPT: Forbids = { hold: true, retention: true }

/** Every move: whence, whither, what forbids it, and how it is told. */
const RULES: Readonly<Record<MoveKind, Rule>> = {
  softDelete: {
    from: ['available'],
    to: 'deleted',
    forbids: UNHELD,
    action: 'recording.softDeleted',
    event: 'deleted',
  },
  restore: {
    from: ['deleted'],
    to: 'available',
    forbids: FREE,
    action: 'recording.restored',
    event: 'updated',
  },
  purge: {
    from: ['deleted'],
    to: 'purged',
    forbids: UNKEPT,
    action: 'recording.purged',
    event: 'deleted',
  },
  withdraw: {
    from: ['available', 'deleted'],
    to: 'purged',
    forbids: UNKEPT,
    action: 'recording.withdrawn',
    event: 'deleted',
  },
}

/** Carries out moves. */
export class Mover {
  readonly #options: LifecycleOptions
  readonly #announcer: Announcer

  constructor(options: LifecycleOptions, announcer: Announcer) {
    this.#options = options
    this.#announcer = announcer
  }

  move(actor: Actor, kind: MoveKind, target: MoveTarget, why: ErasureReason = {}): Promise<MoveOutcome> {
    return 'ids' in target ? this.#moveIds(actor, kind, target, why) : this.#moveAll(actor, kind, target)
  }

  /** Moves rows of one organisation that are due, judged by `keeper`; returns what to commit. */
  async plan(
    actor: Actor,
    kind: MoveKind,
    rows: readonly KeptRow[],
    keeper: Keeper,
    why: ErasureReason = {},
  ): Promise<Guarded> {
    const { db, audit, now, binMs = BIN_MS_DEFAULT } = this.#options
    const { to, action, event, forbids } = RULES[kind]
    const update = db.kysely
      .updateTable('recording')
      .set({
        status: to,
        status_at: now(),
        bin_until: to === 'deleted' ? keeper.now + binMs : null,
      })
      .where(
        'id_key',
        'in',
        rows.map((row) => row.id_key),
      )
    const entries = rows.map((row) => ({ actor, action, recordingId: row.id, ...detailOf(why) }))
    const moved = rows.map((row) => movedTo(row, to))
    return {
      guard: keeper.guard(rows, forbids),
      statements: [update, ...(await this.#announcer.changed(event, moved)), ...audit.statements(entries)],
    }
  }

  async #moveIds(
    actor: Actor,
    kind: MoveKind,
    target: Extract<MoveTarget, { ids: readonly string[] }>,
    why: ErasureReason,
  ): Promise<MoveOutcome> {
    const asked = new Map(target.ids.map((id) => [idKey(id), id]))
    if (asked.size > COMMIT_RECORDINGS_MAX)
      throw new RangeError(`At most ${COMMIT_RECORDINGS_MAX} recordings are moved at once.`)
    if (asked.size === 0) return { kind: 'done', count: 0 }
    const { db, retention, keptTime } = this.#options
    return judgeAndCommit(db, async () => {
      const rows = await readRows(db, actor.orgId, [...asked.keys()])
      const keeper = await Keeper.of(retention, actor.orgId, keptTime.now())
      const judged = judge(actor, kind, { target, asked, rows, keeper })
      if ('outcome' in judged) return judged.outcome
      const done = { kind: 'done', count: judged.rows.length } as const
      if (judged.rows.length === 0) return done
      return { commit: await this.plan(actor, kind, judged.rows, keeper, why), outcome: done }
    })
  }

  async #moveAll(
    actor: Actor,
    kind: MoveKind,
    target: Extract<MoveTarget, { allOf: string }>,
  ): Promise<MoveOutcome> {
    const { db, retention, keptTime } = this.#options
    let count = 0
    for (let after = 0; ; ) {
      const step = await judgeAndCommit(db, async () => {
        const page = await this.#eligible(actor, kind, target, after)
        const keeper = await Keeper.of(retention, actor.orgId, keptTime.now())
        const free = page.filter((row) => keeper.refuse(row, RULES[kind].forbids) === undefined)
        const last = page.length < COMMIT_RECORDINGS_MAX ? undefined : Number(page.at(-1)?.seq)
        const outcome = { moved: free.length, last }
        return free.length === 0 ? outcome : { commit: await this.plan(actor, kind, free, keeper), outcome }
      })
      count += step.moved
      if (step.last === undefined) return { kind: 'done', count }
      after = step.last
    }
  }

  #eligible(
    actor: Actor,
    kind: MoveKind,
    target: Extract<MoveTarget, { allOf: string }>,
    after: number,
  ): Promise<readonly KeptRow[]> {
    let select = this.#options.db.kysely
      .selectFrom('recording')
      .selectAll()
      .where('org_id', '=', actor.orgId)
      .where('owner_id', '=', target.allOf)
      .where('status', 'in', [...RULES[kind].from])
      .where('seq', '>', after)
    if (target.only === 'meeting') select = select.where('service_type', '=', 'meeting')
    const { siteUrl } = target
    if (siteUrl !== undefined) {
      const kysely = this.#options.db.kysely as unknown as Kysely<MeetingTables> // Wherever there are meeting recordings.
      const ofSite = kysely
        .selectFrom('meeting_recording')
        .select('id_key')
        .where('org_id', '=', actor.orgId)
        .where('site_url', '=', siteUrl.toLowerCase())
      select = select.where('id_key', 'in', ofSite)
    }
    return select.orderBy('seq').limit(COMMIT_RECORDINGS_MAX).execute()
  }
}

/** Why it was done, for the audit log; nothing when nobody said. */
function detailOf({ reason, comment }: ErasureReason): Pick<AuditEntry, 'detail'> {
  if (reason === undefined && comment === undefined) return {}
  return {
    detail: { ...(reason === undefined ? {} : { reason }), ...(comment === undefined ? {} : { comment }) },
  }
}

/** What was asked for, and what was found of it. */
interface Asked {
  readonly target: Extract<MoveTarget, { ids: readonly string[] }>
  /** As asked for, by key, in the order of the request. */
  readonly asked: ReadonlyMap<string, string>
  readonly rows: ReadonlyMap<string, KeptRow>
  readonly keeper: Keeper
}

/**
 * Judges all ids before any is changed: first whether each is there for the caller, then whether each is in the right
 * state, then whether each may leave; of several faults of one kind the first in the order of the request is named.
 */
function judge(
  actor: Actor,
  kind: MoveKind,
  { target, asked, rows, keeper }: Asked,
): { readonly outcome: MoveOutcome } | { readonly rows: readonly KeptRow[] } {
  const { from, forbids } = RULES[kind]
  const found: KeptRow[] = []
  for (const [key, id] of asked) {
    const row = rows.get(key)
    if (row === undefined || !isVisible(actor, kind, target, row)) return { outcome: { kind: 'missing', id } }
    // Withdrawing twice changes nothing: whoever may still see the recording has what was asked for.
    if (!(kind === 'withdraw' && row.status === 'purged')) found.push(row)
  }
  for (const row of found) {
    const status = row.status as RecordingStatus // Written from this very type.
    if (!from.includes(status)) return { outcome: { kind: 'wrongStatus', id: row.id, status } }
  }
  for (const row of found) {
    const refusal = keeper.refuse(row, forbids)
    if (refusal !== undefined) return { outcome: refusal }
  }
  return { rows: found }
}

function isVisible(actor: Actor, kind: MoveKind, { only, ownerIds }: Asked['target'], row: KeptRow): boolean {
  if (only === 'meeting' && row.service_type !== 'meeting') return false
  if (ownerIds !== undefined && !ownerIds.includes(row.owner_id)) return false
  // Purged is gone for users and administrators (§9); only a compliance officer may meet one again, by withdrawing.
  return row.status !== 'purged' || (kind === 'withdraw' && actor.as === 'complianceOfficer')
}
