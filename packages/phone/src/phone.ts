/**
 * A headless SIP softphone: one account, one call at a time, real sockets. For people without phones, for the demo
 * and for tests.
 *
 * Commands say at once when they cannot be carried out (`PhoneError`); what comes of them arrives as events. A second
 * caller hears busy. `close` hangs up, unregisters and frees everything.
 */
import { after, type Instant, SILENT } from '@tandem/base'
import { drive, nodeCrypto, now, openTransports, random32, type SipTransports, type Step } from '@tandem/io'
import {
  Endpoint,
  type EndpointOutput,
  Headers,
  parseNameAddr,
  printHostPort,
  printNameAddr,
  quote,
  type SipRequest,
  type SocketAddress,
  type TransportName,
} from '@tandem/sip'
import { autoAnswerMs } from './call/auto-answer.ts'
import { type CallNews, PhoneCall } from './call/phone-call.ts'
import { EventLog, type PhoneEvent, type PhoneEventKind } from './events.ts'
import { localAddressTowards, resolveHost } from './network.ts'
import type { PhoneOptions } from './options.ts'
import { PhoneError } from './phone-error.ts'
import { Registration, type RegistrationOutput } from './registration/registration.ts'
import { openRtpSockets } from './voice/rtp-sockets.ts'
import { openSource, type VoiceSource } from './voice/source.ts'

const PRODUCT = 'Tandem-Phone'
const REGISTER_EXPIRES_SECONDS = 300
const RING_MS_MAX = 180_000 // RFC 3261 §16.6: nobody lets a call ring longer than three minutes.
const REGISTER_MS_MAX = 40_000 // One REGISTER that is lost (32 s, Timer F) and one that is not.
const CLOSE_MS_MAX = 2_000 // For the BYE and the un-REGISTER to be answered.

/** Opens the sockets of a phone. It is not registered yet. */
export async function openPhone(options: PhoneOptions): Promise<Phone> {
  if (options.source !== undefined) openSource(options.source) // A file that cannot be played is better known now.
  const proxyHost = await resolveHost(options.proxy.host)
  const host = options.listen?.host ?? (await localAddressTowards(proxyHost, options.proxy.port))
  const port = options.listen?.port ?? 0
  let phone: Phone | undefined
  const transports = await openTransports({
    listen: [
      { transport: 'udp', host, port },
      { transport: 'tcp', host, port },
    ],
    onMessage: (message, flow) => phone?.feed((at, endpoint) => endpoint.receive(at, message, flow)),
    onFailure: (message) => phone?.feed((at, endpoint) => endpoint.sendFailed(at, message)),
    onFlowClosed: () => {},
    logger: SILENT,
  })
  phone = new Phone(options, transports, { host: proxyHost, port: options.proxy.port })
  return phone
}

/** One phone. Made by `openPhone`. */
export class Phone {
  readonly #options: PhoneOptions
  readonly #transports: SipTransports
  readonly #proxy: SocketAddress
  readonly #transport: TransportName
  readonly #host: string
  readonly #endpoint: Endpoint
  readonly #step: Step<EndpointOutput>
  readonly #registration: Registration
  readonly #registering: Step<RegistrationOutput>
  readonly #registers = new Map<number, number>()
  readonly #registerCallId = `${hex(16)}@${PRODUCT.toLowerCase()}`
  readonly #stopped = new AbortController()
  readonly #log = new EventLog()
  #cseq = 0
  #callCount = 0
  #registered = false
  #source: VoiceSource
  #call: PhoneCall | undefined

