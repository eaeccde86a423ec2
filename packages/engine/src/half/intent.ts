/** Why the own phones of a line ring: what is done once one of them answers (contract, call controls §5.1, §5.5, §5.8). */
import type { Dialled } from '../route/destination.ts'
import type { CallHalf } from './half.ts'

export type Intent =
  | { readonly kind: 'dial'; readonly dialled: Dialled }
  /** Fetches a call that is parked. */
  | { readonly kind: 'retrieve'; readonly parked: CallHalf }
  /** Takes the call that rings as `target`. */
  | { readonly kind: 'pickup'; readonly target: CallHalf }
  /** Joins the conversation of `target`. */
  | { readonly kind: 'bargeIn'; readonly target: CallHalf }
  /** Moves `call` of the same line to the phone that answers. */
  | { readonly kind: 'pull'; readonly call: CallHalf }
  /** The phone's own INVITE takes the place of `target` in its call (RFC 3891). */
  | { readonly kind: 'replace'; readonly target: CallHalf }
