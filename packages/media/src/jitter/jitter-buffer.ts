/**
 * A jitter buffer for playing one RTP stream: packets go in as they come, and out in order, one per packet time.
 *
 * It starts to play when `delayPackets` wait, and starts again after it ran dry. Ordered by extended sequence
 * number (RFC 3550 §A.1), bounded, and unmoved by copies and by packets that come after their turn.
 */
import { sequenceDelta } from '../rtp/rtp-packet.ts'

/** One packet's worth of audio. */
export interface JitterFrame {
  readonly sequence: number
  readonly timestamp: number
  readonly payloadType: number
  readonly payload: Uint8Array
}

/** A sequence number further off than this is another stream, not jitter. */
const RESTART_PACKETS = 200

/** Puts the packets of one stream in order. */
export class JitterBuffer {
  readonly #delayPackets: number
  readonly #capacityPackets: number
  readonly #frames = new Map<number, JitterFrame>()
  #next = -1
  #playing = false

  /** `delayPackets` wait before playing; more than `capacityPackets` are never held. */
  constructor(options: { readonly delayPackets?: number; readonly capacityPackets?: number } = {}) {
    this.#delayPackets = options.delayPackets ?? 3
    this.#capacityPackets = options.capacityPackets ?? 50
  }

  /** Packets that wait. */
  get size(): number {
    return this.#frames.size
  }

  /** Takes a packet; its payload is copied. Returns false when it was late, a copy, or one too many. */
  push(sequence: number, timestamp: number, payloadType: number, payload: Uint8Array): boolean {
    if (this.#next === -1) this.#next = sequence
    const ahead = sequenceDelta(sequence, this.#next)
    if (Math.abs(ahead) > RESTART_PACKETS) this.#restart(sequence)
    else if (ahead < 0) {
      if (this.#playing) return false
      this.#next = sequence // Not playing yet: an earlier one still has its turn.
    }
    if (this.#frames.has(sequence) || this.#frames.size >= this.#capacityPackets) return false
    this.#frames.set(sequence, { sequence, timestamp, payloadType, payload: new Uint8Array(payload) })
    return true
  }

  /** The packet whose turn it is; undefined while filling and for a packet that was lost: play silence. */
  pull(): JitterFrame | undefined {
    if (!this.#playing) {
      if (this.#frames.size < this.#delayPackets) return undefined
      this.#playing = true
    }
    if (this.#frames.size === 0) {
      this.#playing = false
      return undefined
    }
    const frame = this.#frames.get(this.#next)
    this.#frames.delete(this.#next)
    this.#next = (this.#next + 1) & 0xffff
    return frame
  }

  #restart(sequence: number): void {
    this.#frames.clear()
    this.#next = sequence
    this.#playing = false
  }
}
