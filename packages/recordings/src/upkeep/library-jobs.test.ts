import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import type { Database } from '@tandem/store'
import type { LibraryTables } from '../migrations.ts'
import type { LibraryParts } from '../parts.ts'
import type { Scrub } from '../scrub/scrub.ts'
import { TestNode } from '../test-node.ts'
import { libraryJobs } from './library-jobs.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

describe('the job that writes the database anew (promise P16)', () => {
  const node = new TestNode()
  const erasures = { pending: 0 }
  let [rewritten, now, busy] = [0, 0, false]
  let run: () => Promise<unknown>

  before(async () => {
    const opened = await node.openDatabase()
    const db: Database<LibraryTables> = new Proxy(opened, {
      get(target, name) {
        if (name === 'checkpoint')
          return async ({ rewrite = false } = {}) => {
            rewritten += rewrite ? 1 : 0
            return true
          }
        return Reflect.get(target, name, target)
      },
    })
    const parts = { erasures } as unknown as LibraryParts // The job looks at nothing else of it.
    const options = { db, parts, scrub: {} as Scrub, now: () => now, logger: SILENT, isBusy: () => busy }
    const job = libraryJobs(options).find(({ name }) => name === 'rewrite')
    assert.ok(job)
    run = () => job.run()
  })
  after(() => node.remove())

  it('does nothing while nothing was erased, waits while calls are recorded, and runs once a day', async () => {
    await run()
    assert.equal(rewritten, 0)
    erasures.pending = 2
    busy = true
    await run()
    assert.equal(rewritten, 0)
    busy = false
    await run()
    assert.deepEqual([rewritten, erasures.pending], [1, 0])
    erasures.pending = 1
    now += DAY_MS - 1
    await run()
    assert.equal(rewritten, 1)
    now += 1
    await run()
    assert.deepEqual([rewritten, erasures.pending], [2, 0])
  })
})
