/**
 * What can be dialled instead of a number: a star, two digits, and for some codes a number after them.
 *
 * A code acts for the line that dials it, on its newest other call where it needs one; a phone dials it while that call is
 * held. It is answered with a few words and the call ends, or it becomes the talk that it asked for. The four codes of
 * recording may also be typed during a talk.
 */
import type { CallResult } from '../commands.ts'
import type { CallHalf } from '../half/half.ts'
import type { Attempt } from '../route/attempt.ts'
import { type Dialled, parseDestination } from '../route/destination.ts'
import type { Core } from '../session/core.ts'
import { bargeInBy } from './barge-in.ts'
import { failAttempt } from './calling.ts'
import { divertHalf, mailboxTarget } from './divert.ts'
import { tellResult } from './feature-code.ts'
import { openMailbox } from './mailbox.ts'
import { parkHalf } from './park.ts'
import { pickupBy } from './pickup.ts'
import { pullBy } from './pull.ts'
import { pushHalf } from './push.ts'
import { recordBy } from './record-command.ts'
import { retrieveBy } from './retrieve.ts'

/** How long the next key of a code typed in a talk is waited for, in milliseconds. */
export const TYPED_MS_MAX = 3_000

/** What a code was given, and what came of it; `taken`: whoever dialled is in a talk, or before a machine. */
type Act = (core: Core, attempt: Attempt, argument: string | undefined) => CallResult | 'taken'

interface StarCode {
  readonly meaning: string
  /** A number after the code. */
  readonly argument: 'none' | 'optional' | 'required'
  readonly act: Act
}

const IMPOSSIBLE: CallResult = { kind: 'refused', error: 'call_state_forbids' }

/** Every code. Those of forwarding are settings of the directory, and not dialled. */
export const STAR_CODES: Readonly<Record<string, StarCode>> = {
  '*11': {
    meaning: 'takes over the call that the line has on another phone',
    argument: 'none',
    act: (core, { caller }) => taken(pullBy(core, caller)),
  },
  '*26': {
    meaning: 'sends the other call to the executive for whom it was answered',
    argument: 'none',
    act: onOtherCall((core, half) => pushHalf(core, half)),
  },
  '*33': {
    meaning: 'joins the call of a colleague',
    argument: 'required',
    act: (core, { caller }, argument) => withNumber(argument, (whose) => bargeInBy(core, caller, whose)),
  },
  '*44': {
    meaning: 'begins to record the other call',
    argument: 'none',
    act: onOtherCall((core, half) => recordBy(core, half, 'start')),
  },
  '*45': {
    meaning: 'stops the recording of the other call',
    argument: 'none',
    act: onOtherCall((core, half) => recordBy(core, half, 'stop')),
  },
  '*48': {
    meaning: 'pauses the recording of the other call',
    argument: 'none',
    act: onOtherCall((core, half) => recordBy(core, half, 'pause')),
  },
  '*49': {
    meaning: 'goes on with the recording of the other call',
    argument: 'none',
    act: onOtherCall((core, half) => recordBy(core, half, 'resume')),
  },
  '*55': {
    meaning: 'sends the other call to the voicemail of a colleague, or the own',
    argument: 'optional',
    act: onOtherCall((core, half, argument) => {
      const dialled = argument === undefined ? undefined : parseDestination(argument)
      const target = mailboxTarget(core, half, dialled)
      return target === undefined
        ? { kind: 'refused', error: 'voicemail_off' }
        : divertHalf(core, half, target)
    }),
  },
  '*68': {
    meaning: 'parks the other call, against the own line or a number',
    argument: 'optional',
    act: onOtherCall((core, half, argument) =>
      parkHalf(core, half, argument === undefined ? {} : { destination: argument }),
    ),
  },
  '*86': {
    meaning: 'listens to the own voicemail',
    argument: 'none',
    act: (core, attempt) => {
      openMailbox(core, attempt)
      return 'taken'
    },
  },
  '*88': {
    meaning: 'fetches the call that is parked against the own line or a number',
    argument: 'optional',
    act: (core, { caller }, argument) =>
      argument === undefined
        ? taken(retrieveBy(core, caller))
        : withNumber(argument, (from) => retrieveBy(core, caller, from)),
  },
  '*97': {
    meaning: 'picks up the call that rings at a colleague',
    argument: 'required',
    act: (core, { caller }, argument) => withNumber(argument, (whose) => pickupBy(core, caller, whose)),
  },
  '*98': {
    meaning: 'picks up a call that rings in the own group',
    argument: 'none',
    act: (core, { caller }) => taken(pickupBy(core, caller)),
  },
}

/** Carries out what was dialled in place of a number; what is no code leads nowhere, as a number that nobody has. */
export function dialCode(core: Core, attempt: Attempt, dialled: string): void {
  const code = STAR_CODES[dialled.slice(0, 3)]
  const argument = dialled.slice(3)
  const isComplete = code?.argument === 'required' ? argument !== '' : true
  const isTooLong = code?.argument === 'none' && argument !== ''
  // Only who dials it is meant: nobody is forwarded or diverted into another's mailbox.
  if (code === undefined || !isComplete || isTooLong || attempt.redirections.length > 0) {
    failAttempt(core, attempt, { cause: 'notFound', callerStatus: 404 })
    return
  }
  const result = code.act(core, attempt, argument === '' ? undefined : argument)
  if (result !== 'taken') tellResult(core, attempt, result)
}

/** A code that becomes a talk of whoever dialled it, unless it is refused. */
function taken(result: CallResult): CallResult | 'taken' {
  return result.kind === 'refused' ? result : 'taken'
}

function withNumber(argument: string | undefined, act: (whose: Dialled) => CallResult): CallResult | 'taken' {
  const whose = parseDestination(argument ?? '')
  return whose === undefined ? IMPOSSIBLE : taken(act(whose))
}

/** A code that is about the other call of whoever dials it: the newest that is talked on or held. */
function onOtherCall(act: (core: Core, half: CallHalf, argument: string | undefined) => CallResult): Act {
  return (core, { caller }, argument) => {
    const others = core.halvesOf(caller.line).filter((half) => half.phase === 'connected')
    const newest = others.toSorted((a, b) => (b.answeredAt ?? 0) - (a.answeredAt ?? 0))[0]
    return newest === undefined ? IMPOSSIBLE : act(core, newest, argument)
  }
}

/** Codes that may be typed during a talk, for that talk; the mode of the line may forbid them, and nothing happens then. */
const TYPED: Readonly<Record<string, Parameters<typeof recordBy>[2]>> = {
  '*44': 'start',
  '*45': 'stop',
  '*48': 'pause',
  '*49': 'resume',
}

/** A key of somebody who talks: perhaps the next of a code. */
export function codeKey(core: Core, half: CallHalf, key: string): void {
  half.typed = key === '*' ? '*' : half.typed === '' ? '' : half.typed + key
  const action = TYPED[half.typed]
  if (action !== undefined || half.typed.length >= 3) half.typed = ''
  if (half.typed === '') core.disarm({ kind: 'half', owner: half, wait: 'code' })
  else core.arm({ kind: 'half', owner: half, wait: 'code' }, TYPED_MS_MAX)
  if (action !== undefined) recordBy(core, half, action)
}

/** The next key did not come: what was typed was no code. */
export function codeForgotten(half: CallHalf): void {
  half.typed = ''
}
