import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import { sql } from 'kysely'
import { type Database, openDatabase } from '../database.ts'
import { databaseSuite, refused, THINGS, type ThingTables } from '../database-suite.ts'
import { nextBoot } from '../node-boot.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-store-'))
after(() => rmSync(folder, { recursive: true }))

let places = 0
function place(): { file: string; attach: { keys: string } } {
  const at = join(folder, `${++places}`)
  return { file: join(at, 'tandem.db'), attach: { keys: join(at, 'keys', 'recordings.keys') } }
}
const common = { migrations: THINGS, logger: SILENT }

databaseSuite('SQLite', {
  skip: false,
  async place() {
    const { file, attach } = place()
    return { at: { file }, attach }
  },
})

describe('openDatabase on a SQLite file', () => {
  it('runs every file with WAL, full sync, zeros over what is deleted, and foreign keys (rule R6)', async () => {
    const db = await openDatabase<ThingTables>({ ...place(), ...common })
    const pragma = async (name: string) => (await sql.raw(`PRAGMA ${name}`).execute(db.kysely)).rows
    for (const schema of ['main', 'keys']) {
      assert.deepEqual(await pragma(`${schema}.journal_mode`), [{ journal_mode: 'wal' }])
      assert.deepEqual(await pragma(`${schema}.synchronous`), [{ synchronous: 2 }])
      assert.deepEqual(await pragma(`${schema}.secure_delete`), [{ secure_delete: 1 }])
    }
    assert.deepEqual(await pragma('foreign_keys'), [{ foreign_keys: 1 }])
    await db.close()
  })

  it('keeps what was acknowledged when the process is killed at that moment (promise P1)', async () => {
    const { file } = place()
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

  it('says in one sentence that the folder cannot be made', async () => {
    const parent = join(folder, 'a-file')
    writeFileSync(parent, '')
    const error = await refused(
      openDatabase({ file: join(parent, 'data', 'tandem.db'), ...common }),
      'unwritable',
    )
    assert.match(error.message, /choose another/)
  })

  it('says that a file is no database, and which of them', async () => {
    const { file, attach } = place()
    await (await openDatabase({ file, attach, ...common })).close()
    writeFileSync(attach.keys, 'this is not a database'.repeat(100))
    const error = await refused(openDatabase({ file, attach, ...common }), 'corrupt')
    assert.ok(error.message.includes(attach.keys), error.message)
    const noise = join(folder, 'noise.db')
    writeFileSync(noise, 'this is not a database'.repeat(100))
    await refused(openDatabase({ file: noise, ...common }), 'corrupt')
  })

  it('refuses to start when an attached file is gone, and makes no new one in its place', async () => {
    const { file, attach } = place()
    await (await openDatabase({ file, attach, ...common })).close()
    rmSync(attach.keys)
    const error = await refused(openDatabase({ file, attach, ...common }), 'missing')
    assert.ok(error.message.includes(attach.keys), error.message)
    assert.match(error.message, /restore it/)
    assert.deepEqual(readdirSync(dirname(attach.keys)), [])
  })

  it('refuses an attached file that belongs to another database', async () => {
    const [one, two] = [place(), place()]
    for (const each of [one, two]) await (await openDatabase({ ...each, ...common })).close()
    const mixed = openDatabase({ file: one.file, attach: two.attach, ...common })
    assert.match((await refused(mixed, 'missing')).message, /another database/)
    await (await openDatabase({ ...one, ...common })).close()
  })

  it('names an attached file that cannot be opened', async () => {
    const { file, attach } = place()
    const error = await refused(
      openDatabase({
        file,
        attach: { keys: join(dirname(file), 'tandem.db.lock', 'x') },
        exclusive: true,
        ...common,
      }),
      'unwritable',
    )
    assert.match(error.message, /tandem\.db\.lock/)
    chmodSync(dirname(file), 0o755)
    await (await openDatabase({ file, attach, ...common })).close()
  })
})

describe('Database.checkpoint', () => {
  it('leaves no trace of what was deleted in any file: rows of every size, texts and bytes (promise P16)', async () => {
    const { file, attach } = place()
    const db = await openDatabase<ThingTables>({ file, attach, ...common })
    const keys = db.kysely.withSchema('keys')
    await keys.schema
      .createTable('all')
      .addColumn('big', 'integer', (column) => column.primaryKey())
      .addColumn('small', 'integer')
      .addColumn('words', 'text', (column) => column.unique())
      .addColumn('bytes', 'blob')
      .execute()
    const marks: Buffer[] = []
    // Sizes on both sides of a page's edges, so that cells, overflow pages and rebalanced leaves all take part.
    for (let n = 0; n < 400; n++) {
      const mark = randomBytes(16)
      marks.push(mark)
      const words = `${mark.toString('hex')}${'w'.repeat((n * 97) % 9_000)}`
      const row = { big: n, small: n, words, bytes: mark }
      await db.commit([
        db.kysely.insertInto('all').values(row),
        db.kysely.insertInto('thing').values({ id: n, name: mark.toString('hex') }),
        keys.insertInto('all').values(row),
      ])
    }
    const erased = marks.filter((_, n) => n % 7 !== 3)
    assert.equal(readable(file, attach.keys, marks).size, marks.length, 'they are there before')
    for (let n = 0; n < marks.length; n++) {
      if (n % 7 === 3) continue
      await db.commit([
        db.kysely.deleteFrom('all').where('big', '=', n),
        db.kysely.deleteFrom('thing').where('id', '=', n),
        keys.deleteFrom('all').where('big', '=', n),
      ])
    }
    assert.equal(await db.checkpoint({ rewrite: true }), true)
    const left = readable(file, attach.keys, erased)
    assert.deepEqual([...left], [])
    assert.equal(
      readable(file, attach.keys, marks).size,
      marks.length - erased.length,
      'the others are still there',
    )
    await db.close()
  })

  it('leaves no trace of keys without writing all pages anew (promise P16)', async () => {
    const { file, attach } = place()
    const db = await openDatabase<ThingTables>({ file, attach, ...common })
    await sql`create table keys.data_key (id_key text primary key, wrapped blob, made_at integer)`.execute(
      db.kysely,
    )
    const marks = Array.from({ length: 600 }, () => randomBytes(60))
    const idOf = (mark: Buffer) => createHash('sha256').update(mark).digest('hex').slice(0, 32)
    await Promise.all(
      marks.map((mark) =>
        sql`insert into keys.data_key values (${idOf(mark)}, ${mark}, 1)`.execute(db.kysely),
      ),
    )
    const erased = marks.filter((mark) => mark.readUInt8(0) % 4 !== 0)
    for (const mark of erased)
      await sql`delete from keys.data_key where id_key = ${idOf(mark)}`.execute(db.kysely)
    assert.ok(readable(file, attach.keys, erased).size > 0, 'the log still has them')
    assert.equal(await db.checkpoint(), true)
    assert.deepEqual([...readable(file, attach.keys, erased)], [])
    assert.equal(readable(file, attach.keys, marks).size, marks.length - erased.length)
    await db.close()
  })

  it('says that somebody still reads what was there, and succeeds when he is gone', async () => {
    const { file, attach } = place()
    const db = await openDatabase<ThingTables>({ file, attach, ...common })
    const other = new DatabaseSync(attach.keys)
    other.exec('BEGIN; SELECT * FROM place')
    await sql`update keys.place set id = id`.execute(db.kysely)
    assert.equal(await db.checkpoint(), false)
    other.exec('COMMIT')
    other.close()
    assert.equal(await db.checkpoint(), true)
    await db.close()
  })
})

/** Which of `marks` stand in the files or their logs, as bytes or as text. */
function readable(file: string, keys: string, marks: readonly Buffer[]): Set<string> {
  const files = [file, keys].flatMap((each) => [each, `${each}-wal`, `${each}-shm`, `${each}-journal`])
  const all = Buffer.concat(files.filter((each) => existsSync(each)).map((each) => readFileSync(each)))
  const hex = marks.map((mark) => mark.toString('hex'))
  return new Set(hex.filter((text, n) => all.includes(marks[n] ?? '') || all.includes(text)))
}

describe('Database.backup', () => {
  let db: Database<ThingTables>
  const { file, attach } = place()
  before(async () => {
    db = await openDatabase<ThingTables>({ file, attach, ...common })
    const keys = db.kysely.withSchema('keys')
    await keys.schema.createTable('thing').addColumn('id', 'integer').addColumn('name', 'text').execute()
    await keys.insertInto('thing').values({ id: 1, name: 'attached-secret-key' }).execute()
  })
  after(() => db.close())

  it('copies one moment of the main file while others write, and none of the attached keys', async () => {
    const copy = join(folder, 'copy.db')
    let going = true
    let written = 0
    // Two rows to a commit: a copy that is torn holds an odd number.
    const writing = Promise.all(
      Array.from({ length: 4 }, async (_, lane) => {
        for (let n = 0; going; n += 2) {
          const id = 1_000 + lane * 1_000_000 + n
          await db.commit(
            [id, id + 1].map((each) => db.kysely.insertInto('thing').values({ id: each, name: `${each}` })),
          )
          written += 2
        }
      }),
    )
    while (written < 200) await new Promise((resolve) => setImmediate(resolve))
    const before = written
    await db.backup(copy)
    const during = written - before
    going = false
    await writing
    assert.ok(during > 0, 'writes went on meanwhile')
    const opened = await openDatabase<ThingTables>({ file: copy, ...common })
    const rows = await opened.kysely.selectFrom('thing').select('id').execute()
    assert.ok(rows.length >= before && rows.length % 2 === 0, `${rows.length} rows, ${before} before`)
    const check = await sql<{ integrity_check: string }>`PRAGMA integrity_check`.execute(opened.kysely)
    assert.equal(check.rows[0]?.integrity_check, 'ok')
    await opened.close()
    assert.equal(readFileSync(copy).includes('attached-secret-key'), false)
  })

  it('copies the keys by themselves', async () => {
    const copy = join(folder, 'copy.keys')
    await db.backup(copy, { schema: 'keys' })
    const opened = new DatabaseSync(copy, { readOnly: true })
    assert.deepEqual(
      { ...opened.prepare('SELECT * FROM thing').get() },
      { id: 1, name: 'attached-secret-key' },
    )
    opened.close()
  })

  it('refuses to write over a file, and leaves nothing behind where it cannot write', async () => {
    const taken = join(folder, 'taken.db')
    writeFileSync(taken, 'mine')
    assert.match((await refused(db.backup(taken), 'backup')).message, /such a file already/)
    assert.equal(readFileSync(taken, 'utf8'), 'mine')
    await refused(db.backup(join(folder, 'nowhere', 'copy.db')), 'backup')
    const without = await openDatabase<ThingTables>({ file: place().file, ...common })
    await refused(without.backup(join(folder, 'none.keys'), { schema: 'keys' }), 'backup')
    await without.close()
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.part')),
      [],
    )
  })
})
