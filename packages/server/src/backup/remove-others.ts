/**
 * Clears a backup of what belongs to nothing any more, when its new `backup.json` is in place: files of recordings that
 * were erased or that a newer file took the place of, copies of the database and lists of former runs, what a run that was
 * cut off left. What is not ours is left alone.
 */
import * as disk from 'node:fs/promises'
import { join } from 'node:path'
import { KeptFiles } from '@tandem/recordings'
import { openCopy } from '@tandem/store'
import type { Backup, ListedFile } from './backup-format.ts'
import { filesBelow } from './disk.ts'
import { readList } from './file-list.ts'

/** Files compared with the rows at a time. */
const BATCH_FILES = 500
/** What former runs left beside `backup.json`. */
const OURS = /^(tandem-[0-9TZ]+-\d\.db|files-[0-9TZ]+-\d\.ndjson|backup\.json)(\.part)?$/

/** Removes it; returns how many files of recordings and clips went. */
export async function removeOthers(
  folder: string,
  backup: Pick<Backup, 'database' | 'list'>,
): Promise<number> {
  for (const name of await disk.readdir(folder)) {
    const isCurrent = ['backup.json', backup.database?.name, backup.list.name].includes(name)
    if (OURS.test(name) && !isCurrent) await disk.rm(join(folder, name), { force: true })
  }
  return (await removeClips(folder, backup)) + (await removeFiles(folder, backup))
}

async function removeClips(folder: string, { list }: Pick<Backup, 'list'>): Promise<number> {
  const known = new Set<string>()
  for await (const { id, path, absent } of readList(join(folder, list.name))) {
    if (id !== '') break // Clips come first.
    if (absent === undefined) known.add(path)
  }
  let removed = 0
  for await (const path of filesBelow(join(folder, 'clips')))
    if (!known.has(`clips/${path}`)) {
      await disk.rm(join(folder, 'clips', path), { force: true })
      removed += 1
    }
  return removed
}

async function removeFiles(
  folder: string,
  { database, list }: Pick<Backup, 'database' | 'list'>,
): Promise<number> {
  const copy = database === null ? undefined : openCopy<object>(join(folder, database.name))
  const known = copy === undefined ? await listed(folder, list.name) : new KeptFiles(copy.kysely)
  let removed = 0
  const sort = async (keys: readonly string[]): Promise<void> => {
    const kept = 'keysOf' in known ? await known.keysOf(keys.map(idOf)) : known
    for (const key of keys)
      if (!kept.has(key)) {
        await disk.rm(join(folder, 'vault', key), { force: true })
        removed += 1
      }
  }
  try {
    let batch: string[] = []
    for await (const key of filesBelow(join(folder, 'vault'))) {
      if (batch.push(key) < BATCH_FILES) continue
      await sort(batch)
      batch = []
    }
    await sort(batch)
    return removed
  } finally {
    await copy?.close()
  }
}

/** Without a copy of the database its list says what belongs: all of it in memory, some 100 bytes a file. */
async function listed(folder: string, name: string): Promise<ReadonlySet<string>> {
  const keys = new Set<string>()
  for await (const file of readList(join(folder, name)) as AsyncIterable<ListedFile>)
    if (file.id !== '' && file.absent === undefined) keys.add(file.path.slice('vault/'.length))
  return keys
}

/** The id that stands before the first dot of a file's name. */
function idOf(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1)
  const dot = name.indexOf('.')
  return dot < 0 ? name : name.slice(0, dot)
}
