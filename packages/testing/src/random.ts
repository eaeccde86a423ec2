/** A seeded random source: the same seed gives the same sequence on every machine. */

/** SplitMix32: small, fast, and good enough to shuffle a test. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** The next 32 random bits. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0
    let z = this.#state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }

  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit)
  }

  /** True with the given probability, 0 to 1. */
  chance(probability: number): boolean {
    return this.next() / 2 ** 32 < probability
  }

  /** One of `items`, each equally likely. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T // `below` stays inside the list.
  }

  /** `length` random bytes. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256))
  }
}
