/**
 * The header fields of one message, in order, RFC 3261 §7.3.1.
 *
 * Names are kept in their canonical long spelling (`Call-ID`, `CSeq`), whatever the wire had; values are
 * kept as text, unfolded and trimmed. Fields that may be comma lists (Via, Route, Record-Route, Contact,
 * Allow, Supported ...) are split into one entry an element when the message is parsed.
 */

/** Canonical names are compared exactly: pass `Call-ID`, not `call-id` or `i`. */
export class Headers {
  /** Names and values in turn: one flat list is the quickest to fill, to search and to print. */
  #flat: string[] = []

  /** Line ends in a value become spaces, so that no value can smuggle in a header of its own. */
  constructor(fields: Iterable<readonly [string, string]> = []) {
    for (const [name, value] of fields) this.append(name, value)
  }

  /** Takes over a list of names and values in turn, which the parser has checked already. */
  static adopt(flat: string[]): Headers {
    const headers = new Headers()
    headers.#flat = flat
    return headers
  }

  /** The first value of `name`; undefined when there is none. */
  get(name: string): string | undefined {
    const flat = this.#flat
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return flat[i + 1]
    return undefined
  }

  /** Every value of `name`, in order. */
  all(name: string): string[] {
    const flat = this.#flat
    const values: string[] = []
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) values.push(flat[i + 1] as string) // In pairs.
    return values
  }

  /** Whether `name` is present. */
  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  /** Replaces every value of `name` by one; keeps the place of the first. */
  set(name: string, value: string): this {
    const flat = this.#flat
    const first = this.#firstIndex(name)
    if (first < 0) return this.append(name, value)
    flat[first + 1] = oneLine(value)
    for (let i = flat.length - 2; i > first; i -= 2) if (flat[i] === name) flat.splice(i, 2)
    return this
  }

  /** Adds a value after all others. */
  append(name: string, value: string): this {
    this.#flat.push(name, oneLine(value))
    return this
  }

  /** Adds a value before all others: a new top Via. */
  prepend(name: string, value: string): this {
    this.#flat.unshift(name, oneLine(value))
    return this
  }

  /** Removes every value of `name`. */
  delete(name: string): this {
    const flat = this.#flat
    for (let i = flat.length - 2; i >= 0; i -= 2) if (flat[i] === name) flat.splice(i, 2)
    return this
  }

  /** Removes the first value of `name`, and returns it. */
  shift(name: string): string | undefined {
    const index = this.#firstIndex(name)
    return index < 0 ? undefined : this.#flat.splice(index, 2)[1]
  }

  /** Replaces the first value of `name`, and leaves the others: the top Via once its source is known. */
  replaceFirst(name: string, value: string): this {
    const index = this.#firstIndex(name)
    if (index >= 0) this.#flat[index + 1] = oneLine(value)
    return this
  }

  /** A copy that can be changed without touching this one. */
  clone(): Headers {
    return Headers.adopt(this.#flat.slice())
  }

  /** Names and values in turn, for printing. Read it at once and do not keep it. */
  get flat(): readonly string[] {
    return this.#flat
  }

  *[Symbol.iterator](): IterableIterator<readonly [string, string]> {
    const flat = this.#flat
    for (let i = 0; i < flat.length; i += 2) yield [flat[i] as string, flat[i + 1] as string] // In pairs.
  }

  #firstIndex(name: string): number {
    const flat = this.#flat
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return i
    return -1
  }
}

function oneLine(value: string): string {
  return value.includes('\n') || value.includes('\r') ? value.replace(/[\r\n]+/g, ' ') : value
}
