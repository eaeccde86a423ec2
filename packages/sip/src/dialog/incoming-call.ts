/**
 * A call that comes in: RFC 3261 §13.3. From its INVITE to the 2xx or the rejection; a `Session` takes over then.
 *
 * An answer that nobody gives is bounded here, and a 1xx is repeated each minute, so that proxies on the way keep
 * waiting as long as we do (§13.3.1.1). A 1xx goes reliably (RFC 3262) when the caller insists on it, and when it carries
 * the answer and the caller can; a PRACK or an early UPDATE that brings an offer of its own is refused.
 */
import { after, earlier, type Instant, NEVER } from '@tandem/base'
import { type Core, contactFields, respond, retrySoon } from '../endpoint/core.ts'
import type { MessageFacts } from '../endpoint/facts.ts'
import { type ResponseParts, responseTo } from '../endpoint/response.ts'
import { bodyOf, describedBody } from '../endpoint/sdp-body.ts'
import type { SipCallId } from '../endpoint-api.ts'
import type { SipRequest } from '../message/message.ts'
import { parseUri } from '../message/uri.ts'
import type { SessionDescription } from '../sdp/description.ts'
import { DEAF, type ServerEntry, type Timed } from '../transaction/entry.ts'
import { type Call, takeOther } from './call.ts'
import type { Dialog } from './dialog.ts'
import { requires, supports } from './peer-abilities.ts'
import { RELIABLE, ReliableSender } from './reliable.ts'
import { sendInDialog } from './request.ts'
import { Session, type SessionParts, sameMedia } from './session.ts'
import { SessionTimer } from './session-timer.ts'

/** How often a 1xx is repeated, in ms: RFC 3261 §13.3.1.1. */
export const PROGRESS_EVERY_MS = 60_000
/** The largest number that reliable 1xx begin with: far below 2^31, far above what can be guessed (RFC 3262 §3). */
const FIRST_RSEQ_MAX = 1_000_000
/** How long an INVITE may wait for the user, in ms: longer than any caller, shorter than for ever. */
export const UNANSWERED_MS_MAX = 900_000

type Fields = Iterable<readonly [string, string]>

interface AcceptOptions {
  readonly contactUser?: string
  readonly headers?: Fields
}

/** The 1xx that is repeated each minute; a reliable one goes without its description then, under a number of its own. */
interface Repeat {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly description: SessionDescription | undefined
  readonly at: Instant
}

/** A call placed by the peer. */
export class IncomingCall implements Call, Timed {
  readonly id: SipCallId
  readonly callId: string
  readonly localTag: string
  readonly #core: Core
  readonly #entry: ServerEntry
  readonly #dialog: Dialog
  readonly #offer: SessionDescription | undefined
  readonly #unansweredEndsAt: Instant
  readonly #reliably: 'all' | 'answers' | 'none'
  readonly #sender: ReliableSender
  /** The answer that went out in a reliable 1xx: it is final. */
  #answer: SessionDescription | undefined
  /** The user's 2xx, held back until the PRACK of that 1xx has come. */
  #held: { readonly description: SessionDescription; readonly options: AcceptOptions } | undefined
  /** Some 1xx has made the early dialog known to the caller. */
  #early = false
  #repeat: Repeat | undefined
  #session: Session | undefined
  #over = false

  constructor(
    core: Core,
    now: Instant,
    parts: {
      readonly id: SipCallId
      readonly entry: ServerEntry
      readonly dialog: Dialog
      /** What the INVITE offered; undefined when it leaves that to us. */
      readonly offer: SessionDescription | undefined
    },
  ) {
    this.#core = core
    this.id = parts.id
    this.callId = parts.dialog.callId
    this.localTag = parts.dialog.localTag
    this.#entry = parts.entry
    this.#dialog = parts.dialog
    this.#offer = parts.offer
    this.#unansweredEndsAt = after(now, UNANSWERED_MS_MAX)
    const { request } = parts.entry
    this.#reliably = requires(request, RELIABLE) ? 'all' : supports(request, RELIABLE) ? 'answers' : 'none'
    this.#sender = new ReliableSender(this.#reliably === 'none' ? 1 : 1 + core.tokens.below(FIRST_RSEQ_MAX))
    respond(core, now, parts.entry, 100)
    core.heap.set(this, this.deadline)
  }

