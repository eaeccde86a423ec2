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
import type { Login } from '../registrar/login.ts'
import type { Registrar } from '../registrar/registrar.ts'
import { parseDestination, resolve } from '../route/destination.ts'
import { reachable, ringPhones } from '../route/fork.ts'
import type { Core } from '../session/core.ts'
import { endSession } from '../session/finish.ts'
import { Session } from '../session/session.ts'

/** When an overloaded or draining node may be asked again, in seconds. */
export const RETRY_AFTER_SECONDS = 10

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

/** Takes a phone's INVITE. */
export function invited(core: Core, rooms: Rooms, invite: Invited): void {
  const refuse = (status: number, headers?: Iterable<readonly [string, string]>): void =>
    core.sip(
      core.endpoint.reject(core.now, invite.call, status, headers === undefined ? {} : { headers }),
    )
  const login = rooms.login.check(core, invite.request, invite.flow)
  if (login.kind === 'refused') return refuse(login.status, login.headers)
  if (!rooms.login.speaksFor(invite.request, login)) return refuse(403)
  if (core.draining || core.sessions.size >= core.limits.callsMax) return refuse(503, retryAfter())
  const { device, person, realm } = login
  if (core.halvesOf(person.orgId, person.id).length >= core.limits.callsPerPersonMax) {
    core.notice('a person has too many calls')
    return refuse(503, retryAfter())
  }
  const dialled = parseDestination(invite.request.uri)
  const host = dialled?.domain
  const isOurs = host === undefined || rooms.login.isOurHost(core, host, invite.flow)
  const callee =
    dialled === undefined || (!isOurs && !realm.organization.domains.includes(host))
      ? undefined
      : resolve(realm, { user: dialled.user })
  if (dialled === undefined || callee === undefined) return refuse(404)
  if (callee.id === person.id) return refuse(486)
  if (core.halvesOf(callee.orgId, callee.id).length >= core.limits.callsPerPersonMax) return refuse(486)
  if (reachable(core, rooms.registrar, callee).length === 0) return refuse(480)
  if (invite.offer !== undefined && !isAcceptable(invite.offer)) return refuse(488)

  const session = newSession(core, person.orgId)
  session.expected = callee
  const half = new CallHalf({
    id: core.ids.callHalf(),
    session,
    person,
    createdAt: core.wallNow,
    personality: 'originator',
    phase: 'connecting',
    dialled,
  })
  core.addHalf(half)
  const leg = new Leg({
    id: core.ids.leg(),
    half,
    device,
    family: invite.flow.remote.host.includes(':') ? 6 : 4,
  })
  half.leg = leg
  leg.sip = invite.call
  leg.remoteOffer = invite.offer
  core.calls.set(invite.call, leg)
  allocate(core, leg)
  core.publish(half, 'created', 'originated')
}

/** A session with nobody in it yet. */
export function newSession(core: Core, orgId: string): Session {
  const session = new Session({ id: core.ids.uuid(), orgId, startedAt: core.wallNow })
  core.sessions.set(session.id, session)
  return session
}

/** Rings the destination of a session whose caller is ready. */
export function callDestination(core: Core, registrar: Registrar, session: Session, callee: DirectoryPerson): void {
  const phones = reachable(core, registrar, callee)
  if (phones.length === 0) return endSession(core, session, { cause: 'notRegistered', callerStatus: 480 })
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

function retryAfter(): [string, string][] {
  return [['Retry-After', String(RETRY_AFTER_SECONDS)]]
}
