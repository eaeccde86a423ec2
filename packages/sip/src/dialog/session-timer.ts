/**
 * The session timer of one call: RFC 4028. What our messages say about it, what the peer's make of it, and when the
 * session is due to be refreshed or given up. It sends nothing itself.
 *
 * A peer that knows no session timers is refreshed by us all the same, when we wish for them: a call whose phone has
 * lost its power ends then, and not at the end of the year. One departure: an interval below 90 s, which nobody may ask
 * for (§4), counts as 90 s in a response and as none in a request of somebody whom we may not answer 422 (§8.1).
 */
import { after, earlier, type Instant, NEVER } from '@tandem/base'
import { parseDeltaSeconds } from '../message/contact.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { Refusal } from '../message/validate.ts'
import { supports } from './peer-abilities.ts'

/** The option tag of RFC 4028. */
export const TIMER = 'timer'
/** The shortest interval that we take, in seconds: the least that RFC 4028 §5 allows. */
export const SESSION_SECONDS_MIN = 90
/** How much before the end of the interval the session is given up, at most, in seconds: RFC 4028 §10. */
const GRACE_SECONDS_MAX = 32
/** When a refresh that found an open offer, or met an error, is tried again, in ms. */
const AGAIN_MS = 10_000

/** The interval that holds, and whose task the refreshing is. */
interface Running {
  readonly intervalS: number
  readonly ours: boolean
  /** The peer knows nothing of it. */
  readonly alone: boolean
}

/** The timer of one session. */
export class SessionTimer {
  readonly #wishS: number | undefined
  /** The larger of our own minimum and the one that the peer's side has told in a 422. */
  #minS = SESSION_SECONDS_MIN
  #running: Running | undefined
  #refreshAt: Instant = NEVER
  #expiresAt: Instant = NEVER

  /** `wishSeconds` is what we ask for; without it only what the peer asks for is kept. */
  constructor(wishSeconds: number | undefined) {
    this.#wishS = wishSeconds === undefined ? undefined : Math.max(wishSeconds, SESSION_SECONDS_MIN)
  }

