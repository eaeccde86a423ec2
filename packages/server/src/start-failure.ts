/**
 * The one way in which a start, or a command of the operator, fails for a reason outside of the program: one sentence
 * that says what failed, on which thing, and what to do. Printed on stderr as it is, exit code 1.
 */

/** Thrown with a sentence for the operator; carries no personal data and no secret. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure'
}
