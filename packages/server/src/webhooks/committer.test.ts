import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import type { Compilable } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import { Committer } from './committer.ts'
import { TestClock } from './test-deliveries.ts'

const statement = (name: string): Compilable => ({ name }) as unknown as Compilable // Nobody compiles it here.

describe('Committer', () => {
  it('commits what is added by whoever hears of the last commit', async () => {
    const commits: unknown[][] = []
    const db = {
      commit: async (statements: readonly Compilable[]) => {
        commits.push(statements.map((each) => (each as unknown as { name: string }).name))
        return []
      },
    } as unknown as ServerDatabase // It calls nothing else.
    const committer = new Committer({ db, clock: new TestClock(), logger: SILENT })
    for (let turns = 0; turns < 6; turns++) {
      commits.length = 0
      let chain: Promise<unknown> = committer.add([statement('first')])
      // The moment between the last look and the end of the round is some microtasks away.
      for (let turn = 0; turn < turns; turn++) chain = chain.then(() => {})
      let isDone = false
      void chain.then(() => committer.add([statement('second')])).then(() => (isDone = true))
      for (let turn = 0; turn < 5; turn++) {
        await committer.settled()
        await new Promise<void>((resolve) => setImmediate(resolve))
      }
      assert.deepEqual([commits, isDone], [[['first'], ['second']], true], `${turns} microtasks later`)
    }
  })
})
