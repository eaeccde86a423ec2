/**
 * The last resort of promise P6: one message, whatever it holds, costs at most itself.
 *
 * A handler that throws on it is a bug of ours; it is counted and logged by name and place, never with the
 * message, which may be personal.
 */
import type { Logger } from '@tandem/base'

/** The most lines of a stack that go to the log: enough to find the place. */
const STACK_LINES_MAX = 6

/** Makes a guard: it runs `work` and turns what that throws into a count and a log line. */
export function lastResort(logger: Logger, count: () => void): (what: string, work: () => void) => void {
  return (what, work) => {
    try {
      work()
    } catch (error) {
      count()
      logger.error(`Handling ${what} failed; it was dropped. This is a bug: report it with the stack.`, {
        error: error instanceof Error ? error.name : typeof error,
        stack: placesOf(error),
      })
    }
  }
}

/** Where an error comes from, without its text: that may quote what a peer sent. */
export function placesOf(error: unknown): string[] {
  if (!(error instanceof Error) || error.stack === undefined) return []
  const lines = error.stack.split('\n').filter((line) => line.startsWith('    at '))
  return lines.slice(0, STACK_LINES_MAX).map((line) => line.trim())
}
