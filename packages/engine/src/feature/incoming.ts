/**
 * A phone calls somebody: its INVITE is checked, its place in the organisation found, and the destination rung.
 *
 * Who calls is known from the digest login alone, never from From (promise P8); whom they call is looked up in their
 * own organisation alone. The checks stand in the order of what they tell a stranger: nothing before the login.
 */
import type { Flow, SessionDescription, SipCallId, SipRequest } from '@tandem/sip'
import type { DirectoryPerson } from '../directory.ts'
import { CallHalf } from '../half/half.ts'
import { isAcceptable } from '../leg/description.ts'
import { Leg } from '../leg/leg.ts'
import { allocate } from '../leg/media.ts'
import type { LoggedIn, Login, LoginRefused } from '../registrar/login.ts'
import type { Registrar } from '../registrar/registrar.ts'
import { type Dialled, parseDestination, resolve } from '../route/destination.ts'
import { reachable, ringPhones } from '../route/fork.ts'
import type { Core } from '../session/core.ts'
import { Session } from '../session/session.ts'
import { failCall } from './failure-tone.ts'

/** When an overloaded or draining node may be asked again, in seconds. */
export const RETRY_AFTER_SECONDS = 10

const RETRY_LATER: LoginRefused = {
  kind: 'refused',
  status: 503,
  headers: [['Retry-After', String(RETRY_AFTER_SECONDS)]],
}

/** An INVITE as the endpoint reports it. */
export interface Invited {
  readonly call: SipCallId
  readonly request: SipRequest
  readonly flow: Flow
  readonly offer?: SessionDescription
}

/** What the features need beside the core. */
export interface Rooms {
  readonly registrar: Registrar
  readonly login: Login
}

type Admitted = {
  readonly kind: 'admitted'
  readonly login: LoggedIn
  readonly dialled: Dialled
  readonly callee: DirectoryPerson
}

/** Takes a phone's INVITE: a session with its first half, whose media is asked for; or a refusal. */
export function invited(core: Core, rooms: Rooms, invite: Invited): void {
  const admission = admit(core, rooms, invite)
  if (admission.kind === 'refused') {
    const { status, headers } = admission
    core.sip(core.endpoint.reject(core.now, invite.call, status, { headers }))
    return
  }
  const { device, person } = admission.login
  const session = newSession(core, person.orgId)
  session.expected = admission.callee
  const half = new CallHalf({
    id: core.ids.callHalf(),
    session,
    person,
    createdAt: core.wallNow,
    personality: 'originator',
    phase: 'connecting',
    dialled: admission.dialled,
  })
  core.addHalf(half)
  const family = invite.flow.remote.host.includes(':') ? 6 : 4
  const leg = new Leg({ id: core.ids.leg(), half, device, family })
  half.leg = leg
  leg.sip = invite.call
  leg.remoteOffer = invite.offer
  core.calls.set(invite.call, leg)
  allocate(core, leg)
  core.publish(half, 'created', 'originated')
}

/** Whether a call may begin: who calls, whom, and whether there is room for it. */
function admit(core: Core, rooms: Rooms, invite: Invited): Admitted | LoginRefused {
  const login = rooms.login.check(core, invite.request, invite.flow)
  if (login.kind === 'refused') return login
  if (!rooms.login.speaksFor(invite.request, login)) return refusal(403)
  const { person } = login
  if (core.draining || core.sessions.size >= core.limits.callsMax || isBusy(core, person)) return RETRY_LATER
  const dialled = parseDestination(invite.request.uri)
  const callee = dialled === undefined ? undefined : calleeOf(core, rooms, invite, { login, dialled })
  if (dialled === undefined || callee === undefined) return refusal(404)
  if (callee.id === person.id || isBusy(core, callee)) return refusal(486)
  if (reachable(core, rooms.registrar, callee).length === 0) return refusal(480)
  if (invite.offer !== undefined && !isAcceptable(invite.offer)) return refusal(488)
  return { kind: 'admitted', login, dialled, callee }
}

/** Whom the Request-URI names. A phone that knows us by address only writes that where the domain belongs. */
function calleeOf(
  core: Core,
  rooms: Rooms,
  invite: Invited,
  who: { readonly login: LoggedIn; readonly dialled: Dialled },
): DirectoryPerson | undefined {
  const { user, domain } = who.dialled
  const isOurHost = domain !== undefined && rooms.login.isOurHost(core, domain, invite.flow)
  return resolve(who.login.realm, isOurHost ? { user } : who.dialled)
}

function refusal(status: number): LoginRefused {
  return { kind: 'refused', status, headers: [] }
}

/** Whether a person has as many calls as anyone may have. */
export function isBusy(core: Core, person: DirectoryPerson): boolean {
  return core.halvesOf(person.orgId, person.id).length >= core.limits.callsPerPersonMax
}

/** A session with nobody in it yet. */
export function newSession(core: Core, orgId: string): Session {
  const session = new Session({ id: core.ids.uuid(), orgId, startedAt: core.wallNow })
  core.sessions.set(session.id, session)
  return session
}

/** Rings the destination of a session whose caller is ready. */
export function callDestination(
  core: Core,
  registrar: Registrar,
  session: Session,
  callee: DirectoryPerson,
): void {
  const phones = reachable(core, registrar, callee)
  if (phones.length === 0) {
    failCall(core, session, { cause: 'notRegistered', callerStatus: 480 })
    return
  }
  const half = new CallHalf({
    id: core.ids.callHalf(),
    session,
    person: callee,
    createdAt: core.wallNow,
    personality: 'terminator',
    phase: 'alerting',
  })
  core.addHalf(half)
  core.publish(half, 'created', 'received')
  ringPhones(core, half, phones, { autoAnswer: false })
  core.arm(session, { kind: 'ring' }, core.limits.ringMsMax)
}
