/**
 * What the directory holds at a start: an empty one gets the configured file, or the demo directory when none is
 * configured. Later the file is applied on SIGHUP and by `tandem directory apply`.
 */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { ServerData } from '../data/open-data.ts'
import { type ApplyResult, applyDirectory } from '../directory/apply.ts'
import { StartFailure } from '../start-failure.ts'

const DEMO: URL = new URL('../../demo/directory.yaml', import.meta.url)
/** The name under which the demo directory is known as the one that manages its entries. */
export const DEMO_NAME = 'demo'

/** Fills an empty directory. Throws `StartFailure` with the first error of the file. */
export async function fillEmptyDirectory(data: ServerData, directoryFile: string): Promise<void> {
  const some = await data.db.kysely.selectFrom('organizations').select('id').limit(1).executeTakeFirst()
  if (some !== undefined) return
  const result =
    directoryFile === ''
      ? await applyDirectory(data, await readFile(DEMO, 'utf8'), { fileName: DEMO_NAME })
      : await applyDirectoryFile(data, directoryFile)
  const [first, ...others] = result.errors
  if (first === undefined) return
  const more =
    others.length === 0 ? '' : ` (and ${others.length} more; "tandem directory apply --dry-run" shows all)`
  throw new StartFailure(`The directory was not applied: ${first}${more}.`)
}

/** Whether entries of the demo directory are there. */
export async function hasDemo(data: Pick<ServerData, 'db'>): Promise<boolean> {
  const row = await data.db.kysely
    .selectFrom('devices')
    .select('id')
    .where('managed_by', '=', DEMO_NAME)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Applies a file by its path. Throws `StartFailure` when it cannot be read. */
export async function applyDirectoryFile(
  data: Pick<ServerData, 'db' | 'keys'>,
  file: string,
  options: { readonly dryRun?: boolean; readonly prune?: boolean } = {},
): Promise<ApplyResult> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new StartFailure(
      `The directory file ${file} cannot be read (${code}): check its name and its rights.`,
    )
  }
  return applyDirectory(data, text, { fileName: basename(file), ...options })
}
