/**
 * The stretch of one stream that is still being put together: samples written anywhere, taken from the front.
 *
 * Positions count samples from the recording's beginning, pauses included. What was never written is silence.
 */

const FIRST_SAMPLES = 16_000 // Two seconds; a window of a live call never needs more.

/** A growing window over one stream. */
export class SampleWindow {
  #data = new Int16Array(FIRST_SAMPLES)
  #base: number
  #end: number

  /** `base` is the first position that can be written. */
  constructor(base: number) {
    this.#base = base
    this.#end = base
  }

  /** Writes `count` samples at `position`; what lies before the window is left out. */
  write(position: number, samples: Int16Array, count: number): void {
    const skipped = Math.max(0, this.#base - position)
    if (skipped >= count) return
    this.#reserve(position + count)
    this.#data.set(samples.subarray(skipped, count), position + skipped - this.#base)
    this.#end = Math.max(this.#end, position + count)
  }

  /** One past the last position written, or the first that can be. */
  get end(): number {
    return this.#end
  }

  /** Adds the samples from `from` up to `to` to those in `into`. A sum that does not fit stays at the limit. */
  add(from: number, to: number, into: Int16Array, offset: number): void {
    const count = Math.min(to, this.#end) - from
    const start = from - this.#base
    for (let index = 0; index < count; index++) {
      const sum = (into[offset + index] as number) + (this.#data[start + index] as number) // Both below their ends.
      into[offset + index] = sum > 32_767 ? 32_767 : sum < -32_768 ? -32_768 : sum
    }
  }

  /** Forgets everything before `position`. */
  advance(position: number): void {
    const dropped = position - this.#base
    if (dropped <= 0) return
    const kept = Math.max(0, this.#end - position)
    this.#data.copyWithin(0, dropped, dropped + kept)
    this.#data.fill(0, kept, Math.max(kept, this.#end - this.#base))
    this.#base = position
    this.#end = Math.max(this.#end, position)
  }

  #reserve(end: number): void {
    const needed = end - this.#base
    if (needed <= this.#data.length) return
    const grown = new Int16Array(Math.max(needed, 2 * this.#data.length))
    grown.set(this.#data)
    this.#data = grown
  }
}
