import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, it } from 'node:test'
import { SILENT } from '@tandem/base'
import { type Database, type DatabasePlace, dialectOf, openDatabase, sql } from '@tandem/store'
import { PostgresServer, postgresSkip } from '@tandem/testing'
import { FIRST_MIGRATIONS } from './first-migrations.ts'
import { SERVER_MIGRATIONS } from './migrations.ts'
import type { ServerTables } from './tables.ts'

const skip = postgresSkip()
let folder: string
let server: PostgresServer | undefined
let db: Database<ServerTables> | undefined
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-migrations-'))
  if (skip === false) server = await PostgresServer.start()
})
afterEach(() => db?.close())
after(async () => {
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

it('keeps what a data folder of the first release holds: people, modes, phones, tokens, call records', () =>
  keepsTheFirst({ file: join(folder, 'tandem.db') }))

it('makes the same of the same rows on PostgreSQL', { skip }, async () =>
  keepsTheFirst({ url: (await server?.createDatabase()) ?? '' }),
)

it('runs every migration of the server and of recordings on PostgreSQL', { skip }, async () => {
  const { LIBRARY_MIGRATIONS } = await import('@tandem/recordings')
  db = await openDatabase<ServerTables>({
    url: (await server?.createDatabase()) ?? '',
    attach: { keys: '' },
    migrations: { ...SERVER_MIGRATIONS, ...LIBRARY_MIGRATIONS },
    logger: SILENT,
  })
  // Every text sorts by its bytes, and no number is too narrow for a moment in milliseconds.
  const odd =
    await sql`select table_name, column_name, data_type, collation_name from information_schema.columns
    where table_schema in ('public', 'keys') and table_name not like 'kysely%'
      and (data_type not in ('text', 'bigint', 'bytea') or (data_type = 'text' and collation_name is distinct from 'C'))`.execute(
      db.kysely,
    )
  assert.deepEqual(odd.rows, [])
})

async function keepsTheFirst(place: DatabasePlace): Promise<void> {
  const old = await openDatabase({ ...place, migrations: FIRST_MIGRATIONS, logger: SILENT })
  const postgres = dialectOf(old.kysely) === 'postgres'
  const bytes = postgres ? sql`'\\x0102'` : sql`x'0102'`
  for (const statement of [
    sql`insert into organizations values ('o', 'Radio', 'dir.yaml', 1)`,
    sql`insert into domains values ('radio.test', 'o', 0)`,
    sql`insert into locations values ('l', 'o', 'Berlin', 'dir.yaml')`,
    sql`insert into people values ('p', 'o', 'l', 'Ada@radio.test', 'ada@radio.test', 'Ada Lovelace', 'Ada', 'Lovelace',
      '101', '["+4930555101"]', '["user","admin"]', 'Always with Pause/Resume', 'Europe/Berlin', 'dir.yaml', 2, 3)`,
    sql`insert into people values ('q', 'o', 'l', 'ben@radio.test', 'ben@radio.test', 'Ben', 'Ben', '',
      '102', '[]', '["user"]', 'Never', null, 'dir.yaml', 2, 3)`,
    sql`insert into devices values ('d', 'o', 'p', 'desk', 'ada', 'radio.test', ${bytes}, 'dir.yaml')`,
    sql`insert into tokens values ('t', 'hash', 'o', 'p', '[]', '', 4, null, null)`,
    sql`insert into bindings values ('o', 'd', '[]')`,
    sql`insert into call_records values ('o', 's', 5, null, 6, 'hangup', '{}')`,
  ])
    await statement.execute(old.kysely)
  await old.close()

  db = await openDatabase<ServerTables>({ ...place, migrations: SERVER_MIGRATIONS, logger: SILENT })
  const { kysely } = db
  assert.deepEqual(
    (await kysely.selectFrom('lines').selectAll().orderBy('id').execute()).map((row) => ({ ...row })),
    [
      {
        id: 'p',
        org_id: 'o',
        kind: 'person',
        location_id: 'l',
        display_name: 'Ada Lovelace',
        extension: '101',
        numbers: '["+4930555101"]',
        features: '{}',
        recording: '{"record":"Always with Pause/Resume"}',
        recording_managed: 1,
        voicemail_pin: null,
        preferred_device_id: null,
        preferred_managed: 0,
        external_waiting: 0,
        managed_by: 'dir.yaml',
      },
      {
        id: 'q',
        org_id: 'o',
        kind: 'person',
        location_id: 'l',
        display_name: 'Ben',
        extension: '102',
        numbers: '[]',
        features: '{}',
        recording: '{"record":"Never"}',
        recording_managed: 0,
        voicemail_pin: null,
        preferred_device_id: null,
        preferred_managed: 0,
        external_waiting: 0,
        managed_by: 'dir.yaml',
      },
    ],
  )
  const people = await kysely.selectFrom('people').selectAll().orderBy('id').execute()
  assert.deepEqual(
    people.map((row) => [row.id, row.email, row.email_folded, row.roles, row.timezone, row.modified_at]),
    [
      ['p', 'Ada@radio.test', 'ada@radio.test', '["user","admin"]', 'Europe/Berlin', 3],
      ['q', 'ben@radio.test', 'ben@radio.test', '["user"]', null, 3],
    ],
  )
  const [device] = await kysely.selectFrom('devices').selectAll().execute()
  assert.deepEqual([device?.line_id, device?.sip_user, [...(device?.secret ?? [])]], ['p', 'ada', [1, 2]])
  const tokens = await kysely.selectFrom('tokens').select(['hash', 'person_id']).execute()
  assert.deepEqual(
    tokens.map((row) => [row.hash, row.person_id]),
    [['hash', 'p']],
  )
  assert.equal((await kysely.selectFrom('bindings').selectAll().execute()).length, 1)
  assert.equal((await kysely.selectFrom('call_records').selectAll().execute()).length, 1)

  // The keys hold as before: one extension for one line whatever its kind, and a line takes its own things with it.
  const taken = sql`insert into lines select 'x', org_id, 'place', location_id, 'Lobby', '101', '[]', '{}', '{}', 0, null,
    null, 0, 0, 'x' from lines where id = 'p'`
  await assert.rejects(taken.execute(kysely), /UNIQUE/i)
  await kysely.deleteFrom('lines').where('id', '=', 'p').execute()
  for (const table of ['devices', 'tokens'] as const)
    assert.deepEqual(await kysely.selectFrom(table).selectAll().execute(), [])
  assert.equal((await kysely.selectFrom('people').selectAll().execute()).length, 1)
  const left = postgres
    ? sql`select conname from pg_constraint where conname like '%\\_0200%'`
    : sql`select name from sqlite_master where sql like '%_0200%'`
  assert.deepEqual((await left.execute(kysely)).rows, [], 'nothing refers to the old tables')
}
