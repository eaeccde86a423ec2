/**
 * What can be saved of a request that was not understood, so that it can be answered: RFC 3261 §8.2.6.2 needs its
 * Via list, From, To, Call-ID and CSeq. Runs for faulty messages only, and forgives what `head.ts` does not.
 */
import { isToken } from './characters.ts'
import { headerRule } from './header-names.ts'
import { Headers } from './headers.ts'
import {
  HEAD_BYTES_MAX,
  IDENTIFIER_CHARS_MAX,
  METHOD_CHARS_MAX,
  URI_CHARS_MAX,
  VIA_COUNT_MAX,
} from './limits.ts'
import { NO_BODY, type SipRequest } from './message.ts'
import { splitList } from './split-list.ts'
import { decodeUtf8 } from './utf8.ts'
import { parseVia } from './via.ts'

/** The headers that an answer is made of, and the longest value that is worth repeating. */
const WANTED: ReadonlyMap<string, number> = new Map([
  ['Via', URI_CHARS_MAX],
  ['From', URI_CHARS_MAX],
  ['To', URI_CHARS_MAX],
  ['Call-ID', IDENTIFIER_CHARS_MAX],
  ['CSeq', IDENTIFIER_CHARS_MAX],
])

/** A request with what was found; undefined for responses, for ACK, and where no Via says whom to answer. */
export function salvageRequest(head: Uint8Array): SipRequest | undefined {
  const text = decodeUtf8(head.subarray(0, HEAD_BYTES_MAX)).replace(/\r\n[ \t]+/g, ' ')
  const lines = text.split('\r\n')
  const [method = '', uri = ''] = (lines[0] ?? '').split(' ', 2)
  if (method.length > METHOD_CHARS_MAX || !isToken(method) || method === 'ACK') return undefined

  const headers = new Headers()
  let vias = 0
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':')
    const name = colon < 0 ? undefined : headerRule(line.slice(0, colon).trim())?.name
    const charsMax = name === undefined ? undefined : WANTED.get(name)
    if (name === undefined || charsMax === undefined) continue
    const value = line.slice(colon + 1).trim()
    if (name === 'Via') {
      for (const via of splitList(value) ?? []) {
        if (via.length <= charsMax && vias++ < VIA_COUNT_MAX) headers.append(name, via)
      }
    } else if (value.length <= charsMax && !headers.has(name)) headers.append(name, value)
  }
  const top = headers.get('Via')
  if (top === undefined || parseVia(top) === undefined) return undefined
  return { kind: 'request', method, uri: uri.slice(0, URI_CHARS_MAX), headers, body: NO_BODY }
}
