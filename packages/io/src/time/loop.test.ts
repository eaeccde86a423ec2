import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { type Instant, type Machine, NEVER } from '@tandem/base'
import { TIMER_MS_MAX } from './alarm.ts'
import { drive, REST_AFTER_ERROR_MS } from './loop.ts'

/** A machine that is due every `periodMs` until `endsAt`, and says when it was ticked. */
class Metronome implements Machine<string> {
  deadline: Instant
  readonly #periodMs: number
  readonly #endsAt: Instant

  constructor(periodMs: number, endsAt: Instant) {
    this.#periodMs = periodMs
    this.#endsAt = endsAt
    this.deadline = periodMs
  }

  tick(now: Instant): string[] {
    if (now < this.deadline) return []
    this.deadline = now >= this.#endsAt ? NEVER : this.deadline + this.#periodMs
    return [`tick ${now}`]
  }
}

describe('drive', () => {
  it('ticks at each deadline and rests when there is none', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    let ms = 0
    const log: string[] = []
    drive(
      new Metronome(20, 60),
      () => ms,
      (output) => log.push(output),
    )
    for (ms = 1; ms <= 200; ms++) t.mock.timers.tick(1)
    assert.deepEqual(log, ['tick 20', 'tick 40', 'tick 60'])
  })

  it('acts on what an input caused, in order, and follows the new deadline', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    let ms = 0
    const log: string[] = []
    const machine = new Metronome(1_000, 0)
    const step = drive(
      machine,
      () => ms,
      (output) => log.push(output),
    )
    step(() => {
      machine.deadline = 10
      return ['a', 'b']
    })
    for (ms = 1; ms <= 20; ms++) t.mock.timers.tick(1)
    assert.deepEqual(log, ['a', 'b', 'tick 10'])
  })

  it('waits longer than setTimeout can hold by ringing early and setting itself again', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    let ms = 0
    const log: string[] = []
    drive(
      new Metronome(TIMER_MS_MAX + 10, 0),
      () => ms,
      (output) => log.push(output),
    )
    ms = TIMER_MS_MAX
    t.mock.timers.tick(TIMER_MS_MAX)
    assert.deepEqual(log, [])
    ms = TIMER_MS_MAX + 10
    t.mock.timers.tick(10)
    assert.deepEqual(log, [`tick ${TIMER_MS_MAX + 10}`])
  })

  it('survives a tick that throws, reports it and tries again after a rest', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    let ms = 0
    const errors: unknown[] = []
    const machine = {
      deadline: 5,
      tick: mock.fn((now: Instant): string[] => {
        if (now < 5) return []
        throw new Error('a bug of ours')
      }),
    }
    drive(
      machine,
      () => ms,
      () => {},
      { onTickError: (error) => errors.push(error) },
    )
    for (ms = 1; ms <= 5 + 2 * REST_AFTER_ERROR_MS; ms++) t.mock.timers.tick(1)
    assert.ok(errors.length >= 2 && errors.length <= 3, `${errors.length} errors`)
  })

  it('stops for good when its signal aborts', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    let ms = 0
    const log: string[] = []
    const stop = new AbortController()
    drive(
      new Metronome(20, 1_000),
      () => ms,
      (output) => log.push(output),
      { signal: stop.signal },
    )
    for (ms = 1; ms <= 30; ms++) t.mock.timers.tick(1)
    stop.abort()
    for (; ms <= 100; ms++) t.mock.timers.tick(1)
    assert.deepEqual(log, ['tick 20'])
  })
})
