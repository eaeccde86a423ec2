/**
 * Nonces that need no memory until they are used: RFC 7616 §5.4.
 *
 * A nonce is its moment, a number and an HMAC over both and the address that it goes to, under a key drawn at start, so a
 * flood of requests without credentials stores nothing, and whoever writes another's address into a datagram, and so
 * never sees an answer, has no nonce that counts for that address. Only a nonce that came back under a right password is remembered, with
 * the request counts (`nc`) it has served, so that none is served twice.
 */
import type { Instant } from '@tandem/base'
import type { SipCrypto } from '../endpoint-api.ts'
import { sameText } from './digest.ts'

/** How long a nonce serves, in ms. Long enough for a few refreshes of a registration, short enough to forget. */
export const NONCE_MS_MAX = 300_000
/** How many used nonces are remembered: one for each phone that registers within five minutes. */
export const NONCES_MAX = 50_000
/** How far behind the highest count a request may come and still be new: one word of bits. */
const NC_WINDOW = 32
/** Hex digits of the HMAC that are kept: 128 bits. */
const MAC_LENGTH = 32

type Use = { readonly firstUsedAt: Instant; readonly issuedAt: Instant; highest: number; seen: number }

/** Issues nonces, and says whether one that comes back may be served. */
export class Nonces {
  readonly #crypto: SipCrypto
  readonly #key: Uint8Array
  readonly #noncesMax: number
  readonly #used = new Map<string, Use>()
  #issued = 0
  /** Whatever was issued up to here is stale: set when a remembered nonce had to make room. */
  #floorAt: Instant = Number.NEGATIVE_INFINITY

  constructor(crypto: SipCrypto, options: { readonly noncesMax?: number } = {}) {
    this.#crypto = crypto
    this.#noncesMax = options.noncesMax ?? NONCES_MAX
    this.#key = crypto.randomBytes(32)
  }

  /** How many used nonces are remembered. */
  get size(): number {
    return this.#used.size
  }

  /** A nonce that was never issued before, for whoever is at `source`. */
  issue(now: Instant, source = ''): string {
    const text = `${Math.floor(now).toString(36)}.${(this.#issued++).toString(36)}`
    return `${text}.${this.#mac(text, source)}`
  }

  /** When a nonce was issued here to this source; undefined when it was not, or by an earlier run. */
  issuedAt(nonce: string, source = ''): Instant | undefined {
    const end = nonce.lastIndexOf('.')
    if (end < 0 || nonce.length > 100) return undefined
    const text = nonce.slice(0, end)
    if (!sameText(this.#mac(text, source), nonce.slice(end + 1))) return undefined
    return Number.parseInt(text, 36)
  }

  /** Takes one use of a nonce under a right password; false when it is too old or this count was served. */
  use(now: Instant, nonce: string, nc: number, source = ''): boolean {
    const issuedAt = this.issuedAt(nonce, source)
    if (issuedAt === undefined || now - issuedAt > NONCE_MS_MAX || issuedAt <= this.#floorAt) return false
    const use = this.#used.get(nonce)
    if (use === undefined) {
      this.#makeRoom(now)
      if (issuedAt <= this.#floorAt) return false
      this.#used.set(nonce, { firstUsedAt: now, issuedAt, highest: nc, seen: 1 })
      return true
    }
    const behind = use.highest - nc
    if (behind >= NC_WINDOW) return false
    if (behind >= 0) {
      if ((use.seen & (1 << behind)) !== 0) return false
      use.seen |= 1 << behind
      return true
    }
    use.seen = -behind >= NC_WINDOW ? 1 : (use.seen << -behind) | 1
    use.highest = nc
    return true
  }

  /** Forgets what has expired by itself; if that is not enough, the oldest, whose age then becomes the floor. */
  #makeRoom(now: Instant): void {
    for (const [nonce, use] of this.#used) {
      const expired = now - use.firstUsedAt > NONCE_MS_MAX
      if (!expired && this.#used.size < this.#noncesMax) return
      this.#used.delete(nonce)
      if (!expired && use.issuedAt > this.#floorAt) this.#floorAt = use.issuedAt
    }
  }

  #mac(text: string, source: string): string {
    return this.#crypto.hmac(this.#key, `${text} ${source}`).slice(0, MAC_LENGTH)
  }
}
