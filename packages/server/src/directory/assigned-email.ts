/**
 * The email of an owner that has none of its own: a workspace or a virtual line (converged-recordings §2: an address
 * assigned by the server, never empty). It is `<extension>.<kind>@<first domain>`, such as `105.place@office.test`, since
 * an extension is unique in its organisation. Nothing is ever sent there.
 */
import type { LineTable } from '../data/tables.ts'

/** The kinds of line in an address, which has no capital letters. */
const KINDS: Readonly<Record<string, string>> = { place: 'place', virtualLine: 'virtualline' }

/** The domain of an organisation that has none; it is never anybody's (RFC 2606 §2). */
const NO_DOMAIN = 'recordings.invalid'

/** The address of a line. `domain` is the organisation's first one. */
export function assignedEmail(
  line: Pick<LineTable, 'kind' | 'extension'>,
  domain: string | undefined,
): string {
  return `${line.extension}.${KINDS[line.kind] ?? 'line'}@${domain ?? NO_DOMAIN}`.toLowerCase()
}

/** Which line an address may mean; undefined for any other address. The domain is for the caller to compare. */
export function assignedLine(
  email: string,
): { readonly kind: string; readonly extension: string; readonly domain: string } | undefined {
  const match = /^(.+)\.(place|virtualline)@([^@]+)$/.exec(email.toLowerCase())
  if (match === null) return undefined
  const [, extension = '', word = '', domain = ''] = match
  const kind = Object.keys(KINDS).find((name) => KINDS[name] === word)
  return kind === undefined ? undefined : { kind, extension, domain }
}
