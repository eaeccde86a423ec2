/**
 * A headless SIP softphone: one account, several calls, real sockets. For people without phones, for the demo and for
 * tests. Here is its face; the work is in `agent/` (SIP on sockets), `registration/`, `call/` and `voice/`.
 *
 * Its own commands mean the call at hand, say at once when they cannot be carried out (`PhoneError`), and what comes of
 * them arrives as events. Those of a `Call` come back when they are done. `close` hangs up, unregisters and frees everything.
 */
import { SILENT } from '@tandem/base'
import { openTransports, type SipTransports } from '@tandem/io'
import type { Flow, SipMessage, SocketAddress, TransportName } from '@tandem/sip'
import { identityOf } from './agent/identity.ts'
import { lampNews } from './agent/lamp.ts'
import { localAddressTowards, resolveHost } from './agent/network.ts'
import { type AgentOutput, type EndpointInput, UserAgent } from './agent/user-agent.ts'
import { Call } from './call/call.ts'
import { Line } from './call/line.ts'
import type { PhoneCall } from './call/phone-call.ts'
import type { PhoneEvent, PhoneEventKind } from './events/event.ts'
import { EventLog, type WaitOptions } from './events/event-log.ts'
import type { DialOptions, PhoneOptions } from './options.ts'
import { PhoneError } from './phone-error.ts'
import { RegistrarLink } from './registration/registrar-link.ts'
import { openSource, type VoiceSource } from './voice/source.ts'

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
    onMessage: (message, flow) => phone?.receive(message, flow),
    onFailure: (message) => phone?.feed((at, endpoint) => endpoint.sendFailed(at, message)),
    onFlowClosed: () => {},
    logger: SILENT,
  })
  try {
    phone = new Phone(options, transports, { host: proxyHost, port: options.proxy.port })
    return phone
  } catch (error) {
    await transports.close() // Options that are no good must not leave sockets behind.
    throw error
  }
}

/** One phone. Made by `openPhone`. */
export class Phone {
  readonly #transports: SipTransports
  readonly #transport: TransportName
  readonly #agent: UserAgent
  readonly #registrar: RegistrarLink
  readonly #line: Line
  readonly #log = new EventLog()
  readonly #stopped = new AbortController()
  /** Calls as they were handed out: the same one each time. */
  readonly #calls = new WeakMap<PhoneCall, Call>()
  readonly #onMessage: PhoneOptions['onMessage']
  #silent = false
  /** The last NOTIFY that set the lamp, so that a copy of it is not told again. */
  #lampBranch = ''

