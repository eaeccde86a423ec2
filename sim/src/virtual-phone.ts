/**
 * A phone in virtual time: a real SIP endpoint with a person's habits, drawn from the seed. It rings, answers, declines, ignores,
 * holds, resumes and hangs up when it feels like it.
 */
import { type Instant, NEVER } from '@tandem/base'
import {
  answerFor,
  type CallOutput,
  Endpoint,
  type EndpointOutput,
  Headers,
  makeOffer,
  type SessionDescription,
  type SipCallId,
  type SipCrypto,
  type SipMessage,
  type SocketAddress,
} from '@tandem/sip'
import type { Random } from '@tandem/testing'

/** Who a phone belongs to and where it stands. */
export interface PhoneIdentity {
  readonly user: string
  readonly password: string
  readonly domain: string
  readonly address: SocketAddress
  readonly proxy: SocketAddress
}

/** What a phone does by itself at a later moment. */
type Plan =
  | { readonly at: Instant; readonly kind: 'register' }
  | {
      readonly at: Instant
      readonly kind: 'answer' | 'reject' | 'hold' | 'resume' | 'hangUp'
      readonly call: SipCallId
    }

interface PhoneCall {
  readonly offer?: SessionDescription
  established: boolean
}

const ABILITIES = { codecs: ['PCMU', 'PCMA'], dtmf: true }
const REGISTER_SECONDS = 120
const FIRST_MEDIA_PORT = 40_000

/** One phone. Its outputs are SIP messages to carry to the proxy. */
export class VirtualPhone {
  readonly identity: PhoneIdentity
  readonly #endpoint: Endpoint
  readonly #random: Random
  readonly #calls = new Map<SipCallId, PhoneCall>()
  #plans: Plan[] = []
  #out: { message: SipMessage; transport: 'udp' | 'tcp' }[] = []
  #cseq = 0
  #mediaPort: number
  /** After this, the phone only ends what it has. */
  tired = false
  readonly seen: { answered: number; established: number; held: number } = {
    answered: 0,
    established: 0,
    held: 0,
  }

  constructor(identity: PhoneIdentity, random: Random, crypto: SipCrypto) {
    this.identity = identity
    this.#random = random
    this.#mediaPort = FIRST_MEDIA_PORT + 2 * random.below(5_000)
    this.#endpoint = new Endpoint({ crypto, product: 'sim', advertised: () => identity.address })
    this.#plans.push({ at: random.below(500), kind: 'register' })
  }

  get deadline(): Instant {
    return this.#plans.reduce((earliest, plan) => Math.min(earliest, plan.at), this.#endpoint.deadline)
  }

  get counts(): { readonly calls: number; readonly transactions: number } {
    return this.#endpoint.counts
  }

  /** Messages to send since the last question, each with its transport. */
  takeMessages(): { message: SipMessage; transport: 'udp' | 'tcp' }[] {
    return this.#out.splice(0)
  }

