/**
 * What keeps a recording where it is: a legal hold forbids every delete, unexpired retention forbids what takes it away
 * for good (converged-recordings §1; promise P16). One reading and one judgement for moves, erasure and sweeps, and the
 * condition under which a row is still as it was read.
 */
import { type Database, type Selectable, sql } from '@tandem/store'
import { type RecordingStatus, recordingOf } from '../catalogue/recording.ts'
import type { RecordingTable } from '../catalogue/tables.ts'
import type { Retention, RetentionPolicy } from '../retention/retention.ts'
import { longerOf, retentionOf } from '../retention/retention-of.ts'
import type { Guard } from './guard.ts'
import type { MoveOutcome } from './lifecycle.ts'
import type { LifeTables } from './tables.ts'

/** A row of the catalogue, numbers as numbers. */
export type KeptRow = Selectable<RecordingTable>

/** Most recordings in one commit: what one request may name (converged-recordings §9). */
export const COMMIT_RECORDINGS_MAX = 100

/** The rows of an organisation with these keys, by key. */
export async function readRows(
  db: Database<LifeTables>,
  orgId: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, KeptRow>> {
  if (keys.length === 0) return new Map()
  const rows = await db.kysely
    .selectFrom('recording')
    .selectAll()
    .where('org_id', '=', orgId)
    .where('id_key', 'in', [...keys])
    .execute()
  return new Map(rows.map((row) => [row.id_key, row]))
}

/** What forbids a move. */
export interface Forbids {
  readonly hold: boolean
  readonly retention: boolean
}

/** Judges rows of one organisation at one moment of kept time. */
export class Keeper {
  readonly #policies: readonly RetentionPolicy[]
  /** Kept time. */
  readonly now: number

  private constructor(policies: readonly RetentionPolicy[], now: number) {
    this.#policies = policies
    this.now = now
  }

  static async of(retention: Pick<Retention, 'list'>, orgId: string, now: number): Promise<Keeper> {
    return new Keeper(await retention.list(orgId), now)
  }

  /** Kept time until which a row is retained: by what it was promised, or by the policies of now if they say longer. */
  retention(row: KeptRow): { readonly until: number | undefined; readonly eraseAtEnd: boolean } {
    const subject = { locationId: row.location_id, ownerId: row.owner_id, keptFrom: Number(row.kept_from) }
    const promised = {
      retain_until: row.retain_until === null ? null : Number(row.retain_until),
      erase_at_end: Number(row.erase_at_end) === 1 ? (1 as const) : (0 as const),
    }
    const longer = longerOf(promised, retentionOf(this.#policies, subject))
    return { until: longer.retain_until ?? undefined, eraseAtEnd: longer.erase_at_end === 1 }
  }

  /** Why a row may not leave; undefined when it may. */
  refuse(row: KeptRow, forbids: Forbids): Extract<MoveOutcome, { kind: 'held' | 'retained' }> | undefined {
    if (forbids.hold && Number(row.held) > 0) return { kind: 'held', id: row.id }
    const { until } = this.retention(row)
    if (forbids.retention && until !== undefined && until > this.now)
      return { kind: 'retained', id: row.id, until }
    return undefined
  }

  /** The guard under which rows are as they were judged. */
  guard(rows: readonly KeptRow[], forbids: Forbids): Guard {
    // Whoever owns it and whatever it is called goes out with the event, and the owner decides who may move it.
    const same = rows.map(
      (row) =>
        sql`(id_key = ${row.id_key} and status = ${row.status} and owner_id = ${row.owner_id} and topic = ${row.topic})`,
    )
    const unheld = forbids.hold ? sql`held = 0` : sql`1 = 1`
    const unretained = forbids.retention
      ? sql`(retain_until is null or retain_until <= ${this.now})`
      : sql`1 = 1`
    return {
      table: 'recording',
      keyColumn: 'id_key',
      keys: rows.map((row) => row.id_key),
      condition: sql<boolean>`(${sql.join(same, sql` or `)}) and ${unheld} and ${unretained}`,
    }
  }
}

/** The recording that a row is once its status has changed. */
export function movedTo(row: KeptRow, status: RecordingStatus): ReturnType<typeof recordingOf> {
  return recordingOf({ ...row, status })
}
