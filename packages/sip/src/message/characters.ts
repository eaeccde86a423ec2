/**
 * The character classes of RFC 3261 §25.1, as one table of bit flags over ASCII, and tests over whole strings.
 *
 * Every test is one pass without backtracking, so no input makes it slow.
 */

/** A flag of the class table. */
export const TOKEN = 1
/** `word`: what a Call-ID is made of. */
export const WORD = 2
/** `unreserved / user-unreserved`. */
export const USER = 8
/** `unreserved / password` characters. */
export const PASSWORD = 16
/** `unreserved / param-unreserved`. */
export const PARAM = 32
/** `unreserved / hnv-unreserved`. */
export const HEADER = 64
/** `0` to `9`. */
export const DIGIT = 128
/** A host name, with the underscore that container networks use although RFC 1123 has none. */
export const HOST = 256

const ALPHANUM = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const MARK = "-_.!~*'()"

const CLASSES = new Uint16Array(128)
function mark(flag: number, characters: string): void {
  for (const character of characters) {
    const code = character.charCodeAt(0)
    CLASSES[code] = (CLASSES[code] ?? 0) | flag
  }
}
mark(TOKEN, `${ALPHANUM}-.!%*_+\`'~`)
mark(WORD, `${ALPHANUM}-.!%*_+\`'~()<>:\\"/[]?{}`)
for (const flag of [USER, PASSWORD, PARAM, HEADER]) mark(flag, ALPHANUM + MARK)
mark(USER, '&=+$,;?/')
mark(PASSWORD, '&=+$,')
mark(PARAM, '[]/:&+$')
mark(HEADER, '[]/?:+$')
mark(DIGIT, '0123456789')
mark(HOST, `${ALPHANUM}-._`)

/** Whether the UTF-16 unit `code` belongs to one of the classes in `flags`. */
export function isIn(code: number, flags: number): boolean {
  return code < 128 && ((CLASSES[code] as number) & flags) !== 0 // 128 entries, by the test before.
}

/** Whether `text` is not empty and made only of characters of the class. */
export function consistsOf(text: string, flags: number): boolean {
  for (let i = 0; i < text.length; i++) if (!isIn(text.charCodeAt(i), flags)) return false
  return text.length > 0
}

/** Whether `text` is a token: a method, a header name, an option tag. */
export function isToken(text: string): boolean {
  return consistsOf(text, TOKEN)
}

/** The value of one or more digits; Infinity when it passes `max`, undefined when it is no number. */
export function parseDigits(text: string, max: number): number | undefined {
  let value = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return undefined
    value = value > max ? Number.POSITIVE_INFINITY : value * 10 + digit
  }
  if (text.length === 0) return undefined
  return value > max ? Number.POSITIVE_INFINITY : value
}
