/**
 * How many requests are being answered at this moment: in all, and for each token or source address. A limit of rates does
 * not see a client that asks for slow things and waits for none of them.
 */

/** Room in a house and for each guest. */
export interface CrowdSize {
  readonly max: number
  readonly ownerMax: number
}

/** Requests in progress. */
export class Crowd {
  readonly #size: CrowdSize
  #all = 0
  /** Owners with something in progress only, so that it needs no bound of its own. */
  readonly #owners = new Map<string, number>()

  constructor(size: CrowdSize) {
    this.#size = size
  }

  /** Requests in progress. */
  get all(): number {
    return this.#all
  }

  /** One more; a word for why not when there is no room. */
  enter(owner: string): 'entered' | 'full' | 'ownerFull' {
    const own = this.#owners.get(owner) ?? 0
    if (own >= this.#size.ownerMax) return 'ownerFull'
    if (this.#all >= this.#size.max) return 'full'
    this.#all += 1
    this.#owners.set(owner, own + 1)
    return 'entered'
  }

  /** One that had entered is done. */
  leave(owner: string): void {
    const own = this.#owners.get(owner)
    if (own === undefined) return
    this.#all -= 1
    if (own === 1) this.#owners.delete(owner)
    else this.#owners.set(owner, own - 1)
  }
}
