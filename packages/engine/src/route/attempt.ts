/**
 * An attempt: somebody waits while a destination is called for them, through forwardings if need be, until one of the
 * phones that ring answers or nothing is left to try.
 *
 * The one who waits may be a phone whose INVITE is unanswered, the own phone of a click-to-dial call, somebody who was
 * diverted in mid-call, or nobody with a phone at all: the second call of a mute transfer.
 */
import type { DirectoryLine } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import type { Redirection } from '../half/redirection.ts'
import type { Leg } from '../leg/leg.ts'
import type { Ending } from '../session/finish.ts'
import type { Dialled } from './destination.ts'

/** What becomes of the caller when the destination answers. */
export type AttemptPurpose =
  | { readonly kind: 'talk' }
  /** `held` is the transferor's other call: it is joined with whoever answers. `alone`: no assistants ring with them. */
  | { readonly kind: 'transfer'; readonly held: CallHalf; readonly alone?: boolean }
  /** The transferor's phone has sent its peer away and waits to hear how that went: it gets the call back if it fails. */
  | { readonly kind: 'refer'; readonly transferor: CallHalf; readonly report: (status: number) => void }
  /** The caller is parked and waits on if nobody answers. */
  | { readonly kind: 'recall' }

/** One attempt. Its fields are changed by the engine alone. */
export class Attempt {
  /** Who waits; a transfer to somebody whose phones still ring puts another in this place. */
  caller: CallHalf
  purpose: AttemptPurpose
  /** What was dialled last. */
  dialled: Dialled
  /** The halves whose phones ring now: the callee, and those who may answer in its place. */
  readonly ringing: Set<CallHalf> = new Set<CallHalf>()
  /** How the call came to where it rings, newest first. */
  redirections: readonly Redirection[] = []
  /** Forwardings gone through: a loop ends at the limit. */
  forwards = 0
  /** Whose number is being called now: its owner's wishes decide what happens when nobody answers. */
  called: DirectoryLine | undefined
  /** The id that was promised to the leg of a line, in what was noted of who sent the call there. */
  promised: { readonly lineId: string; readonly callId: string } | undefined
  /** How many hops the INVITEs to phones may go; as the endpoint has it when absent (RFC 3261 §16.6 step 3). */
  maxForwards: number | undefined
  /** The next half that rings is a parked call that comes back to who parked it. */
  recallOf: CallHalf['recall']
  /** 180 went to the caller's phone, or early media flows: neither is sent twice. */
  ringbackSent = false
  /** The ringing leg whose early media the caller hears. */
  early: Leg | undefined
  /** Why it could not be put through, while the caller hears the tone that says so. */
  failure: Ending | undefined
  /** What the caller hears while it waits. */
  tone: 'ringback' | 'busy' | 'congestion' = 'ringback'

  constructor(options: {
    readonly caller: CallHalf
    readonly dialled: Dialled
    readonly purpose?: AttemptPurpose
  }) {
    this.caller = options.caller
    this.dialled = options.dialled
    this.purpose = options.purpose ?? { kind: 'talk' }
  }
}
