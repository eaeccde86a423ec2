/**
 * What recordings are handed of the legs: who is attached where, packets as received, and the alarm when nothing comes.
 *
 * Several legs may be attached to one side; each has a stream of its own in the journal. A leg that is attached, may
 * speak and is not muted, and from which nothing has come for ten seconds, is `silent`, once, until it is `heard`.
 */
import type { Instant } from '@tandem/base'
import type { Side } from '../journal/entry.ts'
import type { MediaEvent } from '../port.ts'
import type { MediaLeg, Tap } from './media-leg.ts'
import type { JournalSink } from './sinks.ts'

/** How long nothing may come from a recorded leg before it is told. */
export const SILENT_MS = 10_000
/** Recordings of one leg at a time: each costs a copy of every packet. */
export const TAPS_MAX = 16

/** The recordings of one worker's legs. */
export class Taps {
  readonly #journal: JournalSink
  readonly #random: () => number
  readonly #say: (event: MediaEvent) => void

  constructor(journal: JournalSink, random: () => number, say: (event: MediaEvent) => void) {
    this.#journal = journal
    this.#random = random
    this.#say = say
  }

  /** From now on what the leg says goes to that side, added to what others say there. */
  attach(now: Instant, leg: MediaLeg, recording: string, side: Side): void {
    if (leg.taps.length >= TAPS_MAX) return
    if (leg.taps.some((tap) => tap.recording === recording && tap.side === side)) return
    const tap: Tap = { recording, side, stream: this.#random() >>> 0, joined: false }
    leg.taps.push(tap)
    this.#join(now, leg, tap)
  }

  /** No more of it goes to that recording. */
  detach(now: Instant, leg: MediaLeg, recording: string): void {
    for (let index = leg.taps.length - 1; index >= 0; index--) {
      const tap = leg.taps[index] as Tap // Inside the list by the loop's condition.
      if (tap.recording !== recording) continue
      leg.taps.splice(index, 1)
      this.#leave(now, leg, tap)
    }
  }

  /** The leg's format has changed. */
  formatChanged(now: Instant, leg: MediaLeg): void {
    for (const tap of leg.taps) this.#join(now, leg, tap)
  }

  /** The leg is no more. */
  release(now: Instant, leg: MediaLeg): void {
    for (const tap of leg.taps) this.#leave(now, leg, tap)
  }

  /** Takes a packet that was accepted from a leg. The hot path: nothing is allocated. */
  keep(now: Instant, leg: MediaLeg, packet: Uint8Array, length: number): void {
    leg.audioAt = now
    if (leg.silent) this.#heard(leg)
    if (leg.muted) return
    for (let index = 0; index < leg.taps.length; index++) {
      const tap = leg.taps[index] as Tap // Inside the list by the loop's condition.
      this.#journal.packet(tap.recording, tap.side, tap.stream, now, packet, length)
    }
  }

  /** Tells of a leg from which nothing has come for too long. */
  watch(now: Instant, leg: MediaLeg): void {
    if (leg.taps.length === 0 || !leg.receive || leg.muted || leg.format === undefined) {
      leg.watchedFrom = undefined
      return
    }
    leg.watchedFrom ??= now
    if (leg.silent || now - Math.max(leg.watchedFrom, leg.audioAt) < SILENT_MS) return
    leg.silent = true
    this.#say({ kind: 'silent', leg: leg.id })
  }

  #heard(leg: MediaLeg): void {
    leg.silent = false
    this.#say({ kind: 'heard', leg: leg.id })
  }

  #join(now: Instant, leg: MediaLeg, tap: Tap): void {
    const { format } = leg
    if (format === undefined) return
    tap.joined = true
    this.#journal.entry(tap.recording, {
      kind: 'joined',
      side: tap.side,
      leg: leg.id,
      stream: tap.stream,
      codec: format.codec,
      payloadType: format.payloadType,
      ...(format.dtmfPayloadType === undefined ? {} : { dtmfPayloadType: format.dtmfPayloadType }),
      ...(format.comfortNoisePayloadType === undefined
        ? {}
        : { cnPayloadType: format.comfortNoisePayloadType }),
      clockRateHz: format.clockRateHz,
      at: now,
    })
  }

  #leave(now: Instant, leg: MediaLeg, tap: Tap): void {
    if (!tap.joined) return
    const { side, stream } = tap
    this.#journal.entry(tap.recording, { kind: 'left', side, leg: leg.id, stream, at: now })
  }
}
