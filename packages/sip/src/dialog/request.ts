/**
 * A request of ours inside a dialog, with one answer to a challenge: RFC 3261 §12.2.1.1, §22.2.
 *
 * Credentials are those the call was placed with; a call without any answers no challenge, whoever asks.
 */
import type { Instant } from '@tandem/base'
import { answerChallenge } from '../auth/answer.ts'
import type { Core } from '../endpoint/core.ts'
import type { ClientTransactionId, Credentials } from '../endpoint-api.ts'
import type { SipResponse } from '../message/message.ts'
import type { ClientListener } from '../transaction/entry.ts'
import type { Flow } from '../transport/flow.ts'
import type { Dialog } from './dialog.ts'

/** What is sent. */
export interface InDialogParts {
  readonly method: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: Uint8Array | undefined
  readonly id?: ClientTransactionId
  readonly credentials?: Credentials | undefined
}

/** Sends it; the listener hears the final response once, after the challenge if there was one. */
export function sendInDialog(
  core: Core,
  now: Instant,
  dialog: Dialog,
  parts: InDialogParts,
  listener: ClientListener,
): void {
  const { method, headers = [], body, id, credentials } = parts
  const request = dialog.request(method, { headers, body })
  const answering: ClientListener = {
    response(at: Instant, response: SipResponse, flow: Flow | undefined): void {
      const field =
        credentials === undefined || flow === undefined
          ? undefined
          : answerChallenge(core.options.crypto, request, response, {
              credentials,
              cnonce: core.tokens.name(),
            })
      if (field === undefined) listener.response(at, response, flow)
      else {
        const again = dialog.request(method, { headers: [...headers, field], body })
        core.table.send(at, again, dialog.destination, listener, id)
      }
    },
  }
  core.table.send(now, request, dialog.destination, credentials === undefined ? listener : answering, id)
}

/**
 * Whether a failed request means that the dialog is gone (§12.2.1.2). A 408 or 481 to NOTIFY, REFER or SUBSCRIBE is
 * about that usage alone (RFC 5057 §5.1): a phone that knows no `Event: talk` must not lose its call over it.
 */
export function endsDialog(method: string, status: number): boolean {
  if (method === 'NOTIFY' || method === 'REFER' || method === 'SUBSCRIBE') return false
  return status === 408 || status === 481
}
