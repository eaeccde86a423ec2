import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe } from 'node:test'
import { SILENT } from '@tandem/base'
import { type Database, openDatabase } from '@tandem/store'
import { RECORDINGS_MIGRATIONS } from '../catalogue/tables.ts'
import { TRANSCRIPT_MIGRATIONS } from '../transcript/tables.ts'
import { type SuiteTables, searchSuite } from './search-suite.ts'
import { SEARCH_MIGRATIONS } from './tables.ts'

describe('Search on SQLite', () => {
  let opened: { readonly db: Database<SuiteTables>; readonly folder: string } | undefined
  afterEach(async () => {
    await opened?.db.close()
    if (opened !== undefined) rmSync(opened.folder, { recursive: true })
    opened = undefined
  })

  searchSuite(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-search-'))
    const db = await openDatabase<SuiteTables>({
      file: join(folder, 'tandem.db'),
      migrations: { ...RECORDINGS_MIGRATIONS, ...SEARCH_MIGRATIONS, ...TRANSCRIPT_MIGRATIONS },
      logger: SILENT,
    })
    opened = { db, folder }
    return db
  })
})
