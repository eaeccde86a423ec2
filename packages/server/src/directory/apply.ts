/**
 * Applies a directory file to the database, all of it or nothing. The database is the directory's truth: a file only
 * changes it, and ids stay what they were. Changing nothing writes nothing.
 */
import type { ServerData } from '../data/open-data.ts'
import { DIRECTORY_BYTES_MAX, readDirectory } from './document.ts'
import type { DirectoryChange } from './draft.ts'
import { planDirectory } from './plan.ts'
import { readRows } from './rows.ts'
import { writePlan } from './write-plan.ts'

/** How to apply a file. */
export interface ApplyOptions {
  /** Names the file in errors, and marks what it manages. */
  readonly fileName: string
  /** Only say what would happen. */
  readonly dryRun?: boolean
  /** Remove what the file made once and names no longer. */
  readonly prune?: boolean
  /** Unix milliseconds; now by default. */
  readonly now?: number
}

/** What became of it. `errors` each name line and field; with any of them nothing was changed. */
export interface ApplyResult {
  readonly errors: readonly string[]
  readonly changes: readonly DirectoryChange[]
  /** What the file made once, names no longer, and kept for want of `prune`. */
  readonly left: readonly DirectoryChange[]
}

/** Applies the text of a directory file. */
export async function applyDirectory(
  data: Pick<ServerData, 'db' | 'keys'>,
  yamlText: string,
  options: ApplyOptions,
): Promise<ApplyResult> {
  if (Buffer.byteLength(yamlText) > DIRECTORY_BYTES_MAX)
    return failed([`${options.fileName}:1: the file is larger than ${DIRECTORY_BYTES_MAX / 1_048_576} MiB`])
  const { YamlReader } = await import('./yaml-reader.ts') // With the YAML library, which most starts do not need.
  const reader = new YamlReader(yamlText, options.fileName)
  const entries = readDirectory(reader)
  if (reader.errors.length > 0) return failed(reader.errors)
  return data.db.transaction(async (tx) => {
    const before = await readRows(tx)
    const plan = planDirectory({
      reader,
      entries,
      before,
      managedBy: options.fileName,
      prune: options.prune ?? false,
      kek: data.keys.kek,
      now: options.now ?? Date.now(),
    })
    if (reader.errors.length > 0) return failed(reader.errors)
    if (!(options.dryRun ?? false) && plan.changes.length > 0) await writePlan(tx, before, plan)
    return { errors: [], changes: plan.changes, left: plan.left }
  })
}

function failed(errors: readonly string[]): ApplyResult {
  return { errors, changes: [], left: [] }
}
