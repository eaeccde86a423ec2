/**
 * Runs a suite of tests on every engine: SQLite in a scratch folder and, where it is installed, a PostgreSQL of the test's
 * own. Each test gets a database of its own with all tables that the suite needs.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe } from 'node:test'
import { SILENT } from '@tandem/base'
import { type Database, type Migrations, openDatabase } from '@tandem/store'
import { PostgresServer, postgresSkip } from '@tandem/testing'

/** Declares `suite` once for each engine; the database it opens is closed after the test. */
export function onBothEngines<Tables>(
  name: string,
  migrations: Migrations,
  suite: (database: () => Promise<Database<Tables>>) => void,
): void {
  describe(`${name} on SQLite`, () => {
    const ends: (() => Promise<void>)[] = []
    afterEach(async () => {
      for (const end of ends.splice(0)) await end()
    })
    suite(async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tandem-engine-'))
      const db = await openDatabase<Tables>({ file: join(folder, 'tandem.db'), migrations, logger: SILENT })
      ends.push(async () => {
        await db.close()
        rmSync(folder, { recursive: true })
      })
      return db
    })
  })

  const skip = postgresSkip()
  describe(`${name} on PostgreSQL`, { skip }, () => {
    let server: PostgresServer | undefined
    let opened: Database<Tables> | undefined
    before(async () => {
      if (skip === false) server = await PostgresServer.start()
    })
    afterEach(async () => {
      await opened?.close()
      opened = undefined
    })
    after(() => server?.stop())
    suite(async () => {
      const url = await server?.createDatabase()
      opened = await openDatabase<Tables>({ url: url ?? '', migrations, logger: SILENT })
      return opened
    })
  })
}
