/**
 * Legal holds (converged-recordings §1; promise P16): while one is in force, nobody deletes what it holds, retention and
 * an empty bin included. A recording counts its holds in its own row, changed in the commit that places or releases one,
 * so that every delete sees them. Recordings of any status may be held; erased ones are gone.
 */
import { randomUUID } from 'node:crypto'
import { type Database, sql } from '@tandem/store'
import type { AuditLog } from '../audit/audit-log.ts'
import { idKey } from '../catalogue/recording.ts'
import type { Actor, Cursor, Page } from '../library.ts'
import { judgeAndCommit } from '../lifecycle/guard.ts'
import { readRows } from '../lifecycle/kept-rows.ts'
import type { LifeTables, RecordingHoldTable } from '../lifecycle/tables.ts'
import type { Hold, Holds } from './holds.ts'

/** Most recordings under one hold: what one commit writes within some milliseconds. A case may have many holds. */
export const HOLD_RECORDINGS_MAX = 1_000

/** Most holds in one page. */
export const HOLD_PAGE_MAX = 100

/** What holds need. */
export interface HoldOptions {
  readonly db: Database<LifeTables>
  readonly audit: Pick<AuditLog, 'statements'>
  /** The wall clock, Unix milliseconds. */
  readonly now: () => number
}

/** The holds. */
export class LegalHolds implements Holds {
  readonly #options: HoldOptions

  constructor(options: HoldOptions) {
    this.#options = options
  }

  async place(
    actor: Actor,
    { recordingIds, reason }: { readonly recordingIds: readonly string[]; readonly reason: string },
  ): Promise<Hold | { readonly kind: 'missing'; readonly id: string }> {
    const asked = new Map(recordingIds.map((id) => [idKey(id), id]))
    if (asked.size === 0 || asked.size > HOLD_RECORDINGS_MAX)
      throw new RangeError(`A hold is placed on 1 to ${HOLD_RECORDINGS_MAX} recordings, not ${asked.size}.`)
    const { db, audit, now } = this.#options
    const keys = [...asked.keys()]
    return judgeAndCommit<Hold | { readonly kind: 'missing'; readonly id: string }>(db, async () => {
      const rows = await readRows(db, actor.orgId, keys)
      for (const [key, id] of asked) if (!rows.has(key)) return { kind: 'missing', id }
      const ids = keys.map((key) => rows.get(key)?.id ?? key)
      const hold: Hold = {
        id: randomUUID(),
        orgId: actor.orgId,
        reason,
        recordingIds: ids,
        placedBy: actor.personId,
        placedAt: now(),
      }
      const entries = ids.map((id) => {
        const detail = { holdId: hold.id, reason }
        return { actor, action: 'hold.placed', recordingId: id, detail } as const
      })
      return {
        commit: {
          guard: { table: 'recording', keyColumn: 'id_key', keys, condition: sql<boolean>`1 = 1` },
          statements: [...this.#insert(hold), this.#count(keys, 1), ...audit.statements(entries)],
        },
        outcome: hold,
      }
    })
  }

  release(actor: Actor, holdId: string, reason: string): Promise<'done' | 'missing' | 'released'> {
    const { db, audit, now } = this.#options
    return judgeAndCommit<'done' | 'missing' | 'released'>(db, async () => {
      const hold = await this.get(actor.orgId, holdId)
      if (hold === undefined) return 'missing'
      if (hold.releasedAt !== undefined) return 'released'
      const update = db.kysely
        .updateTable('recording_hold')
        .set({ released_by: actor.personId, released_at: now(), release_reason: reason })
        .where('id', '=', hold.id)
      const entries = hold.recordingIds.map((id) => {
        const detail = { holdId: hold.id, reason }
        return { actor, action: 'hold.released', recordingId: id, detail } as const
      })
      return {
        commit: {
          guard: {
            table: 'recording_hold',
            keyColumn: 'id',
            keys: [hold.id],
            condition: sql<boolean>`released_at is null`,
          },
          statements: [update, this.#count(hold.recordingIds.map(idKey), -1), ...audit.statements(entries)],
        },
        outcome: 'done',
      }
    })
  }

  async get(orgId: string, holdId: string): Promise<Hold | undefined> {
    const row = await this.#options.db.kysely
      .selectFrom('recording_hold')
      .selectAll()
      .where('id', '=', holdId.toLowerCase())
      .where('org_id', '=', orgId)
      .executeTakeFirst()
    return row === undefined ? undefined : (await this.#holdsOf([row]))[0]
  }

  async list(
    orgId: string,
    query: {
      readonly active?: boolean
      readonly recordingId?: string
      readonly max: number
      readonly cursor?: Cursor
    },
  ): Promise<Page<Hold>> {
    const { active, recordingId, cursor } = query
    const max = Math.min(Math.max(1, query.max), HOLD_PAGE_MAX)
    let select = this.#options.db.kysely.selectFrom('recording_hold').selectAll().where('org_id', '=', orgId)
    if (active !== undefined) select = select.where('released_at', active ? 'is' : 'is not', null)
    if (recordingId !== undefined)
      select = select.where('id', 'in', (eb) =>
        eb.selectFrom('recording_hold_item').select('hold_id').where('id_key', '=', idKey(recordingId)),
      )
    if (cursor !== undefined)
      select = select
        .where('placed_at', '<=', cursor.at)
        .where((eb) => eb.or([eb('placed_at', '<', cursor.at), eb('id', '<', cursor.id)]))
    const rows = await select
      .orderBy('placed_at', 'desc')
      .orderBy('id', 'desc')
      .limit(max + 1)
      .execute()
    const items = await this.#holdsOf(rows.slice(0, max))
    const last = items.at(-1)
    if (rows.length <= max || last === undefined) return { items }
    return { items, next: { at: last.placedAt, id: last.id } }
  }

  #insert(hold: Hold) {
    const { kysely } = this.#options.db
    return [
      kysely.insertInto('recording_hold').values({
        id: hold.id,
        org_id: hold.orgId,
        reason: hold.reason,
        placed_by: hold.placedBy,
        placed_at: hold.placedAt,
        released_by: null,
        released_at: null,
        release_reason: null,
      }),
      kysely
        .insertInto('recording_hold_item')
        .values(hold.recordingIds.map((id) => ({ hold_id: hold.id, id_key: idKey(id), recording_id: id }))),
    ]
  }

  #count(keys: readonly string[], by: 1 | -1) {
    return this.#options.db.kysely
      .updateTable('recording')
      .set((eb) => ({ held: eb('held', '+', by) }))
      .where('id_key', 'in', [...keys])
  }

  async #holdsOf(rows: readonly RecordingHoldTable[]): Promise<Hold[]> {
    if (rows.length === 0) return []
    const items = await this.#options.db.kysely
      .selectFrom('recording_hold_item')
      .selectAll()
      .where(
        'hold_id',
        'in',
        rows.map((row) => row.id),
      )
      .orderBy('hold_id')
      .orderBy('id_key')
      .execute()
    const byHold = Map.groupBy(items, (item) => item.hold_id)
    return rows.map((row) => ({
      id: row.id,
      orgId: row.org_id,
      reason: row.reason,
      recordingIds: (byHold.get(row.id) ?? []).map((item) => item.recording_id),
      placedBy: row.placed_by,
      placedAt: Number(row.placed_at),
      ...(row.released_by === null ? {} : { releasedBy: row.released_by }),
      ...(row.released_at === null ? {} : { releasedAt: Number(row.released_at) }),
      ...(row.release_reason === null ? {} : { releaseReason: row.release_reason }),
    }))
  }
}
