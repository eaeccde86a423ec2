import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import type { Kysely, Migration } from './index.ts'
import {
  type Database,
  nextBoot,
  openDatabase,
  outboxEvent,
  pruneOutbox,
  readOutbox,
  StoreError,
  sql,
} from './index.ts'

interface Tables {
  thing: { id: number; name: string }
}

const THINGS: Record<string, Migration> = {
  '9000_thing': {
    async up(db: Kysely<Tables>): Promise<void> {
      await db.schema
        .createTable('thing')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull().unique())
        .execute()
    },
  },
}

const folder = mkdtempSync(join(tmpdir(), 'tandem-store-'))
after(() => rmSync(folder, { recursive: true }))

let files = 0
function options(): { file: string; migrations: typeof THINGS; logger: typeof SILENT } {
  return { file: join(folder, `${++files}`, 'tandem.db'), migrations: THINGS, logger: SILENT }
}

async function refused(promise: Promise<unknown>): Promise<StoreError> {
  const error = await promise.then(
    () => assert.fail('it was accepted'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof StoreError, String(error))
  return error
}

function event(key: string): Parameters<typeof outboxEvent>[1] {
  return { orgId: 'o', resource: 'r', event: 'created', key, payload: { key }, createdAt: 5 }
}

describe('Database', () => {
  let db: Database<Tables>
  before(async () => {
    db = await openDatabase<Tables>(options())
  })
  after(() => db.close())

  const insert = (id: number, name: string) => db.kysely.insertInto('thing').values({ id, name })

  it('runs with WAL, full sync and foreign keys (rule R6)', async () => {
    const pragma = async (name: string) => (await sql.raw(`PRAGMA ${name}`).execute(db.kysely)).rows
    assert.deepEqual(await pragma('journal_mode'), [{ journal_mode: 'wal' }])
    assert.deepEqual(await pragma('synchronous'), [{ synchronous: 2 }])
    assert.deepEqual(await pragma('foreign_keys'), [{ foreign_keys: 1 }])
  })

  it('commits many batches at once, each whole or not at all', async () => {
    await insert(999, 'taken').execute()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 300 }, (_, n) =>
        db.commit([insert(1_000 + n, `n${n}`), insert(n % 3 === 0 ? 999 : 2_000 + n, `m${n}`)]),
      ),
    )
    const done = outcomes.filter((outcome) => outcome.status === 'fulfilled').length
    assert.equal(done, 200)
    const { count } = await db.kysely
      .selectFrom('thing')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('id', '>=', 1_000)
      .executeTakeFirstOrThrow()
    assert.equal(count, 400)
  })

  it('gives the results of a batch in order', async () => {
    const results = await db.commit([
      insert(1, 'one'),
      db.kysely.updateTable('thing').set({ name: 'uno' }).where('id', '=', 1).returning('name'),
      db.kysely.deleteFrom('thing').where('id', '=', 99),
    ])
    assert.deepEqual(
      results.map((result) => [result.changes, result.rows.length]),
      [
        [1, 0],
        [0, 1],
        [0, 0],
      ],
    )
  })

  it('reads what was written before it, and counts changed rows', async () => {
    await insert(2, 'two').execute()
    const row = await db.kysely.selectFrom('thing').selectAll().where('id', '=', 2).executeTakeFirst()
    assert.deepEqual({ ...row }, { id: 2, name: 'two' })
    const updated = await db.kysely
      .updateTable('thing')
      .set({ name: 'deux' })
      .where('id', '=', 2)
      .executeTakeFirst()
    assert.equal(updated.numUpdatedRows, 1n)
  })

  it('runs transactions one after another, and undoes one that throws', async () => {
    const counter = async (): Promise<void> =>
      db.transaction(async (tx) => {
        const row = await tx.selectFrom('thing').selectAll().where('id', '=', 3).executeTakeFirst()
        if (row === undefined) await tx.insertInto('thing').values({ id: 3, name: '1' }).execute()
        else
          await tx
            .updateTable('thing')
            .set({ name: `${Number(row.name) + 1}` })
            .where('id', '=', 3)
            .execute()
      })
    await Promise.all(Array.from({ length: 20 }, counter))
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.updateTable('thing').set({ name: 'lost' }).where('id', '=', 3).execute()
        throw new Error('no')
      }),
      /no/,
    )
    const row = await db.kysely.selectFrom('thing').select('name').where('id', '=', 3).executeTakeFirst()
    assert.equal(row?.name, '20')
  })

  it('names what a batch broke without touching the rest', async () => {
    await insert(4, 'four').execute()
    assert.equal((await refused(db.commit([insert(5, 'five'), insert(6, 'four')]))).code, 'constraint')
    assert.equal((await refused(sql`SELEKT 1`.execute(db.kysely))).code, 'query')
    assert.equal(
      await db.kysely.selectFrom('thing').select('id').where('id', '=', 5).executeTakeFirst(),
      undefined,
    )
  })

  it('keeps events in the order of their commit, beside their rows, and wakes the deliverer', async () => {
    let woken = 0
    const stop = db.onOutbox(() => woken++)
    await db.commit([insert(10, 'ten'), outboxEvent(db, event('a'))])
    await refused(db.commit([insert(10, 'again'), outboxEvent(db, event('lost'))]))
    await db.commit([outboxEvent(db, { ...event('b'), personId: 'p' })])
    await insert(11, 'eleven').execute()
    stop()
    await db.commit([outboxEvent(db, event('c'))])
    assert.equal(woken, 2)
    const events = await readOutbox(db, { after: 0, limit: 10 })
    assert.deepEqual(
      events.map(({ key, personId, payload }) => ({ key, personId, payload })),
      [
        { key: 'a', personId: undefined, payload: { key: 'a' } },
        { key: 'b', personId: 'p', payload: { key: 'b' } },
        { key: 'c', personId: undefined, payload: { key: 'c' } },
      ],
    )
    const last = events.at(-1)?.id ?? 0
    assert.equal(await pruneOutbox(db, last), 3)
    await db.commit([outboxEvent(db, event('d'))])
    const [next] = await readOutbox(db, { after: last, limit: 10 })
    assert.equal(next?.key, 'd', 'a pruned id never comes back')
  })

  it('counts the boots of each node apart', async () => {
    assert.deepEqual(
      [await nextBoot(db, 'n1'), await nextBoot(db, 'n1'), await nextBoot(db, 'n2')],
      [1, 2, 1],
    )
  })
})

