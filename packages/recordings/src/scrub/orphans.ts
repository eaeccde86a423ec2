/**
 * What lies in the store and belongs to no row: left by a crash between file and row, or between row and removal. It goes
 * to quarantine and is never deleted (storage rule R5), with two exceptions that promise P16 and encryption ask for:
 * what is left of an erased recording, and a plain copy of a file that is there sealed and whole.
 */

import { LIST_SUFFIX } from '../vault/hashed-form.ts'
import { idOfKey, SEALED_SUFFIX } from '../vault/part-name.ts'
import type { RawEntry } from '../vault/raw-store.ts'
import { StorageFault } from '../vault/storage-fault.ts'
import type { Vault } from '../vault/vault.ts'
import { codeOf } from '../vault/vault-disk.ts'
import type { ScrubbedFile, ScrubCatalogue } from './scrub-catalogue.ts'

/** How old it must be: a recording may wait a day for the end of its call before it gets its row. */
export const ORPHAN_MS: number = 2 * 24 * 60 * 60 * 1_000
/** Files of the store compared with the catalogue at a time. */
export const BATCH_FILES = 200

/** What became of some files of the store. */
export interface Sorted {
  readonly quarantined: readonly string[]
  readonly removed: readonly string[]
}

/** What it works with. */
export interface OrphansOptions {
  readonly vault: Vault
  readonly catalogue: ScrubCatalogue
  /** Whether a recording is on its way to its row. */
  readonly isMaking: (id: string) => boolean
}

/** Puts those of these files away that belong to nothing. */
export async function sortOrphans(
  entries: readonly RawEntry[],
  now: number,
  options: OrphansOptions,
): Promise<Sorted> {
  const { vault, catalogue, isMaking } = options
  const old = entries.filter(
    ({ key, modifiedAt }) => now - modifiedAt >= ORPHAN_MS && !isMaking(idOfKey(key)),
  )
  const files = await catalogue.filesOf(old.map(({ key }) => idOfKey(key)))
  const named = new Set(files.map(({ vaultKey }) => vaultKey))
  const quarantined: string[] = []
  const removed: string[] = []
  for (const { key } of old) {
    const owner = key.endsWith(LIST_SUFFIX) ? key.slice(0, -LIST_SUFFIX.length) : key
    if (named.has(owner)) continue
    if ((await vault.isErased(idOfKey(key))) || (await isSpareCopy(key, files, vault))) {
      await vault.remove(key)
      removed.push(key)
    } else {
      await vault.quarantine(key)
      quarantined.push(key)
    }
  }
  return { quarantined, removed }
}

/** Whether this is the plain copy of a file that is sealed and whole under another key. */
async function isSpareCopy(key: string, files: readonly ScrubbedFile[], vault: Vault): Promise<boolean> {
  if (key.endsWith(SEALED_SUFFIX)) return false
  const sealed = files.filter((file) => file.storage === 'sealed' && idOfKey(file.vaultKey) === idOfKey(key))
  for (const file of sealed) {
    try {
      await vault.verify({ ...file, storage: 'bare', vaultKey: key })
      await vault.verify(file)
      return true
    } catch (error) {
      // It is not this file's copy, or the sealed one is not whole: then it may be the last.
      // So it may be when a bad sector is in the way: that never ends, unlike a store that does not answer.
      const isUnreadable = error instanceof StorageFault && codeOf(error.cause) === 'EIO'
      if (!(error instanceof StorageFault) || (error.kind !== 'damaged' && !isUnreadable)) throw error
    }
  }
  return false
}
