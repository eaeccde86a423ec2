/**
 * The gate in front of every operation (contract README §7; promise P15; decision 0021): how many at a time, how many a
 * second, and who may ask the database at all. It comes before authentication, so that a refusal costs next to nothing:
 *
 *     crowd full? -> 503     owner crowded? -> 429     bucket empty? -> 429     token known? -> the database is asked
 *
 * The owner of a bucket is the token, by its hash, once it has worked; before that and without a token it is the source
 * address. So guessing tokens uses up the bucket of strangers of one source, while tokens that work there go on working.
 */
import { createHash } from 'node:crypto'
import { Failure } from '../http/failure.ts'
import type { Counters } from '../observe/counters.ts'
import type { Buckets } from './buckets.ts'
import type { Crowd } from './crowd.ts'
import type { Family } from './family.ts'
import type { BucketVerdict } from './token-bucket.ts'

/** What a gate is made of. */
export interface GateOptions {
  readonly buckets: Buckets
  readonly crowd: Crowd
  readonly counters: Counters
  /** Monotonic, in milliseconds. */
  readonly now: () => number
  /** Resolves after so many milliseconds. */
  readonly wait: (ms: number) => Promise<void>
}

/** What the gate looks at. */
export interface Visitor {
  /** Source address, see `sourceOf`. */
  readonly source: string
  /** Text of a well-formed bearer token; absent when there is none. */
  readonly token?: string
  readonly connection: object
  /** Method and path. */
  readonly what: string
  readonly family: Family
  /** It goes on until one side ends it, and is counted elsewhere. */
  readonly isStream: boolean
}

/** Most tokens remembered as having worked, some 10 MB of them. */
export const KNOWN_TOKENS_MAX = 50_000
/** How long the refusal of somebody who did not wait is held back: who loops without a pause asks four times a second. */
export const EARLY_REFUSAL_MS = 250
/** When to come back to where too many of one's own requests are in progress. */
const CROWD_SECONDS = 1

/** One server's gate. */
export class Gate {
  readonly #options: GateOptions
  /** Hashes of tokens that have worked, in the order of their last use. It opens nothing: see `Visit`. */
  readonly #known = new Set<string>()

  constructor(options: GateOptions) {
    this.#options = options
  }

  /** Lets a visitor on to authentication, or throws the `Failure` that it earns. */
  async enter(visitor: Visitor): Promise<Visit> {
    const hash = visitor.token === undefined ? undefined : hashOf(visitor.token)
    const isKnown = hash !== undefined && this.#known.has(hash)
    const owner = isKnown ? `token ${hash}` : `source ${visitor.source}`
    const isCounted = !visitor.isStream
    if (isCounted) this.#count(owner)
    const visit = new Visit(() => {
      if (isCounted) this.#options.crowd.leave(owner)
    })
    try {
      const isStranger = hash !== undefined && !isKnown
      const family = isStranger ? 'strangers' : visitor.family
      await this.#take(owner, visitor, family)
      visit.onKnown = async (works) => {
        if (hash === undefined) return
        if (!works) this.#known.delete(hash)
        else this.#remember(hash)
        if (!works || !isStranger) return
        this.#options.buckets.giveBack(owner, 'strangers')
        await this.#take(`token ${hash}`, visitor, visitor.family)
      }
      return visit
    } catch (error) {
      visit.leave()
      throw error
    }
  }

  #count(owner: string): void {
    const entered = this.#options.crowd.enter(owner)
    if (entered === 'entered') return
    this.#options.counters.add('tandem_http_refused_total', { why: entered })
    if (entered === 'full')
      throw new Failure('overloaded', 'The server is answering as many requests as it can; retry later')
    throw new Failure(
      'too_many_requests',
      'Too many requests are in progress at the same time; wait for their answers',
      { 'retry-after': String(CROWD_SECONDS) },
    )
  }

  async #take(owner: string, visitor: Visitor, family: Family): Promise<void> {
    const { buckets, counters, now, wait } = this.#options
    const verdict: BucketVerdict = buckets.take(owner, family, now(), visitor)
    if (verdict.kind === 'admitted') return
    counters.add('tandem_http_refused_total', { why: family })
    if (verdict.early) await wait(EARLY_REFUSAL_MS)
    throw new Failure(
      'too_many_requests',
      `Too many requests (limit ${family}); retry after the seconds that Retry-After says`,
      { 'retry-after': String(verdict.waitSeconds) },
    )
  }

  #remember(hash: string): void {
    this.#known.delete(hash)
    this.#known.add(hash)
    if (this.#known.size <= KNOWN_TOKENS_MAX) return
    const [oldest] = this.#known
    if (oldest !== undefined) this.#known.delete(oldest)
  }
}

/** One request past the gate. */
export class Visit {
  readonly #leave: () => void
  #hasLeft = false
  /** Set by the gate. */
  onKnown: (works: boolean) => Promise<void> = async () => {}

  constructor(leave: () => void) {
    this.#leave = leave
  }

  /** Authentication has decided; throws when the token's own bucket is empty. */
  authenticated(works: boolean): Promise<void> {
    return this.onKnown(works)
  }

  /** The answer has gone out, or the connection has. Safe to call twice. */
  leave(): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    this.#leave()
  }
}

/** Of no use to anybody who reads memory; what it tells apart needs no more bits. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64').slice(0, 32)
}
