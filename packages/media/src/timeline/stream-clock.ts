/**
 * Says where the packets of one RTP stream belong in a recording: by their timestamps, tied to their arrival.
 *
 * Timestamps give exact distances between packets; arrivals say when "now" was. The two clocks drift apart by some
 * hundred parts in a million, so the tie is renewed: the packet that was least late over some seconds shows how far
 * the clocks have moved, and positions follow one sample at a time. A restarted clock is tied anew at once.
 */
import { timestampDelta } from '../rtp/rtp-packet.ts'

/** Samples and RTP ticks are the same here: 8000 a second. */
const PER_MS = 8
/** Later than this and the sample has been given out already. */
export const LATE_SAMPLES_MAX: number = 200 * PER_MS
/** No packet comes before it was spoken: this far ahead means that the clock was restarted or tied to a late one. */
const AHEAD_SAMPLES_MAX = 60 * PER_MS
/** A step in timestamps that is no loss: with packets still coming, the clock was restarted. */
const RESTART_SAMPLES = 1000 * PER_MS
/** Packets that come in real time, all too late, before the tie is renewed: one may be a straggler. */
const LATE_PACKETS_MAX = 3
/** Over how long the least late packet is looked for. */
const WINDOW_SAMPLES = 4000 * PER_MS
/** Drift below this is left alone: it is less than anybody hears, and jitter looks like it. */
const DRIFT_SAMPLES_MIN = 2 * PER_MS

/** The tie between one stream's timestamps and the recording's time. */
export class StreamClock {
  #tied = false
  #timestamp = 0
  #position = 0
  #arrival = 0
  #lateRun = 0
  #windowFrom = 0
  #leastLate = Number.POSITIVE_INFINITY
  #correction = 0

  /**
   * The position of a packet that arrived at position `arrival`, in samples; undefined when it came too late.
   * `marker` is the packet's marker bit: a talkspurt may begin anywhere.
   */
  place(arrival: number, timestamp: number, marker: boolean): number | undefined {
    if (!this.#tied) return this.#tie(arrival, timestamp)
    const step = timestampDelta(timestamp, this.#timestamp)
    const passed = arrival - this.#arrival
    const position = this.#position + step
    const late = arrival - position
    if (late < -AHEAD_SAMPLES_MAX) return this.#tie(arrival, timestamp)
    if (late > LATE_SAMPLES_MAX) {
      const restarted = Math.abs(step) > RESTART_SAMPLES && passed < RESTART_SAMPLES / 2
      // After a stall packets come in a heap; after a phone's own pause they come one by one.
      this.#lateRun = step > 0 && passed >= step / 2 ? this.#lateRun + 1 : 0
      if (restarted || (marker && step > 0) || this.#lateRun >= LATE_PACKETS_MAX)
        return this.#tie(arrival, timestamp)
      if (step > 0) this.#move(arrival, timestamp, position)
      return undefined
    }
    this.#lateRun = 0
    if (step <= 0) return position
    this.#measure(arrival, late)
    const corrected = position + this.#takeCorrection()
    this.#move(arrival, timestamp, corrected)
    return corrected
  }

  #tie(arrival: number, timestamp: number): number {
    this.#tied = true
    this.#lateRun = 0
    this.#correction = 0
    this.#windowFrom = arrival
    this.#leastLate = Number.POSITIVE_INFINITY
    this.#move(arrival, timestamp, arrival)
    return arrival
  }

  #move(arrival: number, timestamp: number, position: number): void {
    this.#arrival = arrival
    this.#timestamp = timestamp
    this.#position = position
  }

  #measure(arrival: number, late: number): void {
    this.#leastLate = Math.min(this.#leastLate, late)
    if (arrival - this.#windowFrom < WINDOW_SAMPLES) return
    // A correction under way has been measured in part already: each window sets it anew.
    this.#correction = Math.abs(this.#leastLate) >= DRIFT_SAMPLES_MIN ? this.#leastLate : 0
    this.#windowFrom = arrival
    this.#leastLate = Number.POSITIVE_INFINITY
  }

  /** One sample for each packet: at 20 ms that follows any clock fifty times faster than clocks drift. */
  #takeCorrection(): number {
    const step = Math.sign(this.#correction)
    this.#correction -= step
    return step
  }
}
