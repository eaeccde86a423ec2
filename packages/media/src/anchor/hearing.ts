/**
 * Who hears whom: bridges of two legs, rooms of many, and their ways over to other workers.
 *
 * A leg is in one bridge or in one room at most; each way in begins by leaving where it was. A room goes with its last
 * leg. A leg of another worker takes part in a room here as a leg of its own whose socket is the ring to that worker.
 */
import type { Instant } from '@tandem/base'
import { type Member, type Part, Room } from '../mix/room.ts'
import type { MediaLegId } from '../port.ts'
import { RING_FORMATS } from './leg-sender.ts'
import { MediaLeg } from './media-leg.ts'
import type { Pacer } from './pacer.ts'
import { SharedPort } from './source-table.ts'

/** What a leg of another worker has in place of a port: it is never sent to or heard through one. */
const NOWHERE = new SharedPort(0, '')

/** The bridges and rooms of one worker. */
export class Hearing {
  readonly #pacer: Pacer
  readonly #random: () => number
  readonly #rooms = new Map<string, Room>()
  readonly #seated = new Map<Member, MediaLeg>()
  readonly #distant = new Map<MediaLegId, MediaLeg>()

  constructor(pacer: Pacer, random: () => number) {
    this.#pacer = pacer
    this.#random = random
  }

  /** How many rooms there are. */
  get roomCount(): number {
    return this.#rooms.size
  }

  /** The leg of another worker that takes part here under this id. */
  distant(id: MediaLegId): MediaLeg | undefined {
    return this.#distant.get(id)
  }

  /** Joins two legs. */
  bridge(now: Instant, left: MediaLeg, right: MediaLeg): void {
    if (left === right) return
    this.#pacer.silence(now, left)
    this.#pacer.silence(now, right)
    if (left.peer === right) return
    this.leave(left)
    this.leave(right)
    left.peer = right
    right.peer = left
  }

  /** Joins a leg to one that is reached through `ring`. */
  bridgeAcross(now: Instant, leg: MediaLeg, ring: number): void {
    this.leave(leg)
    this.#pacer.silence(now, leg)
    leg.ring = ring
  }

  /** Takes a leg out of its bridge or room. */
  leave(leg: MediaLeg): void {
    leg.ring = -1
    leg.turn()
    this.#unseat(leg)
    const { peer } = leg
    if (peer === undefined) return
    peer.turn()
    peer.peer = undefined
    leg.peer = undefined
  }

  /** Puts a leg into a room, or changes how it takes part. In a full room it hears and says nothing. */
  mix(now: Instant, leg: MediaLeg, name: string, part: Part): void {
    this.#pacer.silence(now, leg)
    if (leg.seat?.name === name) {
      leg.seat.member.part = part
      return
    }
    this.leave(leg)
    const room = this.#rooms.get(name) ?? new Room()
    const member = room.join(part)
    if (member === undefined) return
    this.#rooms.set(name, room)
    this.#seated.set(member, leg)
    leg.seat = { name, room, member }
    this.#pacer.seat(now, leg, room)
  }

  /** The same for a leg of another worker, whose packets come and go through `ring`. */
  mixAcross(now: Instant, id: MediaLegId, ring: number, name: string, part: Part): void {
    let leg = this.#distant.get(id)
    if (leg === undefined) {
      leg = new MediaLeg(now, id, NOWHERE, this.#random)
      leg.format = RING_FORMATS.PCMU
      leg.send = true
      leg.receive = true
      this.#distant.set(id, leg)
    }
    leg.outRing = ring
    this.mix(now, leg, name, part)
  }

  /** Takes a leg of another worker out of its room. */
  leaveAcross(now: Instant, id: MediaLegId): void {
    const leg = this.#distant.get(id)
    if (leg === undefined) return
    this.leave(leg)
    this.#pacer.forget(now, leg)
    this.#distant.delete(id)
  }

  /** Presses a key that one leg has pressed for all who hear it in their room, and can be told. */
  pass(now: Instant, from: MediaLeg, digit: string): void {
    const { seat } = from
    if (seat === undefined) return
    for (const member of seat.room.members) {
      const leg = this.#seated.get(member)
      if (leg?.format?.dtmfPayloadType === undefined || !seat.room.hears(member, seat.member)) continue
      this.#pacer.press(now, leg, digit)
    }
  }

  #unseat(leg: MediaLeg): void {
    const { seat } = leg
    if (seat === undefined) return
    leg.seat = undefined
    seat.room.leave(seat.member)
    this.#seated.delete(seat.member)
    this.#pacer.unseat(leg, seat.room)
    if (seat.room.size === 0) this.#rooms.delete(seat.name)
  }
}
