import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { SILENT } from '@tandem/base'
import { openDatabase } from './database.ts'
import { preparedQuery } from './prepared-query.ts'

it('asks the same query with other values, each in its places and however often it has one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-prepared-'))
  const db = await openDatabase<{ bird: { name: string; grams: number } }>({
    file: join(folder, 'birds.db'),
    logger: SILENT,
    migrations: {
      '9999_birds': {
        async up(kysely) {
          await kysely.schema
            .createTable('bird')
            .addColumn('name', 'text')
            .addColumn('grams', 'bigint')
            .execute()
        },
      },
    },
  })
  for (const [name, grams] of [
    ['wren', 9],
    ['robin', 18],
    ['swan', 11_000],
  ] as const)
    await db.kysely.insertInto('bird').values({ name, grams }).execute()
  let built = 0
  const between = preparedQuery(['from', 'to'], (places: { from: number; to: number }) => {
    built += 1
    return db.kysely
      .selectFrom('bird')
      .select('name')
      .where('grams', '<=', places.to)
      .where('grams', '>=', places.from)
      .where((eb) => eb.or([eb('grams', '<', places.to), eb('name', '<>', 'swan')]))
      .orderBy('grams')
  })
  const names = async (from: number, to: number) =>
    (await db.kysely.executeQuery(between({ from, to }))).rows.map(({ name }) => name)
  assert.deepEqual(await names(0, 18), ['wren', 'robin'])
  assert.deepEqual(await names(10, 11_000), ['robin'])
  assert.deepEqual(await names(10, 11_001), ['robin', 'swan'])
  assert.equal(built, 1)
  await db.close()
  rmSync(folder, { recursive: true })
})
