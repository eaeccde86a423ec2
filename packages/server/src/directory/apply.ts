/**
 * Applies a directory file to the database, all of it or nothing. The database is the directory's truth: a file only
 * changes it, and ids stay what they were. Changing nothing writes nothing.
 */
import type { Compilable } from '@tandem/store'
import type { ServerData } from '../data/open-data.ts'
import { DIRECTORY_BYTES_MAX, type OrganizationEntry, readDirectory } from './document.ts'
import type { DirectoryChange } from './draft.ts'
import type { DocumentReader, Reason } from './entry-reader.ts'
import { type DirectoryPlan, planDirectory } from './plan.ts'
import { API_MANAGER } from './planning.ts'
import { type DirectoryRows, readRows } from './rows.ts'
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
  /** Set when a request of the API applies it, for one organisation and not as a file. */
  readonly request?: ApplyRequest
}

/** What is different about a request. */
export interface ApplyRequest {
  /** The only organisation that it may be about. */
  readonly orgId: string
  /** Notes what a request may not do in the reader. */
  check(reader: DocumentReader, before: DirectoryRows, plan: DirectoryPlan): void
  /** What belongs into the same transaction. */
  statements(before: DirectoryRows, plan: DirectoryPlan): readonly Compilable[]
}

/** What became of it. `errors` each name line and field; with any of them nothing was changed. */
export interface ApplyResult {
  readonly errors: readonly string[]
  readonly changes: readonly DirectoryChange[]
  /** What the file made once, names no longer, and kept for want of `prune`. */
  readonly left: readonly DirectoryChange[]
  /** Why the first of the errors is one. */
  readonly reason?: Reason
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
  const { request } = options
  if (request !== undefined) checkOnly(reader, entries, request.orgId)
  if (reader.errors.length > 0) return failed(reader.errors, reader.reason)
  return data.db.transaction(async (tx) => {
    const before = await readRows(tx)
    const plan = planDirectory({
      reader,
      entries,
      before,
      managedBy: request === undefined ? options.fileName : API_MANAGER,
      prune: options.prune ?? false,
      kek: data.keys.kek,
      now: options.now ?? Date.now(),
      ...(request === undefined ? {} : { orgId: request.orgId }),
    })
    request?.check(reader, before, plan)
    if (reader.errors.length > 0) return failed(reader.errors, reader.reason)
    if (!(options.dryRun ?? false) && plan.changes.length > 0) {
      await writePlan(tx, before, plan)
      for (const statement of request?.statements(before, plan) ?? [])
        await tx.executeQuery(statement.compile())
    }
    return { errors: [], changes: plan.changes, left: plan.left }
  })
}

/** A request is about one organisation, whatever it is called there. */
function checkOnly(reader: DocumentReader, entries: readonly OrganizationEntry[], orgId: string): void {
  const [only, another] = entries
  if (only === undefined || another !== undefined)
    reader.fail(['organizations'], 'must hold one organisation, your own')
  else if (only.id !== undefined && only.id !== orgId)
    reader.fail([...only.path, 'id'], 'must be that of your own organisation')
}

function failed(errors: readonly string[], reason: Reason = 'invalid'): ApplyResult {
  return { errors, changes: [], left: [], reason }
}
