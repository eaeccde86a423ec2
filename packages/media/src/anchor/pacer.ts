/**
 * Paces everything that a worker makes itself from one 20 ms ticker, on absolute deadlines (telephony.md pitfall 1):
 * rooms, sounds, overlays, keys, and sounds that recordings keep.
 *
 * A late tick makes no later one late. After a stall the missed part is skipped: timestamps go on, and no burst
 * fills the phone's jitter buffer. What a leg hears in a turn is decided here, in this order: a key that is pressed for
 * it, a sound in place of all else, its room; on top of that the overlay.
 */
import { type Instant, NEVER } from '@tandem/base'
import { dualTone } from '../dtmf/dual-tone.ts'
import { TONE_SAMPLES } from '../dtmf/key-presses.ts'
import { limited } from '../mix/limiter.ts'
import { FRAME_SAMPLES, type Room } from '../mix/room.ts'
import type { MediaEvent } from '../port.ts'
import type { KeptSounds } from './kept-sounds.ts'
import { type LegSender, ptimeTicks } from './leg-sender.ts'
import { CLOCK_RATE_HZ, type MediaLeg, type Playing, type Seat } from './media-leg.ts'

const TICK_MS = 20
const TICK_TICKS = (TICK_MS * CLOCK_RATE_HZ) / 1000
/** A ticker that is later than this skips what it missed. */
const STALL_MS_MAX = 100
/** An overlay makes packets itself when none was relayed for this long: two packets of 20 ms. */
const RELAY_IDLE_MS = 50

/** The rooms, and the legs that hear something of ours. */
export class Pacer {
  readonly #kept: KeptSounds
  readonly #say: (event: MediaEvent) => void
  readonly #legs = new Set<MediaLeg>()
  readonly #rooms = new Map<Room, Set<MediaLeg>>()
  readonly #frame = new Int16Array(FRAME_SAMPLES)
  readonly #overlaid = new Int16Array(1_500)
  #sender: LegSender | undefined
  #tickAt: Instant = NEVER

  /** `say` takes the `played` events. */
  constructor(kept: KeptSounds, say: (event: MediaEvent) => void) {
    this.#kept = kept
    this.#say = say
  }

  /** When the next turn is due; `NEVER` while there is nothing to make. */
  get deadline(): Instant {
    return this.#tickAt
  }

  /** Names who sends what is made; once, before anything else. */
  sendThrough(sender: LegSender): void {
    this.#sender = sender
  }

  /** Begins a sound, in place of the one before: `over` what the leg hears, or in place of all else. */
  play(now: Instant, leg: MediaLeg, playing: Playing, options: { readonly over: boolean }): void {
    this.#stop(now, options.over ? leg.overlay : leg.sound)
    if (options.over) {
      leg.overlay = playing
      leg.turns = true
    } else {
      leg.sound = playing
      leg.dueSamples = 0
      leg.turn()
    }
    if (playing.kept !== undefined) this.#kept.begin(playing.kept)
    this.#legs.add(leg)
    this.#start(now)
  }

  /** Ends the sound that stands in place of what the leg hears. */
  silence(now: Instant, leg: MediaLeg): void {
    if (leg.sound === undefined) return
    this.#stop(now, leg.sound)
    this.#dropSound(leg)
  }

  /** Ends the overlay too. */
  silenceAll(now: Instant, leg: MediaLeg): void {
    this.silence(now, leg)
    if (leg.overlay === undefined) return
    this.#stop(now, leg.overlay)
    leg.overlay = undefined
    leg.turns = true
    this.#settle(leg)
  }

  /** Presses keys for the leg. What is no key, or more than may wait, is not pressed. */
  press(now: Instant, leg: MediaLeg, keys: string): void {
    if (!leg.keys.press(keys)) return
    this.#legs.add(leg)
    this.#start(now)
  }

  /** Gives a leg its turns in a room. */
  seat(now: Instant, leg: MediaLeg, room: Room): void {
    const seated = this.#rooms.get(room)
    if (seated === undefined) this.#rooms.set(room, new Set([leg]))
    else seated.add(leg)
    leg.dueSamples = 0
    this.#start(now)
  }

