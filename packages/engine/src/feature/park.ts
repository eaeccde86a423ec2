/**
 * Park (contract, call controls §5.5): somebody's call waits with music against a line until it is fetched, or comes back
 * to who parked it.
 *
 * A call that nobody fetches rings the parker three times, with a minute between, and waits on in between: people are
 * often away for longer than a phone rings, and whoever waits should not be lost to that. After the third time it goes
 * where the parker's calls go when nobody answers: to a colleague, to the mailbox, or to its end.
 */
import { arrange } from '../bridge/arrange.ts'
import type { CallCommand, CallResult, PartyView } from '../commands.ts'
import type { DirectoryLine } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import { partyOf, stateOf } from '../half/view.ts'
import { Attempt } from '../route/attempt.ts'
import { parseDestination, resolve } from '../route/destination.ts'
import type { Core } from '../session/core.ts'
import { endHalf, settleRest } from '../session/finish.ts'
import { noteLeaving } from '../tap/redirection-notes.ts'
import { withHalf } from './actor.ts'
import { call, treat } from './calling.ts'
import { isOfTwo, isPassable } from './move.ts'

/** When a parked call comes back to who parked it, unless its organisation says otherwise, in milliseconds. */
export const PARK_RECALL_MS = 60_000
/** How often a parked call comes back before it is treated as not answered. */
export const RECALLS_MAX = 3

const PARKED = { cause: 'parked', callerStatus: 480 }

type ParkCommand = Extract<CallCommand, { readonly kind: 'park' }>

/** Carries out `park`. */
export function park(core: Core, id: number, command: ParkCommand): void {
  const { destination } = command
  const isGroupPark = command.isGroupPark === true
  if (destination !== undefined && !isGroupPark && parseDestination(destination) === undefined) {
    core.reply(id, { kind: 'refused', error: 'destination_invalid' })
    return
  }
  withHalf(core, id, command, (half) => {
    const to = destination === undefined || isGroupPark ? {} : { destination }
    core.reply(id, parkHalf(core, half, { ...to, isGroupPark }))
  })
}

/** Parks whoever `half` talks to: against a destination, a free member of its park group, or else its own line. */
export function parkHalf(
  core: Core,
  half: CallHalf,
  where: { readonly destination?: string; readonly isGroupPark?: boolean } = {},
): CallResult {
  const { peer, session } = half
  const state = stateOf(half)
  const isAllowed = (state === 'connected' || state === 'held') && isPassable(half) && isOfTwo(half)
  if (peer === undefined || !isAllowed) return { kind: 'refused', error: 'call_state_forbids' }
  const place = placeFor(core, half, where)
  if (typeof place === 'string') return { kind: 'refused', error: place }
  const isHeldNow = stateOf(peer) === 'connected'
  noteLeaving(core, half, { reason: 'unknown', target: place })
  peer.parkedAgainst = place
  peer.parking = { by: half.line, recalls: 0 }
  peer.peer = undefined
  peer.dialled = undefined
  peer.service = undefined
  endHalf(core, half, { how: 'forwarded' })
  settleRest(core, session, PARKED)
  core.publish(peer, 'updated', isHeldNow ? 'remoteHeld' : 'updated') // Held before: only where it waits is new.
  armRecall(core, peer)
  return { kind: 'parked', parkedAgainst: placeView(place, half.line) }
}

/** Whoever is parked against a line; undefined when nobody is. */
export function parkedAt(core: Core, line: DirectoryLine): CallHalf | undefined {
  for (const half of core.halves.values()) // Parking is rare, and calls are few beside what one look costs.
    if (half.parkedAgainst?.id === line.id && half.session.orgId === line.orgId) return half
  return undefined
}

/** Whoever was parked is not any more. */
export function unpark(core: Core, half: CallHalf): void {
  half.parkedAgainst = undefined
  half.parking = undefined
  core.disarm({ kind: 'half', owner: half, wait: 'recall' })
}

/** Nobody has fetched the call in time: it rings whoever parked it. */
export function parkedTooLong(core: Core, half: CallHalf): void {
  const { parkedAgainst, parking, session } = half
  if (parkedAgainst === undefined || parking === undefined || session.attempt !== undefined) return
  const parker = parkerOf(core, half, parking.by)
  half.parking = { by: parking.by, recalls: parking.recalls + 1 }
  const dialled = { user: parker.extension === '' ? (parker.numbers[0] ?? '') : parker.extension }
  const attempt = new Attempt({ caller: half, dialled, purpose: { kind: 'recall' } })
  attempt.recallOf = { line: parkedAgainst }
  session.attempt = attempt
  call(core, attempt)
  if (session.attempt === attempt) arrange(core, session)
}

/** Nobody answered the call that came back. */
export function recallFailed(core: Core, attempt: Attempt): void {
  const { caller } = attempt
  const { parking, session } = caller
  caller.peer = undefined
  if (parking === undefined || parking.recalls < RECALLS_MAX) {
    session.attempt = undefined
    arrange(core, session)
    armRecall(core, caller)
    return
  }
  const parker = parkerOf(core, caller, parking.by)
  unpark(core, caller)
  caller.phase = 'connecting'
  caller.expected = parker
  attempt.purpose = { kind: 'talk' }
  attempt.recallOf = undefined
  core.publish(caller, 'updated', 'updated')
  treat(core, attempt, parker, { obstacle: 'noAnswer', status: 480 })
  if (session.attempt === attempt) arrange(core, session)
}

/** The line of the parker as the directory knows it today. */
function parkerOf(core: Core, half: CallHalf, by: DirectoryLine): DirectoryLine {
  return core.realmOf(half.session.orgId)?.lines.get(by.id) ?? by
}

function armRecall(core: Core, half: CallHalf): void {
  const seconds = core.realmOf(half.session.orgId)?.organization.parkRecallSeconds
  const delayMs = seconds === undefined ? (core.limits.parkRecallMs ?? PARK_RECALL_MS) : seconds * 1_000
  core.arm({ kind: 'half', owner: half, wait: 'recall' }, delayMs)
}

function placeFor(
  core: Core,
  half: CallHalf,
  where: { readonly destination?: string; readonly isGroupPark?: boolean },
): DirectoryLine | 'no_park_group' | 'park_taken' | 'destination_invalid' {
  const realm = core.realmOf(half.session.orgId)
  if (where.isGroupPark === true) {
    const members = (realm?.groups ?? [])
      .filter((group) => group.kind === 'park' && group.lineIds.includes(half.line.id))
      .flatMap((group) => group.lineIds.flatMap((lineId) => realm?.lines.get(lineId) ?? []))
    return members.find((line) => parkedAt(core, line) === undefined) ?? 'no_park_group'
  }
  const dialled = where.destination === undefined ? undefined : parseDestination(where.destination)
  if (where.destination !== undefined && dialled === undefined) return 'destination_invalid'
  const named = dialled === undefined || realm === undefined ? half.line : resolve(realm, dialled)
  if (named === undefined) return 'destination_invalid'
  return parkedAt(core, named) === undefined ? named : 'park_taken'
}

/** Where the call waits, with the number that fetches it. */
function placeView(place: DirectoryLine, viewer: DirectoryLine): PartyView {
  const party = partyOf(place, viewer)
  return party.number === '' ? { ...party, number: place.numbers[0] ?? '' } : party
}
