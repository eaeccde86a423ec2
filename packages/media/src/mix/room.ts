/**
 * A room: each member hears the sum of the others, without itself and without those of its group.
 *
 * `mix` takes twenty milliseconds of every voice, sums them once, and makes each listener's frame by taking away what
 * it must not hear. A voice that joins, leaves, or may no longer speak fades within its frame. Nothing is allocated in
 * a turn; the room knows no packets and no clock.
 */
import { G711_SILENCE } from '../g711/g711.ts'
import { fadeIn, fadeOut } from '../jitter/fade.ts'
import { PlayOut } from '../jitter/play-out.ts'
import type { AudioCodec } from '../port.ts'
import { addTo, encodeWithout, limitInto, takeFrom } from './frames.ts'

/** One turn of every room: 20 ms at 8 kHz. */
export const FRAME_SAMPLES = 160
/** Members of one room: beyond this nobody could follow anyway, and each costs every turn. */
export const MEMBERS_MAX = 64

/** How somebody takes part. */
export interface Part {
  readonly speaks: boolean
  readonly hears: boolean
  /** Those of one group do not hear each other. */
  readonly group: string | undefined
}

const SILENCE = new Int16Array(FRAME_SAMPLES)

/** Somebody in a room. */
export class Member {
  /** What it says, to be filled with its packets. */
  readonly voice: PlayOut = new PlayOut()
  /** Its samples of this turn: where they lie in its voice, or in `frame` when they were changed. */
  samples: Int16Array
  offset = 0
  readonly frame: Int16Array = new Int16Array(FRAME_SAMPLES)
  part: Part
  /** Whether its frame counts in this turn. */
  active = false
  /** Whether it was heard in the turn before. */
  heard = false
  leaving = false

  constructor(part: Part) {
    this.part = part
    this.samples = this.frame
  }
}

/** Who is in, and what each hears. */
export class Room {
  readonly #members = new Set<Member>()
  readonly #sum = new Int32Array(FRAME_SAMPLES)
  readonly #rest = new Int32Array(FRAME_SAMPLES)
  readonly #out = new Int16Array(FRAME_SAMPLES)
  #present = 0

  /** Members that have not left. */
  get size(): number {
    return this.#present
  }

  /** Everybody, with those whose voices are still fading. */
  get members(): Iterable<Member> {
    return this.#members
  }

  /** Takes somebody in; undefined when the room is full. */
  join(part: Part): Member | undefined {
    if (this.#present >= MEMBERS_MAX) return undefined
    const member = new Member(part)
    this.#members.add(member)
    this.#present += 1
    return member
  }

  /** Lets somebody go. Its voice fades in the next turn, from what it had said already. */
  leave(member: Member): void {
    if (member.leaving) return
    member.leaving = true
    this.#present -= 1
  }

  /** Takes a turn of every voice. Ask `heardBy` for what comes of it. */
  mix(): void {
    const sum = this.#sum
    sum.fill(0)
    for (const member of this.#members) {
      if (member.leaving && !member.heard) {
        this.#members.delete(member)
        continue
      }
      this.#take(member)
      if (!member.active) continue
      addTo(sum, member.samples, member.offset, FRAME_SAMPLES)
    }
  }

  /** What a member hears in this turn; valid until the next question. Silence when it may not hear. */
  heardBy(member: Member): Int16Array {
    const out = this.#out
    if (!member.part.hears || member.leaving) return out.fill(0)
    const rest = this.#rest
    rest.set(member.part.group === undefined ? this.#sum : this.#withoutGroup(member))
    if (member.active) takeFrom(rest, member.samples, member.offset, FRAME_SAMPLES)
    limitInto(out, rest, FRAME_SAMPLES)
    return out
  }

  /** The same as G.711, written into a packet from `offset` on. */
  encodeFor(member: Member, codec: AudioCodec, into: Uint8Array, offset: number): void {
    if (!member.part.hears || member.leaving) {
      into.fill(G711_SILENCE[codec], offset, offset + FRAME_SAMPLES)
      return
    }
    const sum = member.part.group === undefined ? this.#sum : this.#withoutGroup(member)
    const own = member.active ? member.samples : SILENCE
    const from = member.active ? member.offset : 0
    encodeWithout(into, offset, codec, sum, own, from, FRAME_SAMPLES)
  }

  /** Whether one hears the other. */
  hears(listener: Member, speaker: Member): boolean {
    if (listener === speaker || listener.leaving || speaker.leaving) return false
    if (!listener.part.hears || !speaker.part.speaks) return false
    return listener.part.group === undefined || listener.part.group !== speaker.part.group
  }

  /** Gets a frame out of the member's voice, faded where it begins or ceases to be heard. */
  #take(member: Member): void {
    const speaks = member.part.speaks && !member.leaving
    const offset = speaks && member.heard ? member.voice.take(FRAME_SAMPLES) : -1
    if (offset >= 0) {
      member.samples = member.voice.samples
      member.offset = offset
      member.active = true
      return
    }
    member.samples = member.frame
    member.offset = 0
    const there = member.voice.pull(member.frame, FRAME_SAMPLES)
    member.active = there && (speaks || member.heard)
    if (member.active && !member.heard) fadeIn(member.frame, FRAME_SAMPLES)
    if (member.active && !speaks) fadeOut(member.frame, FRAME_SAMPLES)
    member.heard = speaks
  }

  /** The sum without the others of a member's group; its own voice is still in it. */
  #withoutGroup(member: Member): Int32Array {
    const rest = this.#rest
    rest.set(this.#sum)
    for (const other of this.#members) {
      if (other === member || !other.active || other.part.group !== member.part.group) continue
      takeFrom(rest, other.samples, other.offset, FRAME_SAMPLES)
    }
    return rest
  }
}
