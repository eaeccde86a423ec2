/**
 * What is answered before any state is made for it: RFC 3261 §8.2, in the order of that section.
 *
 * Under a flood these answers are all there is: they are made from the request alone, and a copy of the request gets
 * the same one again (§8.2.7).
 */
import { refuseInterval } from '../dialog/session-timer.ts'
import type { SipRequest } from '../message/message.ts'
import { type Abilities, type Refusal, validateRequest } from '../message/validate.ts'

/** Most calls at once when nobody says otherwise: what one core sets up in a minute. */
export const CALLS_MAX = 20_000
/** Most transactions at once when nobody says otherwise: 2,000 a second for the 32 s that each is remembered. */
export const TRANSACTIONS_MAX = 100_000
/** What part of the transactions stays reserved for calls in progress, so that a flood cannot keep them from ending. */
export const RESERVE = 0.1
/** When somebody refused for want of room may try again, in seconds. */
const RETRY_AFTER_S = 10

/** Requests that live inside a dialog: without one there is nothing they could be about. */
const IN_DIALOG_ONLY: ReadonlySet<string> = new Set(['BYE', 'INFO', 'UPDATE', 'PRACK', 'NOTIFY'])

/** How full the endpoint is. */
export interface Load {
  readonly calls: number
  readonly callsMax: number
  readonly transactions: number
  readonly transactionsMax: number
}

const FULL: Refusal = {
  status: 503,
  reason: 'Service Unavailable',
  headers: [['Retry-After', String(RETRY_AFTER_S)]],
}

/** Why a request inside a dialog is refused at once; undefined when it may go on. */
export function refuseInside(
  request: SipRequest,
  load: Load,
  abilities: Abilities = {},
): Refusal | undefined {
  if (load.transactions >= load.transactionsMax) return FULL
  return validateRequest(request, abilities)
}

/** Why a request outside of every dialog is refused at once; undefined when it may go on. */
export function refuseOutside(
  request: SipRequest,
  load: Load,
  abilities: Abilities = {},
): Refusal | undefined {
  const room = load.transactionsMax - Math.ceil(load.transactionsMax * RESERVE)
  if (load.transactions >= room) return FULL
  const invalid = validateRequest(request, abilities)
  if (invalid !== undefined) return invalid
  if (IN_DIALOG_ONLY.has(request.method)) return { status: 481, reason: 'Call/Transaction Does Not Exist' }
  if (request.method !== 'INVITE') return undefined
  return load.calls >= load.callsMax ? FULL : refuseInterval(request)
}
