/**
 * What a person can do to a call of the phone: each command says at once when it cannot be carried out (`PhoneError`);
 * what comes of it is told as events.
 *
 * A phone has one mouth and one ear: whoever answers, resumes or calls puts the call that was talked in on hold first.
 */
import { printReplaces } from '@tandem/sip'
import { dialledUri, type Identity } from '../agent/identity.ts'
import type { UserAgent } from '../agent/user-agent.ts'
import type { CallHappening } from '../events/event.ts'
import { PhoneError } from '../phone-error.ts'
import type { PhoneCall } from './phone-call.ts'

/** What the commands need of the phone's line. */
export interface Floor {
  /** Makes this the call that is talked in, and holds the one that was. */
  take(call: PhoneCall): void
  /** The call is talked in no more. */
  release(call: PhoneCall): void
  /** Whether no call is talked in. */
  readonly free: boolean
  /** Takes a call off the line; `event` is its last. */
  finish(call: PhoneCall, event: CallHappening): void
}

/** The commands of one phone. */
export class Commands {
  readonly #identity: Identity
  readonly #agent: UserAgent
  readonly #floor: Floor

  constructor(parts: { readonly identity: Identity; readonly agent: UserAgent; readonly floor: Floor }) {
    this.#identity = parts.identity
    this.#agent = parts.agent
    this.#floor = parts.floor
  }

  /** Picks up; `talk` says whether the call becomes the one that is talked in. */
  answer(call: PhoneCall, options: { readonly talk: boolean } = { talk: true }): void {
    mustRing(call)
    const description = call.pickUp()
    if (description === undefined) {
      this.#turnAway(call, 488, 'no codec in common')
      return
    }
    if (options.talk) this.#floor.take(call)
    const { user } = this.#identity
    this.#agent.feed((at, endpoint) => endpoint.accept(at, call.id, description, { contactUser: user }))
  }

  /** Turns the caller away. */
  reject(call: PhoneCall, status: number): void {
    mustRing(call)
    if (!(Number.isInteger(status) && status >= 300 && status <= 699))
      throw new PhoneError('a rejection is a status from 300 to 699')
    this.#turnAway(call, status, 'rejected here')
  }