describe('openDatabase', () => {
  it('keeps what was acknowledged when the process is killed at that moment (promise P1)', async () => {
    const { file } = options()
    const program = `
      import { SILENT } from '@tandem/base'
      import { nextBoot, openDatabase } from '@tandem/store'
      const db = await openDatabase({ file: ${JSON.stringify(file)}, migrations: {}, logger: SILENT })
      await Promise.all(Array.from({ length: 50 }, (_, n) => nextBoot(db, 'n' + n)))
      process.kill(process.pid, 'SIGKILL')`
    const child = spawnSync(process.execPath, ['--input-type=module', '-'], {
      input: program,
      cwd: import.meta.dirname,
    })
    assert.equal(child.signal, 'SIGKILL', child.stderr.toString())
    const db = await openDatabase({ file, migrations: {}, logger: SILENT })
    for (let n = 0; n < 50; n++) assert.equal(await nextBoot(db, `n${n}`), 2)
    await db.close()
  })

  it('refuses a newer schema, and takes a migration below one that ran before', async () => {
    const place = options()
    await (await openDatabase<Tables>(place)).close()
    const error = await refused(openDatabase({ ...place, migrations: {} }))
    assert.equal(error.code, 'newer-schema')
    assert.match(error.message, /9000_thing/)
    const older: Migration = { up: (db) => db.schema.createTable('old').addColumn('id', 'integer').execute() }
    await (await openDatabase({ ...place, migrations: { ...THINGS, '0500_old': older } })).close()
  })

  it('undoes a migration that fails half-way', async () => {
    const place = options()
    const broken: Migration = {
      async up(db) {
        await db.schema.createTable('half').addColumn('id', 'integer').execute()
        throw new Error('broken')
      },
    }
    const error = await refused(openDatabase({ ...place, migrations: { '9001_broken': broken } }))
    assert.match(error.message, /9001_broken: broken/)
    const db = await openDatabase<Tables>(place)
    const tables = await sql<{ name: string }>`SELECT name FROM sqlite_master WHERE name = 'half'`.execute(
      db.kysely,
    )
    assert.equal(tables.rows.length, 0)
    await db.close()
  })

  it('says in one sentence that the folder cannot be made', async () => {
    const parent = join(folder, 'a-file')
    writeFileSync(parent, '')
    const error = await refused(openDatabase({ ...options(), file: join(parent, 'data', 'tandem.db') }))
    assert.equal(error.code, 'unwritable')
    assert.match(error.message, /choose another/)
  })

  it('says that a file is no database', async () => {
    const file = join(folder, 'noise.db')
    writeFileSync(file, 'this is not a database'.repeat(100))
    assert.equal((await refused(openDatabase({ ...options(), file }))).code, 'corrupt')
  })

  it('keeps a second server out, and lets a command in when asked to share', async () => {
    const place = options()
    const first = await openDatabase({ ...place, exclusive: true })
    assert.equal((await refused(openDatabase({ ...place, exclusive: true }))).code, 'locked')
    await (await openDatabase(place)).close()
    await first.close()
    await (await openDatabase({ ...place, exclusive: true })).close()
  })

  it('refuses work after it was closed, and closes twice', async () => {
    const db = await openDatabase<Tables>(options())
    await db.close()
    await db.close()
    assert.equal((await refused(db.commit([]))).code, 'closed')
  })
})
