/**
 * Every error a client can meet. A number is a promise: it keeps its meaning, and is never used again once retired. It
 * goes out as `errorCode`; the name appears in docs and logs alone. `docs/errors.md` lists the same names; a test keeps
 * the two equal.
 */
export const ERRORS = {
  call_not_found: { errorCode: 10_001, status: 404, description: 'Call not found' },
} as const

/** The name of one such error. */
export type ErrorName = keyof typeof ERRORS
