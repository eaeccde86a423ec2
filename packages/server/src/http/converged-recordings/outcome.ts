/** What the API makes of a move that was refused (converged-recordings §1, §8, §9; README §4). */
import type { MoveOutcome } from '@tandem/recordings'
import { Failure } from '../failure.ts'

/** Longest part of an id that is said again in an error text. */
const SHOWN_CHARS_MAX = 64

/** The failure that an outcome stands for; `undefined` for a success. `purged` is there for nobody who may move. */
export function failureOf(outcome: MoveOutcome): Failure | undefined {
  switch (outcome.kind) {
    case 'done':
      return undefined
    case 'missing':
      return new Failure('recording_not_found', `Recording not found: ${shown(outcome.id)}`)
    case 'wrongStatus':
      if (outcome.status === 'purged')
        return new Failure('recording_not_found', `Recording not found: ${shown(outcome.id)}`)
      return new Failure(
        'recording_state_conflict',
        `The status of recording ${shown(outcome.id)} does not allow this: it is ${outcome.status}`,
      )
    case 'held':
      return new Failure('recording_held', `Recording ${shown(outcome.id)} is under legal hold`)
    case 'retained':
      return new Failure(
        'recording_retained',
        `Recording ${shown(outcome.id)} must be kept until ${new Date(outcome.until).toISOString()}`,
      )
  }
}

function shown(id: string): string {
  return id.slice(0, SHOWN_CHARS_MAX)
}
