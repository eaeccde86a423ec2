/**
 * Paging (contract README §5): an opaque cursor that pins the sort key of the last item, so that rows added meanwhile
 * shift nothing, and the `Link` header that carries it (RFC 8288).
 */
import { decodeBase64, encodeBase64 } from './base64.ts'

/** Longest cursor that is looked at; ours have about 80 characters. */
export const CURSOR_CHARS_MAX = 512

/** The sort key of the last item of a page: creation time in Unix milliseconds, then id. */
export interface PageCursor {
  readonly at: number
  readonly id: string
}

/** The cursor as it goes into the link. */
export function encodeCursor(cursor: PageCursor): string {
  return encodeBase64(JSON.stringify([cursor.at, cursor.id]), { url: true })
}

/** The cursor behind the text, or `undefined` when we did not make it. */
export function decodeCursor(text: string): PageCursor | undefined {
  if (text.length > CURSOR_CHARS_MAX) return undefined
  const json = decodeBase64(text)
  if (json === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return undefined // Not ours; the caller answers 400.
  }
  if (!Array.isArray(value) || value.length !== 2) return undefined
  const [at, id] = value as unknown[]
  if (typeof at !== 'number' || !Number.isSafeInteger(at) || typeof id !== 'string' || id === '')
    return undefined
  return { at, id }
}

/** The `Link` header to the next page; `url` is absolute, since a known client fails on anything else. */
export function nextLink(url: string, query: ReadonlyMap<string, string>): string {
  const pairs = [...query].map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  return `<${url}?${pairs.join('&')}>; rel="next"`
}
