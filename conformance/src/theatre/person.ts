/**
 * Somebody at a table: the API as they may use it, and the phones on their desk. Requests go out bare, without the SDK, so
 * that status and body are seen as they were sent.
 */
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { type Call, openPhone, type Phone, type PhoneOptions } from '@tandem/phone'
import type { Call as ApiCall } from '@tandem/sdk'
import type { Child } from '../../../tools/child.ts'
import { freePorts } from '../../../tools/free-ports.ts'
import { startSipp } from '../peers/sipp.ts'
import { writeToneMulaw } from '../peers/tone.ts'
import { DOMAIN, numberOf, passwordOf, type Role, type Seat, toneOf, userOf } from './company.ts'
import { Ear } from './ear.ts'
import { SippWire, Wire, type WireView } from './wire.ts'

/** Longer than any scene. */
const SIPP_SECONDS_MAX = 90
const SIPP_TONE_SECONDS = 20
/** By then it listens, or has said what it does not like. */
const SIPP_START_MS = 250
/** The scenarios that place a call; the others wait for one. */
const CALLERS: ReadonlySet<string> = new Set(['spent-hops', 'impossible-offer', 'broken-offer', 'caller'])

/** An answer of the API. */
export interface ApiAnswer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: bodies are looked into by the tests, which know what they asked for.
  readonly body: any
}

/** A phone with its ear and its wire. */
export interface Handset {
  readonly name: string
  readonly phone: Phone
  readonly ear: Ear
  readonly wire: Wire
}

/** Somebody else's program in place of a phone. */
export interface Peer {
  readonly name: string
  readonly wire: WireView
  readonly child: Child
  leave(): Promise<void>
}

/** Where the server is, and whose token opens it. */
export interface PersonOptions {
  readonly seat: Seat
  readonly token: string
  readonly personId: string
  readonly url: string
  readonly sipPort: number
  /** Where peers may leave files. */
  readonly folder: string
  /** Is told each request with its status. */
  readonly said: (line: string) => void
}

/** One person of the theatre. */
export class Person {
  readonly #options: PersonOptions
  readonly handsets: Handset[] = []
  readonly peers: Peer[] = []

  constructor(options: PersonOptions) {
    this.#options = options
  }

  get role(): Role {
    return this.#options.seat.role
  }

  get number(): string {
    return numberOf(this.#options.seat)
  }

  /** The id of the line as the database has it. */
  get personId(): string {
    return this.#options.personId
  }

  get token(): string {
    return this.#options.token
  }

  /** The person's first phone of this scene. */
  get phone(): Phone {
    return this.#handset.phone
  }

  /** Takes a phone out: registered, saying this person's tone, answering nothing by itself unless told so. */
  async open(options: Partial<PhoneOptions> = {}, device: 'desk' | 'soft' = 'desk'): Promise<Phone> {
    const { seat, sipPort } = this.#options
    const user = userOf(seat, device)
    const ear = new Ear()
    const wire = new Wire()
    const phone = await openPhone({
      user,
      password: passwordOf(user),
      domain: DOMAIN,
      proxy: { host: '127.0.0.1', port: sipPort },
      source: { kind: 'tone', frequencyHz: toneOf(seat) },
      onHeard: (samples, call) => ear.take(samples, call),
      onMessage: (message, way) => wire.take(message, way),
      ...options,
    })
    this.handsets.push({ name: device === 'desk' ? seat.role : `${seat.role}'s softphone`, phone, ear, wire })
    await phone.register()
    wire.mark()
    return phone
  }

  /** Puts SIPp in place of a phone: registered, then playing a scenario once. It exits 0 when all went as the scenario says. */
  async sipp(scenario: string, keys: Readonly<Record<string, string>> = {}): Promise<Child> {
    const { seat, sipPort, folder } = this.#options
    const user = userOf(seat)
    const own = mkdtempSync(join(folder, `sipp-${user}-`))
    const port = await freePorts(4)
    const common = {
      folder: own,
      domain: DOMAIN,
      server: sipPort,
      users: [[user, passwordOf(user)] as const],
    }
    writeToneMulaw(join(own, 'tone.ulaw'), toneOf(seat), SIPP_TONE_SECONDS)
    const calls = CALLERS.has(scenario)
    const register = async (expires: string): Promise<void> => {
      const child = startSipp({
        ...common,
        scenario: 'register',
        port: port + 2,
        calls: 1,
        seconds: 10,
        keys: { contact_port: String(port), expires },
      })
      if ((await child.exited) !== 0) throw new Error(`SIPp could not register:\n${child.output}`)
    }
    if (!calls) await register('600')
    const messageFile = join(own, 'messages.log')
    const child = startSipp({
      ...common,
      scenario,
      port,
      mediaPort: await freePorts(20),
      calls: 1,
      seconds: SIPP_SECONDS_MAX,
      keys: { user, ...keys },
      messageFile,
    })
    await Promise.race([child.exited, new Promise((resolve) => setTimeout(resolve, SIPP_START_MS))])
    if (child.exitCode !== undefined && child.exitCode !== 0)
      throw new Error(`SIPp would not play:\n${child.output}`)
    this.peers.push({
      name: seat.role,
      wire: new SippWire(messageFile),
      child,
      leave: async () => {
        await child.stop(1_000)
        if (!calls) await register('0') // A binding that nobody answers for would ring in the next scene.
      },
    })
    return child
  }

  /** What each phone said and was told. */
  get wires(): { readonly name: string; readonly wire: WireView }[] {
    return [...this.handsets, ...this.peers]
  }

  /** The call that rings on the phone next, or rings already. */
  async rings(phone: Phone = this.phone): Promise<Call> {
    const ringing = phone.calls.find((call) => call.state === 'incoming')
    return ringing ?? phone.nextCall({ timeoutMs: 5_000 })
  }

  /** What the phone hears for `ms`. */
  listen(ms: number, tones: ReadonlyMap<string, number>): Promise<string[]> {
    return this.#handset.ear.listen(ms, tones)
  }

  /** `POST /telephony/calls/{name}`, told to the scene. */
  async post(name: string, body: unknown = {}): Promise<ApiAnswer> {
    return this.request('POST', `/telephony/calls/${name}`, body)
  }

  /** Any request, told to the scene. */
  async request(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const answer = await this.quietly(method, path, body)
    const keys = typeof body === 'object' && body !== null ? Object.keys(body) : []
    const short = path.replace(/^\/telephony/, '').replace(/[A-Za-z0-9_-]{30,}/g, '{id}')
    this.#options.said(
      `${this.role}: ${method} ${short}${keys.length === 0 ? '' : ` {${keys.join(', ')}}`} ${answer.status}`,
    )
    return answer
  }

  /** Any request. */
  async quietly(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const response = await fetch(`${this.#options.url}/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#options.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }

  /** The active calls, oldest first. */
  async calls(query = ''): Promise<ApiCall[]> {
    return (await this.quietly('GET', `/telephony/calls${query}`)).body.items
  }

  /** The one active call. */
  async call(): Promise<ApiCall> {
    const calls = await this.calls()
    const [call] = calls
    if (call === undefined || calls.length > 1)
      throw new Error(`${this.role} has ${calls.length} calls, not one`)
    return call
  }

  /** Puts every phone away. */
  async leave(): Promise<void> {
    await Promise.all([
      ...this.handsets.splice(0).map(({ phone }) => phone.close()),
      ...this.peers.splice(0).map((peer) => peer.leave()),
    ])
  }

  get #handset(): Handset {
    const [first] = this.handsets
    if (first === undefined) throw new Error(`${this.role} has no phone in this scene`)
    return first
  }
}
