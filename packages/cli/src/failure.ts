/**
 * Exit codes and the one way in which a command fails: a sentence on stderr that says what to do.
 *
 * 0 done, 1 failed, 2 the command line is wrong (unknown command or option, missing or bad value).
 */

/** The exit codes, for the documentation and the tests. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const

/** A command that cannot be carried out. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
}

/** What to print for an error: its sentence when it was made for people, else where it came from as well. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const forPeople = FOR_PEOPLE.has(error.name)
  return forPeople ? error.message : `${error.stack ?? error.message}`
}

/** By name, since their packages are loaded only when they are needed. */
const FOR_PEOPLE = new Set(['CommandFailure', 'PhoneError', 'StartFailure', 'StartError', 'StoreError'])
