/**
 * Brings sound of one rate to another as it comes, a piece at a time: band-limited by a sinc under a Blackman window, so
 * that what the lower rate cannot hold is gone and not heard as something else. Memory is one piece and the reach of the
 * kernel, however long the sound.
 */

/** Zero crossings of the sinc on each side. */
const CROSSINGS = 24
/** Kernel values between two zero crossings; what lies between them is drawn with a ruler. */
const STEPS = 512
/** Where the pass band ends, as a part of the lower Nyquist frequency. */
const PASS = 0.95

const KERNEL: Float64Array = Float64Array.from({ length: CROSSINGS * STEPS + 2 }, (_, at) => {
  if (at >= CROSSINGS * STEPS) return 0
  const x = at / STEPS
  const turn = (Math.PI * x) / CROSSINGS
  const window = 0.42 + 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn)
  return at === 0 ? 1 : (Math.sin(Math.PI * x) / (Math.PI * x)) * window
})

/** One channel on its way from one rate to another. */
export class Resampler {
  readonly #step: number
  readonly #cutoff: number
  readonly #reach: number
  /** Input that output still to come is made of; its first sample is number `#keptAt` of the whole. */
  #kept: Int16Array = new Int16Array(0)
  #keptAt = 0
  #taken = 0
  #given = 0

  constructor(fromHz: number, toHz: number) {
    this.#step = fromHz / toHz
    this.#cutoff = Math.min(1, 1 / this.#step) * PASS
    this.#reach = CROSSINGS / this.#cutoff
  }

  /** Takes input, gives the output that is decided by it. */
  push(samples: Int16Array): Int16Array {
    const kept = new Int16Array(this.#kept.length + samples.length)
    kept.set(this.#kept)
    kept.set(samples, this.#kept.length)
    this.#kept = kept
    this.#taken += samples.length
    return this.#give(Math.ceil((this.#taken - this.#reach) / this.#step))
  }

  /** Gives the rest: silence follows. */
  finish(): Int16Array {
    return this.#give(Math.round(this.#taken / this.#step))
  }

  /** Output up to a number of samples in all. */
  #give(upTo: number): Int16Array {
    const out = new Int16Array(Math.max(0, upTo - this.#given))
    for (let at = 0; at < out.length; at++) out[at] = this.#sample((this.#given + at) * this.#step)
    this.#given += out.length
    const drop = Math.max(0, Math.floor(this.#given * this.#step - this.#reach) - this.#keptAt)
    this.#kept = this.#kept.slice(drop)
    this.#keptAt += Math.min(drop, this.#taken - this.#keptAt)
    return out
  }

  #sample(at: number): number {
    const first = Math.max(this.#keptAt, Math.ceil(at - this.#reach))
    const last = Math.min(this.#taken - 1, Math.floor(at + this.#reach))
    let sum = 0
    for (let input = first; input <= last; input++) {
      const place = Math.abs(input - at) * this.#cutoff * STEPS
      const index = place | 0
      const low = KERNEL[index] ?? 0
      const value = low + (place - index) * ((KERNEL[index + 1] ?? 0) - low)
      sum += (this.#kept[input - this.#keptAt] ?? 0) * value
    }
    return Math.max(-32_768, Math.min(32_767, Math.round(sum * this.#cutoff)))
  }
}
