import assert from 'node:assert/strict'
import { it } from 'node:test'
import { SharedSync } from './shared-sync.ts'

it('lets those share a sync who asked before it began, and nobody who asked after', async () => {
  const log: string[] = []
  const ends: (() => void)[] = []
  const shared = new SharedSync((path) => {
    log.push(`sync ${path}`)
    return new Promise((resolve) => ends.push(resolve))
  })
  const first = shared.sync('a').then(() => log.push('first'))
  const second = shared.sync('a').then(() => log.push('second'))
  const third = shared.sync('a').then(() => log.push('third'))
  ends.shift()?.()
  await first
  await Promise.resolve()
  ends.shift()?.()
  await Promise.all([second, third])
  assert.deepEqual(log, ['sync a', 'first', 'sync a', 'second', 'third'])
  const fourth = shared.sync('a')
  ends.shift()?.()
  await fourth
  assert.equal(log.length, 6, 'an idle path begins at once')
})

it('tells everybody who shared it that a sync failed, and begins a new one for the next', async () => {
  let calls = 0
  const shared = new SharedSync(async () => {
    calls += 1
    if (calls === 2) throw new Error('EIO')
  })
  const outcomes = await Promise.allSettled([shared.sync('a'), shared.sync('a'), shared.sync('a')])
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status),
    ['fulfilled', 'rejected', 'rejected'],
  )
  await shared.sync('a')
  assert.equal(calls, 3)
})
