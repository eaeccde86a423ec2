/** What is due is found by its index: a sweep must not read a catalogue of millions (promise P16: due purge within a day). */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Database, sql } from '@tandem/store'
import type { LifeTables } from './tables.ts'
import { TestLife } from './test-life.ts'

it('finds bins that are over and retention that has ended without reading the table', async (test) => {
  const life = await new TestLife().open()
  test.after(() => life.close())
  for (let n = 1; n <= 3; n++) await life.add(n)
  const asked: string[] = []
  const { kysely } = life.db
  const recorded = kysely.withPlugin({
    transformQuery: ({ node, queryId }) => {
      asked.push(kysely.getExecutor().compileQuery(node, queryId).sql)
      return node
    },
    transformResult: async ({ result }) => result,
  })
  const db: Database<LifeTables> = Object.assign(Object.create(life.db), { kysely: recorded })
  await life.lifecycle({ db }).sweep()
  const plans: string[] = []
  for (const query of asked.filter((text) => text.includes('from "recording" where'))) {
    const { rows } = await sql<{
      detail: string
    }>`explain query plan ${sql.raw(query.replaceAll('?', '1'))}`.execute(kysely)
    plans.push(rows.map((row) => row.detail.replace(/ \(.*/, '')).join('; '))
  }
  assert.deepEqual(plans, [
    'SEARCH recording USING INDEX recording_bin_due',
    'SEARCH recording USING INDEX recording_retention_due',
  ])
})
