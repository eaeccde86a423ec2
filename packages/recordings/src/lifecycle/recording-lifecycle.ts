/**
 * The life of a recording: moves, reassignment, changes, erasure and what is due by itself (converged-recordings §1, §6,
 * §8, §9; meeting-recordings §4, §5; promise P16). Every change, its events and its audit rows are one commit, which
 * happens only while what was judged is still so. Call `sweep` after opening and then every hour or so.
 */
import { foldTopic, idKey, type RecordingStatus, recordingOf } from '../catalogue/recording.ts'
import type { Actor } from '../library.ts'
import { Announcer } from './announce.ts'
import { DueWork } from './due.ts'
import { Erasure, type ErasureReason } from './erasure.ts'
import { judgeAndCommit } from './guard.ts'
import { Keeper, type KeptRow, readRows } from './kept-rows.ts'
import type { Keeping, Lifecycle, MoveKind, MoveOutcome, MoveTarget, Sweep } from './lifecycle.ts'
import { Mover } from './moves.ts'
import type { LifecycleOptions } from './options.ts'
import { Reassignment, type ReassignRequest } from './reassignment.ts'

/** The lives of all recordings of a database. */
export class RecordingLifecycle implements Lifecycle {
  readonly #options: LifecycleOptions
  readonly #announcer: Announcer
  readonly #mover: Mover
  readonly #erasure: Erasure
  readonly #reassignment: Reassignment
  readonly #due: DueWork
  #sweeping: Promise<Sweep> | undefined

  constructor(options: LifecycleOptions) {
    this.#options = options
    this.#announcer = new Announcer(options)
    this.#mover = new Mover(options, this.#announcer)
    this.#erasure = new Erasure(options, this.#announcer)
    this.#reassignment = new Reassignment(options, this.#announcer)
    this.#due = new DueWork(options, { mover: this.#mover, erasure: this.#erasure })
  }

  move(actor: Actor, kind: MoveKind, target: MoveTarget, why?: ErasureReason): Promise<MoveOutcome> {
    return this.#mover.move(actor, kind, target, why)
  }

  erase(actor: Actor, id: string, why: ErasureReason): Promise<MoveOutcome> {
    return this.#erasure.erase(actor, id, why)
  }

  /** Erases rows again that a restored database has brought back, by key, 100 at most; returns how many there were. */
  eraseAgain(keys: readonly string[]): Promise<number> {
    return this.#erasure.repeat(keys, { reason: 'erased before the backup was restored' })
  }

  reassign(actor: Actor, request: ReassignRequest): Promise<MoveOutcome> {
    return this.#reassignment.reassign(actor, request)
  }

  update(
    actor: Actor,
    id: string,
    change: { readonly topic?: string; readonly downloadPrevented?: boolean },
  ): Promise<MoveOutcome> {
    const { db, audit, retention, keptTime, search } = this.#options
    return judgeAndCommit<MoveOutcome>(db, async () => {
      const row = (await readRows(db, actor.orgId, [idKey(id)])).get(idKey(id))
      if (row === undefined || row.status === 'purged') return { kind: 'missing', id }
      const changed = changedRow(row, change)
      const members = changedMembers(row, changed)
      if (members.length === 0) return { kind: 'done', count: 0 }
      const { topic, topic_key, download_prevented } = changed
      const update = db.kysely
        .updateTable('recording')
        .set({ topic, topic_key, download_prevented })
        .where('id_key', '=', row.id_key)
      const renamed = members.includes('topic')
      const events = renamed ? await this.#announcer.changed('updated', [recordingOf(changed)]) : []
      const keeper = await Keeper.of(retention, actor.orgId, keptTime.now())
      return {
        commit: {
          guard: keeper.guard([row], { hold: false, retention: false }),
          statements: [
            update,
            ...(renamed ? (search?.statements?.(row.id_key) ?? []) : []),
            ...events,
            ...audit.statements([
              { actor, action: 'recording.updated', recordingId: row.id, detail: { members } },
            ]),
          ],
        },
        outcome: { kind: 'done', count: 1 },
      }
    })
  }

  async keeping(orgId: string, id: string): Promise<Keeping | undefined> {
    const { db, retention, keptTime } = this.#options
    const row = (await readRows(db, orgId, [idKey(id)])).get(idKey(id))
    if (row === undefined) return undefined
    const holds = await db.kysely
      .selectFrom('recording_hold_item')
      .innerJoin('recording_hold', 'recording_hold.id', 'recording_hold_item.hold_id')
      .select('recording_hold.id as id')
      .where('recording_hold_item.id_key', '=', row.id_key)
      .where('recording_hold.released_at', 'is', null)
      .orderBy('recording_hold.placed_at', 'desc')
      .orderBy('recording_hold.id', 'desc')
      .execute()
    const { until, eraseAtEnd } = (await Keeper.of(retention, orgId, keptTime.now())).retention(row)
    return {
      status: row.status as RecordingStatus, // Written from this very type.
      ...(until === undefined ? {} : { retainUntil: until }),
      eraseAtEnd,
      ...(row.bin_until === null ? {} : { binUntil: Number(row.bin_until) }),
      holds: holds.map((hold) => hold.id),
    }
  }

  /** One at a time: who asks meanwhile gets what the running one did. */
  sweep(): Promise<Sweep> {
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = undefined
    })
    return this.#sweeping
  }

  async #sweep(): Promise<Sweep> {
    await this.#erasure.finish() // Decided before, whatever the clock says now.
    const purged = await this.#due.purge()
    const erased = await this.#due.erase()
    const { doubt } = this.#options.keptTime
    return { purged, erased, postponed: doubt !== undefined && (await this.#due.isDue(doubt.wall)) }
  }
}

function changedRow(
  row: KeptRow,
  { topic = row.topic, downloadPrevented }: { readonly topic?: string; readonly downloadPrevented?: boolean },
): KeptRow {
  const prevented =
    downloadPrevented === undefined ? Number(row.download_prevented) : downloadPrevented ? 1 : 0
  return { ...row, topic, topic_key: foldTopic(topic), download_prevented: prevented }
}

function changedMembers(before: KeptRow, after: KeptRow): readonly string[] {
  return [
    ...(before.topic === after.topic ? [] : ['topic']),
    ...(Number(before.download_prevented) === after.download_prevented ? [] : ['downloadPrevented']),
  ]
}
