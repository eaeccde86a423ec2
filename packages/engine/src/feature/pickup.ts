/**
 * Pickup (contract, call controls §5.8): answers a call that rings for somebody else, a named one or anybody of the own
 * pickup group, by API with the own phone rung first, or by a phone that has dialled for it.
 *
 * The call is taken when the own phone is there, not before: until then whoever it rings for may still answer. Of two who
 * try, the first whose phone is answered gets it; the second hears a busy tone.
 */
import { connect } from '../bridge/connect.ts'
import type { CallActor, CallResult, OwnPhone } from '../commands.ts'
import type { DirectoryLine } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import { type Dialled, parseDestination, resolve } from '../route/destination.ts'
import type { Core } from '../session/core.ts'
import { noteArrival } from '../tap/redirection-notes.ts'
import { ownPhones, ringOwn } from './dial.ts'
import { answerOwn, failAlone, moveInto } from './move.ts'

/** `pickup` as the API gives it. */
export interface PickupCommand extends OwnPhone {
  readonly actor: CallActor
  readonly target?: string
}

/** Carries out `pickup`: the own phone rings. */
export function pickup(core: Core, id: number, command: PickupCommand): void {
  const dialled = command.target === undefined ? undefined : parseDestination(command.target)
  if (command.target !== undefined && dialled === undefined) {
    core.reply(id, { kind: 'refused', error: 'destination_invalid' })
    return
  }
  const own = ownPhones(core, command)
  if (own.kind === 'refused') {
    core.reply(id, own)
    return
  }
  const target = ringingFor(core, own.line, dialled)
  if (typeof target === 'string') core.reply(id, { kind: 'refused', error: target })
  else {
    const { session } = target
    const intent = { kind: 'pickup', target } as const
    const peer = session.attempt?.caller
    ringOwn(core, { id, session, ...own, intent, ...(peer === undefined ? {} : { peer }) })
  }
}

/** A phone has dialled for a call that rings: of one line, or of any in its pickup group. */
export function pickupBy(core: Core, half: CallHalf, whose?: Dialled): CallResult {
  const target = ringingFor(core, half.line, whose)
  if (typeof target === 'string') return { kind: 'refused', error: target }
  if (answerOwn(core, half, target.session.attempt?.caller)) pickedUp(core, half, target)
  return { kind: 'done' }
}

/** The phone is there: it has the call, unless that has been answered or given up meanwhile. */
export function pickedUp(core: Core, half: CallHalf, target: CallHalf): void {
  const { session } = target
  const { attempt } = session
  if (target.phase !== 'alerting' || attempt?.ringing.has(target) !== true) {
    failAlone(core, half, { cause: 'busy', callerStatus: 486 })
    return
  }
  moveInto(core, half, session)
  noteArrival(core, half, { reason: 'unknown', by: target.line })
  connect(core, attempt, half)
}

/** The oldest call that rings there and that `line` may pick up; nobody picks up what they placed. */
function ringingFor(
  core: Core,
  line: DirectoryLine,
  whose: Dialled | undefined,
): CallHalf | 'no_pickup_group' | 'nothing_to_pick_up' {
  const realm = core.realmOf(line.orgId)
  const isMine = (lineId: string): boolean => lineId === line.id
  let lines: readonly DirectoryLine[]
  if (whose !== undefined) {
    const named = realm === undefined ? undefined : resolve(realm, whose)
    lines = named === undefined ? [] : [named]
  } else {
    const groups = (realm?.groups ?? []).filter(
      (group) => group.kind === 'pickup' && group.lineIds.includes(line.id),
    )
    if (groups.length === 0) return 'no_pickup_group'
    lines = groups
      .flatMap((group) => group.lineIds)
      .flatMap((lineId) => (isMine(lineId) ? [] : (realm?.lines.get(lineId) ?? [])))
  }
  const ringing = lines
    .flatMap((each) => core.halvesOf(each))
    .filter((half) => half.phase === 'alerting' && half.session.attempt?.ringing.has(half) === true)
    .filter((half) => !isMine(half.session.attempt?.caller.line.id ?? ''))
  return ringing.toSorted((a, b) => a.createdAt - b.createdAt)[0] ?? 'nothing_to_pick_up'
}
