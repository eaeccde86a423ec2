/**
 * The ports of one address family, and the legs that wait for one: which port has a learning place, at a cost that
 * does not grow with the number of ports or of waiting legs.
 *
 * Ports are filled in the order in which they came, so that the last ones empty and can be given back. A port says by
 * `changed` that a place was taken or became free.
 */
import type { Instant } from '@tandem/base'
import type { SharedPort } from './source-table.ts'

/** One family's. `W` is what is kept for a leg that waits. */
export class FamilyPorts<W> {
  /** Legs without a port, by their name, the longest-waiting one first. */
  readonly waiting: Map<string, W> = new Map()
  readonly #legsPerPortMax: number
  readonly #ports: SharedPort[] = []
  readonly #open = new Set<SharedPort>()
  /** Where each port is in the list. */
  readonly #placeOf = new Map<SharedPort, number>()
  /** No port before this one in the list is open. */
  #firstOpen = 0

  constructor(legsPerPortMax: number) {
    this.#legsPerPortMax = legsPerPortMax
  }

  /** Ports that would take a leg now. */
  get openCount(): number {
    return this.#open.size
  }

  add(port: SharedPort): void {
    this.#placeOf.set(port, this.#ports.length)
    this.#ports.push(port)
    this.changed(port)
  }

  remove(port: SharedPort): void {
    const place = this.#placeOf.get(port)
    if (place === undefined) return
    this.#ports.splice(place, 1)
    this.#placeOf.delete(port)
    this.#open.delete(port)
    for (let after = place; after < this.#ports.length; after++) {
      this.#placeOf.set(this.#ports[after] as SharedPort, after) // Inside the list by the loop's condition.
    }
    this.#firstOpen = Math.min(this.#firstOpen, place)
  }

  /** Looks at a port again: it may have a place now, or none any more. */
  changed(port: SharedPort): void {
    const place = this.#placeOf.get(port)
    if (place === undefined) return
    if (port.hasPlace && port.legs.size < this.#legsPerPortMax) {
      this.#open.add(port)
      this.#firstOpen = Math.min(this.#firstOpen, place)
    } else this.#open.delete(port)
  }

  /** The port for a new leg: the first without recent guesses barred, else the first. */
  portFor(now: Instant): SharedPort | undefined {
    if (this.#open.size === 0) return undefined
    let second: SharedPort | undefined
    for (let place = this.#firstOpen, left = this.#open.size; left > 0; place++) {
      const port = this.#ports[place] as SharedPort // As many open ones are ahead as are left to see.
      if (!this.#open.has(port)) {
        if (place === this.#firstOpen) this.#firstOpen += 1
        continue
      }
      if (port.guessesFrom <= now) return port
      second ??= port
      left -= 1
    }
    return second
  }
}
