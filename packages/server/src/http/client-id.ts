/**
 * Which client a token belongs to, for what is visible to the client alone that set it (meeting-recordings, integrationTags).
 * Tokens that a person made belong to no client; they all count as one, of the organisation that asks.
 */
import type { Caller } from '@tandem/contract'

/** Stands for tokens without a client. */
export const NO_CLIENT = ''

/** The client of a caller. */
export function clientIdOf(caller: Caller): string {
  return caller.clientId ?? NO_CLIENT
}
