/**
 * Dial: rings the line's own phones, and calls the destination when one of them answers (contract, call controls
 * §5.1). One call half does it all: `clickToDial` while the own phones ring, `originator` from the answer on.
 */
import { arrange } from '../bridge/arrange.ts'
import type { CallActor, CallResult, OwnPhone } from '../commands.ts'
import type { DirectoryLine } from '../directory.ts'
import { CallHalf } from '../half/half.ts'
import type { Intent } from '../half/intent.ts'
import type { Leg } from '../leg/leg.ts'
import { configure } from '../leg/media.ts'
import { Attempt } from '../route/attempt.ts'
import { type Dialled, parseDestination, routeOf } from '../route/destination.ts'
import { type Reachable, reachable, reachableByNumber, ringPhones } from '../route/fork.ts'
import type { Core } from '../session/core.ts'
import type { Session } from '../session/session.ts'
import { lineOf } from './actor.ts'
import { bargedIn } from './barge-in.ts'
import { call, isBusy } from './calling.ts'
import { holdOthers } from './hold.ts'
import { pickedUp } from './pickup.ts'
import { pulled } from './pull.ts'
import { retrieved } from './retrieve.ts'

/** `dial` as the API gives it. */
export interface DialCommand extends OwnPhone {
  readonly actor: CallActor
  readonly destination: string
}

type Refused = Extract<CallResult, { kind: 'refused' }>

/** Carries out `dial`; its reply is given at once: the 201 means that ringing has begun. */
export function dial(core: Core, id: number, command: DialCommand): void {
  const dialled = parseDestination(command.destination)
  const own = ownPhones(core, command)
  if (core.draining) refuse(core, id, { kind: 'refused', error: 'service_draining' })
  else if (dialled === undefined) refuse(core, id, { kind: 'refused', error: 'destination_invalid' })
  else if (own.kind === 'refused') refuse(core, id, own)
  else {
    const realm = core.realmOf(command.actor.orgId)
    const route = realm === undefined ? undefined : routeOf(realm, own.line, dialled)
    const expected = route?.kind === 'line' ? route : undefined
    const intent: Intent = { kind: 'dial', dialled }
    const session = core.newSession(command.actor.orgId)
    ringOwn(core, { id, session, ...own, intent, dialled, ...(expected === undefined ? {} : { expected }) })
  }
}

/** The line that acts and those of its phones that are to ring, or the contract's refusal, the request before the state. */
export function ownPhones(
  core: Core,
  command: OwnPhone & { readonly actor: CallActor },
): { readonly kind: 'own'; readonly line: DirectoryLine; readonly phones: readonly Reachable[] } | Refused {
  const line = lineOf(core, command.actor)
  if (line === undefined) return { kind: 'refused', error: 'no_registered_device' }
  if (line === 'forbidden') return { kind: 'refused', error: 'line_owner_forbidden' }
  const { endpointId, numberReach } = command
  const realm = core.realmOf(line.orgId)
  if (endpointId !== undefined) {
    const isOwn = realm?.devicesOf.get(line.id)?.some((device) => device.id === endpointId) === true
    if (!isOwn) return { kind: 'refused', error: 'endpoint_unknown' }
  }
  if (numberReach !== undefined && !(line.numberReach ?? []).includes(numberReach))
    return { kind: 'refused', error: 'number_reach_unknown' }
  if (core.sessions.size >= core.limits.callsMax || isBusy(core, line))
    return { kind: 'refused', error: 'overloaded' }
  const phones =
    numberReach === undefined ? reachable(core, line, endpointId) : reachableByNumber(core, line, numberReach)
  if (phones.length === 0) return { kind: 'refused', error: 'no_registered_device' }
  return { kind: 'own', line, phones }
}

/** Rings own phones for what `intent` says, in `session`; replies `placed`. */
export function ringOwn(
  core: Core,
  options: {
    readonly id: number
    readonly session: Session
    readonly line: DirectoryLine
    readonly phones: readonly Reachable[]
    readonly intent: Intent
    readonly dialled?: Dialled
    readonly expected?: { readonly line: DirectoryLine; readonly service?: CallHalf['service'] }
    readonly peer?: CallHalf
  },
): CallHalf {
  const { session, line } = options
  const half = new CallHalf({
    id: core.ids.callHalf(),
    session,
    line,
    createdAt: core.wallNow,
    personality: 'clickToDial',
    phase: 'alerting',
    ...(options.dialled === undefined ? {} : { dialled: options.dialled }),
  })
  half.intent = options.intent
  half.expected = options.expected?.line
  half.service = options.expected?.service
  half.peer = options.peer
  core.addHalf(half)
  core.reply(options.id, { kind: 'placed', callId: half.id, callSessionId: session.id })
  core.publish(half, 'created', 'originated')
  ringPhones(core, half, options.phones, { autoAnswer: true })
  core.arm({ kind: 'half', owner: half, wait: 'ring' }, core.limits.clickToDialRingMsMax)
  return half
}

/** One of the own phones answered: what it was rung for is done now. */
export function ownPhoneAnswered(core: Core, leg: Leg, intent: Intent): void {
  const { half } = leg
  core.disarm({ kind: 'half', owner: half, wait: 'ring' })
  half.intent = undefined
  half.personality = 'originator'
  half.refusals.length = 0
  configure(core, leg)
  holdOthers(core, half)
  switch (intent.kind) {
    case 'dial':
      placeCall(core, half, intent.dialled)
      return
    case 'retrieve':
      retrieved(core, half, intent.parked)
      return
    case 'pickup':
      pickedUp(core, half, intent.target)
      return
    case 'bargeIn':
      bargedIn(core, half, intent.target)
      return
    case 'pull':
      pulled(core, half, intent.call)
      return
    case 'replace':
      return // The phone has called by itself: `takePlace` has answered it.
  }
}

/** Calls a destination for a half whose phone is there. */
export function placeCall(core: Core, half: CallHalf, dialled: Dialled): void {
  half.phase = 'connecting'
  core.publish(half, 'updated', 'updated')
  const attempt = new Attempt({ caller: half, dialled })
  half.session.attempt = attempt
  call(core, attempt)
  if (half.session.attempt === attempt) arrange(core, half.session)
}

function refuse(core: Core, id: number, refused: Refused): void {
  core.reply(id, refused)
}
