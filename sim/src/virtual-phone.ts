/**
 * A phone in virtual time: a real SIP endpoint in the hands of a person whose habits are drawn from the seed.
 *
 * It rings, answers (late, twice with its neighbour, or with a description that nobody can use), declines, sends elsewhere,
 * ignores, holds, resumes, transfers, types digits and codes, takes over calls of others (Replaces), sends offers in
 * storms, and obeys remote commands or does not. What it may never do is leave a call behind.
 */
import type { Instant } from '@tandem/base'
import {
  answerFor,
  type CallOutput,
  Endpoint,
  type EndpointOutput,
  encodeUtf8,
  Headers,
  makeOffer,
  type ServerTransactionId,
  type SessionDescription,
  type SipCallId,
  type SipCrypto,
  type SipMessage,
  type SipRequest,
  type SocketAddress,
  statusOfSipfrag,
} from '@tandem/sip'
import type { Random } from '@tandem/testing'
import type { Tally } from './tally.ts'

/** Who a phone belongs to and where it stands. */
export interface PhoneIdentity {
  readonly user: string
  readonly password: string
  readonly domain: string
  readonly orgId: string
  readonly address: SocketAddress
  readonly proxy: SocketAddress
}

type CallPlan = 'answer' | 'reject' | 'hold' | 'resume' | 'hangUp' | 'digits'

/** What a phone does by itself at a later moment. */
type Plan =
  | { readonly at: Instant; readonly kind: 'register' }
  | { readonly at: Instant; readonly kind: CallPlan; readonly call: SipCallId }

interface PhoneCall {
  readonly offer?: SessionDescription
  established: boolean
  held: boolean
}

const REGISTER_SECONDS = 120
const FIRST_MEDIA_PORT = 40_000
/** Codes that need no number, and those that take one. */
const PLAIN_CODES = ['*11', '*26', '*44', '*45', '*48', '*49', '*55', '*68', '*86', '*88', '*98']
const NUMBER_CODES = ['*33', '*55', '*68', '*88', '*97']
const TYPED_CODES = ['*44', '*45', '*48', '*49', '#', '1', '3']

/** One phone. Its outputs are SIP messages to carry to the proxy. */
export class VirtualPhone {
  readonly identity: PhoneIdentity
  readonly #endpoint: Endpoint
  readonly #random: Random
  readonly #tally: Tally
  readonly #events: readonly string[]
  readonly #calls = new Map<SipCallId, PhoneCall>()
  #plans: Plan[] = []
  #plannedAt: Instant
  #out: { message: SipMessage; transport: 'udp' | 'tcp' }[] = []
  #cseq = 0
  #version = 0
  readonly #mediaPort: number
  /** After this, the phone only ends what it has. */
  tired = false

