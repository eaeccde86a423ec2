/**
 * DTMF as telephone events: RFC 4733 §2.3 (payload), §2.5.1 (sending), §2.5.2 (receiving).
 *
 *   | event (8) | E | R | volume (6) | duration (16) |
 *
 * Events are keyed by RTP timestamp, never by the marker bit, so that a lost start or an end sent three times
 * still counts as one key press.
 */
import { type Instant, NEVER } from '@tandem/base'
import { timestampDelta } from '../rtp/rtp-packet.ts'

/** Bytes of one event payload. */
export const EVENT_BYTES = 4
/** An event with no packet for this long is over, whether its end came or not (RFC 4733 §2.5.2.2). */
export const EVENT_SILENCE_MS = 200

const DIGITS = '0123456789*#ABCD'
const DURATION_MAX = 0xffff // Longer events go on as a new segment, RFC 4733 §2.5.1.3.
const VOLUME_DBM0 = 10
const END_PACKETS = 3
const QUEUE_DIGITS_MAX = 64 // More than any card or account number that is dialled at once.

/** The event number of a key (RFC 4733 §3.2); undefined for what is no key. */
export function eventOf(key: string): number | undefined {
  const event = key.length === 1 ? DIGITS.indexOf(key) : -1
  return event < 0 ? undefined : event
}

/** Hears key presses. Duration and end are not needed to know that a key was pressed. */
export class DtmfReceiver {
  #timestamp = -1
  #ended = true
  #duration = 0
  #heardAt: Instant = -NEVER

  /** Takes an event payload between `start` and `end`. Returns the digit once per press, else undefined. */
  receive(
    now: Instant,
    timestamp: number,
    packet: Uint8Array,
    start: number,
    end: number,
  ): string | undefined {
    if (end - start < EVENT_BYTES) return undefined
    const digit = DIGITS[packet[start] as number]
    const ended = ((packet[start + 1] as number) & 0x80) !== 0
    const duration = ((packet[start + 2] as number) << 8) | (packet[start + 3] as number)
    const silent = now - this.#heardAt > EVENT_SILENCE_MS
    if (this.#timestamp !== -1) {
      const delta = timestampDelta(timestamp, this.#timestamp)
      if (delta === 0 && !(silent && this.#heardAt + 60_000 < now)) {
        this.#note(now, ended || this.#ended, Math.max(duration, this.#duration))
        return undefined
      }
      // Older than the event we know: a late copy. Far older: the peer restarted its clock.
      if (delta < 0 && delta > -80_000 && !silent) return undefined
      const continues =
        !this.#ended && !silent && delta > 0 && delta >= this.#duration && delta <= DURATION_MAX
      if (continues && this.#duration > DURATION_MAX - 2_000) {
        this.#timestamp = timestamp
        this.#note(now, ended, duration)
        return undefined
      }
    }
    this.#timestamp = timestamp
    this.#note(now, ended, duration)
    return digit
  }

  /** Whether a key is held down at `now`. False soon after the last packet, even when no end ever comes. */
  sounding(now: Instant): boolean {
    return !this.#ended && now - this.#heardAt <= EVENT_SILENCE_MS
  }

  #note(now: Instant, ended: boolean, duration: number): void {
    this.#heardAt = now
    this.#ended = ended
    this.#duration = duration
  }
}

/** One packet to send: payload and how to stamp it. */
export interface DtmfPacket {
  readonly payload: Uint8Array
  /** Ticks since the event began: the RTP timestamp is the one of the event's first packet. */
  readonly timestamp: number
  readonly marker: boolean
}

type Press = { readonly event: number; readonly durationTicks: number; readonly gapTicks: number }

/** Sends key presses, one packet for each packet time, on the clock of the leg. */
export class DtmfSender {
  readonly #queue: Press[] = []
  readonly #clockRateHz: number
  #startedAt = -1
  #elapsed = 0
  #ends = 0
  #gapLeft = 0

  constructor(clockRateHz: number) {
    this.#clockRateHz = clockRateHz
  }

  /** Whether audio must stand back: something is being sent or waits. */
  get busy(): boolean {
    return this.#queue.length > 0 || this.#gapLeft > 0
  }

  /**
   * Queues key presses, each `toneMs` long and `gapMs` apart. Returns false, and queues nothing, when a character
   * is no DTMF digit or too many wait already.
   */
  press(digits: string, toneMs = 100, gapMs = 60): boolean {
    const events = Array.from(digits.toUpperCase(), (digit) => DIGITS.indexOf(digit))
    if (events.includes(-1) || this.#queue.length + events.length > QUEUE_DIGITS_MAX) return false
    const durationTicks = Math.min(DURATION_MAX, Math.round((toneMs * this.#clockRateHz) / 1000))
    const gapTicks = Math.round((gapMs * this.#clockRateHz) / 1000)
    for (const event of events) this.#queue.push({ event, durationTicks, gapTicks })
    return true
  }

  /**
   * The packet of this packet time, which begins at RTP time `timestamp` and lasts `ticks`; undefined when none
   * is due (nothing queued, or the gap between two presses).
   */
  next(timestamp: number, ticks: number): DtmfPacket | undefined {
    if (this.#gapLeft > 0) {
      this.#gapLeft -= ticks
      return undefined
    }
    const press = this.#queue[0]
    if (press === undefined) return undefined
    const marker = this.#startedAt === -1
    if (marker) this.#startedAt = timestamp
    this.#elapsed = Math.min(press.durationTicks, this.#elapsed + ticks)
    const ended = this.#elapsed >= press.durationTicks
    const payload = Uint8Array.of(
      press.event,
      (ended ? 0x80 : 0) | VOLUME_DBM0,
      this.#elapsed >>> 8,
      this.#elapsed & 0xff,
    )
    const packet: DtmfPacket = { payload, timestamp: this.#startedAt, marker }
    if (ended) this.#ends += 1
    if (this.#ends === END_PACKETS) {
      this.#queue.shift()
      this.#startedAt = -1
      this.#elapsed = 0
      this.#ends = 0
      this.#gapLeft = press.gapTicks
    }
    return packet
  }
}
