/**
 * The `Link` header with `rel="next"`: RFC 8288 §3.
 */

/** The target of the first link whose relation is `next`, as written; undefined when there is none. */
export function nextLink(header: string | null): string | undefined {
  for (const { target, parameters } of links(header ?? ''))
    if (relations(parameters).includes('next')) return target
  return undefined
}

const PARAMETER = /;\s*([^\s=;"]+)(?:\s*=\s*(?:"([^"]*)"|([^\s;"]*)))?/g

/** The relation types of a link: those of its first `rel` parameter. */
function relations(parameters: string): string[] {
  for (const [, name = '', quoted, plain] of parameters.matchAll(PARAMETER))
    if (name.toLowerCase() === 'rel') return (quoted ?? plain ?? '').toLowerCase().split(/\s+/)
  return []
}

/** Splits the header by hand: targets and quoted strings may hold commas. */
function links(header: string): { target: string; parameters: string }[] {
  const found: { target: string; parameters: string }[] = []
  let at = 0
  for (;;) {
    const open = header.indexOf('<', at)
    const close = open < 0 ? -1 : header.indexOf('>', open)
    if (close < 0) return found
    const end = parametersEnd(header, close + 1)
    found.push({ target: header.slice(open + 1, close).trim(), parameters: header.slice(close + 1, end) })
    at = end + 1
  }
}

/** Where the parameters that begin at `from` end: at a comma outside of quotes. */
function parametersEnd(header: string, from: number): number {
  let quoted = false
  for (let at = from; at < header.length; at++) {
    if (header[at] === '"') quoted = !quoted
    else if (header[at] === ',' && !quoted) return at
  }
  return header.length
}
