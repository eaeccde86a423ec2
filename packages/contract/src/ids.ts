/**
 * Ids on the wire (contract README §2): Webex ids are unpadded base64 of `ciscospark://<cluster>/<TYPE>/<key>`, call
 * session ids are base64 of a bare UUID, recording ids are compared without hyphens and letter case.
 *
 * Reading never fails loudly: what is no id decodes to `undefined`, and then names nothing.
 */
import { decodeBase64, encodeBase64 } from './base64.ts'

/** The types met in this contract. */
export type WebexIdType =
  | 'PEOPLE'
  | 'PLACE'
  | 'VIRTUAL_LINE'
  | 'ORGANIZATION'
  | 'LOCATION'
  | 'WEBHOOK'
  | 'APPLICATION'
  | 'CALL'
  | 'DEVICE'
  | 'ROLE'
  | 'LICENSE'

/** A Webex id taken apart; `key` may hold further slashes. */
export interface WebexId {
  readonly cluster: string
  readonly type: string
  readonly key: string
}

/** The prefix of the key of a call id: the namespace that Webex uses. */
const CALL_NAMESPACE = 'BCLD/'
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const UUID_BARE = /^[0-9a-f]{32}$/i

/** The id as it goes out, unpadded: `encodeWebexId('PEOPLE', uuid)`. */
export function encodeWebexId(type: WebexIdType, key: string, cluster = 'us'): string {
  return encodeBase64(`ciscospark://${cluster}/${type}/${key}`, { url: false })
}

/** Takes a Webex id apart, padded or not; `undefined` for anything else. */
export function decodeWebexId(id: string): WebexId | undefined {
  const text = decodeBase64(id)
  const match = text === undefined ? null : /^ciscospark:\/\/([^/]+)\/([^/]+)\/(.+)$/s.exec(text)
  if (match === null) return undefined
  return { cluster: match[1] as string, type: match[2] as string, key: match[3] as string }
}

/** The `callId` of call controls from the raw id of a call half, `callhalf-…`. */
export function encodeCallId(raw: string): string {
  return encodeWebexId('CALL', CALL_NAMESPACE + raw)
}

/** The raw id of a call half behind a `callId`; `undefined` when it cannot be one. */
export function decodeCallId(id: string): string | undefined {
  const decoded = decodeWebexId(id)
  if (decoded?.type !== 'CALL' || !decoded.key.startsWith(CALL_NAMESPACE)) return undefined
  return decoded.key.slice(CALL_NAMESPACE.length)
}

/** The `callSessionId` of call controls: base64 of the bare UUID, which recordings show as it is. */
export function encodeCallSessionId(uuid: string): string {
  return encodeBase64(uuid, { url: false })
}

/** The bare UUID behind a call control's `callSessionId`; `undefined` when it cannot be one. */
export function decodeCallSessionId(id: string): string | undefined {
  const text = decodeBase64(id)
  return text !== undefined && UUID.test(text) ? text : undefined
}

/** The raw UUID that a person, owner or location input means: a Webex id of one of `types`, or the UUID itself. */
export function rawKey(id: string, types: readonly WebexIdType[]): string | undefined {
  if (UUID.test(id) || UUID_BARE.test(id)) return canonicalUuid(id)
  const decoded = decodeWebexId(id)
  if (decoded === undefined || !(types as readonly string[]).includes(decoded.type)) return undefined
  return canonicalUuid(decoded.key)
}

/** Whether two ids name the same thing: padding, hyphens of a UUID and its letter case do not count. */
export function sameId(a: string, b: string): boolean {
  return comparable(a) === comparable(b)
}

/** A UUID in its hyphenated lower-case form; other text as it is. */
export function canonicalUuid(id: string): string {
  if (UUID.test(id)) return id.toLowerCase()
  if (!UUID_BARE.test(id)) return id
  return id.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function comparable(id: string): string {
  const key = decodeWebexId(id)?.key ?? decodeCallSessionId(id) ?? id
  return canonicalUuid(key)
}
