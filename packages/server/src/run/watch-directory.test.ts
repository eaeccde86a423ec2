import assert from 'node:assert/strict'
import { afterEach, beforeEach, it } from 'node:test'
import { SILENT } from '@tandem/base'
import type { DirectorySnapshot } from '@tandem/engine'
import { countChange, directoryRevision } from '../directory/revision.ts'
import { openTestData, type TestData } from '../testing/open-test-data.ts'
import { type DirectoryWatch, watchDirectory } from './watch-directory.ts'

let data: TestData
let watch: DirectoryWatch
let told: DirectorySnapshot[]
let pruned: number

beforeEach(async () => {
  data = await openTestData()
  told = []
  pruned = 0
  watch = watchDirectory({
    data,
    calls: { setDirectory: (directory) => told.push(directory) },
    mailboxes: {
      linesRemoved: () => {
        pruned += 1
      },
    },
    logger: SILENT,
    revision: await directoryRevision(data.db),
  })
})

afterEach(async () => {
  watch.stop()
  await data.remove()
})

it('hands a change over when told to look, once, and nothing when nothing has changed', async () => {
  await watch.look()
  assert.equal(told.length, 0)
  await countChange(data.db.kysely).execute()
  await Promise.all([watch.look(), watch.look()])
  assert.equal(told.length, 1)
  assert.equal(pruned, 1)
})
