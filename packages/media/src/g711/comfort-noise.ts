/**
 * Comfort noise: RFC 3389. The first payload byte is the level in -dBov; the reflection coefficients after it
 * only colour the noise and are not used here.
 *
 * The noise comes from a small generator of its own, seeded by the caller: no randomness of the process.
 */

/** The level, in -dBov, from which noise is not worth making: below one step of G.711. */
export const SILENT_LEVEL_DBOV = 78

/** Makes quiet noise of a peer's level. */
export class ComfortNoise {
  #state: number
  #peak = 0

  constructor(seed: number) {
    this.#state = seed | 1 // xorshift never leaves zero.
  }

  /** Takes the level from a payload between `start` and `end`; an empty payload means silence. */
  receive(packet: Uint8Array, start: number, end: number): void {
    const level = start < end ? (packet[start] as number) & 0x7f : 127
    // White noise of peak p has the effective value p/√3; 0 dBov is a full-scale square wave.
    this.#peak =
      level >= SILENT_LEVEL_DBOV ? 0 : Math.min(32_767, 32_768 * 10 ** (-level / 20) * Math.sqrt(3))
  }

  /** Fills the first `count` samples with noise of the present level, silence before any level came. */
  fill(into: Int16Array, count: number): void {
    for (let index = 0; index < count && index < into.length; index++) {
      this.#state ^= this.#state << 13
      this.#state ^= this.#state >>> 17
      this.#state ^= this.#state << 5
      into[index] = Math.trunc((this.#state / 2 ** 31) * this.#peak)
    }
  }
}