  get session(): Session | undefined {
    return this.#session
  }

  get silent(): boolean {
    return this.#over || this.#session?.silent === true
  }

  get deadline(): Instant {
    if (!this.#waits) return NEVER
    return earlier(earlier(this.#unansweredEndsAt, this.#repeat?.at ?? NEVER), this.#sender.deadline)
  }

  dialog(remoteTag: string | undefined): Dialog | undefined {
    return remoteTag === undefined || remoteTag === this.#dialog.remoteTag ? this.#dialog : undefined
  }

  wake(now: Instant): void {
    if (!this.#waits) return
    if (now >= this.#unansweredEndsAt) {
      this.#cancelled(now, 480, undefined)
      return
    }
    const again = this.#sender.tick(now)
    if (again === 'giveUp') {
      this.#cancelled(now, 504, undefined) // RFC 3262 §3.
      return
    }
    if (again !== 'wait') this.#core.table.respond(now, this.#entry, again)
    const repeat = this.#repeat
    if (repeat !== undefined && now >= repeat.at) this.#sendProgress(now, repeat)
    this.#core.heap.set(this, this.deadline)
  }

  progress(
    now: Instant,
    status: number,
    options: { readonly answer?: SessionDescription; readonly headers?: Fields } = {},
  ): void {
    if (!this.#waits || this.#held !== undefined) return
    // A description would be an offer where the INVITE had none, and news where the answer is final already.
    const description = this.#offer !== undefined && this.#answer === undefined ? options.answer : undefined
    this.#sendProgress(now, { status, headers: [...(options.headers ?? [])], description })
  }

  accept(now: Instant, description: SessionDescription, options: AcceptOptions = {}): void {
    if (!this.#waits || this.#held !== undefined) return
    if (this.#sender.holdsAnswer) {
      this.#held = { description, options }
      this.#repeat = undefined
      this.#core.heap.set(this, this.deadline)
    } else this.#sendAnswer(now, description, options)
  }

  #sendAnswer(now: Instant, description: SessionDescription, options: AcceptOptions): void {
    this.#stopWaiting()
    const parts: SessionParts = {
      id: this.id,
      dialog: this.#dialog,
      ownsCallId: false,
      contactUser: options.contactUser ?? this.#calledUser,
      credentials: undefined,
      timer: new SessionTimer(this.#core.options.sessionExpiresSeconds),
    }
    const local = this.#answer ?? description
    const session = new Session(this.#core, parts, { local, remote: this.#offer })
    this.#session = session
    const { headers } = options
    session.answer(now, this.#entry, local, { offered: this.#offer === undefined, first: true, headers })
    // What differs from the answer that was final already is a new offer (RFC 6337 §3.1.1).
    if (local !== description && !sameMedia(local, description)) session.offerQuietly(now, description)
  }

  reject(
    now: Instant,
    status: number,
    options: { readonly reason?: string; readonly headers?: Fields } = {},
  ): void {
    if (!this.#waits) return
    this.#stopWaiting()
    this.#over = true
    respond(this.#core, now, this.#entry, status, { reason: options.reason, headers: options.headers })
    this.#core.release(this.id)
  }

  update(now: Instant, headers: Fields): void {
    if (this.#session !== undefined) this.#session.update(now, headers)
    else if (this.#waits && this.#early && this.#dialog.peer.allow.includes('UPDATE'))
      sendInDialog(
        this.#core,
        now,
        this.#dialog,
        { method: 'UPDATE', headers: [...this.#contact(), ...headers] },
        DEAF,
      )
  }

  takeRequest(now: Instant, entry: ServerEntry): void {
    if (this.#session !== undefined && entry.request.method !== 'PRACK') {
      this.#session.takeRequest(now, entry)
      return
    }
    if (!this.#dialog.takeCSeq(entry.facts.cseq.number)) {
      respond(this.#core, now, entry, 500, { reason: 'Out Of Order' })
      return
    }
    switch (entry.request.method) {
      case 'PRACK':
        this.#takePrack(now, entry)
        return
      case 'UPDATE':
        if (describedBody(entry.request).kind === 'none') {
          this.#dialog.refreshTarget(entry.request)
          respond(this.#core, now, entry, 200, { headers: this.#contact() })
        } else respond(this.#core, now, entry, 500, { headers: [retrySoon(this.#core)] }) // RFC 3311 §5.2.
        return
      case 'INVITE': // The first one is still open (§14.2).
        respond(this.#core, now, entry, 500, { headers: [retrySoon(this.#core)] })
        return
      case 'BYE': // The caller may end an early dialog (§15).
        respond(this.#core, now, entry, 200)
        this.#cancelled(now, 487, entry.request.headers.get('Reason'))
        return
      default:
        takeOther(this.#core, now, this, entry)
    }
  }

  takeAck(now: Instant, ack: SipRequest, facts: MessageFacts): void {
    this.#session?.takeAck(now, ack, facts)
  }

  takeCancel(now: Instant, cancel: SipRequest): void {
    if (this.#waits) this.#cancelled(now, 487, cancel.headers.get('Reason'))
  }

  end(now: Instant, options: { readonly status?: number; readonly reason?: string }): void {
    if (this.#session !== undefined) this.#session.end(now, options.reason)
    else
      this.reject(
        now,
        options.status ?? 480,
        options.reason === undefined ? {} : { headers: [['Reason', options.reason]] },
      )
  }

  get #waits(): boolean {
    return !this.#over && this.#session === undefined
  }

  #sendProgress(now: Instant, progress: Omit<Repeat, 'at'>): void {
    const { status, headers, description } = progress
    const { fields, body } = bodyOf(description)
    const all = [...this.#contact(), ...fields, ...headers]
    const parts: ResponseParts = { toTag: this.localTag, recordRoute: true, headers: all, body }
    const response = responseTo(this.#entry.request, status, this.#core.options.product, parts)
    const described = description !== undefined
    const reliable = this.#reliably === 'all' || (this.#reliably === 'answers' && described)
    if (reliable && described) this.#answer = description
    const sent = reliable ? this.#sender.add(now, { response, described }) : response
    if (sent !== undefined) this.#core.table.respond(now, this.#entry, sent)
    this.#early = true
    const again = reliable ? { ...progress, description: undefined } : progress
    this.#repeat = { ...again, at: after(now, PROGRESS_EVERY_MS) }
    this.#core.heap.set(this, this.deadline)
  }

  /** The PRACK of a reliable 1xx; one with an offer is refused, but its 1xx has arrived all the same (RFC 3262 §3, §5). */
  #takePrack(now: Instant, entry: ServerEntry): void {
    this.#dialog.follow(entry.flow)
    if (!this.#sender.acknowledge(entry.request, this.#entry.facts.cseq.number)) {
      respond(this.#core, now, entry, 481)
      return
    }
    respond(this.#core, now, entry, describedBody(entry.request).kind === 'none' ? 200 : 488)
    if (!this.#waits) return
    const next = this.#sender.next(now)
    if (next !== undefined) this.#core.table.respond(now, this.#entry, next)
    const held = this.#held
    if (held !== undefined && !this.#sender.holdsAnswer) {
      this.#held = undefined
      this.#sendAnswer(now, held.description, held.options)
    } else this.#core.heap.set(this, this.deadline)
  }

  #cancelled(now: Instant, status: number, reason: string | undefined): void {
    this.#stopWaiting()
    this.#over = true
    respond(this.#core, now, this.#entry, status)
    const news = reason === undefined ? {} : { reason }
    this.#core.emit({ kind: 'cancelled', call: this.id, ...news })
    this.#core.release(this.id)
  }

  #stopWaiting(): void {
    this.#repeat = undefined
    this.#sender.stop()
    this.#core.heap.delete(this)
  }

  #contact(): [string, string][] {
    return contactFields(this.#core, this.#dialog.destination, this.#calledUser)
  }

  /** Whom the caller asked for: the user part of our Contact when nobody chose another. */
  get #calledUser(): string | undefined {
    const uri = parseUri(this.#entry.request.uri)
    return uri?.kind === 'sip' ? uri.user : undefined
  }
}
