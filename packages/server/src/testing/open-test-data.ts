/** A data folder in a temporary place with the demo directory in it, for the tests of this package. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SILENT } from '@tandem/base'
import type { Migration } from '@tandem/store'
import { openData, type ServerData } from '../data/open-data.ts'
import { applyDirectory } from '../directory/apply.ts'

/** An open data folder that goes with `remove`. */
export interface TestData extends ServerData {
  readonly folder: string
  remove(): Promise<void>
}

/** The text of the demo directory. */
export function demoDirectory(): Promise<string> {
  return readFile(new URL('../../demo/directory.yaml', import.meta.url), 'utf8')
}

/** Opens a new data folder, empty or with the demo directory. */
export async function openTestData(
  options: { readonly demo?: boolean; readonly migrations?: Readonly<Record<string, Migration>> } = {},
): Promise<TestData> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-server-'))
  const data = await openData(
    { dataFolder: folder, key: undefined },
    { logger: SILENT, exclusive: false, migrations: options.migrations ?? {} },
  )
  if (options.demo ?? true) await applyDirectory(data, await demoDirectory(), { fileName: 'demo', now: 0 })
  return {
    ...data,
    folder,
    async remove() {
      await data.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
