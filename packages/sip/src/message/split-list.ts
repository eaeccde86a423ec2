/**
 * Comma lists: RFC 3261 §7.3.1. Commas inside quotes and inside angle brackets belong to their element.
 */

const COMMA = 44
const QUOTE = 34
const BACKSLASH = 92

/**
 * The elements of a comma list, trimmed. One pass. An empty element stays, as '', for the caller to judge; undefined
 * when a quote or a bracket is left open.
 */
export function splitList(value: string): string[] | undefined {
  const elements: string[] = []
  let from = 0
  let inAngle = false
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code === QUOTE && !inAngle) {
      i = closingQuote(value, i + 1)
      if (i < 0) return undefined
    } else if (code === 60) inAngle = true
    else if (code === 62) inAngle = false
    else if (code === COMMA && !inAngle) {
      elements.push(trimmed(value, from, i))
      from = i + 1
    }
  }
  elements.push(trimmed(value, from, value.length))
  return inAngle ? undefined : elements
}

function closingQuote(value: string, from: number): number {
  for (let i = from; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code === BACKSLASH) i++
    else if (code === QUOTE) return i
  }
  return -1
}

/** The part of `text` from `from` to `to` without spaces and tabs around it. */
export function trimmed(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

/** Whether the UTF-16 unit is a space or a tab. */
export function isSpace(code: number): boolean {
  return code === 32 || code === 9
}
