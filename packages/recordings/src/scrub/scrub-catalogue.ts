/** What the scrub reads from and notes in the database: files by key, where the pass stands, what is damaged. */
import type { Compilable, Database } from '@tandem/store'
import { idKey } from '../catalogue/recording.ts'
import type { CatalogueTables } from '../catalogue/tables.ts'
import type { VaultFile } from '../vault/part-name.ts'
import type { StoredFile } from '../vault/stored-reader.ts'
import type { ScrubStateTable, ScrubTables } from './tables.ts'

/** Recordings whose files are asked for at a time. */
export const BATCH_RECORDINGS = 100

/** A file with what is needed to tell of it and to store it anew. */
export interface ScrubbedFile extends StoredFile {
  readonly orgId: string
  /** When its recording began, Unix milliseconds. */
  readonly startedAt: number
}

/** Where the pass stands. */
export interface ScrubPass {
  readonly began: number
  readonly phase: 'files' | 'orphans' | 'done'
  readonly after: string
  readonly checkedFiles: number
  readonly checkedBytes: number
  readonly totalBytes: number
  readonly lastCompleted?: number
}

/** A damaged file. */
export interface Damage {
  readonly recordingId: string
  readonly file: string
  /** Unix milliseconds. */
  readonly foundAt: number
}

type Tables = CatalogueTables & ScrubTables

/** See the head of this file. */
export class ScrubCatalogue {
  readonly #db: Database<Tables>

  constructor(db: Database<Tables>) {
    this.#db = db
  }

  async pass(): Promise<ScrubPass | undefined> {
    const row = await this.#db.kysely.selectFrom('scrub_state').selectAll().executeTakeFirst()
    if (row === undefined) return undefined
    return {
      began: Number(row.began),
      phase: row.phase as ScrubPass['phase'], // Written from this very type.
      after: row.after_key,
      checkedFiles: Number(row.checked_files),
      checkedBytes: Number(row.checked_bytes),
      totalBytes: Number(row.total_bytes),
      ...(row.last_completed === null ? {} : { lastCompleted: Number(row.last_completed) }),
    }
  }

  async save(pass: ScrubPass): Promise<void> {
    const values: Omit<ScrubStateTable, 'id'> = {
      began: pass.began,
      phase: pass.phase,
      after_key: pass.after,
      checked_files: pass.checkedFiles,
      checked_bytes: pass.checkedBytes,
      total_bytes: pass.totalBytes,
      last_completed: pass.lastCompleted ?? null,
    }
    const insert = this.#db.kysely.insertInto('scrub_state').values({ id: 'pass', ...values })
    await this.#db.commit([insert.onConflict((conflict) => conflict.column('id').doUpdateSet(values))])
  }

  /** Bytes of all files together. */
  async totalBytes(): Promise<number> {
    const sums = await Promise.all(
      (['recording', 'recording_file'] as const).map((table) =>
        this.#db.kysely
          .selectFrom(table)
          .select((select) => select.fn.sum<number>('size_bytes').as('bytes'))
          .executeTakeFirst(),
      ),
    )
    return sums.reduce((all, sum) => all + Number(sum?.bytes ?? 0), 0)
  }

  /** The files of the next recordings after a key, each recording's together. */
  async next(after: string): Promise<readonly ScrubbedFile[]> {
    const rows = await this.#media()
      .where('id_key', '>', after)
      .orderBy('id_key')
      .limit(BATCH_RECORDINGS)
      .execute()
    const last = rows.at(-1)
    if (last === undefined) return []
    const further = await this.#db.kysely
      .selectFrom('recording_file')
      .selectAll()
      .where('id_key', '>', after)
      .where('id_key', '<=', last.id_key)
      .orderBy('id_key')
      .orderBy('file')
      .execute()
    const files = Map.groupBy(further, (row) => row.id_key)
    return rows.flatMap((row) => [
      fileOf(row, { ...row, file: 'media' }),
      ...(files.get(row.id_key) ?? []).map((each) => fileOf(row, each)),
    ])
  }

  /** Whether this file is still that of its recording, under the same key. */
  async isCurrent(file: StoredFile): Promise<boolean> {
    return (await this.filesOf([file.recordingId])).some(
      (each) => each.file === file.file && each.vaultKey === file.vaultKey,
    )
  }

