/**
 * The monotonic clock of this process as `Instant`, and its one conversion to wall time.
 *
 * Every thread reads the same origin (that of `process.hrtime`), so instants may travel between threads;
 * `performance.now` alone would not do, since each worker counts from its own start. Call `now` as often as you
 * like: it allocates nothing.
 */
import { performance } from 'node:perf_hooks'
import type { Instant, WallTime } from '@tandem/base'

/** What to add to this thread's `performance.now` to reach the origin that all threads share. */
const ORIGIN_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** The present moment in milliseconds, the same in all threads of this process. */
export function now(): Instant {
  return performance.now() + ORIGIN_MS
}

/** Unix milliseconds at instant 0. Read it once at start: later steps of the wall clock are then harmless. */
export function wallOffsetMs(): number {
  return Date.now() - now()
}

/** The instant that a wall time names, given the offset read at start. */
export function instantOf(wall: WallTime, offsetMs: number): Instant {
  return wall - offsetMs
}
