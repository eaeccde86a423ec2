import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe } from 'node:test'
import { SILENT } from '@tandem/base'
import { type Database, openDatabase } from '@tandem/store'
import { SEARCH_MIGRATIONS, type SearchTables } from '../search/tables.ts'
import { catalogueSuite } from './catalogue-suite.ts'
import { RECORDINGS_MIGRATIONS } from './tables.ts'

describe('Catalogue on SQLite', () => {
  let opened: { readonly db: Database<SearchTables>; readonly folder: string } | undefined
  afterEach(async () => {
    await opened?.db.close()
    if (opened !== undefined) rmSync(opened.folder, { recursive: true })
    opened = undefined
  })

  catalogueSuite(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-catalogue-'))
    const db = await openDatabase<SearchTables>({
      file: join(folder, 'tandem.db'),
      migrations: { ...RECORDINGS_MIGRATIONS, ...SEARCH_MIGRATIONS },
      logger: SILENT,
    })
    opened = { db, folder }
    return db
  })
})
