/**
 * Somebody at a table: the API as they may use it, and the phones on their desk. Requests go out bare, without the SDK, so
 * that status and body are seen as they were sent.
 */
import { type Call, openPhone, type Phone, type PhoneOptions } from '@tandem/phone'
import type { Call as ApiCall } from '@tandem/sdk'
import { DOMAIN, numberOf, passwordOf, type Role, type Seat, toneOf, userOf } from './company.ts'
import { Ear } from './ear.ts'
import { Wire } from './wire.ts'

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

/** Where the server is, and whose token opens it. */
export interface PersonOptions {
  readonly seat: Seat
  readonly token: string
  readonly personId: string
  readonly url: string
  readonly sipPort: number
  /** Is told each request with its status. */
  readonly said: (line: string) => void
}

/** One person of the theatre. */
export class Person {
  readonly #options: PersonOptions
  readonly handsets: Handset[] = []

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
    await Promise.all(this.handsets.splice(0).map(({ phone }) => phone.close()))
  }

  get #handset(): Handset {
    const [first] = this.handsets
    if (first === undefined) throw new Error(`${this.role} has no phone in this scene`)
    return first
  }
}
