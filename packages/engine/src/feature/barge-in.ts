/**
 * Barge-in (contract, call controls §5.8): joins the answered call of somebody, who may forbid it; all are mixed.
 *
 * Whoever leaves, the others go on: the barger alone when it leaves, and as two the barger and the other side when the
 * target does. A caller who was joined by a supervisor is not cut off because the first agent hangs up.
 */
import { arrange } from '../bridge/arrange.ts'
import type { CallActor, CallResult, OwnPhone } from '../commands.ts'
import type { DirectoryLine } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import { type Dialled, parseDestination, resolve } from '../route/destination.ts'
import type { Core } from '../session/core.ts'
import { recordIfAlways } from '../tap/record.ts'
import { noteActivity } from '../tap/redirection-notes.ts'
import { ownPhones, ringOwn } from './dial.ts'
import { holdOthers } from './hold.ts'
import { answerOwn, failAlone, isPassable, moveInto } from './move.ts'

/** `bargeIn` as the API gives it. */
export interface BargeInCommand extends OwnPhone {
  readonly actor: CallActor
  readonly target: string
}

/** Carries out `bargeIn`: the own phone rings. */
export function bargeIn(core: Core, id: number, command: BargeInCommand): void {
  const dialled = parseDestination(command.target)
  if (dialled === undefined) {
    core.reply(id, { kind: 'refused', error: 'destination_invalid' })
    return
  }
  const own = ownPhones(core, command)
  if (own.kind === 'refused') {
    core.reply(id, own)
    return
  }
  const target = talkOf(core, own.line, dialled)
  if (typeof target === 'string') core.reply(id, { kind: 'refused', error: target })
  else {
    const intent = { kind: 'bargeIn', target } as const
    ringOwn(core, { id, session: target.session, ...own, intent, peer: target })
  }
}

/** A phone has dialled to join somebody's call. */
export function bargeInBy(core: Core, half: CallHalf, whose: Dialled): CallResult {
  const target = talkOf(core, half.line, whose)
  if (typeof target === 'string') return { kind: 'refused', error: target }
  if (answerOwn(core, half, target)) bargedIn(core, half, target)
  return { kind: 'done' }
}

/** The phone is there: it joins, unless the call has ended or is held meanwhile. */
export function bargedIn(core: Core, half: CallHalf, target: CallHalf): void {
  if (!isPassable(target) || target.holding) {
    failAlone(core, half, { cause: 'busy', callerStatus: 486 })
    return
  }
  const { session } = target
  moveInto(core, half, session)
  half.phase = 'connected'
  half.answeredAt ??= core.wallNow
  half.peer = target
  half.dialled = undefined
  holdOthers(core, half)
  for (const each of session.halves) {
    if (each === half) recordIfAlways(core, each)
    else noteActivity(core, each)
  }
  arrange(core, session)
  core.publish(half, 'updated', 'connected')
}

/** The call in which the named line talks now: one that it holds is not joined, since the other side was promised rest. */
function talkOf(
  core: Core,
  line: DirectoryLine,
  whose: Dialled,
): CallHalf | 'barge_in_forbidden' | 'nothing_to_join' {
  const realm = core.realmOf(line.orgId)
  const named = realm === undefined ? undefined : resolve(realm, whose)
  if (named === undefined) return 'nothing_to_join'
  if (named.bargeIn === false) return 'barge_in_forbidden'
  const talks = core.halvesOf(named).find((half) => isPassable(half) && !half.holding)
  const isIn = talks?.session.halves.some((half) => half.line.id === line.id && half.phase === 'connected')
  return talks === undefined || isIn === true ? 'nothing_to_join' : talks
}
