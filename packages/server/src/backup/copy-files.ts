/**
 * Copies the files that rows name into a backup: those that the last one has, at the same length, are left as they are,
 * for a file never changes once it has its name.
 */
import * as disk from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { idKey, type KeptFiles, namesOf, type StoredFile } from '@tandem/recordings'
import type { Kysely } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import type { ServerTables } from '../data/tables.ts'
import type { ListedFile } from './backup-format.ts'
import { copyFile } from './disk.ts'
import type { FormerFiles, ListWriter } from './file-list.ts'

/** Files copied at the same time: their syncs overlap. */
const AT_ONCE = 4
/** Sentences kept of what is wrong; the rest is counted by the exit code alone. */
const PROBLEMS_MAX = 1_000

/** What has been done so far. */
export interface CopyWork {
  copied: number
  copiedBytes: number
  /** In the backup, copied now or before. */
  files: number
  bytes: number
  /** Files that a newer one took the place of since the database was copied. */
  replaced: number
  readonly problems: string[]
  /** Keys of recordings that were erased since then. */
  readonly erased: Set<string>
  /** Folders that got files. */
  readonly folders: Set<string>
}

/** Where files go. */
export interface CopyTarget {
  readonly folder: string
  readonly list: ListWriter
  readonly former: FormerFiles
  readonly work: CopyWork
  /** The database as it is now. */
  readonly now: KeptFiles
}

/** Copies the files of all recordings. */
export async function copyRecordings(
  kept: KeptFiles,
  target: CopyTarget & { readonly vault: string; readonly onProgress: (files: number) => void },
): Promise<void> {
  for await (const files of kept.all()) {
    const byRecording = Map.groupBy(files, (file) => idKey(file.recordingId))
    const jobs: (() => Promise<ListedFile | undefined>)[] = []
    for (const [id, theirs] of byRecording) {
      const former = await target.former.of(id)
      for (const file of theirs)
        for (const key of namesOf(file)) {
          const path = `vault/${key}`
          jobs.push(() => copyOne({ id, file, key, path, former: former.get(path) }, target))
        }
    }
    for (const listed of await inTurn(jobs)) if (listed !== undefined) await add(listed, target)
    target.onProgress(target.work.files)
  }
}

/** Copies sounds and messages of mailboxes. */
export async function copyClips(
  from: unknown,
  db: ServerDatabase,
  target: CopyTarget & { readonly dataFolder: string },
): Promise<void> {
  const rows = from as Kysely<ServerTables> // A copy of this very database, or itself.
  const former = await target.former.of('')
  for (const [table, kind] of [
    ['sounds', 'sounds'],
    ['voicemail', 'voicemail'],
  ] as const) {
    const ids = await rows.selectFrom(table).select('id').orderBy('id').execute()
    for (const { id } of ids) {
      const path = `clips/${kind}/${id}.ulaw`
      const place = { id: '', path, from: join(target.dataFolder, path), former: former.get(path) }
      const copied = await keepOrCopy(place, target)
      if (copied !== undefined) {
        await add(copied, target)
        continue
      }
      const still = await db.kysely.selectFrom(table).select('id').where('id', '=', id).executeTakeFirst()
      const absent = still === undefined ? 'erased' : 'missing'
      if (absent === 'missing') tell(target, `The clip ${path} is not in the data folder.`)
      await add({ id: '', path, sha256: '', sizeBytes: 0, absent }, target)
    }
  }
}

interface OneFile {
  readonly id: string
  readonly file: StoredFile
  readonly key: string
  readonly path: string
  readonly former: ListedFile | undefined
}

async function copyOne(
  { id, file, key, path, former }: OneFile,
  target: CopyTarget & { readonly vault: string },
): Promise<ListedFile | undefined> {
  const copied = await keepOrCopy({ id, path, from: join(target.vault, key), former }, target)
  if (copied === undefined) {
    const absence = await target.now.absence(file)
    if (absence === 'replaced') target.work.replaced += 1
    if (absence === 'erased') target.work.erased.add(id)
    if (absence === 'missing')
      tell(target, `The file ${key} of recording ${file.recordingId} is not in the vault.`)
    const absent = absence === 'erased' ? 'erased' : 'missing'
    return { id, path, sha256: '', sizeBytes: 0, absent }
  }
  // Of what is not sealed the row knows the hash; of the rest the seal does, and restoring opens it.
  if (file.storage !== 'sealed' && key === file.vaultKey && copied.sha256 !== file.sha256)
    tell(target, `The file ${key} of recording ${file.recordingId} is damaged: it is not what its row says.`)
  return copied
}

async function keepOrCopy(
  place: {
    readonly id: string
    readonly path: string
    readonly from: string
    readonly former: ListedFile | undefined
  },
  { folder, work }: CopyTarget,
): Promise<ListedFile | undefined> {
  const { id, path, from, former } = place
  const to = join(folder, path)
  if (former !== undefined) {
    const there = await disk.stat(to).catch(() => undefined) // Whatever it is: then it is copied again.
    if (there?.isFile() === true && there.size === former.sizeBytes) return former
  }
  const copied = await copyFile(from, to)
  if (copied === undefined) return undefined
  work.copied += 1
  work.copiedBytes += copied.sizeBytes
  work.folders.add(dirname(to))
  return { id, path, ...copied }
}

async function add(listed: ListedFile, { list, work }: CopyTarget): Promise<void> {
  await list.add(listed)
  if (listed.absent !== undefined) return
  work.files += 1
  work.bytes += listed.sizeBytes
}

function tell({ work }: CopyTarget, problem: string): void {
  if (work.problems.length < PROBLEMS_MAX) work.problems.push(problem)
}

/** Runs jobs some at a time; their results in the order of the jobs. */
export async function inTurn<Result>(
  jobs: readonly (() => Promise<Result>)[],
  atOnce: number = AT_ONCE,
): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < jobs.length; at = next++)
      results[at] = await (jobs[at] as () => Promise<Result>)()
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return results
}
