/**
 * The random names a user agent hands out: tags, branches and Call-IDs (RFC 3261 §19.3, §8.1.1.7).
 *
 * They come from the cryptographic source, since who can guess a branch or a tag can forge a response or a BYE;
 * the source is asked for many bytes at once, since asking is what costs.
 */
import type { SipCrypto } from '../endpoint-api.ts'
import { BRANCH_COOKIE } from '../message/via.ts'

/** Bytes drawn from the source at a time: 64 names. */
const DRAW_BYTES = 512
/** Random bytes of a name: 64 bits, twice what RFC 3261 §19.3 asks of a tag. */
const NAME_BYTES = 8

/** A source of names that nobody can guess. */
export class Tokens {
  readonly #crypto: SipCrypto
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0

  constructor(crypto: SipCrypto) {
    this.#crypto = crypto
  }

  /** Sixteen hexadecimal digits. */
  name(): string {
    let text = ''
    for (let i = 0; i < NAME_BYTES; i++) text += HEX[this.#byte()]
    return text
  }

  /** The branch of a new transaction. */
  branch(): string {
    return `${BRANCH_COOKIE}${this.name()}`
  }

  /** A whole number from 0 up to, not including, `limit`; `limit` is small against 2^24. */
  below(limit: number): number {
    const bits = (this.#byte() << 16) | (this.#byte() << 8) | this.#byte()
    return bits % limit
  }

  #byte(): number {
    if (this.#at >= this.#bytes.length) {
      this.#bytes = this.#crypto.randomBytes(DRAW_BYTES)
      this.#at = 0
    }
    return this.#bytes[this.#at++] ?? 0
  }
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
