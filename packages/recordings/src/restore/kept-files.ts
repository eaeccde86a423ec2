/**
 * Every file of a library as the rows name them, for a backup: read from a copy of the database, or from the database
 * itself where that is PostgreSQL. In the order of ids, so that two lists can be compared side by side without holding
 * either.
 */
import type { Database } from '@tandem/store'
import { idKey } from '../catalogue/recording.ts'
import type { CatalogueTables } from '../catalogue/tables.ts'
import { BATCH_RECORDINGS, ScrubCatalogue } from '../scrub/scrub-catalogue.ts'
import type { ScrubTables } from '../scrub/tables.ts'
import { LIST_SUFFIX } from '../vault/hashed-form.ts'
import type { StoredFile } from '../vault/stored-reader.ts'

/** What became of a file that a copied row names and that is not in the vault. */
export type Absence = 'erased' | 'replaced' | 'missing'

/** The files that the rows of one database name. */
export class KeptFiles {
  readonly #catalogue: ScrubCatalogue

  /** `kysely` reads a database with the tables of the library. */
  constructor(kysely: unknown) {
    const db = { kysely } as unknown as Database<CatalogueTables & ScrubTables> // It is only read.
    this.#catalogue = new ScrubCatalogue(db)
  }

  /** All of them, those of one recording together, some at a time. */
  async *all(): AsyncGenerator<readonly StoredFile[], void> {
    for (let after = ''; ; ) {
      const files = await this.#catalogue.next(after)
      const last = files.at(-1)
      if (last === undefined) return
      yield files
      after = idKey(last.recordingId)
    }
  }

  /** Keys in the vault that belong to these recordings, whatever else is there. */
  async keysOf(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const keys = new Set<string>()
    for (let at = 0; at < ids.length; at += BATCH_RECORDINGS)
      for (const file of await this.#catalogue.filesOf(ids.slice(at, at + BATCH_RECORDINGS)))
        for (const key of namesOf(file)) keys.add(key)
    return keys
  }

  /** Asked of the database as it is now: why a file may be gone that an earlier copy names. */
  async absence(file: StoredFile): Promise<Absence> {
    if (await this.#catalogue.isCurrent(file)) return 'missing'
    const still = await this.#catalogue.filesOf([file.recordingId])
    return still.length === 0 ? 'erased' : 'replaced'
  }
}

/** The keys in the vault of all that belongs to a file: itself, and its list of hashes when it is not sealed. */
export function namesOf(file: StoredFile): readonly string[] {
  return file.storage === 'hashed' ? [file.vaultKey, `${file.vaultKey}${LIST_SUFFIX}`] : [file.vaultKey]
}
