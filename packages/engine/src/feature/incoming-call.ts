/**
 * A phone calls somebody: its INVITE is checked, its place in the organisation found, and the destination rung.
 *
 * Who calls is known from the digest login alone, never from From (promise P8); whom they call is looked up in their
 * own organisation alone. The checks stand in the order of what they tell a stranger: nothing before the login.
 */
import {
  type Flow,
  maxForwardsOf,
  parseIdentity,
  type SessionDescription,
  type SipCallId,
  type SipRequest,
} from '@tandem/sip'
import type { DirectoryLine } from '../directory.ts'
import { CallHalf } from '../half/half.ts'
import { isAcceptable } from '../leg/description.ts'
import { Leg } from '../leg/leg.ts'
import { allocate } from '../leg/media.ts'
import type { LoggedIn, LoginRefused } from '../registrar/login.ts'
import { Attempt } from '../route/attempt.ts'
import { type Dialled, parseDestination, routeOf } from '../route/destination.ts'
import type { Core } from '../session/core.ts'
import { isBusy } from './calling.ts'
import { holdOthers } from './hold.ts'
import { replacedBy } from './replaces.ts'

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

type Admitted = {
  readonly kind: 'admitted'
  readonly login: LoggedIn
  /** In whose name the phone calls. */
  readonly line: DirectoryLine
  readonly dialled: Dialled
}

/** Takes a phone's INVITE: a session with its first half, whose media is asked for; or a refusal. */
export function invited(core: Core, invite: Invited): void {
  const admission = admit(core, invite)
  if (admission.kind === 'refused') {
    const { status, headers } = admission
    core.sip(core.endpoint.reject(core.now, invite.call, status, { headers }))
    return
  }
  const { line, login } = admission
  const replaced = replacedBy(core, invite.request, line.orgId)
  if (typeof replaced === 'number') {
    core.sip(core.endpoint.reject(core.now, invite.call, replaced))
    return
  }
  const { device } = login
  const session = core.newSession(line.orgId)
  const half = new CallHalf({
    id: core.ids.callHalf(),
    session,
    line,
    createdAt: core.wallNow,
    personality: 'originator',
    phase: 'connecting',
    dialled: admission.dialled,
    isPrivate: isPrivate(invite.request, line),
  })
  const route = routeOf(login.realm, line, admission.dialled)
  if (route.kind === 'line') {
    half.expected = route.line
    half.service = route.service
  }
  if (replaced !== undefined) half.intent = { kind: 'replace', target: replaced }
  session.attempt = new Attempt({ caller: half, dialled: admission.dialled })
  session.attempt.maxForwards = maxForwardsOf(invite.request) - 1
  core.addHalf(half)
  const family = invite.flow.remote.host.includes(':') ? 6 : 4
  const leg = new Leg({ id: core.ids.leg(), half, device, family })
  half.leg = leg
  leg.remoteOffer = invite.offer
  core.carry(invite.call, leg)
  allocate(core, leg)
  core.publish(half, 'created', 'originated')
  if (route.kind === 'line') holdOthers(core, half) // A code acts on the call beside it, and leaves it as it is.
}

/** Whether a call may begin: who calls, and whether there is room for it. */
function admit(core: Core, invite: Invited): Admitted | LoginRefused {
  const login = core.login.check(core, invite.request, invite.flow)
  if (login.kind === 'refused') return login
  const line = core.login.speaksFor(invite.request, login)
  if (line === undefined) return refusal(403)
  if (core.draining || core.sessions.size >= core.limits.callsMax || isBusy(core, line)) return RETRY_LATER
  const dialled = parseDestination(invite.request.uri)
  if (dialled === undefined) return refusal(404)
  if (invite.offer !== undefined && !isAcceptable(invite.offer)) return refusal(488)
  return { kind: 'admitted', login, line, dialled: ownDomainOf(core, invite, login, dialled) }
}

/** Whether the caller withholds who it is: by its line's setting, or by what its phone asks for (RFC 3323 §4.2). */
function isPrivate(request: SipRequest, line: DirectoryLine): boolean {
  const { privacy } = parseIdentity(request)
  if (privacy.id || privacy.header || privacy.user) return true
  return line.callerIdBlocked === true && !privacy.none
}

/**
 * What was dialled, as people know it: a number or code of the own organisation without its domain. A phone that knows us
 * by address only writes that where the domain belongs.
 */
function ownDomainOf(core: Core, invite: Invited, login: LoggedIn, dialled: Dialled): Dialled {
  const { user, domain } = dialled
  if (domain === undefined || core.login.isOurHost(core, domain, invite.flow)) return { user }
  const isNumber = /^[+*#0-9]+$/.test(user) && login.realm.organization.domains.includes(domain)
  return isNumber ? { user } : dialled
}

function refusal(status: number): LoginRefused {
  return { kind: 'refused', status, headers: [] }
}
