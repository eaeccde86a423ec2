/**
 * Transfer by a phone: REFER inside its call (RFC 3515), blind, or attended with a Replaces that names its other call
 * (RFC 5589 §6, §7).
 *
 * Whoever is sent away waits with ringback for the destination, as with a divert; the transferor's phone keeps its dialog
 * and is told by NOTIFY, so that it has its call again when nobody answers. A request that cannot be carried out is
 * refused before anything has changed, and never by 481: that would tell the phone that its own call is gone (RFC 5057 §5.1).
 */
import {
  parseReferTo,
  type ReferTarget,
  type ServerTransactionId,
  type SipRequest,
  sipfrag,
} from '@tandem/sip'
import type { DirectoryLine } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import type { Leg } from '../leg/leg.ts'
import { type Dialled, parseDestination, type Route, routeOf } from '../route/destination.ts'
import type { Core } from '../session/core.ts'
import { endHalf } from '../session/finish.ts'
import { noteLeaving } from '../tap/redirection-notes.ts'
import { divertedBy, isOfTwo, isPassable, sendOn } from './move.ts'
import { isJoinable, joinCalls } from './transfer.ts'
import { isCode } from './transfer-command.ts'

/** How long a phone may wait to hear how its transfer went, in seconds: longer than any destination rings. */
const SUBSCRIPTION_SECONDS = 180

/** Answers a REFER in the call of `leg`. */
export function referred(core: Core, leg: Leg, transaction: ServerTransactionId, request: SipRequest): void {
  const plan = planOf(core, leg, request)
  if (typeof plan === 'number') {
    core.sip(core.endpoint.respond(core.now, transaction, plan))
    return
  }
  const isSilent = request.headers.get('Refer-Sub')?.trim().toLowerCase().startsWith('false') === true
  const headers: [string, string][] = isSilent ? [['Refer-Sub', 'false']] : [] // RFC 4488 §4.
  core.sip(core.endpoint.respond(core.now, transaction, 202, { headers }))
  leg.referrals += 1
  // Only the first REFER of a dialog may go without a name for its subscription (RFC 3515 §2.4.6).
  const event = leg.referrals === 1 ? 'refer' : `refer;id=${sequenceOf(request)}`
  const report = (status: number): void => {
    if (!isSilent) notify(core, leg, event, status)
  }
  if (plan.kind === 'attended') {
    report(200)
    joinCalls(core, leg.half, plan.second)
    return
  }
  report(100)
  const { half } = leg
  const { peer } = half
  if (peer === undefined) return
  const purpose = { kind: 'refer', transferor: half, report } as const
  const expected = plan.expected === undefined ? {} : { expected: plan.expected }
  sendOn(core, peer, { dialled: plan.dialled, redirections: [divertedBy(core, half)], purpose, ...expected })
}

/** Somebody has answered: the transferor's phone is told, and its line leaves. */
export function completeRefer(
  core: Core,
  purpose: { readonly transferor: CallHalf; readonly report: (status: number) => void },
  answerer?: CallHalf,
): void {
  const { transferor } = purpose
  if (transferor.phase === 'disconnected') return
  purpose.report(200)
  noteLeaving(core, transferor, { reason: 'divert', ...(answerer === undefined ? {} : { to: answerer }) })
  endHalf(core, transferor, { how: 'forwarded' })
}

type Plan =
  | { readonly kind: 'blind'; readonly dialled: Dialled; readonly expected: DirectoryLine | undefined }
  | { readonly kind: 'attended'; readonly second: CallHalf }

/** What a REFER asks for, or the status that refuses it. */
function planOf(core: Core, leg: Leg, request: SipRequest): Plan | number {
  const target = parseReferTo(request)
  if (target === undefined) return 400
  if (target.method !== undefined && target.method !== 'INVITE') return 405
  const { half } = leg
  if (half.leg !== leg || half.phase !== 'connected') return 403
  if (half.session.attempt !== undefined) return 491 // One at a time.
  if (target.replaces !== undefined) return attended(core, half, target.replaces)
  return isPassable(half) && isOfTwo(half) ? blind(core, leg, target) : 403
}

function attended(
  core: Core,
  first: CallHalf,
  replaces: NonNullable<ReferTarget['replaces']>,
): Plan | number {
  const { callId, toTag, fromTag, earlyOnly } = replaces
  const call = core.endpoint.findCall({ callId, localTag: toTag, remoteTag: fromTag })
  const leg = call === undefined ? undefined : core.calls.get(call)
  const second = leg?.half
  if (second === undefined || second.leg !== leg || second.session.orgId !== first.session.orgId) return 404
  if (second.line.id !== first.line.id) return 403
  if (earlyOnly && second.phase === 'connected') return 486 // RFC 3891 §3.
  return isJoinable(first, second) ? { kind: 'attended', second } : 403
}

function blind(core: Core, leg: Leg, target: ReferTarget): Plan | number {
  const dialled = dialledIn(core, leg, target)
  if (dialled === undefined) return 400
  if (dialled === 'foreign') return 403
  if (isCode(dialled)) return 403 // It would act in the name of whoever is sent there.
  const { half } = leg
  const realm = core.realmOf(half.session.orgId)
  const route: Route = realm === undefined ? { kind: 'nobody' } : routeOf(realm, half.line, dialled)
  if (route.kind === 'line' && route.line.id === half.line.id) return 482
  return { kind: 'blind', dialled, expected: route.kind === 'line' ? route.line : undefined }
}

/** The number in a Refer-To; a phone that knows us by address only writes that where the domain belongs. */
function dialledIn(core: Core, leg: Leg, target: ReferTarget): Dialled | 'foreign' | undefined {
  if (target.user === undefined) return undefined
  const dialled = parseDestination(target.uri)
  if (dialled?.domain === undefined) return dialled
  const { organization } = core.realmOf(leg.session.orgId) ?? {}
  if (organization?.domains.includes(dialled.domain) === true) return dialled
  return dialled.domain === hostOf(core, leg) ? { user: dialled.user } : 'foreign'
}

/** The host by which the phone of a leg reaches us. */
function hostOf(core: Core, leg: Leg): string | undefined {
  if (leg.target !== undefined)
    return core.options.advertised(leg.target.transport, leg.target.address).host.toLowerCase()
  const [contact] = core.registrar.contactsOf(leg.device.orgId, leg.device.id)
  if (contact === undefined) return undefined
  const { transport, host, port } = contact.binding.received
  return core.options.advertised(transport, { host, port }).host.toLowerCase()
}

/** Tells the transferor's phone how its transfer fares (RFC 3515 §2.4.4); final statuses end the subscription. */
function notify(core: Core, leg: Leg, event: string, status: number): void {
  if (leg.sip === undefined) return
  const state = status < 200 ? `active;expires=${SUBSCRIPTION_SECONDS}` : 'terminated;reason=noresource'
  const { outputs } = core.endpoint.requestInCall(core.now, leg.sip, {
    method: 'NOTIFY',
    headers: [
      ['Event', event],
      ['Subscription-State', state],
      ['Content-Type', 'message/sipfrag;version=2.0'],
    ],
    body: sipfrag(status),
  })
  core.sip(outputs)
}

function sequenceOf(request: SipRequest): string {
  return (request.headers.get('CSeq') ?? '').trim().split(/\s/, 1)[0] ?? ''
}
