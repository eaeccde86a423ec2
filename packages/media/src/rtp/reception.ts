/**
 * What one receiver knows of one RTP source: RFC 3550 §A.1 (sequence validity and extension), §A.3 (loss) and
 * §A.8 (interarrival jitter).
 *
 * Call `receive` for every packet of the source that was accepted. Sums go on over a change of SSRC, so that the
 * statistics of a leg cover the whole call.
 */
import type { Instant } from '@tandem/base'
import { sequenceDelta } from './rtp-packet.ts'

/** A jump forward up to this is loss, RFC 3550 §A.1 MAX_DROPOUT. */
export const DROPOUT_PACKETS_MAX = 3000
/** A step backward up to this is reordering, RFC 3550 §A.1 MAX_MISORDER. */
export const MISORDER_PACKETS_MAX = 100

const SEQUENCE_COUNT = 65_536

/** Reception statistics of one source, restarted when its SSRC changes. */
export class Reception {
  readonly #clockRateHz: number
  #ssrc = -1
  #maxSequence = 0
  #cycles = 0
  #baseSequence = 0
  #probation = -1
  #received = 0
  #expectedBefore = 0
  #receivedBefore = 0
  #expectedPrior = 0
  #receivedPrior = 0
  #transit = 0
  #jitterTicks = 0

  constructor(clockRateHz: number) {
    this.#clockRateHz = clockRateHz
  }

  /** The source heard last; -1 before the first packet. */
  get ssrc(): number {
    return this.#ssrc
  }

  /** The highest sequence number with its cycles, RFC 3550 §6.4.1; 0 before the first packet. */
  get extendedHighest(): number {
    return this.#cycles + this.#maxSequence
  }

  /** All packets taken, over all sources. */
  get packetsReceived(): number {
    return this.#receivedBefore + this.#received
  }

  /** Packets expected less packets received, over all sources; never below 0. */
  get packetsLost(): number {
    return Math.max(0, this.#expectedBefore + this.#expected - this.packetsReceived)
  }

  /** Cumulative loss of the present source, as a receiver report has it: 24 bits, signed. */
  get cumulativeLost(): number {
    return Math.max(-0x800000, Math.min(0x7fffff, this.#expected - this.#received))
  }

  /** Interarrival jitter in ticks of the RTP clock, RFC 3550 §6.4.1. */
  get jitterTicks(): number {
    return Math.floor(this.#jitterTicks)
  }

  /** The same in milliseconds. */
  get jitterMs(): number {
    return (1000 * this.#jitterTicks) / this.#clockRateHz
  }

  get #expected(): number {
    return this.#ssrc === -1 ? 0 : this.#cycles + this.#maxSequence - this.#baseSequence + 1
  }

  /**
   * Counts one packet. Returns its extended sequence number, or -1 while a jump awaits its second packet
   * (RFC 3550 §A.1): such a packet is counted by nobody.
   */
  receive(now: Instant, ssrc: number, sequence: number, timestamp: number): number {
    if (ssrc !== this.#ssrc) this.#begin(ssrc, sequence)
    const delta = sequenceDelta(sequence, this.#maxSequence)
    if (delta >= 0 && delta < DROPOUT_PACKETS_MAX) {
      if (sequence < this.#maxSequence) this.#cycles += SEQUENCE_COUNT
      this.#maxSequence = sequence
      this.#probation = -1
    } else if (delta < -MISORDER_PACKETS_MAX || delta >= DROPOUT_PACKETS_MAX) {
      if (sequence !== this.#probation) {
        this.#probation = (sequence + 1) & 0xffff
        return -1
      }
      this.#begin(ssrc, sequence)
    }
    this.#received += 1
    this.#measure(now, timestamp)
    const highest = this.#cycles + this.#maxSequence
    return highest + sequenceDelta(sequence, this.#maxSequence)
  }

  /** The fraction lost since the last call, in 1/256, RFC 3550 §A.3. Call it once for each report. */
  takeFractionLost(): number {
    const expected = this.#expected - this.#expectedPrior
    const received = this.#received - this.#receivedPrior
    this.#expectedPrior = this.#expected
    this.#receivedPrior = this.#received
    const lost = expected - received
    return expected <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / expected))
  }

  #begin(ssrc: number, sequence: number): void {
    this.#expectedBefore += this.#expected
    this.#receivedBefore += this.#received
    this.#ssrc = ssrc
    this.#baseSequence = sequence
    this.#maxSequence = sequence
    this.#cycles = 0
    this.#received = 0
    this.#expectedPrior = 0
    this.#receivedPrior = 0
    this.#probation = -1
    this.#transit = Number.NaN
  }

  #measure(now: Instant, timestamp: number): void {
    const arrival = Math.round((now * this.#clockRateHz) / 1000)
    const transit = (arrival - timestamp) | 0
    if (!Number.isNaN(this.#transit)) {
      const difference = Math.abs((transit - this.#transit) | 0)
      // A restarted timestamp is no jitter: half a second between two packets is beyond any network we play.
      if (difference < this.#clockRateHz / 2) this.#jitterTicks += (difference - this.#jitterTicks) / 16
    }
    this.#transit = transit
  }
}
