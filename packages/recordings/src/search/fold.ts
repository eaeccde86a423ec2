/**
 * How text is compared in topics, parties and transcripts: by us and stored, never by the engines, whose ideas of upper
 * and lower case differ (issue 4, parity). Folding a part of a text gives a part of the folded text, whatever stands
 * beside it.
 */

/** Text in the form in which it is compared: without regard to case, in one normal form, without what no engine stores. */
export function fold(text: string): string {
  // A sigma at the end of a word has a form of its own; as a part it must match one in the middle.
  return storable(text).normalize('NFC').toLowerCase().replaceAll('ς', 'σ')
}

/** Text that every engine can hold: PostgreSQL refuses NUL, and neither has half of a surrogate pair. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '')
}

/** A pattern for `like … escape '\'` that finds the folded text anywhere. */
export function likePattern(folded: string): string {
  return `%${folded.replaceAll(/[\\%_]/g, '\\$&')}%`
}

/** The words of a search: folded, without those that are part of another one. */
export function wordsOf(text: string): string[] {
  const words = [...new Set(fold(text).split(/\s+/u))].filter((word) => word !== '')
  return words.filter((word) => !words.some((other) => other !== word && other.includes(word)))
}
