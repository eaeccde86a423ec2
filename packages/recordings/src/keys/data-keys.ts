/**
 * The data keys of recordings: one each, random, wrapped under the key-encryption key, on disk before anything is sealed
 * with it. To erase a recording is to destroy its key: what is left of it anywhere, in a backup of the vault say, can
 * then be read by nobody (promise P16, storage rule R3).
 */
import { randomBytes } from 'node:crypto'
import { type Compilable, type Database, insertRow, type Kysely, preparedQuery } from '@tandem/store'
import { idKey } from '../catalogue/recording.ts'
import { StorageFault } from '../vault/storage-fault.ts'
import { KEY_BYTES, type KeyRing, unwrapKey, wrapKey } from './key-ring.ts'
import { createKeyTables, type KeyTables } from './tables.ts'

/** Opened keys kept in memory: those of calls that go on and of files that are being played. 64 bytes each. */
export const CACHED_KEYS_MAX = 4_096
/** Keys that one commit of a rotation re-wraps: it holds the writer for some milliseconds. */
export const REWRAP_BATCH = 500
/** Erased recordings read at a time. */
export const ERASED_PAGE = 1_000

/** How the keys are opened. */
export interface DataKeysOptions {
  // biome-ignore lint/suspicious/noExplicitAny: whatever its tables are; ours are in a schema of their own.
  readonly db: Database<any>
  readonly ring: KeyRing
  /** Unix milliseconds. */
  readonly now: () => number
  /** Where the tables are; `keys` unless a test has no such schema. Empty: the main one. */
  readonly schema?: string
}

/** A recording that was erased. */
export interface Erased {
  readonly idKey: string
  readonly orgId: string
  /** Unix milliseconds. */
  readonly at: number
}

/** The recording was erased, so that nothing may be made under its id. */
export class ErasedRecording extends Error {
  override readonly name = 'ErasedRecording'
}