  /** The files of some recordings. */
  async filesOf(ids: readonly string[]): Promise<readonly ScrubbedFile[]> {
    if (ids.length === 0) return []
    const keys = [...new Set(ids.map(idKey))]
    const rows = await this.#media().where('id_key', 'in', keys).execute()
    const further = await this.#db.kysely
      .selectFrom('recording_file')
      .selectAll()
      .where('id_key', 'in', keys)
      .execute()
    return rows.flatMap((row) => [
      fileOf(row, { ...row, file: 'media' }),
      ...further.filter((each) => each.id_key === row.id_key).map((each) => fileOf(row, each)),
    ])
  }

  /** Points a file to where it is stored now; false when it is not what it was any more. */
  async moved(
    file: StoredFile,
    to: { readonly key: string; readonly storage: StoredFile['storage'] },
  ): Promise<boolean> {
    const { kysely } = this.#db
    const change = { vault_key: to.key, storage: to.storage }
    const update: Compilable =
      file.file === 'media'
        ? kysely
            .updateTable('recording')
            .set(change)
            .where('id_key', '=', idKey(file.recordingId))
            .where('vault_key', '=', file.vaultKey)
        : kysely
            .updateTable('recording_file')
            .set(change)
            .where('id_key', '=', idKey(file.recordingId))
            .where('file', '=', file.file)
            .where('vault_key', '=', file.vaultKey)
    const [result] = await this.#db.commit([update])
    return result?.changes === 1
  }

  /** Notes damage together with what else is to be written; false when it was known. */
  async noteDamage(
    damage: { readonly file: ScrubbedFile; readonly what: string; readonly foundAt: number },
    statements: () => readonly Compilable[],
  ): Promise<boolean> {
    const { file, what, foundAt } = damage
    const key = { id_key: idKey(file.recordingId), file: file.file }
    const { kysely } = this.#db
    const known = await kysely
      .selectFrom('scrub_damage')
      .select('file')
      .where('id_key', '=', key.id_key)
      .where('file', '=', key.file)
      .executeTakeFirst()
    if (known !== undefined) return false
    const row = {
      ...key,
      recording_id: file.recordingId,
      org_id: file.orgId,
      vault_key: file.vaultKey,
      what,
      found_at: foundAt,
    }
    await this.#db.commit([kysely.insertInto('scrub_damage').values(row), ...statements()])
    return true
  }

  /** Forgets damage: the file is whole again. */
  async clearDamage(file: StoredFile): Promise<void> {
    await this.#db.commit([
      this.#db.kysely
        .deleteFrom('scrub_damage')
        .where('id_key', '=', idKey(file.recordingId))
        .where('file', '=', file.file),
    ])
  }

  /** What is damaged, of recordings that are still there; earliest found first. */
  async damaged(): Promise<readonly Damage[]> {
    const rows = await this.#db.kysely
      .selectFrom('scrub_damage')
      .innerJoin('recording', 'recording.id_key', 'scrub_damage.id_key')
      .select(['recording_id', 'file', 'found_at'])
      .orderBy('found_at')
      .orderBy('recording_id')
      .orderBy('file')
      .execute()
    return rows.map((row) => ({
      recordingId: row.recording_id,
      file: row.file,
      foundAt: Number(row.found_at),
    }))
  }

  /** Forgets damage of recordings that are gone. */
  async forgetErased(): Promise<void> {
    const { kysely } = this.#db
    await this.#db.commit([
      kysely
        .deleteFrom('scrub_damage')
        .where('id_key', 'not in', kysely.selectFrom('recording').select('id_key')),
    ])
  }

  #media() {
    return this.#db.kysely
      .selectFrom('recording')
      .select(['id', 'id_key', 'org_id', 'time_recorded', 'vault_key', 'storage', 'sha256', 'size_bytes'])
  }
}

type MediaRow = { readonly id: string; readonly org_id: string; readonly time_recorded: number }
type FileRow = {
  readonly file: string
  readonly vault_key: string
  readonly storage: string
  readonly sha256: string
  readonly size_bytes: number
}

function fileOf(recording: MediaRow, row: FileRow): ScrubbedFile {
  return {
    recordingId: recording.id,
    orgId: recording.org_id,
    startedAt: Number(recording.time_recorded),
    file: row.file as VaultFile, // Written from this very type.
    vaultKey: row.vault_key,
    storage: row.storage as StoredFile['storage'], // As above.
    sha256: row.sha256,
    sizeBytes: Number(row.size_bytes),
  }
}
