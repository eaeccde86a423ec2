/**
 * Keeps one session refreshed: RFC 4028 §7.4, §10. By an UPDATE without an offer where the peer takes one (RFC 3311),
 * else by a re-INVITE with the description in force, unchanged.
 *
 * The user's own UPDATEs without an offer go the same way, since each of them refreshes the session too.
 */
import type { Instant } from '@tandem/base'
import { type Core, contactFields, supportedField } from '../endpoint/core.ts'
import type { SipResponse } from '../message/message.ts'
import type { SessionDescription } from '../sdp/description.ts'
import type { Flow } from '../transport/flow.ts'
import type { OwnOffers } from './own-offers.ts'
import { endsDialog, sendInDialog } from './request.ts'
import type { SessionParts } from './session.ts'

/** The session that is kept alive. */
export interface RefreshedSession {
  /** Whether an offer of either side is open: no re-INVITE may go. */
  readonly offerOpen: boolean
  /** The description of ours that is in force. */
  readonly local: SessionDescription
  /** A refresh has come to an end: deadlines may have moved. */
  settled(now: Instant): void
  /** The peer has no such dialog, or says nothing (RFC 3261 §12.2.1.2). */
  lost(now: Instant, status: number): void
}

type Fields = Iterable<readonly [string, string]>

/** The refreshing of one session. */
export class Refresher {
  readonly #core: Core
  readonly #parts: SessionParts
  readonly #ours: OwnOffers
  readonly #session: RefreshedSession
  /** The peer names UPDATE in its Allow and refuses it all the same. */
  #updateRefused = false

  constructor(core: Core, parts: SessionParts, ours: OwnOffers, session: RefreshedSession) {
    this.#core = core
    this.#parts = parts
    this.#ours = ours
    this.#session = session
  }

  /** When `tick` is next due. */
  get deadline(): Instant {
    return this.#parts.timer.deadline
  }

  /** Moves time forward; false when the session has expired. */
  tick(now: Instant): boolean {
    const due = this.#parts.timer.due(now)
    if (due === 'refresh') this.#refresh(now)
    return due !== 'expired'
  }

  /** Sends an UPDATE of the user; nothing when the peer takes none. */
  update(now: Instant, headers: Fields): void {
    if (this.#takesUpdate) this.#sendUpdate(now, { headers: [...headers], refreshing: false, again: false })
  }

  get #takesUpdate(): boolean {
    return !this.#updateRefused && this.#parts.dialog.peer.allow.includes('UPDATE')
  }

  #refresh(now: Instant): void {
    if (this.#takesUpdate) this.#sendUpdate(now, { headers: [], refreshing: true, again: false })
    else if (this.#session.offerOpen || this.#ours.waiting) this.#parts.timer.postpone(now)
    else this.#ours.refresh(now, this.#session.local)
  }

  #sendUpdate(
    now: Instant,
    update: {
      readonly headers: readonly (readonly [string, string])[]
      /** It is sent for the timer's sake, so what comes of it matters to the timer. */
      readonly refreshing: boolean
      /** It is sent with the interval that a 422 asked for. */
      readonly again: boolean
    },
  ): void {
    const { dialog, contactUser, credentials, timer } = this.#parts
    const headers = [
      ...contactFields(this.#core, dialog.destination, contactUser),
      supportedField(this.#core, { reliable: false }),
      ...timer.requestFields(),
      ...update.headers,
    ]
    sendInDialog(
      this.#core,
      now,
      dialog,
      { method: 'UPDATE', headers, credentials },
      {
        response: (at, response, flow) => {
          if (response.status < 200) return
          if (response.status < 300) {
            dialog.refreshTarget(response)
            timer.takeResponse(at, response)
          } else if (endsDialog('UPDATE', response.status)) {
            this.#session.lost(at, response.status)
            return
          } else if (response.status === 422 && !update.again && timer.takeTooSmall(response)) {
            this.#sendUpdate(at, { ...update, again: true })
            return
          } else if (update.refreshing) this.#refused(at, response, flow)
          this.#session.settled(at)
        },
      },
    )
  }

  #refused(now: Instant, response: SipResponse, flow: Flow | undefined): void {
    if (response.status === 405 || response.status === 501) {
      this.#updateRefused = true
      this.#refresh(now)
    } else this.#parts.timer.failed(now, { answered: flow !== undefined })
  }
}
