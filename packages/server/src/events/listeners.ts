/** The open streams, found by whom an event concerns. A stream that catches up is counted, but not found. */
import type { StoredOutboxEvent } from '@tandem/store'
import type { Listener } from './listener.ts'

/** All of a hub's listeners. */
export class Listeners {
  readonly #all = new Set<Listener>()
  readonly #byToken = new Map<string, Set<Listener>>()
  /** Of organisation-wide streams, by organisation. */
  readonly #byOrg = new Map<string, Set<Listener>>()
  /** Of one's own events, by organisation and person. */
  readonly #byPerson = new Map<string, Set<Listener>>()

  get size(): number {
    return this.#all.size
  }

  all(): Iterable<Listener> {
    return [...this.#all]
  }

  /** Those that are found. */
  joined(): Iterable<Listener> {
    return [...this.#byOrg.values(), ...this.#byPerson.values()].flatMap((listeners) => [...listeners])
  }

  /** How many streams a token has. */
  ofToken(tokenKey: string): number {
    return this.#byToken.get(tokenKey)?.size ?? 0
  }

  /** The streams of each token. */
  byToken(): Iterable<readonly Listener[]> {
    return [...this.#byToken.values()].map((listeners) => [...listeners])
  }

  /** Counts a stream. */
  add(listener: Listener): void {
    this.#all.add(listener)
    put(this.#byToken, listener.terms.tokenKey, listener)
  }

  /** Lets a stream be found from the next event on. */
  join(listener: Listener): void {
    if (!this.#all.has(listener)) return // It has gone while it caught up.
    const [map, key] = this.#placeOf(listener)
    put(map, key, listener)
  }

  remove(listener: Listener): void {
    this.#all.delete(listener)
    take(this.#byToken, listener.terms.tokenKey, listener)
    const [map, key] = this.#placeOf(listener)
    take(map, key, listener)
  }

  /** Those that may want an event; each judges for itself. An event of the whole system may concern every organisation. */
  *concernedBy({ orgId, personId }: StoredOutboxEvent): Iterable<Listener> {
    if (orgId === '') for (const listeners of this.#byOrg.values()) yield* listeners
    else yield* this.#byOrg.get(orgId) ?? []
    if (personId !== undefined) yield* this.#byPerson.get(`${orgId} ${personId}`) ?? []
  }

  #placeOf({ terms }: Listener): readonly [Map<string, Set<Listener>>, string] {
    const { orgId, personId, ownedBy } = terms.subscription
    return ownedBy === 'org' ? [this.#byOrg, orgId] : [this.#byPerson, `${orgId} ${personId}`]
  }
}

function put(map: Map<string, Set<Listener>>, key: string, listener: Listener): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, new Set([listener]))
  else known.add(listener)
}

function take(map: Map<string, Set<Listener>>, key: string, listener: Listener): void {
  const known = map.get(key)
  known?.delete(listener)
  if (known?.size === 0) map.delete(key)
}
