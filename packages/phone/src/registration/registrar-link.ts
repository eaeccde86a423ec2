/**
 * A phone and its registrar: sends the REGISTERs that the registration wishes for (RFC 3261 §10.2), brings it the
 * answers, and tells what became of them as events. The endpoint answers challenges.
 */
import { drive, nodeCrypto, now, type Step } from '@tandem/io'
import { Headers, type SipResponse } from '@tandem/sip'
import type { Identity } from '../agent/identity.ts'
import { PRODUCT, type UserAgent } from '../agent/user-agent.ts'
import type { PhoneEvent } from '../events/event.ts'
import { Registration, type RegistrationOutput } from './registration.ts'

const EXPIRES_SECONDS = 300 // Asked for when nobody says otherwise.

/** The registration of one phone, on the wire. */
export class RegistrarLink {
  readonly #identity: Identity
  readonly #agent: UserAgent
  readonly #honourTalk: boolean
  readonly #tell: (event: PhoneEvent) => void
  readonly #registration: Registration
  readonly #step: Step<RegistrationOutput>
  /** What our unanswered REGISTERs asked for, in seconds, by their transactions. */
  readonly #asked = new Map<number, number>()
  readonly #callId = `${Buffer.from(nodeCrypto.randomBytes(16)).toString('hex')}@${PRODUCT.toLowerCase()}`
  #cseq = 0
  #registered = false

  constructor(options: {
    readonly identity: Identity
    readonly agent: UserAgent
    readonly expiresSeconds: number | undefined
    readonly honourTalk: boolean
    readonly signal: AbortSignal
    readonly tell: (event: PhoneEvent) => void
  }) {
    this.#identity = options.identity
    this.#agent = options.agent
    this.#honourTalk = options.honourTalk
    this.#tell = options.tell
    this.#registration = new Registration({
      expiresSeconds: options.expiresSeconds ?? EXPIRES_SECONDS,
      contactUri: options.identity.contactUri,
    })
    const act = (output: RegistrationOutput): void => queueMicrotask(() => this.#on(output))
    this.#step = drive(this.#registration, now, act, { signal: options.signal })
  }

  /** Whether the registrar has agreed, and it has not been taken back. */
  get registered(): boolean {
    return this.#registered
  }

  /** Registers, and keeps registered. */
  join(): void {
    this.#step((at) => this.#registration.join(at))
  }

  /** Takes the registration back. */
  leave(): void {
    this.#step((at) => this.#registration.leave(at))
  }

  /** Takes the answer to a request outside of calls; one that is not ours is passed over. */
  receive(transaction: number, response: SipResponse): void {
    const expiresSeconds = this.#asked.get(transaction)
    if (expiresSeconds === undefined || response.status < 200) return
    this.#asked.delete(transaction)
    this.#step((at) => this.#registration.receive(at, response, expiresSeconds))
  }

  #on(output: RegistrationOutput): void {
    switch (output.kind) {
      case 'register':
        this.#send(output.expiresSeconds)
        return
      case 'registered':
      case 'unregistered':
        this.#registered = output.kind === 'registered'
        this.#tell(output)
        return
      case 'failed':
        this.#tell({ ...output, kind: 'registrationFailed' })
    }
  }

  #send(expiresSeconds: number): void {
    const { uri, contactUri, domain, destination, credentials } = this.#identity
    this.#cseq += 2 // The endpoint takes the number between for the answer to a challenge.
    const headers = new Headers([
      ['From', `<${uri}>`],
      ['To', `<${uri}>`],
      ['Call-ID', this.#callId],
      ['CSeq', `${this.#cseq} REGISTER`],
      ['Contact', `<${contactUri}>`],
      ['Expires', String(expiresSeconds)],
    ])
    if (this.#honourTalk) headers.append('Allow-Events', 'talk, hold')
    this.#agent.feed((at, endpoint) => {
      const request = { method: 'REGISTER', uri: `sip:${domain}`, destination, headers, credentials }
      const started = endpoint.send(at, request)
      this.#asked.set(started.id, expiresSeconds)
      return started.outputs
    })
  }
}
