/**
 * The Refer-To header of a REFER: RFC 3515 §2.1, with the Replaces of an attended transfer in its URI (RFC 5589 §7).
 *
 * Phones escape the headers of that URI more or less as RFC 3261 §19.1.1 wants; `@`, `;` and `=` are let pass bare,
 * since only one reading is possible. A REFER that carries the header twice names nobody.
 */
import type { SipRequest } from '../message/message.ts'
import { parseNameAddr } from '../message/name-addr.ts'
import { printUri, type SipUri } from '../message/uri.ts'
import { decodeUtf8Strictly, encodeUtf8 } from '../message/utf8.ts'
import { type ReplacesValue, readReplaces } from './replaces.ts'

/** Most header fields in the URI that are looked at: only Replaces means anything here. */
const URI_HEADERS_MAX = 16

/** Whom a REFER asks to call. */
export interface ReferTarget {
  /** What to place the INVITE to: without the headers and the method that stood in the URI. */
  readonly uri: string
  /** The user part, or the number of a `tel:` URI. */
  readonly user?: string
  /** '' for a `tel:` URI. */
  readonly host: string
  /** The call that the new one shall take the place of. */
  readonly replaces?: ReplacesValue
  /** The `method` of the URI in upper case: a REFER that asks for anything but INVITE is no transfer. */
  readonly method?: string
}

/** Reads the Refer-To of a request; undefined (a 400) when it is missing, malformed, or there twice. */
export function parseReferTo(request: SipRequest): ReferTarget | undefined {
  const [value, ...more] = request.headers.all('Refer-To')
  if (value === undefined || more.length > 0) return undefined
  const { bare, fields } = withoutHeaders(value)
  const address = parseNameAddr(bare)
  const replaces = replacesIn(fields)
  if (address === undefined || replaces === 'malformed') return undefined
  const named = replaces === undefined ? {} : { replaces }
  const { uri } = address
  if (uri.kind === 'tel') return { uri: printUri(uri), user: uri.number, host: '', ...named }
  if (uri.kind !== 'sip') return undefined
  const method = uri.params.get('method')?.toUpperCase()
  return {
    uri: printUri(withoutMethod(uri)),
    ...(uri.user === undefined ? {} : { user: uri.user }),
    host: uri.host,
    ...named,
    ...(method === undefined ? {} : { method }),
  }
}

/** Takes the `?name=value&...` out of the URI inside the angle brackets. */
function withoutHeaders(value: string): { readonly bare: string; readonly fields: string } {
  const open = value.lastIndexOf('<')
  const close = value.indexOf('>', open)
  if (open < 0 || close < 0) return { bare: value, fields: '' }
  const uri = value.slice(open + 1, close)
  const question = uri.indexOf('?', Math.max(0, uri.indexOf('@'))) // A user part may hold a question mark.
  if (question < 0) return { bare: value, fields: '' }
  const bare = `${value.slice(0, open + 1)}${uri.slice(0, question)}${value.slice(close)}`
  return { bare, fields: uri.slice(question + 1) }
}

function replacesIn(fields: string): ReplacesValue | 'malformed' | undefined {
  if (fields === '') return undefined
  let found: ReplacesValue | undefined
  for (const field of fields.split('&', URI_HEADERS_MAX)) {
    const equal = field.indexOf('=')
    if (equal < 0) return 'malformed'
    if (field.slice(0, equal).toLowerCase() !== 'replaces') continue
    const text = unescaped(field.slice(equal + 1))
    const value = text === undefined ? undefined : readReplaces(text)
    if (value === undefined || found !== undefined) return 'malformed'
    found = value
  }
  return found
}

/** Undoes `%XX`; undefined when an escape is broken or the bytes are no UTF-8. */
function unescaped(text: string): string | undefined {
  if (!/^(?:[^%]|%[0-9A-Fa-f]{2})*$/.test(text)) return undefined
  const bytes: number[] = []
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '%') bytes.push(...encodeUtf8(text[i] ?? ''))
    else {
      bytes.push(Number.parseInt(text.slice(i + 1, i + 3), 16))
      i += 2
    }
  }
  return decodeUtf8Strictly(Uint8Array.from(bytes))
}

function withoutMethod(uri: SipUri): SipUri {
  if (!uri.params.has('method')) return uri
  const params = new Map(uri.params)
  params.delete('method')
  return { ...uri, params }
}
