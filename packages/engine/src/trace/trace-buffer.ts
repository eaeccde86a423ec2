/**
 * The last SIP messages of this node, for the ladder that an operator looks at: references in a ring, so that keeping one
 * costs no more than a few stores. Nothing is copied or masked before somebody asks.
 *
 * A message belongs to a call by its Call-ID, which is bound to a leg as soon as the leg has one, and stays bound for as
 * long as a message of it is kept: a call is still there to be looked at when it has ended.
 */
import type { WallTime } from '@tandem/base'
import type { SipMessage } from '@tandem/sip'

/** Messages kept unless the limits say otherwise: some 1,500 plain calls of thirteen messages each. */
export const TRACE_MESSAGES_MAX = 20_000

/** Requests that are never part of a call, and come all day: not kept. */
const OUTSIDE_CALLS = / (?:REGISTER|OPTIONS|SUBSCRIBE|PUBLISH)$/

/** One message, as it was sent or came. */
export interface KeptMessage {
  readonly at: WallTime
  readonly direction: 'in' | 'out'
  readonly message: SipMessage
  readonly callId: string
  /** Our name of the leg. */
  readonly leg: string
}

interface Slot {
  readonly at: WallTime
  readonly direction: 'in' | 'out'
  readonly message: SipMessage
  readonly dialog: Dialog
}

/** What is known of one Call-ID. */
interface Dialog {
  readonly callId: string
  /** How many messages of it are kept. */
  count: number
  leg: string | undefined
  orgId: string | undefined
  /** The sessions that it was part of. */
  readonly sessions: string[]
}

/** The ring, and who its messages belong to. */
export class TraceBuffer {
  readonly #messagesMax: number
  readonly #slots: Slot[] = []
  readonly #dialogs = new Map<string, Dialog>()
  /** By leg, those with messages in the ring. */
  readonly #byLeg = new Map<string, Dialog>()
  /** Where the next message goes once the ring is full. */
  #next = 0

  constructor(messagesMax: number = TRACE_MESSAGES_MAX) {
    this.#messagesMax = messagesMax
  }

  /** How many messages are kept. */
  get size(): number {
    return this.#slots.length
  }

  /** How many Call-IDs are known. */
  get dialogs(): number {
    return this.#dialogs.size
  }

  /** Keeps a message, in place of the oldest when there is no room. */
  note(at: WallTime, direction: 'in' | 'out', message: SipMessage): void {
    const callId = message.headers.get('Call-ID')
    if (this.#messagesMax === 0 || callId === undefined) return
    if (OUTSIDE_CALLS.test(message.headers.get('CSeq') ?? '')) return
    const dialog = this.#dialogOf(callId)
    dialog.count += 1
    const slot = { at, direction, message, dialog }
    if (this.#slots.length < this.#messagesMax) {
      this.#slots.push(slot)
      return
    }
    const oldest = this.#slots[this.#next]
    this.#slots[this.#next] = slot
    this.#next = (this.#next + 1) % this.#messagesMax
    if (oldest !== undefined) this.#forget(oldest.dialog)
  }

  /** Says whose the messages of a Call-ID are, those that were kept already and those to come. */
  bind(
    callId: string,
    to: { readonly leg: string; readonly sessionId: string; readonly orgId: string },
  ): void {
    const dialog = this.#messagesMax === 0 ? undefined : this.#dialogs.get(callId)
    if (dialog === undefined) return
    dialog.leg = to.leg
    dialog.orgId = to.orgId
    if (!dialog.sessions.includes(to.sessionId)) dialog.sessions.push(to.sessionId)
    this.#byLeg.set(to.leg, dialog)
  }

  /** A leg has become part of another session: its messages show in both. */
  moved(leg: string, sessionId: string): void {
    const dialog = this.#byLeg.get(leg)
    if (dialog?.sessions.includes(sessionId) === false) dialog.sessions.push(sessionId)
  }

  /** The messages of a session, oldest first, and whose session it is; nothing when none is kept. */
  of(sessionId: string): { readonly orgId: string | undefined; readonly messages: readonly KeptMessage[] } {
    const messages: KeptMessage[] = []
    let orgId: string | undefined
    for (let index = 0; index < this.#slots.length; index++) {
      const slot = this.#slots[(this.#next + index) % this.#slots.length]
      if (slot?.dialog.leg === undefined || !slot.dialog.sessions.includes(sessionId)) continue
      const { at, dialog, direction, message } = slot
      orgId = dialog.orgId
      messages.push({ at, direction, message, callId: dialog.callId, leg: slot.dialog.leg })
    }
    return { orgId, messages }
  }

  #dialogOf(callId: string): Dialog {
    const known = this.#dialogs.get(callId)
    if (known !== undefined) return known
    const dialog: Dialog = { callId, count: 0, leg: undefined, orgId: undefined, sessions: [] }
    this.#dialogs.set(callId, dialog)
    return dialog
  }

  #forget(dialog: Dialog): void {
    dialog.count -= 1
    if (dialog.count > 0) return
    if (this.#dialogs.get(dialog.callId) === dialog) this.#dialogs.delete(dialog.callId)
    if (dialog.leg !== undefined && this.#byLeg.get(dialog.leg) === dialog) this.#byLeg.delete(dialog.leg)
  }
}
