/**
 * Dial: rings the person's own phones, and calls the destination when one of them answers (contract, call controls
 * §5.1). One call half does it all: `clickToDial` while the own phones ring, `originator` from the answer on.
 */
import type { CallActor } from '../commands.ts'
import { CallHalf } from '../half/half.ts'
import type { Leg } from '../leg/leg.ts'
import { configure } from '../leg/media.ts'
import type { Registrar } from '../registrar/registrar.ts'
import { parseDestination, resolve } from '../route/destination.ts'
import { reachable, ringPhones } from '../route/fork.ts'
import type { Core } from '../session/core.ts'
import { endSession } from '../session/finish.ts'
import { callDestination, newSession } from './incoming.ts'

/** Carries out `dial`; its reply is given at once: the 201 means that ringing has begun. */
export function dial(
  core: Core,
  registrar: Registrar,
  id: number,
  command: { readonly actor: CallActor; readonly destination: string; readonly endpointId?: string },
): void {
  const { orgId, personId } = command.actor
  if (core.draining) return core.reply(id, { kind: 'refused', error: 'service_draining' })
  const dialled = parseDestination(command.destination)
  if (dialled === undefined) return core.reply(id, { kind: 'refused', error: 'destination_invalid' })
  const realm = core.realmOf(orgId)
  const person = realm?.people.get(personId)
  if (realm === undefined || person === undefined)
    return core.reply(id, { kind: 'refused', error: 'no_registered_device' })
  const endpointId = command.endpointId
  if (endpointId !== undefined && realm.devices.get(endpointId)?.personId !== personId)
    return core.reply(id, { kind: 'refused', error: 'endpoint_unknown' })
  if (
    core.sessions.size >= core.limits.callsMax ||
    core.halvesOf(orgId, personId).length >= core.limits.callsPerPersonMax
  )
    return core.reply(id, { kind: 'refused', error: 'overloaded' })
  const phones = reachable(core, registrar, person, endpointId)
  if (phones.length === 0) return core.reply(id, { kind: 'refused', error: 'no_registered_device' })

  const session = newSession(core, orgId)
  session.expected = resolve(realm, dialled)
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
  if (callee === undefined) return endSession(core, session, { cause: 'notFound', callerStatus: 404 })
  const isBusy = core.halvesOf(callee.orgId, callee.id).length >= core.limits.callsPerPersonMax
  if (callee.id === half.person.id || isBusy)
    return endSession(core, session, { cause: 'busy', callerStatus: 486 })
  core.media({ kind: 'play', leg: leg.id, sound: { kind: 'tone', tone: 'ringback' } })
  callDestination(core, registrar, session, callee)
}
