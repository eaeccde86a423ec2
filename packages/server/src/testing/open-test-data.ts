/**
 * A data folder in a temporary place with the demo directory in it, for the tests of this package. With the address of a
 * PostgreSQL server in `TANDEM_TEST_DATABASE_URL` (one that may make databases) each gets a fresh database there.
 */
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret, SILENT } from '@tandem/base'
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
    { dataFolder: folder, key: undefined, databaseUrl: testDatabase() },
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

/** A fresh database on the server that the environment names; undefined when it names none. */
function testDatabase(): Secret<string> | undefined {
  const server = process.env['TANDEM_TEST_DATABASE_URL']
  if (server === undefined) return undefined
  const name = `test_${randomUUID().replaceAll('-', '')}`
  execFileSync('psql', ['-Xq', '-v', 'ON_ERROR_STOP=1', '-c', `CREATE DATABASE ${name}`, server])
  const url = new URL(server)
  url.pathname = name
  return new Secret(url.href)
}
