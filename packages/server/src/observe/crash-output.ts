/**
 * The last words of a process that a fault of ours ends: what failed and where, and not what the error says, since that
 * may quote a name, a number or a token (promise P12). It ends with code 1, so that a supervisor starts it anew.
 */
import { writeSync } from 'node:fs'
import { cutError } from './cut-secrets.ts'

const STDERR = 2

/** Takes over what Node would print about an error that nobody caught; returns how to give it back. */
export function guardCrashOutput(): () => void {
  const crash = (error: unknown): void => {
    try {
      writeSync(STDERR, `The server ends by a fault of ours; report this line: ${cutError(error)}\n`)
    } finally {
      process.exit(1)
    }
  }
  process.on('uncaughtException', crash)
  return () => process.off('uncaughtException', crash)
}
