/**
 * Erasure: key, media, transcript and index entry go (converged-recordings §6; storage rule R3; promise P16). First the
 * rows, with a tombstone, the audit row and the event in one commit; then the data key, so that nothing of it can be
 * read any more; then the files; then the tombstone. Whatever cuts this off, `finish` goes on from the tombstones.
 */
import { type Compilable, redactOutbox, sql } from '@tandem/store'
import { idKey, type Recording, recordingOf } from '../catalogue/recording.ts'
import type { Actor } from '../library.ts'
import type { Announcer } from './announce.ts'
import { ErasureTraces } from './erasure-traces.ts'
import { type Guarded, judgeAndCommit } from './guard.ts'
import { type Forbids, Keeper, type KeptRow, readRows } from './kept-rows.ts'
import type { MoveOutcome } from './lifecycle.ts'
import type { LifecycleOptions } from './options.ts'

const UNKEPT: Forbids = { hold: true, retention: true }

/** Most tombstones worked off between two looks at the list, so that memory stays bounded. */
const FINISH_AT_A_TIME = 100

/** Why something is erased, for the audit log. */
export interface ErasureReason {
  readonly reason?: string
  readonly comment?: string
}

/** Erases recordings. */
export class Erasure {
  readonly #options: LifecycleOptions
  readonly #announcer: Announcer
  readonly #traces: ErasureTraces
  #dependents: Promise<readonly string[]> | undefined

  constructor(options: LifecycleOptions, announcer: Announcer) {
    this.#options = options
    this.#traces = new ErasureTraces(options.db)
    this.#announcer = announcer
  }

  /** Erases one recording of any status; everything of it is gone when it resolves. */
  async erase(actor: Actor, id: string, why: ErasureReason): Promise<MoveOutcome> {
    const { db, retention, keptTime } = this.#options
    const outcome = await judgeAndCommit<MoveOutcome>(db, async () => {
      const row = (await readRows(db, actor.orgId, [idKey(id)])).get(idKey(id))
      if (row === undefined) return { kind: 'missing', id }
      const keeper = await Keeper.of(retention, actor.orgId, keptTime.now())
      const refusal = keeper.refuse(row, UNKEPT)
      if (refusal !== undefined) return refusal
      return { commit: await this.plan(actor, [row], keeper, why), outcome: { kind: 'done', count: 1 } }
    })
    if (outcome.kind === 'done') await this.finish([idKey(id)])
    return outcome
  }

  /**
   * Erases rows again that a restored database has brought back. It was decided long ago, and their keys are destroyed:
   * neither hold nor retention keeps anything. Returns how many there were.
   */
  async repeat(keys: readonly string[], why: ErasureReason): Promise<number> {
    const { db, retention, keptTime } = this.#options
    const rows = await db.kysely
      .selectFrom('recording')
      .selectAll()
      .where('id_key', 'in', [...keys])
      .execute()
    for (const [orgId, theirs] of Map.groupBy(rows, (row) => row.org_id)) {
      const keeper = await Keeper.of(retention, orgId, keptTime.now())
      const { statements } = await this.plan({ orgId, personId: '', as: 'system' }, theirs, keeper, why)
      await db.commit(statements)
    }
    if (rows.length > 0) await this.finish(rows.map((row) => row.id_key))
    return rows.length
  }