  /** Takes them away. */
  unseat(leg: MediaLeg, room: Room): void {
    const seated = this.#rooms.get(room)
    if (seated === undefined) return
    seated.delete(leg)
    if (seated.size === 0) this.#rooms.delete(room)
    this.#rest()
  }

  /** Forgets a leg that is released. */
  forget(now: Instant, leg: MediaLeg): void {
    this.silenceAll(now, leg)
    this.#legs.delete(leg)
    this.#rest()
  }

  /** Makes what is due. */
  tick(now: Instant): void {
    if (now < this.#tickAt) return
    if (now - this.#tickAt > STALL_MS_MAX) this.#skip(Math.floor((now - this.#tickAt) / TICK_MS))
    while (now >= this.#tickAt) {
      this.#tickAt += TICK_MS
      for (const [room, seated] of this.#rooms) {
        room.mix()
        for (const leg of seated) if (leg.seat !== undefined) this.#serveSeat(now, leg, leg.seat)
      }
      for (const leg of this.#legs) if (leg.seat === undefined) this.#serve(now, leg, undefined)
      this.#kept.tick(now)
      this.#rest()
    }
  }

  /** Lays what is due of the leg's overlay over samples that it hears. */
  readonly lay = (leg: MediaLeg, samples: Int16Array, count: number): void => {
    const { overlay } = leg
    if (overlay === undefined) return
    const wanted = Math.min(count, this.#overlaid.length)
    const made = overlay.source.read(this.#overlaid, wanted)
    for (let at = 0; at < made; at++) {
      samples[at] = limited((samples[at] as number) + (this.#overlaid[at] as number)) // Both below their counts.
    }
    if (made < wanted) this.#ended(leg, overlay)
  }

  #skip(missed: number): void {
    this.#tickAt += missed * TICK_MS
    for (const leg of this.#legs) leg.clock.skip(missed * TICK_TICKS)
    for (const seated of this.#rooms.values()) {
      for (const leg of seated) if (!this.#legs.has(leg)) leg.clock.skip(missed * TICK_TICKS)
    }
  }

  /** One turn of a leg in a room. Most hear nothing of ours beside it, in packets of one turn: those have a short way. */
  #serveSeat(now: Instant, leg: MediaLeg, seat: Seat): void {
    const { format } = leg
    if (format === undefined || !leg.send) {
      if (this.#legs.has(leg)) this.#serve(now, leg, seat.room.heardBy(seat.member))
      return
    }
    const plain = !leg.turns && leg.dueSamples === 0 && ptimeTicks(format) === FRAME_SAMPLES
    if (plain && !this.#legs.has(leg)) {
      this.#sender?.mixed(now, leg, format.codec, format.payloadType, seat)
    } else this.#serve(now, leg, seat.room.heardBy(seat.member))
  }

  /** One turn of one leg; `below` is what it hears in its room. */
  #serve(now: Instant, leg: MediaLeg, below: Int16Array | undefined): void {
    if (leg.keys.busy && this.#pressed(now, leg)) return
    const frame = this.#frame
    let made = false
    if (leg.sound !== undefined) made = this.#sound(now, leg, leg.sound)
    else if (below !== undefined) {
      frame.set(below)
      made = true
    }
    if (leg.overlay !== undefined) {
      if (!made && now - leg.relayedAt > RELAY_IDLE_MS) {
        frame.fill(0)
        made = true
      }
      if (made) this.lay(leg, frame, FRAME_SAMPLES)
    }
    if (made) this.#emit(now, leg)
  }

  /** Reads 20 ms of the sound that stands in place of all else; false when there is nothing more of it. */
  #sound(now: Instant, leg: MediaLeg, playing: Playing): boolean {
    const made = playing.source.read(this.#frame, FRAME_SAMPLES)
    if (made === FRAME_SAMPLES) return true
    this.#frame.fill(0, made)
    const rest = made > 0 || leg.dueSamples > 0
    if (rest && leg.seat === undefined) {
      if (made > 0) this.#append(leg)
      this.#flush(now, leg)
    }
    this.#ended(leg, playing) // What was bridged is heard again.
    return rest && leg.seat !== undefined
  }

  /** One turn of keys; false when audio is heard beside it: in a pause. */
  #pressed(now: Instant, leg: MediaLeg): boolean {
    const { keys, format } = leg
    keys.advance()
    if (!keys.sounding) {
      if (!keys.busy) {
        leg.turn()
        this.#settle(leg)
      }
      return false
    }
    if (format?.dtmfPayloadType === undefined) {
      const key = keys.down
      if (key === undefined) this.#frame.fill(0)
      else dualTone(key, keys.toneSamples, TONE_SAMPLES, this.#frame, FRAME_SAMPLES)
      if (keys.begins) leg.turns = true
      this.#emit(now, leg)
      return true
    }
    const payload = keys.event()
    if (payload !== undefined) {
      this.#sender?.event(now, leg, payload, { first: keys.begins, ticks: TICK_TICKS })
    }
    return true
  }

  /** Sends the frame, in packets of the time that the leg's peer asked for. */
  #emit(now: Instant, leg: MediaLeg): void {
    const { format } = leg
    if (format === undefined) return
    const ticks = ptimeTicks(format)
    if (leg.dueSamples === 0 && ticks === FRAME_SAMPLES) {
      this.#sender?.sound(now, leg, this.#frame, ticks)
      return
    }
    this.#append(leg)
    while (leg.dueSamples >= ticks) this.#sendDue(now, leg, ticks)
  }

  #append(leg: MediaLeg): void {
    leg.due.set(this.#frame, leg.dueSamples)
    leg.dueSamples += FRAME_SAMPLES
  }

  #sendDue(now: Instant, leg: MediaLeg, ticks: number): void {
    this.#sender?.sound(now, leg, leg.due, ticks)
    leg.due.copyWithin(0, ticks, leg.dueSamples)
    leg.dueSamples -= ticks
  }

  /** Sends what is left of a sound, with silence up to the end of its last packet. */
  #flush(now: Instant, leg: MediaLeg): void {
    const { format } = leg
    if (format === undefined) return
    const ticks = ptimeTicks(format)
    while (leg.dueSamples >= ticks) this.#sendDue(now, leg, ticks)
    if (leg.dueSamples === 0) return
    leg.due.fill(0, leg.dueSamples, ticks)
    leg.dueSamples = ticks
    this.#sendDue(now, leg, ticks)
  }

  /** A sound is over. What recordings keep of it ends by itself, at the same pace. */
  #ended(leg: MediaLeg, playing: Playing): void {
    if (playing === leg.sound) this.#dropSound(leg)
    else {
      leg.overlay = undefined
      leg.turns = true
      this.#settle(leg)
    }
    if (playing.token === undefined) return
    const complete = playing.source.failed !== true
    this.#say({ kind: 'played', leg: leg.id, token: playing.token, complete })
  }

  #dropSound(leg: MediaLeg): void {
    leg.sound = undefined
    leg.dueSamples = 0
    leg.turn()
    this.#settle(leg)
  }

  /** Ends a sound before its time, also for the recordings that keep it. */
  #stop(now: Instant, playing: Playing | undefined): void {
    if (playing?.kept !== undefined) this.#kept.end(now, playing.kept)
  }

  /** Lets a leg go that hears nothing of ours any more. */
  #settle(leg: MediaLeg): void {
    if (leg.sound === undefined && leg.overlay === undefined && !leg.keys.busy) this.#legs.delete(leg)
    this.#rest()
  }

  #start(now: Instant): void {
    if (this.#tickAt === NEVER) this.#tickAt = now
  }

  #rest(): void {
    if (this.#legs.size === 0 && this.#rooms.size === 0 && this.#kept.size === 0) this.#tickAt = NEVER
  }
}
