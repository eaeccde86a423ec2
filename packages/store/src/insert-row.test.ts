import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import { insertRow } from './insert-row.ts'

interface Tables {
  bird: { id: number; name: string | null; weight?: number }
}

const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

describe('insertRow', () => {
  it('says what Kysely says, the first time and every other, with the values of each row', () => {
    for (const row of [
      { id: 1, name: 'wren' },
      { id: 2, name: null },
    ]) {
      const { sql, parameters } = db.insertInto('bird').values(row).compile()
      const made = insertRow(db, 'bird', row).compile()
      assert.deepEqual([made.sql, made.parameters], [sql, parameters])
    }
  })

  it('refuses a row that lacks a value, which Kysely would leave out', () => {
    const row = { id: 1, weight: undefined as unknown as number, name: null }
    assert.throws(() => insertRow(db, 'bird', row), /null where there is none/)
  })

  it('tells rows with other columns, or with the same in another order, apart', () => {
    const texts = [
      insertRow(db, 'bird', { id: 1, name: 'wren' }),
      insertRow(db, 'bird', { name: 'wren', id: 1 }),
      insertRow(db, 'bird', { id: 1, name: 'wren', weight: 9 }),
      insertRow(db, 'bird', { id: 1, name: 'wren' }, { unlessThereIs: 'id' }),
      insertRow(db.withSchema('keys'), 'bird', { id: 1, name: 'wren' }),
    ].map((each) => each.compile().sql)
    assert.deepEqual(texts, [
      'insert into "bird" ("id", "name") values (?, ?)',
      'insert into "bird" ("name", "id") values (?, ?)',
      'insert into "bird" ("id", "name", "weight") values (?, ?, ?)',
      'insert into "bird" ("id", "name") values (?, ?) on conflict ("id") do nothing',
      'insert into "keys"."bird" ("id", "name") values (?, ?)',
    ])
  })
})
