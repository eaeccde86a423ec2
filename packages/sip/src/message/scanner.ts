/**
 * A cursor over the text of one header value: RFC 3261 §25.1's tokens, quoted strings and linear white space.
 *
 * Each method takes what it names and moves on, or takes nothing and says so. Header values come unfolded,
 * so white space is spaces and tabs.
 */
import { isIn, TOKEN } from './characters.ts'

const QUOTE = 34
const BACKSLASH = 92

/** Reads one header value from left to right. */
export class Scanner {
  readonly text: string
  /** The next character to read. */
  at: number

  constructor(text: string, at = 0) {
    this.text = text
    this.at = at
  }

  /** Whether everything was read. */
  get done(): boolean {
    return this.at >= this.text.length
  }

  /** The next character's code; NaN at the end. */
  get code(): number {
    return this.text.charCodeAt(this.at)
  }

  /** Skips spaces and tabs; says whether there were any. */
  space(): boolean {
    const from = this.at
    while (this.code === 32 || this.code === 9) this.at++
    return this.at > from
  }

  /** Takes one character, if it is next. */
  take(character: string): boolean {
    if (this.text[this.at] !== character) return false
    this.at++
    return true
  }

  /** Takes one character with optional white space on both sides: RFC 3261's SEMI, EQUAL, SLASH, COLON, COMMA. */
  mark(character: string): boolean {
    const from = this.at
    this.space()
    if (!this.take(character)) {
      this.at = from
      return false
    }
    this.space()
    return true
  }

  /** Takes the longest run of characters of the classes in `flags`; empty when there is none. */
  run(flags: number): string {
    const from = this.at
    while (isIn(this.code, flags)) this.at++
    return this.text.slice(from, this.at)
  }

  /** Takes a token; empty when there is none. */
  token(): string {
    return this.run(TOKEN)
  }

  /** Takes a quoted string, and returns it as written, quotes included; undefined when it does not close. */
  quoted(): string | undefined {
    const end = endOfQuoted(this.text, this.at)
    if (end < 0) return undefined
    const raw = this.text.slice(this.at, end)
    this.at = end
    return raw
  }
}

/** The index behind the quoted string that begins at `from`; -1 when none begins there or it does not close. */
export function endOfQuoted(text: string, from: number): number {
  if (text.charCodeAt(from) !== QUOTE) return -1
  for (let i = from + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === BACKSLASH) i++
    else if (code === QUOTE) return i + 1
  }
  return -1
}

/** The text inside a quoted string, with its escapes undone; a text without quotes comes back as it is. */
export function unquote(raw: string): string {
  if (raw.length < 2 || raw.charCodeAt(0) !== QUOTE) return raw
  const inner = raw.slice(1, -1)
  return inner.includes('\\') ? inner.replace(/\\(.)/gsu, '$1') : inner
}

/** `text` as a quoted string. Line ends and other controls, which no quoted string may hold, become spaces. */
export function quote(text: string): string {
  return `"${text.replace(/[\x00-\x1f\x7f]/g, ' ').replace(/["\\]/g, '\\$&')}"`
}
