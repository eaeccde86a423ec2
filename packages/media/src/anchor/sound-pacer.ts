/**
 * Paces every sound of a worker from one 20 ms ticker, on absolute deadlines (telephony.md pitfall 1).
 *
 * A late tick makes no later one late. After a stall the missed part is skipped: timestamps go on, and no burst
 * fills the phone's jitter buffer.
 */
import { type Instant, NEVER } from '@tandem/base'
import type { Sound } from '../port.ts'
import { soundSource } from '../tones/sound.ts'
import { type LegSender, PTIME_MS_MAX, ptimeTicks } from './leg-sender.ts'
import { CLOCK_RATE_HZ, type MediaLeg } from './media-leg.ts'

const SOUND_TICK_MS = 20
const SOUND_TICK_TICKS = (SOUND_TICK_MS * CLOCK_RATE_HZ) / 1000
/** A ticker that is later than this skips what it missed. */
const SOUND_STALL_MS_MAX = 100

/** The legs that hear a sound of ours. */
export class SoundPacer {
  readonly #sender: LegSender
  readonly #sounding = new Set<MediaLeg>()
  readonly #samples = new Int16Array((PTIME_MS_MAX * CLOCK_RATE_HZ) / 1000)
  #soundAt: Instant = NEVER

  constructor(sender: LegSender) {
    this.#sender = sender
  }

  /** When the next packet is due; `NEVER` while no leg hears a sound. */
  get deadline(): Instant {
    return this.#soundAt
  }

  /** Begins a sound, in place of whatever the leg hears. A prompt that is not known is nothing to hear. */
  play(now: Instant, leg: MediaLeg, sound: Sound): void {
    const source = soundSource(sound)
    if (source === undefined) return
    leg.sound = source
    leg.soundDueTicks = 0
    leg.clock.endStretch()
    this.#sounding.add(leg)
    if (this.#soundAt === NEVER) this.#soundAt = now
  }

  /** Ends the leg's sound, if it hears one. */
  silence(leg: MediaLeg): void {
    if (leg.sound === undefined) return
    leg.sound = undefined
    leg.clock.endStretch()
    this.#sounding.delete(leg)
    if (this.#sounding.size === 0) this.#soundAt = NEVER
  }

  /** Sends what is due. */
  tick(now: Instant): void {
    if (now < this.#soundAt) return
    let skippedTicks = 0
    if (now - this.#soundAt > SOUND_STALL_MS_MAX) {
      const missed = Math.floor((now - this.#soundAt) / SOUND_TICK_MS)
      skippedTicks = missed * SOUND_TICK_TICKS
      this.#soundAt += missed * SOUND_TICK_MS
    }
    for (const leg of this.#sounding) if (skippedTicks > 0) leg.clock.skip(skippedTicks)
    while (now >= this.#soundAt && this.#sounding.size > 0) {
      for (const leg of this.#sounding) this.#sound(now, leg)
      this.#soundAt += SOUND_TICK_MS
    }
    if (this.#sounding.size === 0) this.#soundAt = NEVER
  }

  /** Gives one leg what is due of its sound, in packets of the time that its peer asked for. */
  #sound(now: Instant, leg: MediaLeg): void {
    const format = leg.format
    if (format === undefined || leg.sound === undefined) return
    const ticks = ptimeTicks(format)
    leg.soundDueTicks += SOUND_TICK_TICKS
    while (leg.sound !== undefined && leg.soundDueTicks >= ticks) {
      leg.soundDueTicks -= ticks
      const made = leg.sound.read(this.#samples, ticks)
      if (made < ticks) this.#samples.fill(0, made, ticks)
      if (made > 0) this.#sender.sound(now, leg, this.#samples, ticks)
      if (made < ticks) this.silence(leg) // A prompt is over: what was bridged is heard again.
    }
  }
}
