/**
 * What only the phone can do, asked of it by NOTIFY in its dialog: the talk and hold packages that BroadSoft's access-side
 * extensions brought to phones (`Event: talk`, `Event: hold`; RFC 6665 §4.1.3 for the NOTIFY itself, without a SUBSCRIBE).
 *
 * A phone's 200 to the NOTIFY means nothing yet: what counts is the answer or the re-INVITE that follows. One NOTIFY goes
 * out for each request, for some phones toggle. Every command that waits here is replied to once, whatever happens first.
 */
import type { ClientTransactionId } from '@tandem/sip'
import type { CallResult } from '../commands.ts'
import type { CallHalf } from '../half/half.ts'
import type { Leg } from '../leg/leg.ts'
import type { Core } from '../session/core.ts'
import { setHold } from './hold.ts'

/** How long a phone may take, unless the limits say otherwise, in milliseconds (contract, call controls §3). */
export const PHONE_MS_MAX = 5_000

/** What a phone may be asked for, and the event that asks. */
export type PhoneAct = 'answer' | 'hold' | 'resume'
const EVENTS: Readonly<Record<PhoneAct, 'talk' | 'hold'>> = { answer: 'talk', hold: 'hold', resume: 'talk' }

/** A request under way. There is one for each half at most. */
export interface PhoneRequest {
  readonly act: PhoneAct
  readonly leg: Leg
  /** The commands that wait for it. */
  readonly ids: number[]
  /** The NOTIFY; undefined until the phone rings, for before that there is no dialog to send it in. */
  transaction: ClientTransactionId | undefined
  /** The phone has answered the NOTIFY. */
  acknowledged: boolean
}

/** Whether a phone says that it takes a remote command: in this dialog, or, while that is silent about it, when it registered. */
export function takes(core: Core, leg: Leg, act: PhoneAct): boolean {
  const event = EVENTS[act]
  if (leg.sip === undefined || leg.refusedEvents.has(event)) return false
  const said = core.endpoint.describe(leg.sip)?.allowEvents ?? []
  return (said.length > 0 ? said : registeredEvents(core, leg)).includes(event)
}

function registeredEvents(core: Core, leg: Leg): readonly string[] {
  const contacts = core.registrar.contactsOf(leg.device.orgId, leg.device.id)
  const { target } = leg
  return contacts
    .filter(({ binding }) => target === undefined || binding.contact === target.uri)
    .flatMap(({ binding }) => binding.allowEvents.map((event) => event.toLowerCase()))
}

/** Asks the phone of `half` for something; the command waits. The same request again waits along, another one is refused. */
export function askPhone(
  core: Core,
  half: CallHalf,
  ask: { readonly act: PhoneAct; readonly leg: Leg; readonly id: number },
): void {
  const { act, leg, id } = ask
  const { asked } = half
  if (asked !== undefined) {
    if (asked.act === act && asked.leg === leg) asked.ids.push(id)
    else core.reply(id, { kind: 'refused', error: 'call_state_forbids' })
    return
  }
  half.asked = { act, leg, ids: [id], transaction: undefined, acknowledged: false }
  core.arm({ kind: 'half', owner: half, wait: 'phone' }, core.limits.phoneMsMax ?? PHONE_MS_MAX)
  if (leg.state === 'answered' || leg.early !== undefined) notify(core, half.asked)
}

/** A phone rings: what waited for its early dialog is asked now, if it takes that. */
export function phoneRings(core: Core, leg: Leg, dialog: string): void {
  leg.early ??= dialog
  const { asked } = leg.half
  if (asked?.leg !== leg || asked.transaction !== undefined) return
  if (takes(core, leg, asked.act)) notify(core, asked)
  else settleRequest(core, leg.half, { kind: 'refused', error: 'phone_cannot' })
}

/** A phone's answer to a request in its call; any but 2xx to ours means that it will not do it. */
export function phoneReplied(
  core: Core,
  leg: Leg,
  reply: { readonly transaction: ClientTransactionId; readonly status: number },
): void {
  const { half } = leg
  const { asked } = half
  if (asked === undefined || asked.transaction !== reply.transaction || reply.status < 200) return
  asked.acknowledged = true
  if (reply.status < 300) return
  leg.refusedEvents.add(EVENTS[asked.act])
  if (asked.act === 'hold') holdAtAnchor(core, half)
  else settleRequest(core, half, { kind: 'refused', error: 'phone_refused' })
}

/** The phone has not done it in time. A hold needs no phone; everything else does. */
export function phoneLate(core: Core, half: CallHalf): void {
  const { asked } = half
  if (asked === undefined) return
  if (asked.transaction !== undefined && !asked.acknowledged) asked.leg.refusedEvents.add(EVENTS[asked.act])
  if (asked.act === 'hold') holdAtAnchor(core, half)
  else settleRequest(core, half, { kind: 'refused', error: 'phone_timeout' })
}

/** The half has come where a request wanted it, by whoever's doing. */
export function phoneDid(core: Core, half: CallHalf, act: PhoneAct): void {
  if (half.asked?.act === act) settleRequest(core, half, { kind: 'done' })
}

/** A phone answers: a request to another one of the same call has come to nothing. */
export function answeredAt(core: Core, leg: Leg): void {
  const { half } = leg
  if (half.asked !== undefined && half.asked.leg !== leg)
    settleRequest(core, half, { kind: 'refused', error: 'call_state_forbids' })
}

/** The phone that was asked has left the call, while others may still be in it. */
export function askedPhoneGone(core: Core, leg: Leg): void {
  const { asked } = leg.half
  if (asked?.leg !== leg) return
  const error = asked.act === 'answer' ? 'phone_refused' : 'call_state_forbids'
  settleRequest(core, leg.half, { kind: 'refused', error })
}

/** The call is over: so is all that waited for its phone. */
export function dropRequest(core: Core, half: CallHalf): void {
  if (half.asked !== undefined) settleRequest(core, half, { kind: 'refused', error: 'call_not_found' })
}

function holdAtAnchor(core: Core, half: CallHalf): void {
  setHold(core, half, { byAnchor: true })
  settleRequest(core, half, { kind: 'done' }) // Had it been held before, nothing would have changed.
}

function settleRequest(core: Core, half: CallHalf, result: CallResult): void {
  const { asked } = half
  if (asked === undefined) return
  half.asked = undefined
  core.disarm({ kind: 'half', owner: half, wait: 'phone' })
  for (const id of asked.ids) core.reply(id, result)
}

function notify(core: Core, asked: PhoneRequest): void {
  const { leg } = asked
  if (leg.sip === undefined) return
  const early = leg.state === 'answered' ? undefined : leg.early
  const { id, outputs } = core.endpoint.requestInCall(core.now, leg.sip, {
    method: 'NOTIFY',
    headers: [
      ['Event', EVENTS[asked.act]],
      ['Subscription-State', 'active'],
    ],
    ...(early === undefined ? {} : { dialog: early }),
  })
  asked.transaction = id
  core.sip(outputs)
}
