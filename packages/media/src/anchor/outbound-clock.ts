/**
 * The one clock that everything sent to a leg is stamped on: RFC 3550 §5.1.
 *
 * A leg keeps its SSRC for life; sequence numbers and timestamps only go forward, whatever is sent: another leg's
 * audio, then a tone, then a third leg after a transfer. A change of source shows as a marker bit and nothing
 * else. Within one source, its own steps in sequence and timestamp are kept, so that loss stays visible as loss.
 */
import type { Instant } from '@tandem/base'
import { DROPOUT_PACKETS_MAX, MISORDER_PACKETS_MAX } from '../rtp/reception.ts'
import { sequenceDelta, timestampDelta } from '../rtp/rtp-packet.ts'

/** How far a source's timestamp may run ahead of real time before it counts as restarted. */
const TIMESTAMP_AHEAD_MS = 10_000
/** How far it may step back: an event keeps the timestamp of its start while audio goes on (RFC 4733 §2.5.1.1). */
const TIMESTAMP_BACK_MS = 8_000

/** Stamps packets. `relay` and `generate` leave the stamp in `sequence`, `timestamp` and `marker`. */
export class OutboundClock {
  readonly ssrc: number
  sequence = 0
  timestamp = 0
  marker = false

  readonly #clockRateHz: number
  #nextSequence: number
  #lastTimestamp: number
  #lastTicks = 0
  #lastAt: Instant = 0
  #started = false

  // The source that is being relayed; -1 when the next packet begins a new stretch.
  #source = -1
  #inSequence = 0
  #inTimestamp = 0
  #span = 0
  #sequenceOffset = 0
  #timestampOffset = 0
  #probation = -1
  #generating = false
  #eventTimestamp = 0

  /** `random` gives 32 bits; SSRC, first sequence number and first timestamp are drawn from it (§5.1). */
  constructor(random: () => number, clockRateHz: number) {
    this.ssrc = random() >>> 0
    this.#nextSequence = random() & 0x7fff // The upper half is left free, so that no leg starts next to a wrap.
    this.#lastTimestamp = random() >>> 0
    this.#clockRateHz = clockRateHz
  }

  /** The timestamp that a packet sent at `now` would have: for sender reports. */
  timestampAt(now: Instant): number {
    return (this.#lastTimestamp + this.#ticksSince(now)) >>> 0
  }

  /** Says that another source follows: its first packet goes on where the clock stands, with a marker. */
  endStretch(): void {
    this.#source = -1
    this.#generating = false
  }

  /**
   * Stamps a packet of source `ssrc` that lasts `ticks`. Returns false when it must not be sent: older than the
   * stretch, or the first of a jump (RFC 3550 §A.1).
   */
  relay(
    now: Instant,
    ssrc: number,
    sequence: number,
    timestamp: number,
    marker: boolean,
    ticks: number,
  ): boolean {
    if (ssrc !== this.#source) return this.#anchor(now, ssrc, sequence, timestamp, ticks)
    const step = sequenceDelta(sequence, this.#inSequence)
    if (step <= 0 && step >= -MISORDER_PACKETS_MAX) {
      if (-step > this.#span || step === 0) return false
      this.#stamp(sequence, timestamp, marker)
      return true
    }
    if (step < 0 || step > DROPOUT_PACKETS_MAX) {
      if (sequence === this.#probation) return this.#anchor(now, ssrc, sequence, timestamp, ticks)
      this.#probation = (sequence + 1) & 0xffff
      return false
    }
    const moved = timestampDelta(timestamp, this.#inTimestamp)
    const ahead = moved - this.#ticksSince(now)
    if (moved < -this.#ticks(TIMESTAMP_BACK_MS) || ahead > this.#ticks(TIMESTAMP_AHEAD_MS)) {
      return this.#anchor(now, ssrc, sequence, timestamp, ticks)
    }
    this.#span += step
    this.#inSequence = sequence
    this.#inTimestamp = timestamp
    this.#stamp(sequence, timestamp, marker)
    this.#nextSequence = (this.sequence + 1) & 0xffff
    this.#sent(now, ticks)
    return true
  }

  /** Stamps a packet of our own that lasts `ticks` and follows the one before without a hole. */
  generate(now: Instant, ticks: number): void {
    this.marker = !this.#generating
    this.timestamp = this.#generating ? this.#following : this.#fresh(now)
    this.sequence = this.#nextSequence
    this.#nextSequence = (this.sequence + 1) & 0xffff
    this.#source = -1
    this.#generating = true
    this.#sent(now, ticks)
  }

  /**
   * Stamps a packet of a telephone event of our own. All packets of one event carry the timestamp of its `first`
   * (RFC 4733 §2.5.1.1); what is heard after it goes on where real time stands then.
   */
  event(now: Instant, first: boolean, ticks: number): void {
    if (first) this.#eventTimestamp = this.#generating ? this.#following : this.#fresh(now)
    this.marker = first
    this.timestamp = this.#eventTimestamp
    this.sequence = this.#nextSequence
    this.#nextSequence = (this.sequence + 1) & 0xffff
    this.endStretch()
    this.#sent(now, ticks)
  }

  /** Lets `ticks` pass unsent, after a stall: the sound goes on later, not faster. */
  skip(ticks: number): void {
    if (this.#generating) this.#lastTicks += ticks
  }

  /** Without a hole after what was sent last. */
  get #following(): number {
    return (this.#lastTimestamp + this.#lastTicks) >>> 0
  }

  #anchor(now: Instant, ssrc: number, sequence: number, timestamp: number, ticks: number): boolean {
    const fresh = this.#fresh(now)
    this.#source = ssrc
    this.#generating = false
    this.#inSequence = sequence
    this.#inTimestamp = timestamp
    this.#span = 0
    this.#probation = -1
    this.#sequenceOffset = this.#nextSequence - sequence
    this.#timestampOffset = fresh - timestamp
    this.#stamp(sequence, timestamp, true)
    this.#nextSequence = (this.sequence + 1) & 0xffff
    this.#sent(now, ticks)
    return true
  }

  #stamp(sequence: number, timestamp: number, marker: boolean): void {
    this.sequence = (sequence + this.#sequenceOffset) & 0xffff
    this.timestamp = (timestamp + this.#timestampOffset) >>> 0
    this.marker = marker
  }

  #sent(now: Instant, ticks: number): void {
    // An event keeps the timestamp of its start: the clock neither goes back for it nor stands still.
    if (!this.#started || timestampDelta(this.timestamp, this.#lastTimestamp) > 0) {
      this.#lastTimestamp = this.timestamp
      this.#lastTicks = ticks
      this.#lastAt = now
    }
    this.#started = true
  }

  /** Where a new stretch begins: after the last packet's end, or as much later as time has passed. */
  #fresh(now: Instant): number {
    if (!this.#started) return this.#lastTimestamp
    return (this.#lastTimestamp + Math.max(this.#lastTicks, this.#ticksSince(now))) >>> 0
  }

  #ticksSince(now: Instant): number {
    return this.#started ? Math.max(0, this.#ticks(now - this.#lastAt)) : 0
  }

  #ticks(ms: number): number {
    return Math.round((ms * this.#clockRateHz) / 1000)
  }
}
