/**
 * The names of calls: ids that are never used twice, and that say which call node they live on.
 *
 * A call half is `callhalf-<boot * 1e9 + counter>:<node>`: the counter of starts (`boot`) grows for ever, so a restarted
 * node begins where no earlier run has been. Sessions and recordings are random UUIDs (RFC 9562 §5.4).
 */
import { assert } from '@tandem/base'

/** How many ids one start of a node may give out; at 1,000 calls a second it lasts for eleven days. */
export const IDS_PER_BOOT_MAX = 1_000_000_000

/** Gives out ids for one start of one call node. */
export class Ids {
  readonly #node: number
  readonly #boot: number
  readonly #randomBytes: (length: number) => Uint8Array
  #halves = 0
  #legs = 0

  constructor(options: {
    readonly node: number
    readonly boot: number
    readonly randomBytes: (length: number) => Uint8Array
  }) {
    this.#node = options.node
    this.#boot = options.boot
    this.#randomBytes = options.randomBytes
  }

  /** The next call half: `callhalf-…:node`. */
  callHalf(): string {
    assert(this.#halves + 1 < IDS_PER_BOOT_MAX, 'a node is restarted before its ids run out')
    this.#halves += 1
    return `callhalf-${this.#boot * IDS_PER_BOOT_MAX + this.#halves}:${this.#node}`
  }

  /** The next leg, as the media port knows it. */
  leg(): string {
    this.#legs += 1
    return `leg-${this.#node}-${this.#boot}-${this.#legs}`
  }

  /** A random UUID, version 4, in lower case. */
  uuid(): string {
    const bytes = this.#randomBytes(16)
    let text = ''
    for (let i = 0; i < 16; i++) {
      let byte = bytes[i] ?? 0
      if (i === 6) byte = (byte & 0x0f) | 0x40 // Version 4.
      if (i === 8) byte = (byte & 0x3f) | 0x80 // Variant 10.
      if (i === 4 || i === 6 || i === 8 || i === 10) text += '-'
      text += byte.toString(16).padStart(2, '0')
    }
    return text
  }
}
