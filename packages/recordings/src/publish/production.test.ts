import assert from 'node:assert/strict'
import { it } from 'node:test'
import { SILENT } from '@tandem/base'
import { HELD_MS_MAX, Production } from './production.ts'
import type { MadeRecording, Publisher } from './publisher.ts'
import type { ReadBack } from './read-back.ts'

it('publishes a recording at last when nobody tells of the end of its call', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  const announced: string[] = []
  const recording = {
    id: 'r1',
    callId: 'call',
    facts: { opening: { recordingType: 'onDemand' }, closing: { stoppedAt: 0, callContinues: true } },
  } as unknown as MadeRecording // All that production looks at.
  const production = new Production({
    publisher: {
      make: async () => ({ kind: 'made', recording }),
      announce: async (recordings: readonly MadeRecording[]) => {
        announced.push(...recordings.map(({ id }) => id))
        return recordings.length
      },
    } as unknown as Publisher, // It calls nothing else.
    pool: { follow: () => {}, forget: () => {}, ofCall: async () => [] },
    readBack: { published: () => {}, tidy: async () => {}, waiting: 0 } as unknown as ReadBack, // As above.
    logger: SILENT,
    onAlarm: () => {},
    retryMs: 1,
  })
  production.finish('r1', '')
  await production.idle()
  context.mock.timers.tick(HELD_MS_MAX - 1)
  await production.idle()
  assert.deepEqual(announced, [])
  assert.equal(production.counts.held, 1)
  context.mock.timers.tick(1)
  await production.idle()
  assert.deepEqual(announced, ['r1'])
  assert.equal(production.counts.held, 0)
})
