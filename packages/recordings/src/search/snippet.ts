/**
 * The words around a match, as a person reads them: cut from the text as it was written, while the match was found in its
 * folded form, whose characters stand elsewhere.
 */
import { fold, storable } from './fold.ts'

/** About how much is shown, in characters. */
export const SNIPPET_CHARS = 60

/** The surroundings of the first place where `word`, folded, occurs in `text`; undefined when it does not. */
export function snippetOf(text: string, word: string): string | undefined {
  const chars = [...storable(text).normalize('NFC')]
  const folded: string[] = []
  /** For each unit of the folded text the character that it came from. */
  const origin: number[] = []
  for (const [at, char] of chars.entries()) {
    const each = fold(char)
    folded.push(each)
    for (let unit = 0; unit < each.length; unit++) origin.push(at)
  }
  const place = folded.join('').indexOf(word)
  if (place < 0 || word === '') return undefined
  const first = origin[place] ?? 0
  const last = origin[place + word.length - 1] ?? first
  const room = Math.max(0, SNIPPET_CHARS - (last - first + 1))
  const from = Math.max(0, Math.min(first - Math.floor(room / 2), chars.length - SNIPPET_CHARS))
  const to = Math.min(chars.length, Math.max(last + 1, from + SNIPPET_CHARS))
  const shown = chars.slice(from, to).join('').replaceAll(/\s+/gu, ' ').trim()
  return `${from > 0 ? '…' : ''}${shown}${to < chars.length ? '…' : ''}`
}
