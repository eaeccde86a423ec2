/**
 * The body of a NOTIFY that tells how a referred call fares: a status line as `message/sipfrag` (RFC 3420, RFC 3515
 * §2.4.5).
 */
import { reasonOf } from '../endpoint/response.ts'
import { decodeUtf8, encodeUtf8 } from '../message/utf8.ts'

/** The longest fragment that is looked at, in bytes: the status line is all that counts. */
const FRAGMENT_BYTES_MAX = 1_024

/** The bytes of `SIP/2.0 180 Ringing`; the reason is that of the RFC when none is given. */
export function sipfrag(status: number, reason: string = reasonOf(status)): Uint8Array {
  return encodeUtf8(`SIP/2.0 ${status} ${reason.replace(/[\r\n]+/g, ' ')}\r\n`)
}

/** The status that a fragment begins with; undefined when it begins with anything else. */
export function statusOfSipfrag(body: Uint8Array): number | undefined {
  const line = /^SIP\/2\.0 ([1-6][0-9]{2})(?: |\r|\n|$)/i.exec(
    decodeUtf8(body.subarray(0, FRAGMENT_BYTES_MAX)),
  )
  return line?.[1] === undefined ? undefined : Number(line[1])
}
