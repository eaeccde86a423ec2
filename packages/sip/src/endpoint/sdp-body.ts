/**
 * Session descriptions as message bodies: RFC 3261 §13.2.1, RFC 3264 §4.
 *
 * A body of another type is no description; one that says it is SDP and cannot be read spoils its message.
 */

import type { SipMessage } from '../message/message.ts'
import { encodeUtf8 } from '../message/utf8.ts'
import { mediaType } from '../message/validate.ts'
import type { MediaDescription, SessionDescription } from '../sdp/description.ts'
import { parseSdp } from '../sdp/parse-sdp.ts'
import { printSdp } from '../sdp/print-sdp.ts'

const SDP = 'application/sdp'

/** What the body of a message says about the session. */
export type DescribedBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'bad' }
  | { readonly kind: 'sdp'; readonly description: SessionDescription }

/** Reads the description in a message. */
export function describedBody(message: SipMessage): DescribedBody {
  if (message.body.length === 0 || mediaType(message.headers.get('Content-Type') ?? '') !== SDP)
    return { kind: 'none' }
  const parsed = parseSdp(message.body)
  return 'media' in parsed ? { kind: 'sdp', description: parsed } : { kind: 'bad' }
}

/** The description in a message; undefined when there is none or none that can be read. */
export function descriptionIn(message: SipMessage): SessionDescription | undefined {
  const body = describedBody(message)
  return body.kind === 'sdp' ? body.description : undefined
}

/** The field and the body that carry a description; neither without one. */
export function bodyOf(description: SessionDescription | undefined): {
  readonly fields: [string, string][]
  readonly body: Uint8Array | undefined
} {
  if (description === undefined) return { fields: [], body: undefined }
  const printed: Uint8Array | string = printSdp(description)
  const body = typeof printed === 'string' ? encodeUtf8(printed) : printed
  return { fields: [['Content-Type', SDP]], body }
}

/** The answer that refuses every stream of an offer: what an ACK carries when the call ends before it is answered. */
export function refusalOfOffer(offer: SessionDescription): SessionDescription {
  const media = offer.media.map((line): MediaDescription => ({ ...line, port: 0, rtcpPort: 0 }))
  return { ...offer, media }
}
