import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PhoneError } from '../phone-error.ts'
import type { PhoneEvent } from './event.ts'
import { EVENTS_KEPT_MAX, EventLog } from './event-log.ts'

const digit = (count: number): PhoneEvent => ({ kind: 'digit', call: 1, by: 'rtp', digit: String(count) })

/** A log with the digits from 0 up to `count`. */
function logOf(count: number): EventLog {
  const log = new EventLog()
  for (let i = 0; i < count; i++) log.add(digit(i))
  return log
}

/** What a loop over the events sees until it ends. */
async function all(events: AsyncIterable<PhoneEvent>): Promise<string[]> {
  const seen: string[] = []
  for await (const event of events) seen.push(event.kind === 'digit' ? event.digit : event.kind)
  return seen
}

describe('EventLog', () => {
  it('hands a loop what comes from the moment it was asked, also before its first turn, until the end', async () => {
    const log = logOf(1)
    const events = log.events()
    log.add(digit(1))
    const seen = all(events)
    await Promise.resolve()
    log.add(digit(2))
    log.add(digit(3))
    log.close()
    assert.deepEqual(await seen, ['1', '2', '3'])
  })

  it('hands every loop everything, and ends at once one that begins after the end', async () => {
    const log = logOf(2)
    const loops = [all(log.events(0)), all(log.events(1))]
    log.add(digit(2))
    log.close()
    log.close()
    assert.deepEqual(await Promise.all(loops), [
      ['0', '1', '2'],
      ['1', '2'],
    ])
    assert.deepEqual(await all(log.events()), [])
  })

  it('lets a loop be left and goes on without it', async () => {
    const log = logOf(2)
    for await (const event of log.events(0)) {
      assert.deepEqual(event, digit(0))
      break
    }
    log.add(digit(2))
    log.close()
    assert.deepEqual(await all(log.events(1)), ['1', '2'])
  })

  it('keeps its maximum of events, and tells a loop that one more has cost it the first', async () => {
    const full = logOf(EVENTS_KEPT_MAX)
    full.close()
    assert.equal((await all(full.events(0))).length, EVENTS_KEPT_MAX)

    const over = logOf(EVENTS_KEPT_MAX + 1)
    over.close()
    assert.equal((await all(over.events(1))).length, EVENTS_KEPT_MAX)
    await assert.rejects(all(over.events(0)), (error) => {
      assert.ok(error instanceof PhoneError)
      return error.message === '1 events are forgotten: read them sooner'
    })
  })

  it('finds what came a moment ago, and stops waiting for what can come no more', async () => {
    const log = logOf(1)
    log.add({ kind: 'failed', call: 1, status: 486, reason: 'Busy Here' })
    assert.deepEqual(await log.waitFor('digit', { since: 0 }), { event: digit(0), cursor: 1 })
    const stopAt = (event: PhoneEvent): boolean => event.kind === 'failed'
    await assert.rejects(
      log.waitFor(['established', 'ended'], { since: 0, stopAt }),
      new PhoneError('waited for established or ended, but failed came with 486'),
    )
  })
})
