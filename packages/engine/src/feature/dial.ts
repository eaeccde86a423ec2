/**
 * Dial: rings the person's own phones, and calls the destination when one of them answers (contract, call controls
 * §5.1). One call half does it all: `clickToDial` while the own phones ring, `originator` from the answer on.
 */
import type { CallActor, CallResult } from '../commands.ts'
import type { DirectoryPerson } from '../directory.ts'
import { CallHalf } from '../half/half.ts'
import type { Leg } from '../leg/leg.ts'
import { configure } from '../leg/media.ts'
import type { Registrar } from '../registrar/registrar.ts'
import { type Dialled, parseDestination, resolve } from '../route/destination.ts'
import { type Reachable, reachable, ringPhones } from '../route/fork.ts'
import type { Core } from '../session/core.ts'
import { failCall } from './failure-tone.ts'
import { callDestination, isBusy, newSession } from './incoming.ts'

/** `dial` as the API gives it. */
export interface DialCommand {
  readonly actor: CallActor
  readonly destination: string
  readonly endpointId?: string
}

type Admitted = {
  readonly kind: 'admitted'
  readonly person: DirectoryPerson
  readonly dialled: Dialled
  readonly expected: DirectoryPerson | undefined
  readonly phones: readonly Reachable[]
}

/** Carries out `dial`; its reply is given at once: the 201 means that ringing has begun. */
export function dial(core: Core, registrar: Registrar, id: number, command: DialCommand): void {
  const admission = admit(core, registrar, command)
  if (admission.kind !== 'admitted') {
    core.reply(id, admission)
    return
  }
  const { person, dialled, phones } = admission
  const session = newSession(core, person.orgId)
  session.expected = admission.expected
  const half = new CallHalf({
    id: core.ids.callHalf(),
    session,
    person,
    createdAt: core.wallNow,
    personality: 'clickToDial',
    phase: 'alerting',
    dialled,
  })
  core.addHalf(half)
  core.reply(id, { kind: 'placed', callId: half.id, callSessionId: session.id })
  core.publish(half, 'created', 'originated')
  ringPhones(core, half, phones, { autoAnswer: true })
  core.arm(session, { kind: 'ring' }, core.limits.clickToDialRingMsMax)
}

/** Whether a call may be placed: the contract's checks in the contract's order, the request before the state. */
function admit(core: Core, registrar: Registrar, command: DialCommand): Admitted | CallResult {
  const { orgId, personId } = command.actor
  if (core.draining) return { kind: 'refused', error: 'service_draining' }
  const dialled = parseDestination(command.destination)
  if (dialled === undefined) return { kind: 'refused', error: 'destination_invalid' }
  const realm = core.realmOf(orgId)
  const person = realm?.people.get(personId)
  if (realm === undefined || person === undefined) return { kind: 'refused', error: 'no_registered_device' }
  const deviceId = command.endpointId
  if (deviceId !== undefined && realm.devices.get(deviceId)?.personId !== personId)
    return { kind: 'refused', error: 'endpoint_unknown' }
  if (core.sessions.size >= core.limits.callsMax || isBusy(core, person))
    return { kind: 'refused', error: 'overloaded' }
  const phones = reachable(core, registrar, person, deviceId)
  if (phones.length === 0) return { kind: 'refused', error: 'no_registered_device' }
  return { kind: 'admitted', person, dialled, expected: resolve(realm, dialled), phones }
}

/** One of the own phones answered: it hears ringback while the destination is called. */
export function ownPhoneAnswered(core: Core, registrar: Registrar, leg: Leg): void {
  const { half, session } = leg
  core.disarm(session, { kind: 'ring' })
  half.personality = 'originator'
  half.phase = 'connecting'
  session.refusals.length = 0
  configure(core, leg)
  core.publish(half, 'updated', 'updated')
  const realm = core.realmOf(session.orgId)
  const callee = realm === undefined || half.dialled === undefined ? undefined : resolve(realm, half.dialled)
  if (callee === undefined) {
    failCall(core, session, { cause: 'notFound', callerStatus: 404 })
    return
  }
  if (callee.id === half.person.id || isBusy(core, callee)) {
    failCall(core, session, { cause: 'busy', callerStatus: 486 })
    return
  }
  core.media({ kind: 'play', leg: leg.id, sound: { kind: 'tone', tone: 'ringback' } })
  callDestination(core, registrar, session, callee)
}
