import type { Instant } from '@tandem/base'

/** The instant `ms` milliseconds after the start of a test. */
export function at(ms: number): Instant {
  return ms
}
