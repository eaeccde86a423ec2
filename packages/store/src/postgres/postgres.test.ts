import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import { PostgresServer, postgresSkip } from '@tandem/testing'
import pg from 'pg'
import { type Database, type DatabaseOptions, openDatabase } from '../database.ts'
import { databaseSuite, event, refused, THINGS, type ThingTables } from '../database-suite.ts'
import type { StoreError } from '../error.ts'
import { outboxEvent, readOutbox } from '../outbox.ts'
import { LOCK_CLASS, OUTBOX_LOCK, SERVER_LOCK } from './advisory-locks.ts'

const skip = postgresSkip()
let server: PostgresServer
before(async () => {
  if (skip === false) server = await PostgresServer.start()
})
after(() => server?.stop())

databaseSuite('PostgreSQL', {
  skip,
  place: async () => ({ at: { url: await server.createDatabase() }, attach: { keys: '' } }),
})

function open(url: string, more: Partial<DatabaseOptions> = {}): Promise<Database<ThingTables>> {
  return openDatabase<ThingTables>({ url, migrations: THINGS, logger: SILENT, ...more } as DatabaseOptions)
}

/** How long a test waits for what other processes bring about before it fails; a loaded machine is slow. */
const WAIT_MS_MAX = 30_000

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + WAIT_MS_MAX
  while (!(await done())) {
    assert.ok(Date.now() < giveUpAt, 'it never came about')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

describe('Outbox order on PostgreSQL', { skip }, () => {
  it('shows ids in the order of their commits: who inserted first and commits last holds the others back', async () => {
    const url = await server.createDatabase()
    const database = new URL(url).pathname.slice(1)
    const [slow, fast] = [await open(url), await open(url)]
    const release = Promise.withResolvers<void>()
    const inserted = Promise.withResolvers<void>()
    const slowly = slow.kysely.transaction().execute(async (tx) => {
      await tx.insertInto('outbox').values(rowOf('slow')).execute()
      inserted.resolve()
      await release.promise
    })
    await inserted.promise
    const seen: string[] = []
    let cursor = 0
    const poll = async (): Promise<void> => {
      for (const each of await readOutbox(fast, { after: cursor, limit: 10 })) {
        seen.push(each.key)
        cursor = each.id
      }
    }
    // Straight into the table, as another program would: the writers' own lock is not in the way, the outbox's is.
    const quickly = insertByHand(url, 'fast')
    await until(
      () =>
        server.sql(
          database,
          `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = ${OUTBOX_LOCK} AND NOT granted`,
        ) === '1',
    )
    await poll()
    assert.deepEqual(seen, [], 'nothing is seen while the first has not committed')
    release.resolve()
    await Promise.all([slowly, quickly])
    await poll()
    assert.deepEqual(seen, ['slow', 'fast'])
    await slow.close()
    await fast.close()
  })

  it('loses none to a reader that polls while two processes write', async () => {
    const url = await server.createDatabase()
    const [one, two, reader] = [await open(url), await open(url), await open(url)]
    let writing = true
    const written = Promise.all(
      [one, two].flatMap((db, writer) =>
        Array.from({ length: 8 }, async (_, lane) => {
          for (let n = 0; n < 20; n++) await db.commit([outboxEvent(db, event(`${writer}/${lane}/${n}`))])
        }),
      ),
    ).finally(() => {
      writing = false
    })
    const seen = new Set<string>()
    let cursor = 0
    for (let more = true; more; ) {
      more = writing
      const page = await readOutbox(reader, { after: cursor, limit: 1_000 })
      for (const each of page) seen.add(each.key)
      cursor = page.at(-1)?.id ?? cursor
    }
    await written
    for (const each of await readOutbox(reader, { after: cursor, limit: 1_000 })) seen.add(each.key)
    assert.equal(seen.size, 320)
    for (const db of [one, two, reader]) await db.close()
  })
})

function rowOf(key: string) {
  return { org_id: 'o', resource: 'r', event: 'e', person_id: null, key, payload: '{}', created_at: 1 }
}

async function insertByHand(url: string, key: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(
    `INSERT INTO outbox (org_id, resource, event, key, payload, created_at) VALUES ('o', 'r', 'e', '${key}', '{}', 1)`,
  )
  await client.end()
}

describe('openDatabase refuses a PostgreSQL server', { skip }, () => {
  it('that could lose what was acknowledged (rule R6)', async () => {
    for (const [name, value] of [
      ['synchronous_commit', 'off'],
      ['fsync', 'off'],
      ['full_page_writes', 'off'],
    ] as const) {
      const unsafe = await PostgresServer.start({ [name]: value })
      try {
        const error = await refused(open(await unsafe.createDatabase()), 'unsafe')
        assert.match(error.message, new RegExp(`${name}=off`))
      } finally {
        await unsafe.stop()
      }
    }
  })

  it('by what is wrong with the way to it, in one sentence without the password', async () => {
    const url = await server.createDatabase()
    const database = new URL(url).pathname.slice(1)
    server.sql(database, "CREATE ROLE guest LOGIN PASSWORD 'guest'")
    const dead = new URL(url)
    dead.port = '1'
    const cases = [
      ['denied', server.url(database, { password: 'wrong-secret' }), /refuses the user tandem/],
      ['missing', server.url('nowhere'), /nowhere does not exist/],
      ['unreachable', dead.href, /cannot be reached \(ECONNREFUSED\)/],
      ['unreachable', 'postgres://u:p@host.invalid/d', /cannot be reached/],
      ['denied', server.url(database, { user: 'guest', password: 'guest' }), /guest may not/],
      ['address', 'mysql://u:secret@h/d', /must look like/],
      ['address', 'postgres://u:secret@h', /must look like/],
      ['address', 'no address: secret', /must look like/],
    ] as const
    for (const [code, at, says] of cases) {
      const { message } = await refused(open(at), code)
      assert.match(message, says)
      assert.doesNotMatch(message, /secret|guest:/)
      assert.doesNotMatch(message, /\n/)
    }
  })

  it('whose database is not in UTF-8', async () => {
    const latin = "ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0"
    const error = await refused(open(await server.createDatabase(latin)), 'unsafe')
    assert.match(error.message, /LATIN1/)
  })

  it('whose schema keys is gone or another one’s', async () => {
    const url = await server.createDatabase()
    const database = new URL(url).pathname.slice(1)
    const attach = { keys: '' }
    await (await open(url, { attach })).close()
    server.sql(database, "UPDATE keys.place SET id = 'other'")
    assert.match((await refused(open(url, { attach }), 'missing')).message, /another one/)
    server.sql(database, 'DROP SCHEMA keys CASCADE')
    assert.match((await refused(open(url, { attach }), 'missing')).message, /schema keys .* is gone/)
    assert.equal(server.sql(database, "SELECT count(*) FROM pg_namespace WHERE nspname = 'keys'"), '0')
  })

  it('for a backup, and names the tool', async () => {
    const db = await open(await server.createDatabase())
    assert.match(
      (await refused(db.backup('/nowhere/copy.db'), 'backup')).message,
      /pg_dump --exclude-schema=keys/,
    )
    await db.close()
  })
})

const killLockHolders = `SELECT pg_terminate_backend(pid) FROM pg_locks
  WHERE locktype = 'advisory' AND objid = ${SERVER_LOCK} AND granted`

describe('A PostgreSQL server that goes away', { skip }, () => {
  const insert = (db: Database<ThingTables>, id: number) =>
    db.commit([db.kysely.insertInto('thing').values({ id, name: `n${id}` })])

  it('fails what is under way as unreachable and serves again when it is back; what was acknowledged is there', async () => {
    const own = await PostgresServer.start()
    const db = await open(await own.createDatabase())
    await insert(db, 1)
    const acknowledged = new Set([1])
    const failures: StoreError[] = []
    let going = true
    const work = Array.from({ length: 8 }, async (_, lane) => {
      for (let n = 0; going; n++) {
        const id = 100 + lane * 100_000 + n
        await insert(db, id).then(
          () => acknowledged.add(id),
          (error: StoreError) => failures.push(error),
        )
      }
    })
    await until(() => acknowledged.size > 200)
    await own.crash()
    going = false
    await Promise.all(work)
    assert.ok(failures.length > 0)
    assert.deepEqual([...new Set(failures.map((error) => error.code))], ['unreachable'])
    await refused(db.kysely.selectFrom('thing').selectAll().execute(), 'unreachable')
    await own.resume()
    await until(() =>
      insert(db, 2).then(
        () => true,
        () => false,
      ),
    )
    const kept = new Set((await db.kysely.selectFrom('thing').select('id').execute()).map((row) => row.id))
    assert.deepEqual(
      [...acknowledged].filter((id) => !kept.has(id)),
      [],
    )
    await db.close()
    await own.stop()
  })

  it('takes its lock again by itself, and keeps others out as before', async () => {
    const url = await server.createDatabase()
    const database = new URL(url).pathname.slice(1)
    const lost: StoreError[] = []
    const db = await open(url, { exclusive: true, onLost: (error) => lost.push(error) })
    const holder = () =>
      server.sql(
        database,
        `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = ${SERVER_LOCK} AND granted`,
      )
    const before = holder()
    server.sql(database, killLockHolders)
    await until(() => ![before, ''].includes(holder()))
    await until(() =>
      insert(db, 1).then(
        () => true,
        () => false,
      ),
    )
    assert.deepEqual(lost, [])
    await refused(open(url, { exclusive: true }), 'locked')
    await db.close()
  })

  it('reports that another server has the database now, and writes no more', async () => {
    const url = await server.createDatabase()
    const database = new URL(url).pathname.slice(1)
    const { promise, resolve } = Promise.withResolvers<StoreError>()
    const db = await open(url, { exclusive: true, onLost: resolve })
    // The other server stands in line for the lock, so it has it the moment that ours is gone.
    const other = new pg.Client({ connectionString: url })
    await other.connect()
    const taken = other.query(`SELECT pg_advisory_lock(${LOCK_CLASS}, ${SERVER_LOCK})`)
    await until(() => server.sql(database, `SELECT count(*) FROM pg_locks WHERE NOT granted`) === '1')
    server.sql(database, killLockHolders)
    await taken
    assert.equal((await promise).code, 'locked')
    await refused(insert(db, 1), 'locked')
    await refused(
      db.transaction(async () => undefined),
      'locked',
    )
    await other.end()
    await db.close()
  })
})

describe('A deadlock with another process', { skip }, () => {
  it('is tried again until it passes', async () => {
    const url = await server.createDatabase()
    const [one, two] = [await open(url), await open(url)]
    await one.commit([1, 2].map((id) => one.kysely.insertInto('thing').values({ id, name: `n${id}` })))
    const swap = (db: Database<ThingTables>, ids: readonly number[], tag: string) =>
      db.commit(
        ids.map((id) =>
          db.kysely
            .updateTable('thing')
            .set({ name: `${tag}${id}` })
            .where('id', '=', id),
        ),
      )
    const rounds = Array.from({ length: 40 }, (_, n) => n)
    await Promise.all([
      ...rounds.map((n) => swap(one, [1, 2], `a${n}-`)),
      ...rounds.map((n) => swap(two, [2, 1], `b${n}-`)),
    ])
    await one.close()
    await two.close()
  })
})
