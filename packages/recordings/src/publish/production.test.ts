import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import { HELD_MS_MAX, Production, RETRY_MS } from './production.ts'
import type { MadeRecording, Publisher } from './publisher.ts'
import type { ReadBack } from './read-back.ts'

const announced: string[][] = []
afterEach(() => {
  announced.length = 0
})

/**
 * A production line over fakes, on which recordings of one call were stopped, or each ended with a call of its own
 * (`alone`); those of `failing` cannot be made.
 */
function production(
  options: {
    readonly failing?: readonly string[]
    readonly alone?: boolean
    readonly retryMs?: number
    readonly onTry?: () => void
  } = {},
): Production {
  const made = (id: string): MadeRecording =>
    ({
      id,
      callId: options.alone ? `call of ${id}` : 'call',
      facts: {
        opening: { recordingType: options.alone ? 'alwaysON' : 'onDemand' },
        closing: { stoppedAt: 0, ...(options.alone ? {} : { callContinues: true }) },
      },
    }) as unknown as MadeRecording // All that production looks at.
  return new Production({
    publisher: {
      make: async (id: string) => {
        options.onTry?.()
        if (options.failing?.includes(id)) throw new Error('ENOSPC: no space left on device')
        return { kind: 'made', recording: made(id) }
      },
      announce: async (recordings: readonly MadeRecording[]) => {
        announced.push(recordings.map(({ id }) => id))
        await new Promise((resolve) => setImmediate(resolve))
        return recordings.length
      },
    } as unknown as Publisher, // It calls nothing else.
    pool: { follow: () => {}, forget: () => {}, ofCall: async () => ['r1', 'r2'] },
    readBack: { published: () => {}, tidy: async () => {}, waiting: 0 } as unknown as ReadBack, // As above.
    logger: SILENT,
    onAlarm: () => {},
    retryMs: options.retryMs ?? 600_000,
  })
}

describe('Production', () => {
  it('publishes a recording at last when nobody tells of the end of its call', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    const line = production()
    line.finish('r1', '')
    await line.idle()
    context.mock.timers.tick(HELD_MS_MAX - 1)
    await line.idle()
    assert.deepEqual(announced, [])
    assert.equal(line.counts.held, 1)
    assert.ok(line.isMaking('r1'), "its file is there and is nobody else's")
    context.mock.timers.tick(1)
    await line.idle()
    assert.deepEqual(announced, [['r1']])
    assert.equal(line.counts.held, 0)
    assert.ok(!line.isMaking('r1'))
  })

  it('tries again after a second, then after twice as long each time, and every half minute in the end', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    let tries = 0
    const line = production({ failing: ['r1'], retryMs: RETRY_MS, onTry: () => tries++ })
    line.finish('r1', '')
    await line.idle()
    for (const [at, seconds] of [1, 2, 4, 8, 16, 30, 30].entries()) {
      context.mock.timers.tick(seconds * 1_000 - 1)
      await line.idle()
      assert.equal(tries, at + 1)
      context.mock.timers.tick(1)
      await line.idle()
      assert.equal(tries, at + 2)
    }
    line.close()
  })

  it('counts what is published at the same time', async () => {
    const line = production({ alone: true })
    line.finish('r1', '')
    line.finish('r2', '')
    await line.idle()
    assert.equal(announced.length, 2)
    assert.equal(line.counts.published, 2)
    line.close()
  })

  it('lets a recording wait for another of its call that is being made, but not once that has failed', async () => {
    const line = production({ failing: ['r2'] })
    line.begin('r2')
    line.finish('r1', '')
    line.callEnded('call')
    await line.idle()
    assert.deepEqual(announced, [])
    line.finish('r2', '')
    await line.idle()
    assert.deepEqual(announced, [['r1']])
    const { held, backlog, waiting } = line.counts
    assert.deepEqual({ held, backlog, waiting }, { held: 0, backlog: 1, waiting: 1 })
    line.close()
  })
})
