/** A value that must not reach a log, an error text or a JSON body by accident. */

const REDACTED = '[redacted]'

/** Holds a secret or personal value. Printing, interpolating or serialising it shows only `[redacted]`. */
export class Secret<T> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  /** The value itself. Call it as late as possible, and never inside a log call. */
  reveal(): T {
    return this.#value
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }
}
