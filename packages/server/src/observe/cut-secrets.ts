/**
 * The second guard of the log: whatever code hands over, what could name a person or open a door is cut away, by the name
 * of its field and by the look of its value. The first guard is that code hands over ids, codes and counts only
 * (promise P12).
 */

/** What stands in place of what was cut. */
export const CUT = '[cut]'

/** The last word of a field's name that never reaches the log: `email`, but also `ownerEmail` and `owner_email`. */
const CUT_WORDS: ReadonlySet<string> = new Set([
  ...[
    'authorization',
    'body',
    'challenge',
    'contact',
    'cookie',
    'credentials',
    'destination',
    'digest',
    'email',
  ],
  ...[
    'extension',
    'from',
    'host',
    'name',
    'nonce',
    'number',
    'passphrase',
    'password',
    'phone',
    'pin',
    'query',
  ],
  ...[
    'remote',
    'secret',
    'signature',
    'subject',
    'to',
    'token',
    'topic',
    'transcript',
    'uri',
    'url',
    'user',
    'username',
  ],
])

/** Names that end in one of those words and are ours, never a person's. */
const KEPT_NAMES: ReadonlySet<string> = new Set(['hostname', 'migrationName'])

/** What is cut out of texts wherever it stands. Each is bounded, so that a long text cannot hold the log up. */
const SHAPES: readonly RegExp[] = [
  /\b(?:td[a-z]{1,4}|whsec)_[\w.~+/=-]{6,}/g, // Our tokens and secrets, and those of webhooks.
  /\beyJ[\w-]{8,4096}\.[\w-]{2,4096}(?:\.[\w-]{0,4096})?/g, // JSON Web Tokens.
  /\b(?:Bearer|Basic|Digest)\s+[^\s"]{4,4096}/gi,
  /\b(?:response|nonce|cnonce|password|secret|token|code|signature)=("[^"]{0,512}"|[^\s&"]{4,512})/gi,
  /\b[a-z][a-z\d+.-]{1,12}:\/\/[^\s/@]{1,256}@/gi, // User and password before a host.
  /\b(?:sips?|tel):[^\s<>"]{1,256}/gi,
  /[\p{L}\d.!#$%&'*+/=?^_`{|}~-]{1,64}@[\p{L}\d-]{1,63}(?:\.[\p{L}\d-]{1,63}){1,8}/gu, // Email addresses.
  /(?<![\p{L}\d])\+\d[\d ().-]{4,20}\d/gu, // Numbers in E.164.
]

/** How deep a value is looked through; deeper it is cut whole. */
const DEPTH_MAX = 4
/** How many members of a list or object are kept. */
const MEMBERS_MAX = 50
/** How much of a text is kept. */
const TEXT_CHARS_MAX = 2_000

/** A text without what must not be logged. */
export function cutText(text: string): string {
  let safe = text.length > TEXT_CHARS_MAX ? `${text.slice(0, TEXT_CHARS_MAX)}…` : text
  for (const shape of SHAPES) safe = safe.replace(shape, CUT)
  return safe
}

/** Fields without those that must not be logged, at any depth. */
export function cutFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return cutMembers(fields, 0)
}

/** Where an error came from, and not what it says: its text may quote what a client sent. */
export function cutError(error: unknown): string {
  if (!(error instanceof Error)) return `a value of type ${typeof error}`
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : ''
  const cause = error.cause === undefined ? '' : ` < ${cutError(error.cause)}`
  return `${error.name}${code} ${framesOf(error.stack ?? '').join(' < ')}${cause}`
}

/** The frames of a stack, without the text of the error above them. */
function framesOf(stack: string): string[] {
  return stack.split('\n').flatMap((line) => (/^\s+at /.test(line) ? [line.trim()] : []))
}

function cutMembers(fields: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields).slice(0, MEMBERS_MAX))
    if (name === 'stack' && typeof value === 'string') kept[name] = framesOf(value).join(' < ')
    else if (!isCut(name) || isCount(name, value)) kept[name] = cutValue(value, depth)
  return kept
}

function cutValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return cutText(value)
    case 'bigint':
      return String(value)
    case 'object':
      break
    case 'function':
    case 'symbol':
      return CUT
    default:
      return value
  }
  if (value === null) return value
  if (value instanceof Error) return cutError(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? CUT : value.toISOString()
  if (depth >= DEPTH_MAX || ArrayBuffer.isView(value)) return CUT
  if (Array.isArray(value)) return value.slice(0, MEMBERS_MAX).map((item) => cutValue(item, depth + 1))
  return cutMembers(value as Record<string, unknown>, depth + 1) // An object: its members are looked at one by one.
}

/** `{ numbers: 3 }` says how many there are, not which. */
function isCount(name: string, value: unknown): boolean {
  return name.endsWith('s') && typeof value === 'number'
}

/** Whether the last word of a name, as camel case or with lines between, is one that is cut. */
function isCut(name: string): boolean {
  if (KEPT_NAMES.has(name)) return false
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_.\s-]+/)
  const last = words.at(-1) ?? ''
  return CUT_WORDS.has(last) || CUT_WORDS.has(last.replace(/s$/, ''))
}
