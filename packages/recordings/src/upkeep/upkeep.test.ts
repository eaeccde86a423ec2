import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Logger, SILENT } from '@tandem/base'
import { Upkeep } from './upkeep.ts'

/** Lets every promise that can go on do so. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

describe('Upkeep', () => {
  it('runs a job at once and then at its pace, sooner while it has more to do', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    let runs = 0
    const run = async (): Promise<'more' | undefined> => (++runs < 3 ? 'more' : undefined)
    const upkeep = new Upkeep([{ name: 'sweep', everyMs: 60_000, run }], SILENT)
    upkeep.start()
    await settle()
    assert.equal(runs, 1)
    for (let turn = 0; turn < 2; turn++) {
      t.mock.timers.tick(20)
      await settle()
    }
    assert.equal(runs, 3)
    t.mock.timers.tick(59_999)
    await settle()
    assert.equal(runs, 3)
    t.mock.timers.tick(1)
    await settle()
    assert.equal(runs, 4)
    await upkeep.close()
  })

  it('never runs a job beside itself, and wakes it once more when it was asked meanwhile', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const gates: PromiseWithResolvers<undefined>[] = []
    const run = (): Promise<undefined> => {
      const gate = Promise.withResolvers<undefined>()
      gates.push(gate)
      return gate.promise
    }
    const upkeep = new Upkeep([{ name: 'scrub', everyMs: 60_000, run }], SILENT)
    upkeep.start()
    upkeep.wake('scrub')
    upkeep.wake('scrub')
    upkeep.wake('unknown')
    assert.equal(gates.length, 1)
    gates[0]?.resolve(undefined)
    await settle()
    t.mock.timers.tick(20)
    await settle()
    assert.equal(gates.length, 2)
    gates[1]?.resolve(undefined)
    await upkeep.close()
  })

  it('logs a job that fails and asks it again', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const logged: string[] = []
    const logger: Logger = { ...SILENT, error: (text) => logged.push(text) }
    let runs = 0
    const run = async (): Promise<undefined> => {
      runs += 1
      throw new Error('the disk is full')
    }
    const upkeep = new Upkeep([{ name: 'prune', everyMs: 1_000, run }], logger)
    upkeep.start()
    await settle()
    t.mock.timers.tick(1_000)
    await settle()
    assert.deepEqual([runs, logged.length], [2, 2])
    await upkeep.close()
  })

  it('waits at its close for what runs, and starts nothing more', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const gate = Promise.withResolvers<'more'>()
    let runs = 0
    const run = (): Promise<'more'> => {
      runs += 1
      return gate.promise
    }
    const upkeep = new Upkeep([{ name: 'sweep', everyMs: 10, run }], SILENT)
    upkeep.start()
    let closed = false
    const closing = upkeep.close().then(() => {
      closed = true
    })
    await settle()
    assert.equal(closed, false)
    gate.resolve('more')
    await closing
    upkeep.wake('sweep')
    t.mock.timers.tick(1_000)
    await settle()
    assert.equal(runs, 1)
  })
})
