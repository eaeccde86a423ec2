import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { SILENT } from '@tandem/base'
import { openDatabase, sql } from '@tandem/store'
import { LIBRARY_MIGRATIONS, type LibraryTables } from '../migrations.ts'
import { knownBy } from './intake.ts'

it('finds known content by indexes alone, however many recordings there are (figures: import)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-known-'))
  const db = await openDatabase<LibraryTables>({
    file: join(folder, 'tandem.db'),
    migrations: LIBRARY_MIGRATIONS,
    attach: { keys: join(folder, 'keys') },
    logger: SILENT,
  })
  const query = knownBy(db.kysely as never)({ orgId: 'org', sha256: 'ab' }).compile() // It has these tables and others.
  const values = query.parameters.map((each) => `'${String(each)}'`)
  const text = query.sql.replaceAll('?', () => values.shift() ?? 'null')
  const plan = await sql<{ detail: string }>`explain query plan ${sql.raw(text)}`.execute(db.kysely)
  const steps = plan.rows.map(({ detail }) => detail).filter((detail) => /SEARCH|SCAN/.test(detail))
  assert.deepEqual(steps, [
    'SEARCH recording USING INDEX recording_by_hash (org_id=? AND sha256=?)',
    'SEARCH import_claim USING INDEX sqlite_autoindex_import_claim_1 (org_id=? AND sha256=?)',
    'SEARCH recording USING INDEX sqlite_autoindex_recording_1 (id_key=?)',
  ])
  await db.close()
  rmSync(folder, { recursive: true })
})
