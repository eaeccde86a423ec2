import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import type { Database } from '@tandem/store'
import { ErasureTraces } from '../lifecycle/erasure-traces.ts'
import type { LibraryTables } from '../migrations.ts'
import type { LibraryParts } from '../parts.ts'
import type { Scrub } from '../scrub/scrub.ts'
import { TestNode } from '../test-node.ts'
import { libraryJobs } from './library-jobs.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

describe('the job that writes the database anew (promise P16)', () => {
  const node = new TestNode()
  let [rewritten, now, busy] = [0, 0, false]
  /** Happens while the database is written anew. */
  let meanwhile: () => Promise<unknown> = async () => {}
  let run: () => Promise<unknown>
  let traces: ErasureTraces
  let restarted: () => () => Promise<unknown>
  const erased = async (count: number): Promise<unknown> => node.db?.commit([traces.noted(count)])

  before(async () => {
    const opened = await node.openDatabase()
    const db: Database<LibraryTables> = new Proxy(opened, {
      get(target, name) {
        if (name === 'checkpoint')
          return async ({ rewrite = false } = {}) => {
            rewritten += rewrite ? 1 : 0
            await meanwhile()
            meanwhile = async () => {}
            return true
          }
        return Reflect.get(target, name, target)
      },
    })
    traces = new ErasureTraces(opened as never) // It has these tables and others.
    const parts = { traces } as unknown as LibraryParts // The job looks at nothing else of it.
    const options = { db, parts, scrub: {} as Scrub, now: () => now, logger: SILENT, isBusy: () => busy }
    restarted = () => {
      const job = libraryJobs(options).find(({ name }) => name === 'rewrite')
      assert.ok(job)
      return () => job.run()
    }
    run = restarted()
  })
  after(() => node.remove())

  it('does nothing while nothing was erased, waits while calls are recorded, and runs once a day', async () => {
    await run()
    assert.equal(rewritten, 0)
    await erased(1)
    await erased(1)
    assert.equal(await traces.pending(), 2)
    busy = true
    await run()
    assert.equal(rewritten, 0)
    busy = false
    await run()
    assert.deepEqual([rewritten, await traces.pending()], [1, 0])
    await erased(1)
    now += DAY_MS - 1
    await run()
    assert.equal(rewritten, 1)
    now += 1
    await run()
    assert.deepEqual([rewritten, await traces.pending()], [2, 0])
  })

  it('is remembered by the database when the server stops before, and is not forgotten for one that came meanwhile', async () => {
    await erased(3)
    const count = rewritten
    meanwhile = () => erased(1)
    await restarted()()
    assert.deepEqual([rewritten, await traces.pending()], [count + 1, 1])
  })
})
