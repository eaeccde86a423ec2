/**
 * From the host of a target to addresses that may be connected to (case A09): resolved once, every address judged, and
 * only what was judged is handed on. A name that leads to a single address inside is refused as a whole, since whoever
 * answers for it would let the next question decide.
 *
 * Names that nobody answers for must not delay the others: questions go over the network by themselves, not through the
 * few threads of the system's resolver, and what was found is used for half a minute, refreshed behind the scenes.
 */
import { isIP } from 'node:net'
import type { AddressGuard } from './address-guard.ts'

/** How long addresses are used before the name is asked for again; connections go to judged addresses all the while. */
const FRESH_MS = 30_000
/** How long they are used while the new answer is not there yet. */
const STALE_MS_MAX = 300_000
/** Names remembered at most. */
const NAMES_MAX = 20_000

/** An address with its family. */
export interface ResolvedAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** Finds every address of a name; throws or gives an empty list when there is none. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** Why a target cannot be sent to. */
export type TargetRefusal = 'unresolved' | 'forbidden'

interface Known {
  readonly result: readonly ResolvedAddress[] | TargetRefusal
  readonly at: number
}

/** Resolves and judges. */
export class TargetResolver {
  readonly #guard: AddressGuard
  readonly #resolve: Resolve
  readonly #now: () => number
  readonly #known = new Map<string, Known>()
  readonly #asking = new Map<string, Promise<Known>>()

  constructor(options: {
    readonly guard: AddressGuard
    readonly resolve: Resolve
    /** Unix milliseconds. */
    readonly now: () => number
  }) {
    this.#guard = options.guard
    this.#resolve = options.resolve
    this.#now = options.now
  }

  /** The addresses to connect to, all judged; or why there are none. `fresh` asks anew whatever is known. */
  async addresses(
    host: string,
    { fresh = false }: { readonly fresh?: boolean } = {},
  ): Promise<readonly ResolvedAddress[] | TargetRefusal> {
    if (isIP(host) !== 0) return this.#judge([host])
    const known = this.#known.get(host)
    const age = known === undefined ? Number.POSITIVE_INFINITY : this.#now() - known.at
    if (known !== undefined && !fresh && age < FRESH_MS) return known.result
    const asked = this.#ask(host)
    // A failure is never used beyond its time: the name may be there again.
    if (known !== undefined && !fresh && age < STALE_MS_MAX && typeof known.result !== 'string')
      return known.result
    return (await asked).result
  }

  #ask(host: string): Promise<Known> {
    let asking = this.#asking.get(host)
    if (asking === undefined) {
      asking = this.#find(host).finally(() => this.#asking.delete(host))
      this.#asking.set(host, asking)
    }
    return asking
  }

  async #find(host: string): Promise<Known> {
    let found: readonly string[]
    try {
      found = await this.#resolve(host)
    } catch {
      found = [] // Whatever the resolver says, there is no address; the delivery is tried again.
    }
    const known = { result: found.length === 0 ? 'unresolved' : this.#judge(found), at: this.#now() } as const
    this.#known.delete(host)
    if (this.#known.size >= NAMES_MAX) this.#known.delete(this.#known.keys().next().value as string)
    this.#known.set(host, known)
    return known
  }

  #judge(addresses: readonly string[]): readonly ResolvedAddress[] | TargetRefusal {
    if (!addresses.every((address) => this.#guard.allows(address))) return 'forbidden'
    return addresses.map((address) => ({ address, family: isIP(address) === 6 ? 6 : 4 }))
  }
}
