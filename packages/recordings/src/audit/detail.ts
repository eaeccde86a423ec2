/**
 * What an audit row may carry: bounded, so that no request can make the log grow by more than a few kilobytes, and of
 * nothing but JSON that every database keeps as it is (PostgreSQL stores no NUL, UTF-8 no half of a surrogate pair).
 * What is cut is marked, never dropped in silence.
 */
import { canonicalJson } from './canonical-json.ts'

/** Longest text in a detail or a column: an email has 254 characters, a reason of the contract 255. */
export const DETAIL_TEXT_CHARACTERS_MAX = 512
/** Most items of a list: the contract's batches are of 100 ids. */
export const DETAIL_ITEMS_MAX = 100
/** Most levels of nesting; filters of a list have two. */
export const DETAIL_DEPTH_MAX = 4
/** Longest whole detail as JSON: a batch of 100 ids fits, and a million rows stay within 8 GB. */
export const DETAIL_CHARACTERS_MAX = 8_192

type Detail = Readonly<Record<string, unknown>>

/** The text as a column or detail keeps it. */
export function boundedText(text: string): string {
  const cut =
    text.length > DETAIL_TEXT_CHARACTERS_MAX ? `${text.slice(0, DETAIL_TEXT_CHARACTERS_MAX - 1)}…` : text
  return cut.toWellFormed().replaceAll('\0', '\u{FFFD}')
}

/** The detail as canonical JSON within the limits; `truncated` is set when members had to go. */
export function boundedDetail(detail: Detail): string {
  const bounded = boundedValue(detail, 0) as Detail // An object stays one at depth 0.
  const whole = canonicalJson(bounded)
  if (whole.length <= DETAIL_CHARACTERS_MAX) return whole
  const kept: [string, unknown][] = [['truncated', true]]
  let length = '{"truncated":true}'.length
  for (const [name, value] of Object.entries(bounded)) {
    const more = canonicalJson({ [name]: value }).length
    if (name === 'truncated' || length + more > DETAIL_CHARACTERS_MAX) continue
    kept.push([name, value])
    length += more
  }
  return canonicalJson(Object.fromEntries(kept))
}

function boundedValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return boundedText(value)
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'boolean':
    case 'undefined':
      return value
    case 'object':
      if (value === null) return null
      if (depth >= DETAIL_DEPTH_MAX) return '…'
      return Array.isArray(value) ? boundedList(value, depth) : boundedMembers(value, depth)
    default:
      return boundedText(String(value))
  }
}

function boundedList(items: readonly unknown[], depth: number): unknown[] {
  const kept = items.slice(0, DETAIL_ITEMS_MAX).map((item) => boundedValue(item, depth + 1))
  return items.length > DETAIL_ITEMS_MAX ? [...kept, `… ${items.length - DETAIL_ITEMS_MAX} more`] : kept
}

function boundedMembers(value: object, depth: number): Detail {
  const members = Object.entries(value).slice(0, DETAIL_ITEMS_MAX)
  return Object.fromEntries(members.map(([name, item]) => [boundedText(name), boundedValue(item, depth + 1)]))
}