  /** What to commit so that these rows are gone and their tombstones there; `finish` does the rest. */
  async plan(
    actor: Actor,
    rows: readonly KeptRow[],
    keeper: Keeper,
    { reason, comment }: ErasureReason,
  ): Promise<Guarded> {
    const recordings = rows.map(recordingOf)
    const files = await this.#files(rows)
    const detail = {
      ...(reason === undefined ? {} : { reason }),
      ...(comment === undefined ? {} : { comment }),
    }
    const entries = recordings.map(
      ({ id }) => ({ actor, action: 'recording.erased', recordingId: id, detail }) as const,
    )
    const guard = keeper.guard(rows, UNKEPT)
    return {
      guard: { ...guard, condition: sql<boolean>`${guard.condition} and ${sameFiles(files)}` },
      statements: [
        ...recordings.map((recording) => this.#tombstone(recording, files)),
        ...(await this.#removals(recordings)),
        ...recordings.map((recording) => redactOutbox(this.#options.db, recording.id)),
        ...(await this.#announcer.erased(recordings)),
        ...this.#options.audit.statements(entries),
      ],
    }
  }

  /** Works off tombstones, all or those of some recordings; returns how many. Repeating it does no harm. */
  async finish(keys?: readonly string[]): Promise<number> {
    const { db, checkpoint } = this.#options
    let finished = 0
    for (let after = ''; ; ) {
      let select = db.kysely
        .selectFrom('recording_erasure')
        .selectAll()
        .where('id_key', '>', after)
        .orderBy('id_key')
        .limit(FINISH_AT_A_TIME)
      if (keys !== undefined) select = select.where('id_key', 'in', [...keys])
      const tombstones = await select.execute()
      for (const tombstone of tombstones) {
        const { recording_id, org_id, at } = tombstone
        await this.#options.keys.destroy(recording_id, org_id, Number(at))
        const files = JSON.parse(tombstone.files) as readonly string[] // Written by `#tombstone`.
        for (const key of files) await this.#options.vault.remove(key)
      }
      const last = tombstones.at(-1)
      if (last === undefined) break
      const done = tombstones.map((tombstone) => tombstone.id_key)
      await db.commit([
        db.kysely.deleteFrom('recording_erasure').where('id_key', 'in', done),
        this.#traces.noted(done.length),
      ])
      finished += done.length
      after = last.id_key
    }
    if (finished > 0) await checkpoint?.()
    return finished
  }

  #tombstone(recording: Recording, files: ReadonlyMap<string, readonly string[]>): Compilable {
    const key = idKey(recording.id)
    return this.#options.db.kysely.insertInto('recording_erasure').values({
      id_key: key,
      recording_id: recording.id,
      org_id: recording.orgId,
      files: JSON.stringify(files.get(key) ?? []),
      at: this.#options.now(),
    })
  }

  /** Everything that names the recordings, the index before the rows that it is made of. */
  async #removals(recordings: readonly Recording[]): Promise<Compilable[]> {
    const { db, search, now } = this.#options
    const keys = recordings.map(({ id }) => idKey(id))
    // Its journal may still be there: it must not come back from it.
    const settled = keys.map((key) =>
      db.kysely
        .insertInto('recording_settled')
        .values({ id_key: key, how: 'erased', at: now() })
        .onConflict((conflict) => conflict.column('id_key').doNothing()),
    )
    return [
      ...keys.flatMap((key) => search?.removeStatements(key) ?? []),
      ...settled,
      ...(await this.#existing()).map((table) =>
        db.kysely.deleteFrom(table as 'recording_facts').where('id_key', 'in', keys),
      ),
      ...(['recording_facts', 'recording_file', 'recording'] as const).map((table) =>
        db.kysely.deleteFrom(table).where('id_key', 'in', keys),
      ),
    ]
  }

  /** Names of all files in the vault, by the recording's key. */
  async #files(rows: readonly KeptRow[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const files = new Map(rows.map((row) => [row.id_key, [row.vault_key]]))
    const others = await this.#options.db.kysely
      .selectFrom('recording_file')
      .select(['id_key', 'vault_key'])
      .where('id_key', 'in', [...files.keys()])
      .execute()
    for (const { id_key, vault_key } of others) files.get(id_key)?.push(vault_key)
    return files
  }

  /** Those of the further tables that this database has. Which ones does not change while it is open. */
  #existing(): Promise<readonly string[]> {
    const { db, dependents = [] } = this.#options
    this.#dependents ??= db.kysely.introspection
      .getTables()
      .then((tables) => dependents.filter((name) => tables.some((table) => table.name === name)))
    return this.#dependents
  }
}

/** No file came to these recordings since theirs were read: it would be left behind, though nobody could read it. */
function sameFiles(files: ReadonlyMap<string, readonly string[]>) {
  const others = [...files.values()].reduce((count, names) => count + names.length - 1, 0)
  return sql`(select count(*) from recording_file where id_key in (${sql.join([...files.keys()])})) = ${others}`
}
