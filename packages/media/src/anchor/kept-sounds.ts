/**
 * Sounds that recordings keep: an announcement or a beep that was heard in the call, as a stream of its own on both
 * sides, so that it is in the file whoever heard it.
 *
 * Each is read from a source of its own, at the pace of the worker's ticker and whatever becomes of the leg's packets.
 */
import type { Instant } from '@tandem/base'
import { encodeG711 } from '../g711/g711.ts'
import { FRAME_SAMPLES } from '../mix/room.ts'
import { RTP_HEADER_BYTES, writeRtpHeader } from '../rtp/rtp-packet.ts'
import { CLOCK_RATE_HZ, type KeptSound } from './media-leg.ts'
import type { JournalSink } from './sinks.ts'

const SIDES = [0, 1] as const

/** Those that are being kept now. */
export class KeptSounds {
  readonly #journal: JournalSink
  readonly #sounds = new Set<KeptSound>()
  readonly #samples = new Int16Array(FRAME_SAMPLES)
  readonly #packet = new Uint8Array(RTP_HEADER_BYTES + FRAME_SAMPLES)

  constructor(journal: JournalSink) {
    this.#journal = journal
  }

  /** How many are being kept. */
  get size(): number {
    return this.#sounds.size
  }

  /** Begins with the next turn. */
  begin(sound: KeptSound): void {
    this.#sounds.add(sound)
  }

  /** Ends one before its time; nothing happens when it has ended. */
  end(now: Instant, sound: KeptSound): void {
    if (!this.#sounds.delete(sound) || !sound.joined) return
    const leg = nameOf(sound)
    for (const recording of sound.recordings) {
      for (const side of SIDES) {
        this.#journal.entry(recording, { kind: 'left', side, leg, stream: sound.stream, at: now })
      }
    }
  }

  /** Keeps the next 20 ms of each. */
  tick(now: Instant): void {
    for (const sound of this.#sounds) {
      const made = sound.source.read(this.#samples, FRAME_SAMPLES)
      if (made > 0) this.#keep(now, sound, made)
      if (made < FRAME_SAMPLES) this.end(now, sound)
    }
  }

  #keep(now: Instant, sound: KeptSound, count: number): void {
    if (!sound.joined) this.#join(now, sound)
    const packet = this.#packet
    writeRtpHeader(packet, 0, sound.timestamp === 0, sound.sequence, sound.timestamp, sound.stream)
    encodeG711('PCMU', this.#samples, count, packet, RTP_HEADER_BYTES)
    sound.sequence = (sound.sequence + 1) & 0xffff
    sound.timestamp = (sound.timestamp + count) >>> 0
    for (const recording of sound.recordings) {
      for (const side of SIDES) {
        this.#journal.packet(recording, side, sound.stream, now, packet, RTP_HEADER_BYTES + count)
      }
    }
  }

  #join(now: Instant, sound: KeptSound): void {
    sound.joined = true
    const { stream } = sound
    const leg = nameOf(sound)
    for (const recording of sound.recordings) {
      for (const side of SIDES) {
        const format = { codec: 'PCMU', payloadType: 0, clockRateHz: CLOCK_RATE_HZ } as const
        this.#journal.entry(recording, { kind: 'joined', side, leg, stream, ...format, at: now })
      }
    }
  }
}

/** What the journal calls it, beside the ids of legs. */
function nameOf(sound: KeptSound): string {
  return `sound:${sound.stream}`
}
