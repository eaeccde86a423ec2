/**
 * Keys that we press on behalf of a user, one after the other: 120 ms of tone, 80 ms of gap, `,` a pause of two seconds.
 *
 * A plain queue that is stepped every 20 ms. Whether a press becomes an RFC 4733 event or a tone in the audio is decided
 * by who sends it; an event's end is sent three times (RFC 4733 §2.5.1.4), the last two within the gap.
 */
import { EVENT_BYTES, eventOf } from './telephone-event.ts'

/** Keys and pauses that may wait: more than any card number with its menus. */
export const KEYS_MAX = 128
const STEP_TICKS = 160
const TONE_STEPS = 6
const GAP_STEPS = 4
const END_PACKETS = 3
const PAUSE_STEPS = 100
const VOLUME_DBM0 = 10
const PAUSE = ','

/** How long a tone lasts, in samples. */
export const TONE_SAMPLES: number = TONE_STEPS * STEP_TICKS

/** The keys that wait for one leg. */
export class KeyPresses {
  readonly #keys: string[] = []
  readonly #event = new Uint8Array(EVENT_BYTES)
  #step = -1

  /** Whether anything waits or sounds. */
  get busy(): boolean {
    return this.#keys.length > 0
  }

  /** Whether audio stands back: a key is down, or has just been let go. */
  get sounding(): boolean {
    return this.#step >= 0 && this.#keys.length > 0 && this.#keys[0] !== PAUSE
  }

  /** The key that is down in this step; undefined in gaps and pauses. */
  get down(): string | undefined {
    return this.sounding && this.#step < TONE_STEPS ? this.#keys[0] : undefined
  }

  /** Samples of the key's tone that lie before this step. */
  get toneSamples(): number {
    return this.#step * STEP_TICKS
  }

  /** Queues keys; false, and nothing is queued, when one is no key or too many wait. */
  press(keys: string): boolean {
    const wanted = Array.from(keys.toUpperCase())
    if (this.#keys.length + wanted.length > KEYS_MAX) return false
    if (wanted.some((key) => key !== PAUSE && eventOf(key) === undefined)) return false
    this.#keys.push(...wanted)
    return true
  }

  /** Goes on by 20 ms. */
  advance(): void {
    const key = this.#keys[0]
    if (key === undefined) return
    this.#step += 1
    if (this.#step < (key === PAUSE ? PAUSE_STEPS : TONE_STEPS + GAP_STEPS)) return
    this.#keys.shift()
    this.#step = this.#keys.length > 0 ? 0 : -1
  }

  /** Whether the event packet of this step is the first of its press. */
  get begins(): boolean {
    return this.#step === 0
  }

  /** The event payload of this step, valid until the next; undefined when none is due. */
  event(): Uint8Array | undefined {
    if (!this.sounding || this.#step >= TONE_STEPS + END_PACKETS - 1) return undefined
    const duration = Math.min(this.#step + 1, TONE_STEPS) * STEP_TICKS
    this.#event[0] = eventOf(this.#keys[0] ?? '') ?? 0
    this.#event[1] = (this.#step >= TONE_STEPS - 1 ? 0x80 : 0) | VOLUME_DBM0
    this.#event[2] = duration >>> 8
    this.#event[3] = duration
    return this.#event
  }
}
