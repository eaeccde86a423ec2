/**
 * A phone's registration: RFC 3261 §10.2, with refreshing before the end, back-off after failures, and 423
 * (§10.2.8). It says what to send and when; the endpoint answers challenges.
 *
 * A machine whose output is a wish to register; feed it the answers.
 */
import { after, type Instant, type Machine, NEVER } from '@tandem/base'
import { parseContactList, parseDeltaSeconds, type SipResponse } from '@tandem/sip'

const REFRESH_SHARE = 0.85 // Of the granted time: leaves room for a lost packet and its repeats.
const RETRY_MS_MIN = 2_000
const RETRY_MS_MAX = 60_000
const EXPIRES_SECONDS_MAX = 86_400 // What a 423 may talk us up to.

/** What to do, and what became of it. */
export type RegistrationOutput =
  | { readonly kind: 'register'; readonly expiresSeconds: number }
  | { readonly kind: 'registered'; readonly expiresSeconds: number }
  | { readonly kind: 'unregistered' }
  | { readonly kind: 'failed'; readonly status: number; readonly reason: string; readonly final: boolean }

/** Statuses that will not get better by asking again: wrong password, unknown user, wrong domain. */
const FINAL = new Set([400, 401, 403, 404, 405, 407, 484, 604])

/** One binding that is kept alive until `leave`. */
export class Registration implements Machine<RegistrationOutput> {
  #expiresSeconds: number
  readonly #contactUri: string
  #wanted = false
  #underWay = false
  #sendAt: Instant = NEVER
  #retryMs = RETRY_MS_MIN

  /** `contactUri` is the URI that our REGISTER names, by which our binding is found in the answer. */
  constructor(options: { readonly expiresSeconds: number; readonly contactUri: string }) {
    this.#expiresSeconds = options.expiresSeconds
    this.#contactUri = options.contactUri
  }

  get deadline(): Instant {
    return this.#underWay ? NEVER : this.#sendAt
  }

  /** Registers, and stays so. */
  join(now: Instant): RegistrationOutput[] {
    this.#wanted = true
    this.#sendAt = now
    return this.tick(now)
  }

  /** Takes the binding back. */
  leave(now: Instant): RegistrationOutput[] {
    this.#wanted = false
    this.#sendAt = now
    return this.tick(now)
  }

  tick(now: Instant): RegistrationOutput[] {
    if (now < this.deadline) return []
    this.#sendAt = NEVER
    this.#underWay = true
    return [{ kind: 'register', expiresSeconds: this.#wanted ? this.#expiresSeconds : 0 }]
  }

  /** Takes the final answer to the REGISTER that was asked for `expiresSeconds`. */
  receive(now: Instant, response: SipResponse, expiresSeconds: number): RegistrationOutput[] {
    if (response.status < 200) return []
    this.#underWay = false
    const leaving = expiresSeconds === 0
    if (response.status < 300) {
      this.#retryMs = RETRY_MS_MIN
      if (leaving) return this.#wanted ? this.tick(now) : [{ kind: 'unregistered' }]
      if (!this.#wanted) return this.tick(now)
      const granted = this.#granted(response)
      this.#sendAt = after(now, granted * 1_000 * REFRESH_SHARE)
      return [{ kind: 'registered', expiresSeconds: granted }]
    }
    const wished = parseDeltaSeconds(response.headers.get('Min-Expires') ?? '')
    if (
      response.status === 423 &&
      !leaving &&
      wished !== undefined &&
      wished > this.#expiresSeconds &&
      wished <= EXPIRES_SECONDS_MAX
    ) {
      this.#expiresSeconds = wished
      this.#sendAt = now
      return this.tick(now)
    }
    return this.#fail(now, response, leaving)
  }

  #fail(now: Instant, response: SipResponse, leaving: boolean): RegistrationOutput[] {
    const { status, reason } = response
    const final = leaving || FINAL.has(status)
    if (final) this.#sendAt = this.#wanted && leaving ? now : NEVER
    else {
      const askedSeconds = parseDeltaSeconds(response.headers.get('Retry-After') ?? '') ?? 0
      this.#sendAt = after(now, Math.min(RETRY_MS_MAX, Math.max(this.#retryMs, askedSeconds * 1_000)))
      this.#retryMs = Math.min(RETRY_MS_MAX, 2 * this.#retryMs)
    }
    return [{ kind: 'failed', status, reason, final }]
  }

  /** What the registrar granted: by our Contact, else by Expires, else what we asked for (§10.2.4). */
  #granted(response: SipResponse): number {
    const contacts = parseContactList(response.headers.all('Contact'))
    const ours = Array.isArray(contacts)
      ? contacts.find((each) => each.uriText === this.#contactUri)
      : undefined
    const header = parseDeltaSeconds(response.headers.get('Expires') ?? '')
    return Math.max(1, ours?.expiresS ?? header ?? this.#expiresSeconds)
  }
}
