/**
 * A voice on its way into a mix: packets of any length go in as they come, twenty milliseconds come out at a time.
 *
 * Samples lie where their timestamps say (RFC 3550 §5.1), so order and copies do not matter. It plays once a second
 * packet's worth is there; when it runs dry it waits, which lengthens its delay by what the network lacked, and what
 * is too much for some seconds is cut out again. Lost samples are bridged; whatever begins or ends does so softly.
 * Nothing is allocated after the beginning.
 */
import { decodingTable } from '../g711/g711.ts'
import { copyFromRing, decodeIntoRing } from '../mix/frames.ts'
import type { AudioCodec } from '../port.ts'
import { timestampDelta } from '../rtp/rtp-packet.ts'
import { FADE_SAMPLES, fadeFrom } from './fade.ts'

/** Half a second, as a power of two; the longest packet and the farthest step ahead fit together. */
const CAPACITY = 4_096
const MASK = CAPACITY - 1
/** How much must wait before it plays: two packets of 20 ms, one of which is the reserve against jitter. */
export const FILL_SAMPLES = 320
/** A step ahead that is no loss: the source has restarted its clock. */
const AHEAD_SAMPLES_MAX = 1_600
/** More than this waiting is a heap after a stall, of which only the end is played. */
const WAITING_SAMPLES_MAX = 1_600
/** Reads without a single sample before it counts as silent: 60 ms. */
const DRY_READS_MAX = 3
/** Packets in a row that come too late before the source is tied anew: its clock went back. */
const LATE_PACKETS_MAX = 5
/** How long the reserve is watched before some of it is cut: two seconds of reads. */
const WATCH_READS = 100
/** A reserve that was never smaller than this is longer than the jitter needs. */
const RESERVE_SAMPLES_MAX = 240
const RESERVE_SAMPLES = 160

/** One voice. */
export class PlayOut {
  /** Everything from `#read` to `#end` has been written; what lies before is kept for bridging. */
  readonly #ring = new Int16Array(CAPACITY)
  #state: 'dry' | 'filling' | 'playing' = 'dry'
  #ssrc = -1
  #timestamp = 0
  #position = 0
  #read = 0
  #end = 0
  #last = 0
  #eases = true
  #dryReads = 0
  #latePackets = 0
  #reads = 0
  #leastReserve = CAPACITY

  /** Samples that wait. */
  get waiting(): number {
    return this.#end - this.#read
  }

  /** Takes the payload between `start` and `end` of a packet. What comes after its turn is left out. */
  push(
    ssrc: number,
    timestamp: number,
    codec: AudioCodec,
    packet: Uint8Array,
    start: number,
    end: number,
  ): void {
    const count = end - start
    if (ssrc !== this.#ssrc || this.#state === 'dry') this.#begin(ssrc, timestamp)
    let position = this.#position + timestampDelta(timestamp, this.#timestamp)
    const ahead = position - this.#end
    if (
      ahead > AHEAD_SAMPLES_MAX ||
      (this.#isLate(position + count) && ++this.#latePackets > LATE_PACKETS_MAX)
    ) {
      this.#begin(ssrc, timestamp)
      position = this.#position
    }
    if (this.#isLate(position + count)) return
    this.#latePackets = 0
    if (position > this.#end) this.#bridge(position)
    const late = Math.max(0, this.#read - position)
    decodeIntoRing(this.#ring, position + late, decodingTable(codec), packet, start + late, count - late)
    if (position + count <= this.#end) return
    this.#end = position + count
    this.#timestamp = timestamp
    this.#position = position
    if (this.waiting > WAITING_SAMPLES_MAX) this.#drop(this.waiting - FILL_SAMPLES)
  }

  /**
   * The next `count` samples where they lie, taken as `pull` does: the offset in `samples`, or -1 when they have to be
   * pulled since something begins, ends or wraps. Valid until the next packet.
   */
  take(count: number): number {
    const offset = this.#read & MASK
    if (this.#state !== 'playing' || this.#eases || this.waiting < count || offset + count > CAPACITY)
      return -1
    this.#read += count
    this.#last = this.#ring[offset + count - 1] as number // Inside the ring, as was just seen.
    this.#dryReads = 0
    this.#watch()
    return offset
  }

  /** Where `take` finds them. */
  get samples(): Int16Array {
    return this.#ring
  }

  /** Fills `count` samples; false, and nothing is written, when there is nothing to hear. */
  pull(into: Int16Array, count: number): boolean {
    if (this.#state === 'dry') return false
    if (this.#state === 'filling') {
      if (this.waiting < FILL_SAMPLES) return this.#fillIdle()
      this.#state = 'playing'
    }
    const made = Math.min(count, this.waiting)
    copyFromRing(into, this.#ring, this.#read, made)
    this.#read += made
    if (made === 0 && this.#last === 0) return this.#starve()
    if (this.#eases && made > 0) fadeFrom(this.#last, into, made)
    if (made > 0) {
      this.#eases = false
      this.#last = into[made - 1] as number
      this.#dryReads = 0
    }
    if (made < count) this.#die(into, made, count)
    this.#watch()
    return true
  }

  #isLate(end: number): boolean {
    return end <= this.#read
  }

  #begin(ssrc: number, timestamp: number): void {
    this.#ring.fill(0)
    this.#ssrc = ssrc
    this.#state = 'filling'
    this.#timestamp = timestamp
    this.#position = 0
    this.#read = 0
    this.#end = 0
    this.#eases = true
    this.#dryReads = 0
    this.#latePackets = 0
    this.#reads = 0
    this.#leastReserve = CAPACITY
  }

  /** A single packet that nothing follows must not wait for ever. */
  #fillIdle(): boolean {
    this.#dryReads += 1
    if (this.#dryReads > DRY_READS_MAX) this.#state = 'dry'
    return false
  }

  #starve(): boolean {
    this.#dryReads += 1
    if (this.#dryReads >= DRY_READS_MAX) this.#state = 'dry'
    return false
  }

  /** What is missing from `made` on is the last sample, dying away. */
  #die(into: Int16Array, made: number, count: number): void {
    into.fill(0, made, count)
    const faded = Math.min(FADE_SAMPLES, count - made)
    for (let index = 0; index < faded; index++) {
      into[made + index] = Math.round(this.#last * (1 - (index + 1) / faded))
    }
    this.#last = 0
    this.#eases = true
  }

  /** Lost samples: the twenty milliseconds before them again, fading. Late ones may still take their place. */
  #bridge(position: number): void {
    const gap = position - this.#end
    for (let index = 0; index < gap; index++) {
      const before = this.#ring[(this.#end + (index % RESERVE_SAMPLES) - RESERVE_SAMPLES) & MASK] as number
      const gain = Math.max(0, 1 - index / (3 * RESERVE_SAMPLES))
      this.#ring[(this.#end + index) & MASK] = Math.round(before * gain)
    }
  }

  #watch(): void {
    this.#leastReserve = Math.min(this.#leastReserve, this.waiting)
    this.#reads += 1
    if (this.#reads < WATCH_READS) return
    if (this.#leastReserve > RESERVE_SAMPLES_MAX) this.#drop(this.#leastReserve - RESERVE_SAMPLES)
    this.#reads = 0
    this.#leastReserve = CAPACITY
  }

  #drop(samples: number): void {
    this.#read += samples
    this.#eases = true
  }
}
