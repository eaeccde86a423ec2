/**
 * A ring of packets between two media workers: one writer, one reader, a `SharedArrayBuffer`, no lock.
 *
 * A bridge between legs of two workers costs two copies and no message. The reader sleeps on `Atomics.waitAsync`;
 * the writer wakes it only when it sleeps. A full ring drops the packet, as a full socket buffer would.
 *
 * ```text
 * head  Int32  next byte the writer fills      record:  channel Uint32 | length Uint32 | packet, padded to 8
 * tail  Int32  next byte the reader takes      a channel of 0xffffffff sends the reader back to the start
 * bell  Int32  1 while the reader sleeps
 * ```
 */

/** Room for 40 ms of 600 bridged calls: the reader comes by far more often. */
export const RING_BYTES: number = 1 << 19
const CONTROL_BYTES = 64
const HEAD = 0
const TAIL = 1
const BELL = 2
const RECORD_BYTES = 8
const WRAP = 0xffff_ffff
/** Nothing longer than a datagram on an Ethernet is relayed. */
export const RING_PACKET_BYTES_MAX = 2_048

/** Memory for one ring, to be given to both of its ends. */
export function newRing(bytes: number = RING_BYTES): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL_BYTES + bytes)
}

class RingEnd {
  protected readonly control: Int32Array
  protected readonly words: Uint32Array
  protected readonly bytes: Uint8Array
  protected readonly size: number

  constructor(memory: SharedArrayBuffer) {
    this.control = new Int32Array(memory, 0, CONTROL_BYTES / 4)
    this.bytes = new Uint8Array(memory, CONTROL_BYTES)
    this.words = new Uint32Array(memory, CONTROL_BYTES)
    this.size = this.bytes.length
  }
}

/** The end that fills the ring. */
export class RingWriter extends RingEnd {
  #dropped = 0

  /** Packets that found the ring full. */
  get dropped(): number {
    return this.#dropped
  }

  /** Copies one packet into the ring; false when there is no room for it. */
  write(channel: number, packet: Uint8Array, length: number): boolean {
    const head = Atomics.load(this.control, HEAD)
    const tail = Atomics.load(this.control, TAIL)
    const need = RECORD_BYTES + ((length + 7) & ~7)
    const untilEnd = this.size - head
    // One record is always kept free, so that a full ring is not taken for an empty one.
    const room = (tail - head - RECORD_BYTES + this.size) % this.size
    const wrap = untilEnd < need
    if (length > RING_PACKET_BYTES_MAX || (wrap ? untilEnd + need : need) > room) {
      this.#dropped += 1
      return false
    }
    let at = head
    if (wrap) {
      this.words[at >> 2] = WRAP
      at = 0
    }
    this.words[at >> 2] = channel
    this.words[(at >> 2) + 1] = length
    for (let i = 0, to = at + RECORD_BYTES; i < length; i++) this.bytes[to + i] = packet[i] as number // Below its length.
    Atomics.store(this.control, HEAD, (at + need) % this.size)
    if (Atomics.load(this.control, BELL) === 1 && Atomics.exchange(this.control, BELL, 0) === 1) {
      Atomics.notify(this.control, BELL)
    }
    return true
  }
}

/** The end that empties the ring. */
export class RingReader extends RingEnd {
  readonly #take: (channel: number, packet: Uint8Array, length: number) => void
  readonly #scratch = new Uint8Array(RING_PACKET_BYTES_MAX)
  #listening = false

  /** `take` gets each packet in a buffer of its own that it may change, but not keep. */
  constructor(
    memory: SharedArrayBuffer,
    take: (channel: number, packet: Uint8Array, length: number) => void,
  ) {
    super(memory)
    this.#take = take
  }

  /** Takes all that is there, and says how many packets it was. */
  drain(): number {
    let count = 0
    let at = Atomics.load(this.control, TAIL)
    while (at !== Atomics.load(this.control, HEAD)) {
      const channel = this.words[at >> 2] as number // Inside the ring by construction.
      if (channel === WRAP) {
        at = 0
        Atomics.store(this.control, TAIL, 0)
        continue
      }
      const length = this.words[(at >> 2) + 1] as number
      const from = at + RECORD_BYTES
      for (let i = 0; i < length; i++) this.#scratch[i] = this.bytes[from + i] as number
      at = (from + ((length + 7) & ~7)) % this.size
      Atomics.store(this.control, TAIL, at)
      this.#take(channel, this.#scratch, length)
      count += 1
    }
    return count
  }

  /** Drains the ring whenever something comes, until `stop`. */
  listen(): void {
    if (this.#listening) return
    this.#listening = true
    this.#sleep()
  }

  /** No more waking; what is still in the ring stays there. */
  stop(): void {
    this.#listening = false
    Atomics.store(this.control, BELL, 0)
    Atomics.notify(this.control, BELL)
  }

  #sleep(): void {
    while (this.#listening) {
      this.drain()
      Atomics.store(this.control, BELL, 1)
      if (Atomics.load(this.control, TAIL) !== Atomics.load(this.control, HEAD)) continue // Came just before the bell.
      const wait = Atomics.waitAsync(this.control, BELL, 1)
      if (!wait.async) continue
      void wait.value.then(() => this.#sleep())
      return
    }
  }
}
