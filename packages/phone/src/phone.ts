/**
 * A headless SIP softphone: one account, one call at a time, real sockets. For people without phones, for the demo
 * and for tests. Here is its face; the work is in `agent/` (SIP on sockets), `registration/`, `call/` and `voice/`.
 *
 * Commands say at once when they cannot be carried out (`PhoneError`); what comes of them arrives as events. A second
 * caller hears busy. `close` hangs up, unregisters and frees everything.
 */
import { SILENT } from '@tandem/base'
import { openTransports, type SipTransports } from '@tandem/io'
import type { SocketAddress, TransportName } from '@tandem/sip'
import { identityOf } from './agent/identity.ts'
import { localAddressTowards, resolveHost } from './agent/network.ts'
import { type AgentOutput, type EndpointInput, UserAgent } from './agent/user-agent.ts'
import { Line } from './call/line.ts'
import type { PhoneEvent, PhoneEventKind } from './events/event.ts'
import { EventLog, type WaitOptions } from './events/event-log.ts'
import type { PhoneOptions } from './options.ts'
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
  readonly #transports: SipTransports
  readonly #transport: TransportName
  readonly #agent: UserAgent
  readonly #registrar: RegistrarLink
  readonly #line: Line
  readonly #log = new EventLog()
  readonly #stopped = new AbortController()

  constructor(options: PhoneOptions, transports: SipTransports, proxy: SocketAddress) {
    const { signal } = this.#stopped
    const honourTalk = options.honourTalk === true
    const tell = (event: PhoneEvent): void => this.#log.add(event)
    this.#transports = transports
    this.#transport = options.proxy.transport ?? 'udp'
    const take = (output: AgentOutput): void => this.#take(output)
    const agent = new UserAgent({ transports, honourTalk, signal, take })
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
  async dial(destination: string): Promise<void> {
    await this.#line.dial(destination)
  }

  /** Picks up. */
  answer(): void {
    this.#line.answer()
  }

  /** Turns the caller away. */
  reject(status = 486): void {
    this.#line.reject(status)
  }

  /** Ends the call, whatever state it is in. */
  hangup(): void {
    this.#line.hangup()
  }

  /** Puts the peer on hold by a re-INVITE. */
  hold(): void {
    this.#line.reoffer('hold')
  }

  /** Ends our hold. */
  resume(): void {
    this.#line.reoffer('resume')
  }

  /** Presses keys in the call, by RFC 4733. */
  sendDtmf(digits: string): void {
    this.#line.sendDtmf(digits)
  }

  /** Says something else, in this call and in those to come. */
  play(source: VoiceSource): void {
    this.#line.play(source)
  }

  /** Whether keys are still being pressed. */
  get pressing(): boolean {
    return this.#line.pressing
  }

  /** What the phone is doing. */
  get state(): Line['state'] {
    return this.#line.state
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
        this.#line.take(output)
    }
  }
}