  constructor(options: PhoneOptions, transports: SipTransports, proxy: SocketAddress) {
    const { signal } = this.#stopped
    const honourTalk = options.honourTalk === true
    const tell = (event: PhoneEvent): void => this.#log.add(event)
    this.#transports = transports
    this.#onMessage = options.onMessage
    this.#transport = options.proxy.transport ?? 'udp'
    const take = (output: AgentOutput): void => this.#take(output)
    const honourRefer = options.honourRefer === true
    const agent = new UserAgent({
      transports,
      honourTalk,
      honourRefer,
      signal,
      take,
      sent: (message) => options.onMessage?.(message, 'out'),
    })
    const own = agent.addressOf(this.#transport)
    const identity = identityOf(options, { own, proxy })
    const expiresSeconds = options.registerExpiresSeconds
    this.#agent = agent
    this.#registrar = new RegistrarLink({ identity, agent, expiresSeconds, honourTalk, signal, tell })
    this.#line = new Line({ phone: options, identity, agent, host: own.host, signal, tell })
  }

  /** Our SIP socket. */
  get address(): SocketAddress {
    return this.#agent.addressOf(this.#transport)
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
   * Every event from now on, for `for await`; ends when the phone is closed. From `since`, a place in the log, it begins
   * with what has happened already. Fails with `PhoneError` when it is read so late that events are forgotten.
   */
  events(since?: number): AsyncGenerator<PhoneEvent, void, void> {
    return this.#log.events(since)
  }

  /**
   * Comes back with the first event of that kind from `since` on: a place in the log, its end when absent. Fails with
   * `PhoneError` after `timeoutMs` (default 30,000), or at once when `stopAt` says that it can come no more.
   */
  waitFor<Kind extends PhoneEventKind>(
    kinds: Kind | readonly Kind[],
    options: WaitOptions = {},
  ): Promise<{ readonly event: Extract<PhoneEvent, { kind: Kind }>; readonly cursor: number }> {
    return this.#log.waitFor(kinds, options)
  }

  /** Registers, and keeps registered. Comes back once the registrar agreed; fails when it refuses for good. */
  async register(): Promise<void> {
    const since = this.#log.end
    this.#registrar.join()
    const isFinal = (event: PhoneEvent): boolean => event.kind === 'registrationFailed' && event.final
    await this.waitFor('registered', { since, stopAt: isFinal, timeoutMs: REGISTER_MS_MAX })
  }

  /** Takes the registration back; comes back when that is done, or has failed. */
  async unregister(): Promise<void> {
    const since = this.#log.end
    this.#registrar.leave()
    await this.waitFor(['unregistered', 'registrationFailed'], { since, timeoutMs: CLOSE_MS_MAX })
  }

  /** Calls a number of the domain, `user@domain` or a SIP URI. Comes back once the INVITE has left. */
  async dial(destination: string, options: DialOptions = {}): Promise<Call> {
    return this.#callOf(await this.#line.dial(destination, options))
  }

  /** The calls that are not over, oldest first. */
  get calls(): readonly Call[] {
    return this.#line.calls.map((call) => this.#callOf(call))
  }

  /** The call that is talked in; undefined when none is. */
  get talking(): Call | undefined {
    return this.calls.find((call) => call.talking)
  }

  /** The call of that number, which `call` has in events. Throws `PhoneError` when it is over or never was. */
  call(number: number): Call {
    const call = this.calls.find((each) => each.number === number)
    if (call === undefined) throw new PhoneError(`there is no call #${number}`)
    return call
  }

  /** Comes back with the next call that rings here, as `waitFor` does. */
  async nextCall(options: WaitOptions = {}): Promise<Call> {
    const { event } = await this.waitFor('incoming', options)
    return this.call(event.call)
  }

  /** Picks up the call that has rung longest. */
  answer(): void {
    this.#line.commands.answer(must(this.#line.ringing, 'nobody is calling'))
  }

  /** Turns the caller away who has rung longest. */
  reject(status = 486): void {
    this.#line.commands.reject(must(this.#line.ringing, 'nobody is calling'), status)
  }

  /** Ends the call at hand, whatever state it is in. */
  hangup(): void {
    this.#line.commands.hangup(must(this.#line.current))
  }

  /** Puts the peer on hold by a re-INVITE. */
  hold(): void {
    this.#line.commands.hold(must(this.#line.current))
  }

  /** Ends our hold. */
  resume(): void {
    this.#line.commands.resume(must(this.#line.current))
  }

  /** Presses keys in the call, by RFC 4733. */
  sendDtmf(digits: string): void {
    this.#line.commands.press(must(this.#line.current), digits)
  }

  /** Says something else, in the call at hand and in those to come. */
  play(source: VoiceSource): void {
    this.#line.play(source)
  }

  /** From now on every caller hears busy, or no more. */
  setDoNotDisturb(on: boolean): void {
    this.#line.undisturbed = on
  }

  /** From now on no request of anybody is even seen, as if the phone were unplugged; answers to its own still are. */
  setSilent(on: boolean): void {
    this.#silent = on
  }

  /** Whether keys are still being pressed in the call at hand. */
  get pressing(): boolean {
    return this.#line.current?.pressing ?? false
  }

  /** What the phone is doing: the state of the call at hand. */
  get state(): 'idle' | PhoneCall['state'] {
    return this.#line.current?.state ?? 'idle'
  }

  /** What a person can do to the calls; for scripts. */
  get line(): Pick<Line, 'calls' | 'current' | 'ringing' | 'commands'> {
    return this.#line
  }

  /** Hangs up, unregisters, and frees every socket. Safe to repeat. */
  async close(): Promise<void> {
    if (this.#stopped.signal.aborted) return
    this.#line.leave()
    if (this.#registrar.registered) await this.unregister().catch(() => {}) // A server that is gone cannot be told.
    await this.#agent.settle(CLOSE_MS_MAX)
    this.#stopped.abort()
    this.#line.close()
    this.#log.close()
    await this.#transports.close()
  }

  /** Feeds the endpoint. Used by the transports; not for others. */
  feed(input: EndpointInput): void {
    this.#agent.feed(input)
  }

  /** Takes a message that has come. Used by the transports; not for others. */
  receive(message: SipMessage, flow: Flow): void {
    this.#onMessage?.(message, 'in')
    if (message.kind === 'request') {
      if (this.#silent || this.#takeLamp(message, flow)) return
      this.#line.overhear(message)
    }
    this.feed((at, endpoint) => endpoint.receive(at, message, flow))
  }

  #takeLamp(message: SipMessage, flow: Flow): boolean {
    const news = lampNews(message, flow)
    if (news === undefined) return false
    this.#onMessage?.(news.response, 'out')
    this.#transports.send(news.destination, news.response)
    const before = this.#lampBranch
    this.#lampBranch = message.headers.get('Via') ?? ''
    if (news.summary !== undefined && before !== this.#lampBranch) this.#log.add(news.summary) // Not for a copy.
    return true
  }

  #callOf(call: PhoneCall): Call {
    const known = this.#calls.get(call)
    if (known !== undefined) return known
    const made = new Call({ call, commands: this.#line.commands, log: this.#log })
    this.#calls.set(call, made)
    return made
  }

  /** What the endpoint says: of a call, of the registration, or a request outside of calls. */
  #take(output: AgentOutput): void {
    switch (output.kind) {
      case 'refused':
        return
      case 'request':
        this.feed((at, endpoint) =>
          endpoint.respond(at, output.transaction, output.request.method === 'OPTIONS' ? 200 : 405),
        )
        return
      case 'response':
        this.#registrar.receive(output.transaction, output.response)
        return
      case 'invited':
        void this.#line.invited(output)
        return
      default:
        this.#line.receive(output)
    }
  }
}

function must(call: PhoneCall | undefined, otherwise = 'there is no call'): PhoneCall {
  if (call === undefined) throw new PhoneError(otherwise)
  return call
}