  constructor(identity: PhoneIdentity, random: Random, crypto: SipCrypto, tally: Tally) {
    this.identity = identity
    this.#random = random
    this.#tally = tally
    this.#mediaPort = FIRST_MEDIA_PORT + 2 * random.below(5_000)
    this.#events = random.pick([[], ['talk', 'hold'], ['talk', 'hold'], ['talk']])
    this.#endpoint = new Endpoint({
      crypto,
      product: 'sim',
      advertised: () => identity.address,
      methods: random.chance(0.8) ? ['INFO', 'NOTIFY', 'REFER'] : ['NOTIFY'],
      extensions: ['replaces'],
      ...(this.#events.length === 0 ? {} : { allowEvents: this.#events }),
    })
    const at = random.below(500)
    this.#plannedAt = at
    this.#plans.push({ at, kind: 'register' })
  }

  get deadline(): Instant {
    return Math.min(this.#plannedAt, this.#endpoint.deadline)
  }

  get counts(): { readonly calls: number; readonly transactions: number } {
    return this.#endpoint.counts
  }

  /** Messages to send since the last question, each with its transport. */
  takeMessages(): readonly { message: SipMessage; transport: 'udp' | 'tcp' }[] {
    if (this.#out.length === 0) return NO_MESSAGES
    const out = this.#out
    this.#out = []
    return out
  }

  receive(now: Instant, message: SipMessage, transport: 'udp' | 'tcp'): void {
    const { address, proxy } = this.identity
    const flow = { id: `${address.host}-${transport}`, transport, local: address, remote: proxy }
    this.#act(now, this.#endpoint.receive(now, message, flow))
  }

  tick(now: Instant): void {
    if (this.#endpoint.deadline <= now) this.#act(now, this.#endpoint.tick(now))
    if (this.#plannedAt > now) return
    const due = this.#plans.filter(({ at }) => at <= now)
    this.#plans = this.#plans.filter(({ at }) => at > now)
    this.#plannedAt = this.#plans.reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY)
    for (const plan of due) this.#carryOut(now, plan)
  }

  /** A finger on the keypad does something, to a call that the phone has or to get one. */
  press(now: Instant, number: string): void {
    const up = this.#callsUp()
    const call = up.length === 0 ? undefined : this.#random.pick(up)
    if (call === undefined || this.#random.chance(0.3)) {
      this.dial(now, this.#random.chance(0.3) ? this.#code(number) : number)
      return
    }
    switch (this.#random.below(8)) {
      case 0:
      case 1:
        this.#refer(now, call, `<sip:${number}@${this.identity.domain}>`)
        return
      case 2: {
        const other = up.find((each) => each !== call)
        const replaces = other === undefined ? undefined : this.replacesOf(other)
        if (replaces === undefined) this.#carryOut(now, { at: now, kind: 'hold', call })
        else this.#referAttended(now, call, number, replaces)
        return
      }
      case 3:
        this.#carryOut(now, { at: now, kind: 'digits', call })
        return
      case 4:
        this.#storm(now, call)
        return
      case 5:
        this.dial(now, this.#code(number)) // Consults, or acts on the call it has.
        return
      default:
        this.#carryOut(now, { at: now, kind: this.#calls.get(call)?.held === true ? 'resume' : 'hold', call })
    }
  }

  /** Places a call. */
  dial(now: Instant, destination: string, headers: [string, string][] = []): void {
    const { user, password, domain, proxy } = this.identity
    const offer = this.#random.chance(0.1)
      ? undefined
      : this.#random.chance(0.02)
        ? this.#impossible()
        : this.#describe('sendrecv')
    const isPrivate = this.#random.chance(0.05)
    const { id, outputs } = this.#endpoint.invite(now, {
      uri: `sip:${destination}@${domain}`,
      from: `<sip:${user}@${domain}>`,
      to: `<sip:${destination}@${domain}>`,
      destination: { transport: 'udp', address: proxy },
      contactUser: user,
      headers: isPrivate ? [...headers, ['Privacy', 'id']] : headers,
      ...(offer === undefined ? {} : { offer }),
      credentials: { username: user, password },
    })
    this.#calls.set(id, { ...(offer === undefined ? {} : { offer }), established: false, held: false })
    this.#tally.add(destination.startsWith('*') ? 'phone dials a code' : 'phone dials')
    if (this.#random.chance(0.15)) this.#plan(now, 3_000, 'hangUp', id) // Gives up while it rings, or soon after.
    this.#act(now, outputs)
  }

  /** A Replaces value for one of its calls, as the server knows its tags (RFC 3891 §6.1). */
  replacesOf(call: SipCallId | undefined): string | undefined {
    const dialog = call === undefined ? undefined : this.#endpoint.describe(call)
    if (dialog?.remoteTag === undefined) return undefined
    return `${dialog.callId};to-tag=${dialog.remoteTag};from-tag=${dialog.localTag}`
  }

  /** Any of its calls, ringing or up. */
  someCall(): SipCallId | undefined {
    const calls = [...this.#calls.keys()]
    return calls.length === 0 ? undefined : this.#random.pick(calls)
  }

  /** Ends every call that it still has. */
  goToBed(now: Instant): void {
    this.tired = true
    for (const call of [...this.#calls.keys()]) this.#carryOut(now, { at: now, kind: 'hangUp', call })
  }

  #callsUp(): SipCallId[] {
    return [...this.#calls].flatMap(([call, { established }]) => (established ? [call] : []))
  }

  #code(number: string): string {
    return this.#random.chance(0.5)
      ? this.#random.pick(PLAIN_CODES)
      : `${this.#random.pick(NUMBER_CODES)}${number}`
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
        if (output.response.status >= 300 && !this.tired)
          this.#planRegister(now + 1 + this.#random.below(2_000))
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
          held: false,
        })
        this.#invited(now, call, output.request)
        return
      case 'accepted':
        if (output.offer !== undefined) this.#acknowledge(now, call, output.offer)
        this.#established(now, call)
        return
      case 'acknowledged':
        this.#established(now, call)
        return
      case 'offered':
        this.#reoffered(now, call, output.offer)
        return
      case 'callRequest':
        this.#asked(now, call, output.transaction, output.request)
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

  #invited(now: Instant, call: SipCallId, request: SipRequest): void {
    if (this.tired || this.#random.chance(0.1)) {
      this.#calls.delete(call)
      this.#act(now, this.#endpoint.reject(now, call, this.#random.pick([486, 480, 603])))
      return
    }
    if (this.#random.chance(0.05)) {
      this.#calls.delete(call)
      const target = `<sip:${this.#random.pick(['102', '104', '105', '999'])}@${this.identity.domain}>`
      this.#tally.add('phone sends elsewhere')
      this.#act(now, this.#endpoint.reject(now, call, 302, { headers: [['Contact', target]] }))
      return
    }
    const autoAnswer = request.headers.get('Call-Info')?.includes('answer-after=0') === true
    if (!this.#random.chance(0.05)) this.#ring(now, call)
    if (this.#random.chance(0.85)) this.#plan(now, autoAnswer ? 300 : 4_000, 'answer', call)
    else if (this.#random.chance(0.5)) this.#plan(now, 4_000, 'reject', call)
  }

  #ring(now: Instant, call: SipCallId): void {
    const offer = this.#calls.get(call)?.offer
    const early =
      offer !== undefined && this.#random.chance(0.15)
        ? answerFor(offer, this.#abilities('sendrecv'), this.#local())
        : undefined
    const isEarly = early?.kind === 'answer'
    this.#act(
      now,
      this.#endpoint.progress(now, call, isEarly ? 183 : 180, isEarly ? { answer: early.answer } : {}),
    )
  }

  #acknowledge(now: Instant, call: SipCallId, offer: SessionDescription): void {
    const result = answerFor(offer, this.#abilities('sendrecv'), this.#local())
    const isUsable = result.kind === 'answer' && !this.#random.chance(0.05)
    const answer = isUsable ? result.answer : this.#impossible()
    this.#act(now, this.#endpoint.acknowledge(now, call, answer))
  }

  #established(now: Instant, call: SipCallId): void {
    const known = this.#calls.get(call)
    if (known === undefined || known.established) return
    known.established = true
    this.#tally.add('ends established')
    if (this.tired) this.#carryOut(now, { at: now, kind: 'hangUp', call })
    else if (this.#random.chance(0.25)) this.#plan(now, 8_000, 'hold', call)
    else if (this.#random.chance(0.15)) this.#plan(now, 5_000, 'digits', call)
    else this.#plan(now, 25_000, 'hangUp', call)
  }

  #reoffered(now: Instant, call: SipCallId, offer: SessionDescription | undefined): void {
    if (offer === undefined) {
      this.#act(now, this.#endpoint.answerOffer(now, call, this.#describe('sendrecv')))
      return
    }
    const held = this.#calls.get(call)?.held === true
    const result = answerFor(offer, this.#abilities(held ? 'sendonly' : 'sendrecv'), this.#local())
    this.#act(
      now,
      result.kind === 'answer'
        ? this.#endpoint.answerOffer(now, call, result.answer)
        : this.#endpoint.rejectOffer(now, call, 488),
    )
  }

  /** A request in a call: a remote command, which it obeys, refuses or forgets; how a transfer fares; a digit. */
  #asked(now: Instant, call: SipCallId, transaction: ServerTransactionId, request: SipRequest): void {
    const event = request.headers.get('Event')?.split(';', 1)[0]?.trim() ?? ''
    const isCommand = request.method === 'NOTIFY' && (event === 'talk' || event === 'hold')
    if (event === 'refer') {
      const status = statusOfSipfrag(request.body)
      if (status !== undefined && status >= 200 && status < 300) this.#tally.add('phone transfers done')
    }
    if (!isCommand) {
      this.#act(now, this.#endpoint.respond(now, transaction, 200))
      return
    }
    if (!this.#events.includes(event) || this.#random.chance(0.1)) {
      this.#act(now, this.#endpoint.respond(now, transaction, this.#random.pick([489, 489, 403, 500])))
      return
    }
    if (!this.#random.chance(0.03)) this.#act(now, this.#endpoint.respond(now, transaction, 200))
    if (this.#random.chance(0.15)) return
    const known = this.#calls.get(call)
    const plan = event === 'hold' ? 'hold' : known?.established === true ? 'resume' : 'answer'
    this.#tally.add('phone obeys')
    this.#plan(now, this.#random.chance(0.1) ? 8_000 : 200, plan, call)
  }

  #carryOut(now: Instant, plan: Plan): void {
    if (plan.kind === 'register') {
      this.#register(now)
      return
    }
    const { call } = plan
    const known = this.#calls.get(call)
    if (known === undefined) return
    switch (plan.kind) {
      case 'answer':
        if (!known.established) this.#answer(now, call, known)
        return
      case 'reject':
        if (known.established) return
        this.#calls.delete(call)
        this.#act(now, this.#endpoint.reject(now, call, 486))
        return
      case 'hold':
        if (!known.established) return
        this.#tally.add('phone holds')
        this.#hold(now, call, known, this.#random.chance(0.8) ? 'sendonly' : 'inactive')
        this.#plan(now, 6_000, this.#random.chance(0.8) ? 'resume' : 'hangUp', call)
        return
      case 'resume':
        if (!known.established) return
        this.#hold(now, call, known, 'sendrecv')
        this.#plan(now, 10_000, 'hangUp', call)
        return
      case 'digits':
        this.#digits(now, call)
        this.#plan(now, 10_000, 'hangUp', call)
        return
      case 'hangUp':
        this.#calls.delete(call)
        this.#act(now, this.#endpoint.end(now, call))
        return
    }
  }

  #hold(
    now: Instant,
    call: SipCallId,
    known: PhoneCall,
    direction: 'sendrecv' | 'sendonly' | 'inactive',
  ): void {
    known.held = direction !== 'sendrecv'
    this.#act(now, this.#endpoint.offer(now, call, this.#describe(direction)))
  }

  /** One offer after the other, without waiting, the last of them final. */
  #storm(now: Instant, call: SipCallId): void {
    const known = this.#calls.get(call)
    if (known === undefined) return
    this.#tally.add('phone storms')
    for (const direction of ['sendonly', 'sendrecv', 'inactive', 'sendrecv'] as const)
      this.#hold(now, call, known, direction)
    if (this.#random.chance(0.1)) this.#act(now, this.#endpoint.offer(now, call, this.#impossible()))
    if (this.#random.chance(0.3)) this.#carryOut(now, { at: now, kind: 'hangUp', call }) // BYE in re-INVITE.
  }

  /** A code or a digit, each key as an INFO of its own. */
  #digits(now: Instant, call: SipCallId): void {
    if (this.#calls.get(call)?.established !== true) return
    this.#tally.add('phone types')
    for (const digit of this.#random.pick(TYPED_CODES))
      this.#request(now, call, 'INFO', {
        headers: [['Content-Type', 'application/dtmf-relay']],
        body: encodeUtf8(`Signal=${digit}\r\nDuration=160\r\n`),
      })
  }

  #refer(now: Instant, call: SipCallId, to: string): void {
    this.#tally.add('phone refers')
    this.#request(now, call, 'REFER', {
      headers: [
        ['Refer-To', to],
        ...(this.#random.chance(0.1) ? [['Refer-Sub', 'false'] as [string, string]] : []),
      ],
    })
  }

  #referAttended(now: Instant, call: SipCallId, number: string, replaces: string): void {
    this.#tally.add('phone refers attended')
    this.#refer(now, call, `<sip:${number}@${this.identity.domain}?Replaces=${encodeURIComponent(replaces)}>`)
  }

  #request(
    now: Instant,
    call: SipCallId,
    method: string,
    request: { headers: [string, string][]; body?: Uint8Array },
  ): void {
    this.#act(now, this.#endpoint.requestInCall(now, call, { method, ...request }).outputs)
  }

  #answer(now: Instant, call: SipCallId, known: PhoneCall): void {
    const result =
      known.offer === undefined
        ? undefined
        : answerFor(
            known.offer,
            this.#abilities(this.#random.chance(0.03) ? 'sendonly' : 'sendrecv'),
            this.#local(),
          )
    if (result?.kind === 'refused') {
      this.#calls.delete(call)
      this.#act(now, this.#endpoint.reject(now, call, 488))
      return
    }
    const answer = result?.answer ?? this.#describe('sendrecv')
    const given = this.#random.chance(0.02) ? this.#impossible() : answer
    this.#act(now, this.#endpoint.accept(now, call, given, { contactUser: this.identity.user }))
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
    if (this.#events.length > 0) headers.set('Allow-Events', this.#events.join(', '))
    const started = this.#endpoint.send(now, {
      method: 'REGISTER',
      uri: `sip:${domain}`,
      destination: { transport: 'udp', address: proxy },
      headers,
      credentials: { username: user, password },
    })
    this.#act(now, started.outputs)
    if (!this.tired) this.#planRegister(now + (REGISTER_SECONDS * 1_000) / 2)
  }

  #planRegister(at: Instant): void {
    this.#plans.push({ at, kind: 'register' })
    this.#plannedAt = Math.min(this.#plannedAt, at)
  }

  #plan(now: Instant, withinMs: number, kind: CallPlan, call: SipCallId): void {
    const at = now + 1 + this.#random.below(withinMs)
    this.#plans.push({ at, kind, call })
    this.#plannedAt = Math.min(this.#plannedAt, at)
  }

  #abilities(direction: 'sendrecv' | 'sendonly' | 'inactive'): {
    codecs: string[]
    dtmf: boolean
    direction: typeof direction
  } {
    return { codecs: ['PCMU', 'PCMA'], dtmf: this.#mediaPort % 8 !== 0, direction }
  }

  #describe(direction: 'sendrecv' | 'sendonly' | 'inactive'): SessionDescription {
    return makeOffer({ ...this.#local(), ...this.#abilities(direction) })
  }

  /** A description in which there is nothing to speak. */
  #impossible(): SessionDescription {
    return makeOffer({ ...this.#local(), codecs: [], dtmf: true })
  }

  #local(): { host: string; rtpPort: number; sessionId: string; version: number } {
    this.#version += 1
    return {
      host: this.identity.address.host,
      rtpPort: this.#mediaPort,
      sessionId: '1',
      version: this.#version,
    }
  }
}

const NO_MESSAGES: readonly { message: SipMessage; transport: 'udp' | 'tcp' }[] = []