  receive(now: Instant, message: SipMessage, transport: 'udp' | 'tcp'): void {
    const { address, proxy } = this.identity
    this.#act(
      now,
      this.#endpoint.receive(now, message, {
        id: `${address.host}-${transport}`,
        transport,
        local: address,
        remote: proxy,
      }),
    )
  }

  tick(now: Instant): void {
    this.#act(now, this.#endpoint.tick(now))
    for (const plan of this.#plans.filter(({ at }) => at <= now)) {
      this.#plans.splice(this.#plans.indexOf(plan), 1)
      this.#carryOut(now, plan)
    }
  }

  /** Places a call, as a finger on the keypad does. */
  dial(now: Instant, destination: string): void {
    const { user, password, domain, proxy } = this.identity
    const offer = this.#describe('sendrecv', 1)
    const { id, outputs } = this.#endpoint.invite(now, {
      uri: `sip:${destination}@${domain}`,
      from: `<sip:${user}@${domain}>`,
      to: `<sip:${destination}@${domain}>`,
      destination: { transport: 'udp', address: proxy },
      contactUser: user,
      offer,
      credentials: { username: user, password },
    })
    this.#calls.set(id, { offer, established: false })
    if (this.#random.chance(0.15)) this.#plan(now, 3_000, { kind: 'hangUp', call: id }) // Gives up while it rings, or soon after.
    this.#act(now, outputs)
  }

  /** Ends every call that it still has. */
  goToBed(now: Instant): void {
    this.tired = true
    for (const call of [...this.#calls.keys()]) this.#carryOut(now, { at: now, kind: 'hangUp', call })
  }

  #act(now: Instant, outputs: readonly EndpointOutput[]): void {
    for (const output of outputs) {
      if (output.kind === 'transmit') {
        this.#out.push({
          message: output.message,
          transport: output.destination.transport === 'tcp' ? 'tcp' : 'udp',
        })
      } else if (output.kind === 'request') {
        this.#act(now, this.#endpoint.respond(now, output.transaction, 200))
      } else if (output.kind === 'response') {
        if (output.response.status >= 300) this.#plan(now, 2_000, { kind: 'register' })
      } else if (output.kind !== 'refused') {
        this.#happened(now, output)
      }
    }
  }

  #happened(now: Instant, output: CallOutput): void {
    const { call } = output
    switch (output.kind) {
      case 'invited':
        this.#calls.set(call, {
          ...(output.offer === undefined ? {} : { offer: output.offer }),
          established: false,
        })
        this.#invited(now, call)
        return
      case 'accepted':
        this.#established(now, call)
        return
      case 'acknowledged':
        this.#established(now, call)
        return
      case 'offered':
        this.#reoffered(now, call, output.offer)
        return
      case 'callRequest':
        this.#act(now, this.#endpoint.respond(now, output.transaction, 200))
        return
      case 'rejected':
      case 'cancelled':
      case 'ended':
        this.#calls.delete(call)
        return
      case 'progressed':
      case 'answered':
      case 'offerFailed':
      case 'callResponse':
        return
    }
  }

  #invited(now: Instant, call: SipCallId): void {
    if (this.#random.chance(0.1)) {
      this.#calls.delete(call)
      this.#act(now, this.#endpoint.reject(now, call, this.#random.pick([486, 480, 603])))
      return
    }
    this.#act(now, this.#endpoint.progress(now, call, 180))
    if (this.#random.chance(0.85)) this.#plan(now, 4_000, { kind: 'answer', call })
    else if (this.#random.chance(0.5)) this.#plan(now, 4_000, { kind: 'reject', call })
  }

  #established(now: Instant, call: SipCallId): void {
    const known = this.#calls.get(call)
    if (known === undefined || known.established) return
    known.established = true
    this.seen.established += 1
    if (this.tired) this.#carryOut(now, { at: now, kind: 'hangUp', call })
    else if (this.#random.chance(0.3)) this.#plan(now, 8_000, { kind: 'hold', call })
    else this.#plan(now, 20_000, { kind: 'hangUp', call })
  }

  #reoffered(now: Instant, call: SipCallId, offer: SessionDescription | undefined): void {
    if (offer === undefined) {
      this.#act(now, this.#endpoint.answerOffer(now, call, this.#describe('sendrecv', 2)))
      return
    }
    const result = answerFor(offer, ABILITIES, this.#local(2))
    this.#act(
      now,
      result.kind === 'answer'
        ? this.#endpoint.answerOffer(now, call, result.answer)
        : this.#endpoint.rejectOffer(now, call, 488),
    )
  }

  #carryOut(now: Instant, plan: Plan): void {
    if (plan.kind === 'register') {
      this.#register(now)
      return
    }
    const known = this.#calls.get(plan.call)
    if (known === undefined) return
    switch (plan.kind) {
      case 'answer':
        this.#answer(now, plan.call, known)
        return
      case 'reject':
        this.#calls.delete(plan.call)
        this.#act(now, this.#endpoint.reject(now, plan.call, 486))
        return
      case 'hold':
        this.seen.held += 1
        this.#act(now, this.#endpoint.offer(now, plan.call, this.#describe('sendonly', 3)))
        this.#plan(now, 6_000, { kind: this.#random.chance(0.8) ? 'resume' : 'hangUp', call: plan.call })
        return
      case 'resume':
        this.#act(now, this.#endpoint.offer(now, plan.call, this.#describe('sendrecv', 4)))
        this.#plan(now, 10_000, { kind: 'hangUp', call: plan.call })
        return
      case 'hangUp':
        this.#calls.delete(plan.call)
        this.#act(now, this.#endpoint.end(now, plan.call))
        return
    }
  }

  #answer(now: Instant, call: SipCallId, known: PhoneCall): void {
    this.seen.answered += 1
    const result = known.offer === undefined ? undefined : answerFor(known.offer, ABILITIES, this.#local(1))
    if (result?.kind === 'refused') {
      this.#calls.delete(call)
      this.#act(now, this.#endpoint.reject(now, call, 488))
      return
    }
    this.#act(
      now,
      this.#endpoint.accept(now, call, result?.answer ?? this.#describe('sendrecv', 1), {
        contactUser: this.identity.user,
      }),
    )
  }

  #register(now: Instant): void {
    const { user, password, domain, address, proxy } = this.identity
    this.#cseq += 2
    const headers = new Headers([
      ['From', `<sip:${user}@${domain}>`],
      ['To', `<sip:${user}@${domain}>`],
      ['Call-ID', `${user}-registration@${address.host}`],
      ['CSeq', `${this.#cseq} REGISTER`],
      ['Contact', `<sip:${user}@${address.host}:${address.port}>`],
      ['Expires', String(REGISTER_SECONDS)],
    ])
    const started = this.#endpoint.send(now, {
      method: 'REGISTER',
      uri: `sip:${domain}`,
      destination: { transport: 'udp', address: proxy },
      headers,
      credentials: { username: user, password },
    })
    this.#act(now, started.outputs)
    if (!this.tired) this.#plans.push({ at: now + (REGISTER_SECONDS * 1_000) / 2, kind: 'register' })
  }

  #plan(
    now: Instant,
    withinMs: number,
    plan:
      | { kind: 'register' }
      | { kind: 'answer' | 'reject' | 'hold' | 'resume' | 'hangUp'; call: SipCallId },
  ): void {
    this.#plans.push({ ...plan, at: now + 1 + this.#random.below(withinMs) })
  }

  #describe(direction: 'sendrecv' | 'sendonly', version: number): SessionDescription {
    return makeOffer({ ...this.#local(version), ...ABILITIES, direction })
  }

  #local(version: number): { host: string; rtpPort: number; sessionId: string; version: number } {
    return { host: this.identity.address.host, rtpPort: this.#mediaPort, sessionId: '1', version }
  }
}

/** The earliest of many deadlines. */
export function earliest(deadlines: Iterable<Instant>): Instant {
  let first = NEVER
  for (const deadline of deadlines) first = Math.min(first, deadline)
  return first
}
