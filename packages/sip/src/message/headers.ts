/**
 * The header fields of one message, in order, RFC 3261 §7.3.1.
 *
 * Names are kept in their canonical long spelling (`Call-ID`, `CSeq`), whatever the wire had; values are
 * kept as text, unfolded and trimmed. Fields that may be comma lists (Via, Route, Record-Route, Contact,
 * Allow, Supported ...) are split into one entry an element when the message is parsed.
 */

/** Canonical names are compared exactly: pass `Call-ID`, not `call-id` or `i`. */
export class Headers {
  readonly #fields: [name: string, value: string][]

  constructor(fields: Iterable<readonly [string, string]> = []) {
    this.#fields = Array.from(fields, ([name, value]) => [name, value])
  }

  /** The first value of `name`; undefined when there is none. */
  get(name: string): string | undefined {
    for (const field of this.#fields) if (field[0] === name) return field[1]
    return undefined
  }

  /** Every value of `name`, in order. */
  all(name: string): string[] {
    const values: string[] = []
    for (const field of this.#fields) if (field[0] === name) values.push(field[1])
    return values
  }

  /** Whether `name` is present. */
  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  /** Replaces every value of `name` by one; keeps the place of the first. */
  set(name: string, value: string): this {
    const first = this.#fields.find((field) => field[0] === name)
    if (first === undefined) return this.append(name, value)
    first[1] = value
    for (let i = this.#fields.length - 1; i >= 0; i--) {
      const field = this.#fields[i]
      if (field !== undefined && field !== first && field[0] === name) this.#fields.splice(i, 1)
    }
    return this
  }

  /** Adds a value after all others. */
  append(name: string, value: string): this {
    this.#fields.push([name, value])
    return this
  }

  /** Adds a value before all others: a new top Via. */
  prepend(name: string, value: string): this {
    this.#fields.unshift([name, value])
    return this
  }

  /** Removes every value of `name`. */
  delete(name: string): this {
    for (let i = this.#fields.length - 1; i >= 0; i--)
      if (this.#fields[i]?.[0] === name) this.#fields.splice(i, 1)
    return this
  }

  /** Removes the first value of `name`, and returns it. */
  shift(name: string): string | undefined {
    const index = this.#fields.findIndex((field) => field[0] === name)
    return index < 0 ? undefined : this.#fields.splice(index, 1)[0]?.[1]
  }

  /** A copy that can be changed without touching this one. */
  clone(): Headers {
    return new Headers(this.#fields)
  }

  [Symbol.iterator](): IterableIterator<readonly [string, string]> {
    return this.#fields[Symbol.iterator]()
  }
}
