/**
 * A call that comes in: RFC 3261 §13.3. From its INVITE to the 2xx or the rejection; a `Session` takes over then.
 *
 * An answer that nobody gives is bounded here, and a 1xx is repeated each minute, so that proxies on the way keep
 * waiting as long as we do (§13.3.1.1).
 */
import { after, earlier, type Instant, NEVER } from '@tandem/base'
import { type Core, contactFields, respond, retrySoon } from '../endpoint/core.ts'
import type { MessageFacts } from '../endpoint/facts.ts'
import { type ResponseParts, responseTo } from '../endpoint/response.ts'
import { bodyOf } from '../endpoint/sdp-body.ts'
import type { SipCallId } from '../endpoint-api.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import { parseUri } from '../message/uri.ts'
import type { SessionDescription } from '../sdp/description.ts'
import type { ServerEntry, Timed } from '../transaction/entry.ts'
import { type Call, takeOther } from './call.ts'
import type { Dialog } from './dialog.ts'
import { Session } from './session.ts'

/** How often a 1xx is repeated, in ms: RFC 3261 §13.3.1.1. */
export const PROGRESS_EVERY_MS = 60_000
/** How long an INVITE may wait for the user, in ms: longer than any caller, shorter than for ever. */
export const UNANSWERED_MS_MAX = 900_000

type Fields = Iterable<readonly [string, string]>

/** A call placed by the peer. */
export class IncomingCall implements Call, Timed {
  readonly id: SipCallId
  readonly callId: string
  readonly localTag: string
  readonly #core: Core
  readonly #entry: ServerEntry
  readonly #dialog: Dialog
  readonly #offered: boolean
  readonly #unansweredEndsAt: Instant
  #repeat: { readonly response: SipResponse; readonly at: Instant } | undefined
  #session: Session | undefined
  #over = false

  constructor(
    core: Core,
    now: Instant,
    parts: {
      readonly id: SipCallId
      readonly entry: ServerEntry
      readonly dialog: Dialog
      /** The INVITE brought an offer. */
      readonly offered: boolean
    },
  ) {
    this.#core = core
    this.id = parts.id
    this.callId = parts.dialog.callId
    this.localTag = parts.dialog.localTag
    this.#entry = parts.entry
    this.#dialog = parts.dialog
    this.#offered = parts.offered
    this.#unansweredEndsAt = after(now, UNANSWERED_MS_MAX)
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
    return earlier(this.#unansweredEndsAt, this.#repeat?.at ?? NEVER)
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
    if (this.#repeat !== undefined && now >= this.#repeat.at) this.#sendProgress(now, this.#repeat.response)
  }

  progress(
    now: Instant,
    status: number,
    options: { readonly answer?: SessionDescription; readonly headers?: Fields } = {},
  ): void {
    if (!this.#waits) return
    const { fields, body } = bodyOf(options.answer)
    const headers = [...this.#contact(undefined), ...fields, ...(options.headers ?? [])]
    const parts: ResponseParts = { toTag: this.localTag, recordRoute: true, headers, body }
    this.#sendProgress(now, responseTo(this.#entry.request, status, this.#core.options.product, parts))
  }

  accept(
    now: Instant,
    description: SessionDescription,
    options: { readonly contactUser?: string; readonly headers?: Fields } = {},
  ): void {
    if (!this.#waits) return
    this.#stopWaiting()
    this.#session = new Session(this.#core, {
      id: this.id,
      dialog: this.#dialog,
      ownsCallId: false,
      contactUser: options.contactUser ?? this.#calledUser,
      credentials: undefined,
    })
    const { headers } = options
    this.#session.answer(now, this.#entry, description, { offered: !this.#offered, first: true, headers })
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

  takeRequest(now: Instant, entry: ServerEntry): void {
    if (this.#session !== undefined) {
      this.#session.takeRequest(now, entry)
      return
    }
    if (!this.#dialog.takeCSeq(entry.facts.cseq.number)) {
      respond(this.#core, now, entry, 500, { reason: 'Out Of Order' })
      return
    }
    switch (entry.request.method) {
      case 'INVITE': // The first one is still open (§14.2).
      case 'UPDATE': // So is its offer (RFC 3311 §5.2).
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

  #sendProgress(now: Instant, response: SipResponse): void {
    this.#repeat = { response, at: after(now, PROGRESS_EVERY_MS) }
    this.#core.table.respond(now, this.#entry, response)
    this.#core.heap.set(this, this.deadline)
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
    this.#core.heap.delete(this)
  }

  #contact(user: string | undefined): [string, string][] {
    return contactFields(this.#core, this.#dialog.destination, user ?? this.#calledUser)
  }

  /** Whom the caller asked for: the user part of our Contact when nobody chose another. */
  get #calledUser(): string | undefined {
    const uri = parseUri(this.#entry.request.uri)
    return uri?.kind === 'sip' ? uri.user : undefined
  }
}
