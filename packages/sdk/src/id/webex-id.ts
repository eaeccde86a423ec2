/**
 * Webex ids: unpadded base64 of `ciscospark://<cluster>/<TYPE>/<key>`, and for a call's session base64 of the bare
 * UUID that recordings show as it is.
 */

/** What an id says. */
export interface WebexId {
  readonly cluster: string
  readonly type: string
  /** For most types a UUID; for calls `BCLD/callhalf-…`. */
  readonly key: string
}

const FORM = /^ciscospark:\/\/([^/]+)\/([A-Z_]+)\/(.+)$/
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

/** The id of a thing, without padding. */
export function encodeWebexId(type: string, key: string, cluster = 'us'): string {
  return toBase64(`ciscospark://${cluster}/${type}/${key}`)
}

/** Takes an id apart, padded or not; undefined when it is none. */
export function decodeWebexId(id: string): WebexId | undefined {
  const match = FORM.exec(fromBase64(id) ?? '')
  if (match === null) return undefined
  const [, cluster = '', type = '', key = ''] = match
  return { cluster, type, key }
}

/**
 * Whether two ids name the same thing: Webex id or raw UUID, padded or not, with hyphens or without, session id of
 * call controls or of recordings. Two Webex ids of different types never do.
 */
export function sameId(a: string, b: string): boolean {
  const left = core(a)
  const right = core(b)
  if (left.type !== undefined && right.type !== undefined && left.type !== right.type) return false
  return left.key === right.key
}

function core(id: string): { type?: string; key: string } {
  if (UUID.test(id)) return { key: plainUuid(id) }
  const webex = decodeWebexId(id)
  if (webex !== undefined)
    return { type: webex.type, key: UUID.test(webex.key) ? plainUuid(webex.key) : webex.key }
  const text = fromBase64(id)
  if (text !== undefined && UUID.test(text)) return { key: plainUuid(text) }
  return { key: id }
}

function plainUuid(uuid: string): string {
  return uuid.replaceAll('-', '').toLowerCase()
}

function toBase64(text: string): string {
  const bytes = new TextEncoder().encode(text)
  return btoa(String.fromCharCode(...bytes)).replace(/=+$/, '')
}

function fromBase64(text: string): string | undefined {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined // Not base64, or not text.
  }
}
