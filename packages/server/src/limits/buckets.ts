/**
 * The buckets of everybody: one for each token or source address and family, in memory, as many as fit. The one that was
 * not asked for the longest time is forgotten first; its owner then begins with a full bucket.
 */
import type { Family } from './family.ts'
import type { Allowances } from './read-limits.ts'
import { type Asker, type BucketVerdict, TokenBucket } from './token-bucket.ts'

/** Most buckets, some 5 MB of them. */
export const BUCKETS_MAX = 20_000
/** How many of the oldest are looked at for full ones when one more is needed. */
const LOOKED_AT = 4

/** All buckets of a server. */
export class Buckets {
  readonly #allowances: Allowances
  readonly #max: number
  /** In the order of their last use. */
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(allowances: Allowances, max: number = BUCKETS_MAX) {
    this.#allowances = allowances
    this.#max = max
  }

  get size(): number {
    return this.#buckets.size
  }

  /** Takes one from the bucket of `owner`; always admitted where the family has no limit. */
  take(owner: string, family: Family, now: number, asker: Asker): BucketVerdict {
    const bucket = this.#bucket(owner, family, now)
    return bucket === undefined ? { kind: 'admitted' } : bucket.take(now, asker)
  }

  /** What was just taken is not to count after all. */
  giveBack(owner: string, family: Family): void {
    this.#buckets.get(`${family} ${owner}`)?.giveBack()
  }

  #bucket(owner: string, family: Family, now: number): TokenBucket | undefined {
    const allowance = this.#allowances.get(family)
    if (allowance === undefined) return undefined
    const key = `${family} ${owner}`
    const known = this.#buckets.get(key)
    if (known !== undefined) {
      this.#buckets.delete(key)
      this.#buckets.set(key, known)
      return known
    }
    if (this.#buckets.size >= this.#max) this.#makeRoom(now)
    const bucket = new TokenBucket(allowance)
    this.#buckets.set(key, bucket)
    return bucket
  }

  /** Forgetting a full bucket changes nothing for its owner, so those go first. */
  #makeRoom(now: number): void {
    let looked = 0
    let victim: string | undefined
    for (const [key, bucket] of this.#buckets) {
      victim ??= key
      if (bucket.isFull(now)) {
        victim = key
        break
      }
      looked += 1
      if (looked >= LOOKED_AT) break
    }
    if (victim !== undefined) this.#buckets.delete(victim)
  }
}