  /** Sends the caller elsewhere by a 302 (RFC 3261 §21.3.3). */
  redirect(call: PhoneCall, destination: string): void {
    mustRing(call)
    const uri = dialledUri(destination, this.#identity.domain)
    this.#turnAway(call, 302, `redirected to ${uri}`, [['Contact', `<${uri}>`]])
  }

  /** Speaks before the answer: 183 with a description. The call is talked in when no other is. */
  playEarly(call: PhoneCall): void {
    mustRing(call)
    const answer = call.playEarly()
    if (answer === undefined) throw new PhoneError('there is no offer with a codec in common to answer early')
    if (this.#floor.free) this.#floor.take(call)
    this.#agent.feed((at, endpoint) => endpoint.progress(at, call.id, 183, { answer }))
  }

  /** Ends the call, whatever state it is in. */
  hangup(call: PhoneCall): void {
    if (call.state === 'over') throw new PhoneError('there is no call')
    const { state, statistics } = call
    if (call.id >= 0) this.#agent.feed((at, endpoint) => endpoint.end(at, call.id))
    if (state === 'incoming')
      this.#floor.finish(call, { kind: 'failed', status: 480, reason: 'Temporarily Unavailable' })
    else if (state === 'dialling')
      this.#floor.finish(call, { kind: 'failed', status: 487, reason: 'Request Terminated' })
    else this.#floor.finish(call, { kind: 'ended', why: 'us', reason: '', statistics })
  }

  /** Begins our hold by a re-INVITE with `sendonly`; nothing happens when the call is on hold already. */
  hold(call: PhoneCall): void {
    mustTalk(call)
    if (call.changing === 'resume') throw new PhoneError('the call is being resumed: hold it afterwards')
    this.#floor.release(call)
    this.#reoffer(call, 'hold')
  }

  /** Ends our hold by a re-INVITE with `sendrecv`, and talks in this call again. */
  resume(call: PhoneCall): void {
    mustTalk(call)
    if (call.changing === 'hold') throw new PhoneError('the call is being held: resume it afterwards')
    this.#floor.take(call)
    this.#reoffer(call, 'resume')
  }

  /** Switches the microphone of the call off or on. */
  mute(call: PhoneCall, muted: boolean): void {
    if (call.state === 'over') throw new PhoneError('there is no call')
    call.mute(muted)
  }

  /** Presses keys by RFC 4733. */
  press(call: PhoneCall, digits: string): void {
    mustTalk(call)
    mustBeKeys(digits)
    if (!call.press(digits))
      throw new PhoneError(
        'the keys cannot be sent: the peer takes none (telephone-event), the call is on hold, or too many wait',
      )
  }

  /** Presses keys by INFO. */
  pressByInfo(call: PhoneCall, digits: string): void {
    mustTalk(call)
    mustBeKeys(digits)
    if (!call.pressByInfo(digits)) throw new PhoneError('too many keys wait: press fewer at once')
  }

  /** Asks the peer to call a destination: a blind transfer (RFC 5589 §6). */
  transfer(call: PhoneCall, destination: string): void {
    mustTransfer(call)
    this.#refer(call, `<${dialledUri(destination, this.#identity.domain)}>`)
  }

  /** Asks the peer of `call` to take our place in `other`: an attended transfer (RFC 5589 §7). */
  transferTo(call: PhoneCall, other: PhoneCall): void {
    mustTransfer(call)
    if (other === call) throw new PhoneError('a transfer is from one call to another')
    mustTalk(other)
    let target: string | undefined
    this.#agent.feed((_at, endpoint) => {
      const dialog = endpoint.describe(other.id)
      if (dialog?.remoteTag === undefined) return []
      const { callId, localTag, remoteTag } = dialog
      const replaces = printReplaces({ callId, toTag: remoteTag, fromTag: localTag, earlyOnly: false })
      // The escape of all that is special also covers what a URI header may hold bare (RFC 3261 §19.1.1).
      target = `<${withoutHeaders(other.remote.uri)}?Replaces=${encodeURIComponent(replaces)}>`
      return []
    })
    if (target === undefined) throw new PhoneError('the other call has no dialog to replace')
    this.#refer(call, target, other)
  }

  #refer(call: PhoneCall, target: string, replaced?: PhoneCall): void {
    const fields: [string, string][] = [
      ['Refer-To', target],
      ['Referred-By', `<${this.#identity.uri}>`],
    ]
    call.refer(fields, replaced)
  }

  #reoffer(call: PhoneCall, what: 'hold' | 'resume'): void {
    const offer = call.reoffer(what)
    if (offer !== undefined) this.#agent.feed((at, endpoint) => endpoint.offer(at, call.id, offer))
  }

  #turnAway(call: PhoneCall, status: number, reason: string, headers: [string, string][] = []): void {
    this.#agent.feed((at, endpoint) => endpoint.reject(at, call.id, status, { headers }))
    this.#floor.finish(call, { kind: 'failed', status, reason })
  }

  /** Ends the old call of an INVITE with Replaces: BYE, or CANCEL while it still rang (RFC 3891 §3). */
  replace(call: PhoneCall): void {
    const { statistics } = call
    this.#agent.feed((at, endpoint) => endpoint.end(at, call.id))
    this.#floor.finish(call, { kind: 'ended', why: 'replaced', reason: '', statistics })
  }
}

function mustRing(call: PhoneCall): void {
  if (call.state !== 'incoming') throw new PhoneError('nobody is calling')
}

function mustTalk(call: PhoneCall): void {
  if (call.state === 'over') throw new PhoneError('there is no call')
  if (call.state !== 'established') throw new PhoneError('the call is not established yet')
}

function mustTransfer(call: PhoneCall): void {
  mustTalk(call)
  if (call.transferring) throw new PhoneError('the call is being transferred already')
}

function mustBeKeys(digits: string): void {
  if (!/^[0-9*#A-D]+$/i.test(digits)) throw new PhoneError('keys are 0 to 9, *, # and A to D')
}

/** A peer's address as a Refer-To may carry it before its own headers. */
function withoutHeaders(uri: string): string {
  return uri.split('?', 1)[0] ?? ''
}
