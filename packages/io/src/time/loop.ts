/**
 * The loop that gives a machine real time: one clock, one timer, one place where outputs are acted on.
 *
 * Everything below it runs as well on a virtual clock. `act` must not call `step`: what acting teaches (a send
 * that failed) comes back later as an input of its own.
 */
import { after, type Instant, type Machine } from '@tandem/base'
import { Alarm } from './alarm.ts'

/** How long a machine rests after its tick threw, so that a broken one cannot take the whole thread. */
export const REST_AFTER_ERROR_MS = 50

/** The only way into a driven machine: feeds one input, acts on all it caused, sets the timer. */
export type Step<Output> = (input: (now: Instant) => readonly Output[]) => void

/** How a loop ends and what it does with our own bugs. */
export interface DriveOptions {
  /** Takes what a tick threw; without it the error reaches the thread and ends it. */
  readonly onTickError?: (error: unknown) => void
  /** Stops the timer for good when aborted. */
  readonly signal?: AbortSignal
}

/**
 * Runs `machine` in real time and returns `step`. An input that throws leaves the timer set and throws on to
 * the caller of `step`, who knows which message it was.
 */
export function drive<Output>(
  machine: Machine<Output>,
  clock: () => Instant,
  act: (output: Output) => void,
  options: DriveOptions = {},
): Step<Output> {
  let stopped = options.signal?.aborted ?? false
  const alarm = new Alarm(clock, tick)

  function tick(): void {
    if (stopped) return
    try {
      step((now) => machine.tick(now))
    } catch (error) {
      if (options.onTickError === undefined) throw error
      alarm.set(after(clock(), REST_AFTER_ERROR_MS))
      options.onTickError(error)
    }
  }

  function step(input: (now: Instant) => readonly Output[]): void {
    try {
      for (const output of input(clock())) act(output)
    } finally {
      if (!stopped) alarm.set(machine.deadline)
    }
  }

  options.signal?.addEventListener('abort', () => {
    stopped = true
    alarm.set(Number.POSITIVE_INFINITY)
  })
  tick()
  return step
}
