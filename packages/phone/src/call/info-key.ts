/**
 * A key press in an INFO, as phones send it: `application/dtmf-relay` with `Signal=5`, or `application/dtmf` with the
 * bare key. No RFC describes it.
 */
import { decodeUtf8, encodeUtf8, type SipRequest } from '@tandem/sip'

const KEY_MS = 160 // What phones say that a key was held.

/** The key in an INFO, in upper case; undefined when there is none. */
export function infoKey(request: SipRequest): string | undefined {
  const type = request.headers.get('Content-Type')?.split(';', 1)[0]?.trim().toLowerCase()
  const body = decodeUtf8(request.body)
  const match =
    type === 'application/dtmf-relay'
      ? /^Signal\s*=\s*([0-9*#A-D])\s*$/im.exec(body)
      : type === 'application/dtmf'
        ? /^\s*([0-9*#A-D])\s*$/i.exec(body)
        : null
  return match?.[1]?.toUpperCase()
}

/** Header and body of the INFO that presses a key. */
export function infoFor(key: string): { headers: [string, string][]; body: Uint8Array } {
  return {
    headers: [['Content-Type', 'application/dtmf-relay']],
    body: encodeUtf8(`Signal=${key.toUpperCase()}\r\nDuration=${KEY_MS}\r\n`),
  }
}
