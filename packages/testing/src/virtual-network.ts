/**
 * A network in virtual time that delays, loses, copies and reorders what is sent, all drawn from one seed.
 *
 * It is a queue of deliveries: `send` decides the fate of one message, `deadline` says when the next one arrives,
 * `take` hands out what has arrived by then.
 */
import { type Instant, NEVER } from '@tandem/base'
import type { Random } from './random.ts'

/** How bad the weather is. Probabilities from 0 to 1. */
export interface Weather {
  readonly delayMsMin: number
  readonly delayMsMax: number
  readonly loss: number
  readonly duplication: number
}

/** A network that harms nothing but takes a moment. */
export const CALM: Weather = { delayMsMin: 1, delayMsMax: 5, loss: 0, duplication: 0 }

/** Loss, copies and disorder as a bad wireless link shows them. */
export const STORM: Weather = { delayMsMin: 1, delayMsMax: 120, loss: 0.1, duplication: 0.05 }

/** One message on its way. */
export interface Delivery<T> {
  readonly at: Instant
  readonly message: T
}

/** The network. Messages carry their own addresses; it does not look at them. */
export class VirtualNetwork<T> {
  readonly #random: Random
  readonly #queue: { at: Instant; order: number; message: T }[] = []
  #sent = 0
  weather: Weather

  constructor(random: Random, weather: Weather = CALM) {
    this.#random = random
    this.weather = weather
  }

  /** When the next message arrives; `NEVER` while the air is empty. */
  get deadline(): Instant {
    return this.#queue[0]?.at ?? NEVER
  }

  /** Puts one message on its way: it may arrive once, twice or never. */
  send(now: Instant, message: T): void {
    if (this.#random.chance(this.weather.loss)) return
    const copies = this.#random.chance(this.weather.duplication) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      const spread = this.weather.delayMsMax - this.weather.delayMsMin
      this.#insert({
        at: now + this.weather.delayMsMin + this.#random.below(spread + 1),
        order: this.#sent++,
        message,
      })
    }
  }

  /** Takes out the next message that has arrived by `now`. */
  take(now: Instant): Delivery<T> | undefined {
    const first = this.#queue[0]
    if (first === undefined || first.at > now) return undefined
    this.#queue.shift()
    return { at: first.at, message: first.message }
  }

  #insert(entry: { at: Instant; order: number; message: T }): void {
    let low = 0
    let high = this.#queue.length
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.#queue[middle]
      if (
        other !== undefined &&
        (other.at < entry.at || (other.at === entry.at && other.order < entry.order))
      )
        low = middle + 1
      else high = middle
    }
    this.#queue.splice(low, 0, entry)
  }
}