  constructor(options: PhoneOptions, transports: SipTransports, proxy: SocketAddress) {
    this.#options = options
    this.#transports = transports
    this.#proxy = proxy
    this.#transport = options.proxy.transport ?? 'udp'
    this.#source = options.source ?? { kind: 'silence' }
    this.#host = this.#addressOf(this.#transport).host
    this.#endpoint = new Endpoint({
      crypto: nodeCrypto,
      product: PRODUCT,
      advertised: (transport) => this.#addressOf(transport),
      methods: ['INFO', 'NOTIFY'],
      ...(options.honourTalk === true ? { allowEvents: ['talk', 'hold'] } : {}),
      callsMax: 10,
    })
    const { signal } = this.#stopped
    this.#step = drive(this.#endpoint, now, (output) => this.#act(output), { signal })
    this.#registration = new Registration({
      expiresSeconds: options.registerExpiresSeconds ?? REGISTER_EXPIRES_SECONDS,
      contactUri: this.#contactUri,
    })
    this.#registering = drive(
      this.#registration,
      now,
      (output) => queueMicrotask(() => this.#onRegistration(output)),
      { signal },
    )
  }

  /** Our SIP socket. */
  get address(): SocketAddress {
    return this.#addressOf(this.#transport)
  }

  /** All our SIP sockets. */
  get addresses(): SipTransports['addresses'] {
    return this.#transports.addresses
  }

  /** What has happened so far, for scripts that wait. */
  get log(): EventLog {
    return this.#log
  }

  /** Calls `listener` for every event from now on; the result ends that. */
  on(listener: (event: PhoneEvent) => void): () => void {
    return this.#log.listen(listener)
  }

  /**
   * Comes back with the first event of that kind from `since` on: a place in the log, its end when absent. Fails with
   * `PhoneError` after `timeoutMs` (default 30,000), or at once when `stopAt` says that it can come no more.
   */
  waitFor<Kind extends PhoneEventKind>(
    kinds: Kind | readonly Kind[],
    options: {
      readonly since?: number
      readonly timeoutMs?: number
      readonly stopAt?: (event: PhoneEvent) => boolean
    } = {},
  ): Promise<{ readonly event: Extract<PhoneEvent, { kind: Kind }>; readonly cursor: number }> {
    const wanted: readonly string[] = typeof kinds === 'string' ? [kinds] : kinds
    const { since = this.#log.end, timeoutMs = 30_000, stopAt = () => false } = options
    return new Promise((resolve, reject) => {
      const look = (): boolean => {
        const found = this.#log.find(since, (event) => wanted.includes(event.kind) || stopAt(event))
        if (found === undefined) return false
        clearTimeout(timer)
        stopListening()
        if (wanted.includes(found.event.kind))
          resolve(found as Parameters<typeof resolve>[0]) // Its kind was just seen.
        else reject(new PhoneError(`waited for ${wanted.join(' or ')}, but ${describe(found.event)}`))
        return true
      }
      const stopListening = this.#log.listen(() => look())
      const timer = setTimeout(() => {
        stopListening()
        reject(new PhoneError(`waited ${timeoutMs} ms in vain for ${wanted.join(' or ')}`))
      }, timeoutMs)
      look()
    })
  }

  /** Registers, and keeps registered. Comes back once the registrar agreed; fails when it refuses for good. */
  async register(): Promise<void> {
    const since = this.#log.end
    this.#registering((at) => this.#registration.join(at))
    const isFinal = (event: PhoneEvent): boolean => event.kind === 'registrationFailed' && event.final
    await this.waitFor('registered', { since, stopAt: isFinal, timeoutMs: REGISTER_MS_MAX })
  }

  /** Takes the registration back; comes back when that is done, or has failed. */
  async unregister(): Promise<void> {
    const since = this.#log.end
    this.#registering((at) => this.#registration.leave(at))
    await this.waitFor(['unregistered', 'registrationFailed'], { since, timeoutMs: CLOSE_MS_MAX })
  }

  /** Calls a number of the domain, `user@domain` or a SIP URI. Comes back once the INVITE has left. */
  async dial(destination: string): Promise<void> {
    if (this.#call !== undefined) throw new PhoneError('the phone is in a call: hang up first')
    const uri = this.#uriOf(destination)
    const call = await this.#openCall('outgoing')
    const { user, name, password } = this.#options
    this.feed((at, endpoint) => {
      const started = endpoint.invite(at, {
        uri,
        from: `${name === undefined ? '' : `${quote(name)} `}<${this.#ownUri}>`,
        to: `<${uri}>`,
        destination: this.#destination,
        contactUser: user,
        offer: call.makeOffer('sendrecv'),
        ringMsMax: RING_MS_MAX,
        credentials: { username: user, password },
      })
      call.id = started.id
      return started.outputs
    })
  }

  /** Picks up. */
  answer(): void {
    const call = this.#call
    if (call?.state !== 'incoming') throw new PhoneError('nobody is calling')
    const description = call.pickUp(now())
    if (description === undefined) {
      this.#reject(call, 488)
      return
    }
    const { user } = this.#options
    this.feed((at, endpoint) => endpoint.accept(at, call.id, description, { contactUser: user }))
  }

  /** Turns the caller away. */
  reject(status = 486): void {
    const call = this.#call
    if (call?.state !== 'incoming') throw new PhoneError('nobody is calling')
    if (!(Number.isInteger(status) && status >= 300 && status <= 699))
      throw new PhoneError('a rejection is a status from 300 to 699')
    this.#reject(call, status)
  }

  /** Ends the call, whatever state it is in. */
  hangup(): void {
    const call = this.#mustCall()
    const { state, statistics } = call
    this.feed((at, endpoint) => endpoint.end(at, call.id))
    if (state === 'incoming')
      this.#finish(call, { kind: 'failed', status: 480, reason: 'Temporarily Unavailable' })
    else if (state === 'dialling')
      this.#finish(call, { kind: 'failed', status: 487, reason: 'Request Terminated' })
    else this.#finish(call, { kind: 'ended', why: 'us', statistics })
  }

  /** Puts the peer on hold by a re-INVITE. */
  hold(): void {
    this.#reoffer('hold')
  }

  /** Ends our hold. */
  resume(): void {
    this.#reoffer('resume')
  }

  /** Presses keys in the call, by RFC 4733. */
  sendDtmf(digits: string): void {
    const call = this.#mustTalk()
    if (!/^[0-9*#A-D]+$/i.test(digits)) throw new PhoneError('keys are 0 to 9, *, # and A to D')
    if (!call.press(digits))
      throw new PhoneError('the peer takes no key presses (telephone-event), or too many wait')
  }

  /** Says something else, in this call and in those to come. */
  play(source: VoiceSource): void {
    const opened = openSource(source)
    this.#source = source
    this.#call?.play(opened)
  }

  /** Whether keys are still being pressed. */
  get pressing(): boolean {
    return this.#call?.pressing ?? false
  }

  /** What the phone is doing. */
  get state(): 'idle' | PhoneCall['state'] {
    return this.#call?.state ?? 'idle'
  }

  /** Hangs up, unregisters, and frees every socket. Safe to repeat. */
  async close(): Promise<void> {
    if (this.#stopped.signal.aborted) return
    if (this.#call !== undefined && this.#call.id >= 0) this.hangup()
    if (this.#registered) await this.unregister().catch(() => {}) // A server that is gone cannot be told.
    await this.#settle()
    this.#stopped.abort()
    this.#call?.end(now())
    await this.#transports.close()
  }

  /** Feeds the endpoint. Used by the transports; not for others. */
  feed(input: (at: Instant, endpoint: Endpoint) => readonly EndpointOutput[]): void {
    if (!this.#stopped.signal.aborted) this.#step((at) => input(at, this.#endpoint))
  }

  /** Waits until the last BYE is answered, within bounds. */
  async #settle(): Promise<void> {
    const giveUpAt = after(now(), CLOSE_MS_MAX)
    while (this.#endpoint.counts.calls > 0 && now() < giveUpAt)
      await new Promise((resolve) => setTimeout(resolve, 10))
  }

  #act(output: EndpointOutput): void {
    if (output.kind === 'transmit') this.#transports.send(output.destination, output.message)
    else queueMicrotask(() => this.#take(output)) // What follows from it is an input of its own.
  }

  #take(output: Exclude<EndpointOutput, { kind: 'transmit' }>): void {
    if (this.#stopped.signal.aborted) return
    switch (output.kind) {
      case 'refused':
        return
      case 'request':
        this.feed((at, endpoint) =>
          endpoint.respond(at, output.transaction, output.request.method === 'OPTIONS' ? 200 : 405),
        )
        return
      case 'response':
        this.#onRegisterAnswer(output.transaction, output.response)
        return
      case 'invited':
        void this.#onInvited(output)
        return
      default: {
        const call = this.#call
        if (call !== undefined && call.id === output.call) call.take(now(), output)
      }
    }
  }

  async #onInvited(invited: Extract<EndpointOutput, { kind: 'invited' }>): Promise<void> {
    const id = invited.call
    if (this.#call !== undefined) {
      this.feed((at, endpoint) => endpoint.reject(at, id, 486))
      return
    }
    let call: PhoneCall
    try {
      call = await this.#openCall('incoming', invited)
    } catch {
      this.feed((at, endpoint) => endpoint.reject(at, id, 503)) // No ports, or the recording cannot be written.
      return
    }
    this.feed((at, endpoint) => endpoint.progress(at, id, 180))
    const answerMs = this.#answerMs(invited.request)
    const from = parseNameAddr(invited.request.headers.get('From') ?? '')
    const remote = from?.uriText ?? ''
    this.#log.add({
      kind: 'incoming',
      remote,
      name: from?.displayName ?? '',
      autoAnswer: answerMs !== undefined,
    })
    if (answerMs !== undefined) call.later(answerMs, () => this.answer())
  }

  #answerMs(request: SipRequest): number | undefined {
    const { autoAnswer } = this.#options
    if (autoAnswer === true) return 0
    if (autoAnswer === 'header') return autoAnswerMs(request.headers)
    return typeof autoAnswer === 'object' ? autoAnswer.afterMs : undefined
  }

  async #openCall(
    direction: 'incoming' | 'outgoing',
    invited?: Extract<EndpointOutput, { kind: 'invited' }>,
  ): Promise<PhoneCall> {
    const options = this.#options
    this.#callCount += 1
    const call = new PhoneCall({
      direction,
      id: invited?.call ?? -1,
      host: this.#host,
      codecs: options.codecs ?? ['PCMU', 'PCMA'],
      ptimeMs: options.ptimeMs ?? 20,
      source: openSource(this.#source),
      random: random32,
      cname: `${hex(8)}@${PRODUCT.toLowerCase()}`,
      ...(options.recordTo === undefined ? {} : { recordTo: numbered(options.recordTo, this.#callCount) }),
      ...(invited?.offer === undefined ? {} : { offer: invited.offer }),
      honourTalk: options.honourTalk === true,
      feed: (input) => this.feed(input),
      tell: (news) => this.#onNews(call, news),
    })
    this.#call = call // From here on a second caller hears busy.
    try {
      await call.open(await openRtpSockets(this.#host))
    } catch (error) {
      this.#call = undefined
      call.end(now())
      throw error
    }
    if (this.#stopped.signal.aborted || call.state === 'over')
      throw new PhoneError('the call was over before it began')
    return call
  }

  #onNews(call: PhoneCall, news: CallNews): void {
    switch (news.kind) {
      case 'event':
        this.#log.add(news.event)
        return
      case 'over':
        this.#finish(call, news.event)
        return
      case 'answer':
        if (call.state === 'incoming') this.answer()
        return
      case 'hold':
        if (call.state === 'established') this.#reoffer('hold')
        return
      case 'resume':
        if (call.state === 'established') this.#reoffer('resume')
    }
  }

  #reject(call: PhoneCall, status: number): void {
    this.feed((at, endpoint) => endpoint.reject(at, call.id, status))
    this.#finish(call, { kind: 'failed', status, reason: 'rejected here' })
  }

  #finish(call: PhoneCall, event: PhoneEvent): void {
    if (this.#call !== call) return
    this.#call = undefined
    call.end(now())
    this.#log.add(event)
  }

  #reoffer(what: 'hold' | 'resume'): void {
    const call = this.#mustTalk()
    const offer = call.reoffer(what)
    if (offer !== undefined) this.feed((at, endpoint) => endpoint.offer(at, call.id, offer))
  }

  #mustCall(): PhoneCall {
    if (this.#call === undefined || this.#call.id < 0) throw new PhoneError('there is no call')
    return this.#call
  }

  #mustTalk(): PhoneCall {
    const call = this.#mustCall()
    if (call.state !== 'established') throw new PhoneError('the call is not established yet')
    return call
  }

  #onRegistration(output: RegistrationOutput): void {
    switch (output.kind) {
      case 'register':
        this.#sendRegister(output.expiresSeconds)
        return
      case 'registered':
      case 'unregistered':
        this.#registered = output.kind === 'registered'
        this.#log.add(output)
        return
      case 'failed':
        this.#log.add({ ...output, kind: 'registrationFailed' })
    }
  }

  #sendRegister(expiresSeconds: number): void {
    const { user, password, domain } = this.#options
    this.#cseq += 2 // The endpoint takes the number between for the answer to a challenge.
    const headers = new Headers([
      ['From', `<${this.#ownUri}>`],
      ['To', `<${this.#ownUri}>`],
      ['Call-ID', this.#registerCallId],
      ['CSeq', `${this.#cseq} REGISTER`],
      ['Contact', `<${this.#contactUri}>`],
      ['Expires', String(expiresSeconds)],
    ])
    if (this.#options.honourTalk === true) headers.append('Allow-Events', 'talk, hold')
    this.feed((at, endpoint) => {
      const uri = `sip:${domain}`
      const credentials = { username: user, password }
      const started = endpoint.send(at, {
        method: 'REGISTER',
        uri,
        destination: this.#destination,
        headers,
        credentials,
      })
      this.#registers.set(started.id, expiresSeconds)
      return started.outputs
    })
  }

  #onRegisterAnswer(transaction: number, response: Parameters<Registration['receive']>[1]): void {
    const expiresSeconds = this.#registers.get(transaction)
    if (expiresSeconds === undefined || response.status < 200) return
    this.#registers.delete(transaction)
    this.#registering((at) => this.#registration.receive(at, response, expiresSeconds))
  }

  get #destination(): { readonly transport: TransportName; readonly address: SocketAddress } {
    return { transport: this.#transport, address: this.#proxy }
  }

  get #ownUri(): string {
    return `sip:${this.#options.user}@${this.#options.domain}`
  }

  get #contactUri(): string {
    const parameter = this.#transport === 'udp' ? '' : `;transport=${this.#transport}`
    return `sip:${this.#options.user}@${printHostPort(this.#addressOf(this.#transport))}${parameter}`
  }

  #addressOf(transport: TransportName): SocketAddress {
    const found = this.#transports.addresses.find((each) => each.transport === transport)
    if (found === undefined) throw new PhoneError(`a phone has no ${transport}`)
    return { host: found.host, port: found.port }
  }

  #uriOf(destination: string): string {
    const text = destination.trim()
    const plain = /^[-0-9a-z.+*#_~!&=$'()]+$/i.test(text)
    const uri = /^sips?:|^tel:/i.test(text)
      ? text
      : plain
        ? `sip:${text.replaceAll('#', '%23')}@${this.#options.domain}`
        : `sip:${text}`
    const address = parseNameAddr(`<${uri}>`)
    if (text === '' || address === undefined)
      throw new PhoneError('the destination is a number, user@domain or a SIP URI')
    return printNameAddr({ ...address, displayName: '' }).slice(1, -1)
  }
}

function describe(event: PhoneEvent): string {
  return 'status' in event ? `${event.kind} came with ${event.status}` : `${event.kind} came`
}

/** `heard.wav`, then `heard-2.wav`, ... */
function numbered(path: string, count: number): string {
  if (count === 1) return path
  return /\.[^./\\]+$/.test(path) ? path.replace(/(\.[^./\\]+)$/, `-${count}$1`) : `${path}-${count}`
}

function hex(bytes: number): string {
  return Buffer.from(nodeCrypto.randomBytes(bytes)).toString('hex')
}
