/**
 * The assertion for our own bugs. Never call it on what a peer or a user sent: their faults are outputs
 * or typed errors.
 */

/** Thrown when something that cannot happen has happened: a bug of ours. */
export class AssertionFailed extends Error {
  override readonly name = 'AssertionFailed'
}

/** Stops what cannot be trusted any more when `condition` is false. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionFailed(message)
}

/** Makes the compiler prove that every variant was handled, and stops if one slipped through anyway. */
export function unreachable(value: never): never {
  throw new AssertionFailed(`unexpected variant: ${JSON.stringify(value)}`)
}