/** See the head of this file. */
export class DataKeys {
  readonly #options: DataKeysOptions
  readonly #keys: Kysely<KeyTables>
  /** Oldest first. */
  readonly #cache = new Map<string, Uint8Array>()
  /** Counts destructions: what was read before one must not enter the cache after it. */
  #destroyed = 0
  readonly #removeOfErased = preparedQuery(
    ['key'],
    ({ key }: { readonly key: string }): Compilable =>
      this.#keys
        .deleteFrom('data_key')
        .where('id_key', '=', key)
        .where((eb) =>
          eb.exists(eb.selectFrom('erased').select('erased.id_key').where('erased.id_key', '=', key)),
        ),
  )

  private constructor(options: DataKeysOptions) {
    this.#options = options
    const { kysely } = options.db
    const schema = options.schema ?? 'keys'
    this.#keys = (schema === '' ? kysely : kysely.withSchema(schema)) as unknown as Kysely<KeyTables> // As above.
  }

  /** Makes the tables where they are missing. Fails with `StorageFault('locked')` when keys are under an unknown KEK. */
  static async open(options: DataKeysOptions): Promise<DataKeys> {
    const keys = new DataKeys(options)
    await createKeyTables(keys.#keys)
    await keys.#tryRing()
    return keys
  }

  /** The key of a recording, made when there is none; on disk when it resolves. Fails with `ErasedRecording`. */
  async create(id: string): Promise<Uint8Array> {
    const cached = this.#cache.get(idKey(id))
    if (cached !== undefined) return cached
    const { current } = this.#options.ring
    const dataKey = new Uint8Array(randomBytes(KEY_BYTES))
    const destroyed = this.#destroyed
    const row = {
      id_key: idKey(id),
      wrapped: wrapKey(current.key, idKey(id), dataKey),
      kek_id: current.id,
      made_at: this.#options.now(),
    }
    // One commit in place of two questions and a commit: of an erased recording what was made goes again at once.
    const [inserted, gone] = await this.#options.db.commit([
      insertRow(this.#keys, 'data_key', row, { unlessThereIs: 'id_key' }),
      this.#removeOfErased({ key: row.id_key }),
    ])
    if (inserted?.changes === 1 && gone?.changes === 0 && destroyed === this.#destroyed) {
      this.#remember(idKey(id), dataKey)
      return dataKey
    }
    const made = await this.get(id) // There was one before, or somebody was faster.
    if (made === undefined) throw new ErasedRecording(`Recording ${id} was erased.`)
    return made
  }

  /** Undefined when there is none: never made, or destroyed. */
  async get(id: string): Promise<Uint8Array | undefined> {
    const cached = this.#cache.get(idKey(id))
    if (cached !== undefined) return cached
    const destroyed = this.#destroyed
    const row = await this.#keys
      .selectFrom('data_key')
      .select(['wrapped', 'kek_id'])
      .where('id_key', '=', idKey(id))
      .executeTakeFirst()
    if (row === undefined) return undefined
    const key = this.#unwrap(idKey(id), row)
    if (destroyed === this.#destroyed) this.#remember(idKey(id), key)
    return key
  }

  /** Whether this recording was erased. */
  async isErased(id: string): Promise<boolean> {
    const found = await this.#keys
      .selectFrom('erased')
      .select('id_key')
      .where('id_key', '=', idKey(id))
      .executeTakeFirst()
    return found !== undefined
  }

  /**
   * Destroys a key and notes that the recording was erased, on disk when it resolves, with no old page left behind.
   * Doing it again changes nothing. From the moment it is asked for, nobody is given the key.
   */
  async destroy(id: string, orgId: string, at: number): Promise<void> {
    const { db } = this.#options
    this.#forget(idKey(id))
    const note = this.#keys.insertInto('erased').values({ id_key: idKey(id), org_id: orgId, at })
    await db.commit([
      note.onConflict((conflict) => conflict.column('id_key').doNothing()),
      this.#keys.deleteFrom('data_key').where('id_key', '=', idKey(id)),
    ])
    this.#forget(idKey(id)) // Somebody may have read it meanwhile.
    await db.checkpoint()
  }

  /** Throws the key of a recording away that never came to be: a message of a mailbox, something discarded. */
  async discard(id: string): Promise<void> {
    this.#forget(idKey(id))
    await this.#options.db.commit([this.#keys.deleteFrom('data_key').where('id_key', '=', idKey(id))])
    this.#forget(idKey(id))
  }

  /** Every recording that was erased, by key. */
  async *listErased(): AsyncGenerator<Erased, void> {
    for (let after = ''; ; ) {
      const rows = await this.#keys
        .selectFrom('erased')
        .selectAll()
        .where('id_key', '>', after)
        .orderBy('id_key')
        .limit(ERASED_PAGE)
        .execute()
      for (const row of rows) yield { idKey: row.id_key, orgId: row.org_id, at: Number(row.at) }
      const last = rows.at(-1)
      if (last === undefined || rows.length < ERASED_PAGE) return
      after = last.id_key
    }
  }

  /** Wraps every key that is under another KEK under the present one; nothing else changes. Returns how many. */
  async rewrap(): Promise<number> {
    const { db, ring } = this.#options
    let count = 0
    for (let after = ''; ; ) {
      const rows = await this.#keys
        .selectFrom('data_key')
        .selectAll()
        .where('kek_id', '<>', ring.current.id)
        .where('id_key', '>', after)
        .orderBy('id_key')
        .limit(REWRAP_BATCH)
        .execute()
      const last = rows.at(-1)
      if (last === undefined) break
      const updates = rows.map((row) =>
        this.#keys
          .updateTable('data_key')
          .set({
            wrapped: wrapKey(ring.current.key, row.id_key, this.#unwrap(row.id_key, row)),
            kek_id: ring.current.id,
          })
          .where('id_key', '=', row.id_key) // An update: what was destroyed meanwhile does not come back.
          .where('kek_id', '=', row.kek_id),
      )
      const results = await db.commit(updates)
      count += results.reduce((sum, result) => sum + result.changes, 0)
      after = last.id_key
    }
    if (count > 0) await db.checkpoint() // What was wrapped under the old KEK leaves the disk.
    return count
  }

  /** One key of each KEK must open: a lost or wrong key file shall show at start and not at the first download. */
  async #tryRing(): Promise<void> {
    const rows = await this.#keys.selectFrom('data_key').select('kek_id').distinct().execute()
    for (const { kek_id } of rows) {
      const row = await this.#keys
        .selectFrom('data_key')
        .selectAll()
        .where('kek_id', '=', kek_id)
        .limit(1)
        .executeTakeFirst()
      if (row !== undefined) this.#unwrap(row.id_key, row)
    }
  }

  #unwrap(key: string, row: { readonly wrapped: Uint8Array; readonly kek_id: string }): Uint8Array {
    const { current, others } = this.#options.ring
    const kek = [current, ...others].find(({ id }) => id === row.kek_id)
    if (kek === undefined) {
      const message = `Recordings are sealed under the key ${row.kek_id}, which is not there: start with the key file they were made with.`
      throw new StorageFault('locked', message)
    }
    const dataKey = unwrapKey(kek.key, key, row.wrapped)
    if (dataKey !== undefined) return dataKey
    const message = `The key of recording ${key} does not open under the key ${kek.id}: restore the key database or the key file from a backup.`
    throw new StorageFault('locked', message)
  }

  #remember(key: string, dataKey: Uint8Array): void {
    if (this.#cache.size >= CACHED_KEYS_MAX) {
      const [oldest] = this.#cache.keys()
      if (oldest !== undefined) this.#cache.delete(oldest)
    }
    this.#cache.set(key, dataKey)
  }

  #forget(key: string): void {
    this.#destroyed += 1
    this.#cache.delete(key)
  }
}
