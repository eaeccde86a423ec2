/**
 * The parameters behind a header value, `;name=value`: `generic-param` of RFC 3261 §25.1.
 *
 * Names are lower-cased, values stay as written (quotes included, see `unquote`); a flag such as `;lr` has the
 * value ''. A name that comes twice spoils the whole (RFC 3261 §7.3.1), as does anything after the last one.
 */
import { isIn, TOKEN } from './characters.ts'
import { PARAMETER_COUNT_MAX } from './limits.ts'
import type { Scanner } from './scanner.ts'

/** Parameters in the order they were written. */
export type Params = ReadonlyMap<string, string>

/** What most values have. */
export const NO_PARAMS: Params = new Map()

/** Reads `*( SEMI generic-param )` to the end of the text; undefined when it is not that. */
export function scanParams(scanner: Scanner): Params | undefined {
  scanner.space()
  if (scanner.done) return NO_PARAMS
  const params = new Map<string, string>()
  while (!scanner.done) {
    if (!scanner.mark(';')) return undefined
    const name = scanner.token().toLowerCase()
    if (name === '' || params.has(name) || params.size >= PARAMETER_COUNT_MAX) return undefined
    let value = ''
    if (scanner.mark('=')) {
      const scanned = scanValue(scanner)
      if (scanned === undefined) return undefined
      value = scanned
    }
    params.set(name, value)
    scanner.space()
  }
  return params
}

/** `gen-value`: a token, a host (an IPv6 reference among them) or a quoted string. */
function scanValue(scanner: Scanner): string | undefined {
  if (scanner.code === 34) return scanner.quoted()
  const from = scanner.at
  // `received` carries IPv6 addresses with and without brackets (RFC 3261 §25.1, `via-received`).
  while (isIn(scanner.code, TOKEN) || scanner.code === 91 || scanner.code === 93 || scanner.code === 58)
    scanner.at++
  return scanner.at > from ? scanner.text.slice(from, scanner.at) : undefined
}

/** Writes parameters as they stand in a header. */
export function printParams(params: Params): string {
  let text = ''
  for (const [name, value] of params) text += value === '' ? `;${name}` : `;${name}=${value}`
  return text
}
