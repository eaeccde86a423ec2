import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import { type Database, openDatabase } from '@tandem/store'
import { CATALOGUE_MIGRATIONS, type CatalogueTables } from '../catalogue/tables.ts'
import { meetingCatalogueSuite } from './meeting-catalogue-suite.ts'
import { MEETING_MIGRATIONS, type MeetingTables } from './tables.ts'

type Tables = CatalogueTables & MeetingTables

describe('MeetingCatalogue on SQLite', () => {
  let opened: { readonly db: Database<Tables>; readonly folder: string } | undefined
  afterEach(async () => {
    await opened?.db.close()
    if (opened !== undefined) rmSync(opened.folder, { recursive: true })
    opened = undefined
  })

  async function open(): Promise<Database<Tables>> {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-meetings-'))
    const db = await openDatabase<Tables>({
      file: join(folder, 'tandem.db'),
      migrations: { ...CATALOGUE_MIGRATIONS, ...MEETING_MIGRATIONS },
      logger: SILENT,
    })
    opened = { db, folder }
    return db
  }

  meetingCatalogueSuite(open)

  it('reads the lists through indexes that hold meetings alone', async () => {
    await open()
    const db = new DatabaseSync(join(opened?.folder ?? '', 'tandem.db'))
    const sql = (owner: string): string =>
      `explain query plan select * from recording join meeting_recording using (id_key)
       where recording.service_type = 'meeting' and recording.org_id = ? and status = ? ${owner}
       order by create_time desc, id desc limit 11`
    const planOf = (owner: string): string =>
      db
        .prepare(sql(owner))
        .all()
        .map((row) => row['detail'])
        .join('; ')
    assert.match(planOf('and owner_id = ?'), /recording_meetings_by_owner/)
    assert.match(planOf(''), /recording_meetings_by_time/)
    for (const owner of ['', 'and owner_id = ?']) assert.doesNotMatch(planOf(owner), /B-TREE|SCAN/)
    db.close()
  })
})