  /** When `due` next says something else than 'nothing'. */
  get deadline(): Instant {
    return earlier(this.#refreshAt, this.#expiresAt)
  }

  /** What the time has brought. 'refresh' is said once; how that went is told by `takeResponse` or `failed`. */
  due(now: Instant): 'nothing' | 'refresh' | 'expired' {
    if (now >= this.#expiresAt) return 'expired'
    if (now < this.#refreshAt) return 'nothing'
    this.#refreshAt = NEVER
    return 'refresh'
  }

  /** What our INVITE, re-INVITE or UPDATE says: nothing when nobody wants a timer. The roles stay as they are (§7.4). */
  requestFields(): [string, string][] {
    const seconds = this.#running?.intervalS ?? this.#wishS
    if (seconds === undefined) return []
    const role = this.#running === undefined ? '' : `;refresher=${this.#running.ours ? 'uac' : 'uas'}`
    return [
      ['Session-Expires', `${Math.max(seconds, this.#minS)}${role}`],
      ['Min-SE', String(this.#minS)],
    ]
  }

  /** Takes the 2xx to a request of ours that refreshes the session (§7.2). */
  takeResponse(now: Instant, response: SipResponse): void {
    const theirs = sessionExpires(response)
    if (theirs !== undefined) {
      const intervalS = Math.max(theirs.seconds, SESSION_SECONDS_MIN)
      this.#run(now, { intervalS, ours: theirs.refresher !== 'uas', alone: false })
    } else if (this.#wishS === undefined) this.#stop()
    else this.#run(now, { intervalS: Math.max(this.#wishS, this.#minS), ours: true, alone: true })
  }

  /** Takes the peer's request that refreshes the session; returns what our 2xx says (§9). */
  takeRequest(now: Instant, request: SipRequest): [string, string][] {
    const known = supports(request, TIMER)
    const asked = sessionExpires(request)
    const theirs = asked !== undefined && asked.seconds >= SESSION_SECONDS_MIN ? asked : undefined
    const leastS = Math.max(minSe(request) ?? 0, SESSION_SECONDS_MIN)
    const intervalS = this.#intervalFor(theirs?.seconds, leastS)
    if (intervalS === undefined) {
      this.#stop()
      return []
    }
    const ours =
      !known || theirs?.refresher === undefined ? !known || this.#keptRole : theirs.refresher === 'uas'
    this.#run(now, { intervalS, ours, alone: !known && theirs === undefined })
    const field: [string, string] = ['Session-Expires', `${intervalS};refresher=${ours ? 'uas' : 'uac'}`]
    return ours ? [field] : [field, ['Require', TIMER]]
  }

  /** Takes a 422: the interval grows to what it asks for. False when it asks for nothing that we had not offered. */
  takeTooSmall(response: SipResponse): boolean {
    const leastS = minSe(response)
    if (leastS === undefined || leastS <= Math.max(this.#running?.intervalS ?? this.#wishS ?? 0, this.#minS))
      return false
    this.#minS = leastS
    return true
  }

  /** The refresh has to wait for another exchange that is open. */
  postpone(now: Instant): void {
    this.#refreshAt = after(now, AGAIN_MS)
  }

  /**
   * A refresh was refused; one that nobody answered ends the call elsewhere. `answered` means that the peer itself spoke:
   * where the timer is ours alone that is all we wanted to know.
   */
  failed(now: Instant, options: { readonly answered: boolean }): void {
    const running = this.#running
    if (running === undefined) return
    if (running.alone && options.answered) this.#run(now, running)
    else if (running.ours) this.postpone(now)
  }

  #intervalFor(theirsS: number | undefined, leastS: number): number | undefined {
    if (this.#wishS === undefined) return theirsS
    const wishS = Math.max(this.#wishS, leastS)
    return theirsS === undefined ? wishS : Math.min(wishS, theirsS) // Never more than was asked for (§9).
  }

  /** Who refreshes when the peer leaves it to us: whoever did, at first ourselves, who bother nobody with it. */
  get #keptRole(): boolean {
    return this.#running?.ours ?? true
  }

  #run(now: Instant, running: Running): void {
    const { intervalS, ours } = running
    this.#running = running
    this.#refreshAt = ours ? after(now, intervalS * 500) : NEVER
    this.#expiresAt = after(now, 1_000 * (intervalS - Math.min(GRACE_SECONDS_MAX, intervalS / 3)))
  }

  #stop(): void {
    this.#running = undefined
    this.#refreshAt = NEVER
    this.#expiresAt = NEVER
  }
}

/** The 422 that a request earns whose interval is too small for us; undefined when it is not, or may not be told so. */
export function refuseInterval(request: SipRequest): Refusal | undefined {
  const asked = sessionExpires(request)
  if (asked === undefined || asked.seconds >= SESSION_SECONDS_MIN || !supports(request, TIMER))
    return undefined
  const headers = [['Min-SE', String(SESSION_SECONDS_MIN)]] as const
  return { status: 422, reason: 'Session Interval Too Small', headers }
}

interface SessionExpires {
  readonly seconds: number
  readonly refresher: 'uac' | 'uas' | undefined
}

/** The Session-Expires of a message; one that cannot be read is none. */
function sessionExpires(message: SipRequest | SipResponse): SessionExpires | undefined {
  const [text = '', ...params] = (message.headers.get('Session-Expires') ?? '').split(';')
  const seconds = parseDeltaSeconds(text.trim())
  if (seconds === undefined) return undefined
  for (const param of params) {
    const match = /^\s*refresher\s*=\s*(uac|uas)\s*$/i.exec(param)
    if (match !== null) return { seconds, refresher: match[1]?.toLowerCase() === 'uac' ? 'uac' : 'uas' }
  }
  return { seconds, refresher: undefined }
}

/** The Min-SE of a message. */
function minSe(message: SipRequest | SipResponse): number | undefined {
  return parseDeltaSeconds((message.headers.get('Min-SE') ?? '').split(';')[0]?.trim() ?? '')
}
