/**
 * A plain reading of the contract's life of a recording (converged-recordings §1, §6, §8, §9) over the catalogue's
 * table, for the tests of HTTP: each move judged first and then made, all or nothing.
 */
import {
  type Actor,
  type AuditAction,
  type AuditEntry,
  idKey,
  type Lifecycle,
  type MoveKind,
  type MoveOutcome,
  type MoveTarget,
  type Owner,
  type RecordingStatus,
  type RecordingsTables,
} from '@tandem/recordings'
import type { Kysely } from '@tandem/store'
import type { TestData } from './open-test-data.ts'

type Row = Pick<RecordingsTables['recording'], 'id' | 'owner_id' | 'status' | 'held' | 'retain_until'>

const FROM: Readonly<Record<MoveKind, readonly RecordingStatus[]>> = {
  softDelete: ['available'],
  restore: ['deleted'],
  purge: ['deleted'],
  withdraw: ['available', 'deleted'],
}
const TO: Readonly<Record<MoveKind, RecordingStatus>> = {
  softDelete: 'deleted',
  restore: 'available',
  purge: 'purged',
  withdraw: 'purged',
}
const ACTIONS: Readonly<Record<MoveKind, AuditAction>> = {
  softDelete: 'recording.softDeleted',
  restore: 'recording.restored',
  purge: 'recording.purged',
  withdraw: 'recording.withdrawn',
}
/** Retention is over in no test. */
const KEPT_UNTIL = 0

/** See the head of this file. */
export class TestLifecycle implements Lifecycle {
  readonly #db: Kysely<RecordingsTables>
  readonly #audit: { add(entries: readonly AuditEntry[]): Promise<void> }

  constructor(data: TestData, audit: { add(entries: readonly AuditEntry[]): Promise<void> }) {
    this.#db = data.db.kysely as unknown as Kysely<RecordingsTables> // The test data has its tables.
    this.#audit = audit
  }

  async move(actor: Actor, kind: MoveKind, target: MoveTarget): Promise<MoveOutcome> {
    const rows = 'ids' in target ? await this.#named(actor, target) : await this.#allOf(actor, kind, target)
    if (!Array.isArray(rows)) return rows as MoveOutcome
    for (const row of rows as Row[]) {
      const status = row.status as RecordingStatus
      if (!FROM[kind].includes(status)) return { kind: 'wrongStatus', id: row.id, status }
      const refusal = judge(row, kind !== 'restore', kind === 'purge' || kind === 'withdraw')
      if (refusal !== undefined) return refusal
    }
    const ids = (rows as Row[]).map((row) => idKey(row.id))
    if (ids.length > 0)
      await this.#db.updateTable('recording').set({ status: TO[kind] }).where('id_key', 'in', ids).execute()
    await this.#write(actor, ACTIONS[kind], rows as Row[])
    return { kind: 'done', count: ids.length }
  }

  async erase(actor: Actor, id: string, why: Parameters<Lifecycle['erase']>[2]): Promise<MoveOutcome> {
    const row = await this.#row(actor, id)
    if (row === undefined) return { kind: 'missing', id }
    const refusal = judge(row, true, true)
    if (refusal !== undefined) return refusal
    await this.#db.deleteFrom('recording').where('id_key', '=', idKey(id)).execute()
    await this.#write(actor, 'recording.erased', [row], why)
    return { kind: 'done', count: 1 }
  }

  async reassign(
    actor: Actor,
    request: { readonly to: Owner; readonly from?: string; readonly ids?: readonly string[] },
  ): Promise<MoveOutcome> {
    const { to, from, ids } = request
    let rows: Row[] = []
    if (ids === undefined) {
      rows = (await this.#rows(actor)).filter((row) => row.status !== 'purged')
    } else
      for (const id of ids) {
        const row = await this.#row(actor, id)
        if (row === undefined || row.status === 'purged') return { kind: 'missing', id }
        rows.push(row)
      }
    const moved = rows.filter((row) => from === undefined || row.owner_id === from)
    for (const row of moved)
      await this.#db
        .updateTable('recording')
        .set({
          owner_id: to.id,
          owner_type: to.type,
          owner_name: to.name,
          owner_email: to.email,
          owner_email_key: to.email.toLowerCase(),
        })
        .where('id_key', '=', idKey(row.id))
        .execute()
    await this.#write(actor, 'recording.reassigned', moved)
    return { kind: 'done', count: moved.length }
  }

  async update(actor: Actor, id: string, change: Parameters<Lifecycle['update']>[2]): Promise<MoveOutcome> {
    const row = await this.#row(actor, id)
    if (row === undefined) return { kind: 'missing', id }
    const { topic, downloadPrevented } = change
    const set = {
      ...(topic === undefined ? {} : { topic, topic_key: topic.toLowerCase() }),
      ...(downloadPrevented === undefined ? {} : { download_prevented: downloadPrevented ? 1 : 0 }),
    }
    await this.#db.updateTable('recording').set(set).where('id_key', '=', idKey(id)).execute()
    await this.#write(actor, 'recording.updated', [row])
    return { kind: 'done', count: 1 }
  }

  async keeping(): Promise<undefined> {}

  async sweep(): ReturnType<Lifecycle['sweep']> {
    return { purged: 0, erased: 0, postponed: false }
  }

  async #named(actor: Actor, target: Extract<MoveTarget, { ids: unknown }>): Promise<Row[] | MoveOutcome> {
    const rows: Row[] = []
    for (const id of target.ids) {
      const row = await this.#row(actor, id)
      const isTheirs = target.ownerIds === undefined || target.ownerIds.includes(row?.owner_id ?? '')
      if (row === undefined || !isTheirs) return { kind: 'missing', id }
      rows.push(row)
    }
    return rows
  }

  async #allOf(actor: Actor, kind: MoveKind, target: { readonly allOf: string }): Promise<Row[]> {
    const rows = await this.#rows(actor)
    return rows.filter(
      (row) => row.owner_id === target.allOf && FROM[kind].includes(row.status as RecordingStatus),
    )
  }

  async #rows(actor: Actor): Promise<Row[]> {
    return this.#db
      .selectFrom('recording')
      .select(['id', 'owner_id', 'status', 'held', 'retain_until'])
      .where('org_id', '=', actor.orgId)
      .execute()
  }

  async #row(actor: Actor, id: string): Promise<Row | undefined> {
    return (await this.#rows(actor)).find((row) => idKey(row.id) === idKey(id))
  }

  async #write(
    actor: Actor,
    action: AuditAction,
    rows: readonly Row[],
    detail: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    await this.#audit.add(rows.map((row) => ({ actor, action, recordingId: row.id, detail })))
  }
}

function judge(row: Row, takesAway: boolean, forGood: boolean): MoveOutcome | undefined {
  if (takesAway && row.held > 0) return { kind: 'held', id: row.id }
  if (forGood && (row.retain_until ?? 0) > KEPT_UNTIL)
    return { kind: 'retained', id: row.id, until: row.retain_until as number }
  return undefined
}
