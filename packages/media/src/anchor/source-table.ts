/**
 * Who speaks on a shared port: finds the leg of a packet by source address and SSRC, learns the source of a leg
 * that has none yet, and remembers released sources long enough that their late packets reach nobody.
 *
 * The rules, in order (promises.md P9, S40-S42; telephony.md pitfall 6):
 *  1. A locked source is its leg's, and only its. A released one is dropped for five seconds.
 *  2. The address that a learning leg's SDP names locks at once. Where another leg has that address already (a
 *     trunk), SSRCs tell them apart, after a few packets have shown which stream is the new one.
 *  3. Another address locks only for the one leg that holds the port's learning place, after `GUESS_PACKETS`
 *     consistent packets (symmetric NAT); the SDP's address still takes over for a while.
 *  4. A locked leg moves only on a new SDP, or when its old source is silent and the same SSRC goes on elsewhere.
 */
import { type Instant, NEVER } from '@tandem/base'
import { sequenceDelta } from '../rtp/rtp-packet.ts'
import type { MediaLeg } from './media-leg.ts'

/** How long the source of a released leg is dropped. */
export const RELEASED_MS = 5_000
/** Consistent packets of one SSRC from an address that no SDP names, before it is believed: 100 ms of audio. */
export const GUESS_PACKETS = 5
/** The same when host or port is the SDP's: a NAT that kept half of it. */
export const LIKELY_GUESS_PACKETS = 2
/** Consistent packets before a new SSRC from a known address is believed. */
export const NEW_SSRC_PACKETS = 3
/** Guessed packets arrive in real time; a burst of forged ones does not. */
const GUESS_SPAN_MS_MIN = 50
/** How long the SDP's address may take over from a guess. */
export const GUESS_REVISED_MS = 5_000
/** Silence of a locked source after which the same SSRC may go on from another address. */
export const MOVED_SILENCE_MS = 3_000
/** A leg heard this short before a new SSRC began, and not since, is the one that changed its SSRC. */
const CHANGED_SSRC_MS = 500
/** Streams under observation per port; one more pushes out the one that has shown least. */
export const CANDIDATES_MAX = 16
const CONSISTENT_STEP_MAX = 5

/** One address that speaks, or spoke, to a port. */
export interface Source {
  readonly host: string
  readonly port: number
  /** -1 for a released leg that was never heard. */
  ssrc: number
  /** Undefined once the leg is released. */
  leg: MediaLeg | undefined
  droppedUntil: Instant
}

type Candidate = {
  readonly host: string
  readonly port: number
  readonly ssrc: number
  readonly firstAt: Instant
  lastSequence: number
  count: number
}

/** What a lookup found besides a leg. */
export type Miss = 'released' | 'unknownSource' | 'unknownSsrc'

/** One RTP port, with its RTCP port beside it, and the legs that share it. */
export class SharedPort {
  readonly number: number
  readonly host: string
  readonly family: 4 | 6
  readonly legs: Set<MediaLeg> = new Set()
  /** The leg that holds the port's only learning place. */
  learner: MediaLeg | undefined = undefined
  /** No guesses before this: the last learner left without ever being heard. */
  guessesFrom: Instant = 0

  readonly #sources = new Map<number, Source[]>()
  readonly #bySsrc = new Map<number, MediaLeg>()
  readonly #claimants = new Set<MediaLeg>()
  readonly #released: Source[] = []
  readonly #candidates: Candidate[] = []
  readonly #changed: (port: SharedPort) => void

  /** `changed` is told whenever the learning place was taken or became free, and when a leg came or went. */
  constructor(number: number, host: string, changed: (port: SharedPort) => void = () => {}) {
    this.number = number
    this.host = host
    this.#changed = changed
    this.family = host.includes(':') ? 6 : 4
  }

  /** Released sources that are still dropped. */
  get releasedCount(): number {
    return this.#released.length
  }

  /** Whether a new leg may learn here. */
  get hasPlace(): boolean {
    return this.learner === undefined
  }

  /** Takes in a new leg, which holds the learning place from now on. */
  admit(leg: MediaLeg): void {
    this.legs.add(leg)
    this.#claimants.add(leg)
    this.learner = leg
    this.#changed(this)
  }

  /** Opens learning again for a leg whose SDP named a new address. Its old source counts until the new one speaks. */
  relearn(leg: MediaLeg): void {
    leg.learning = true
    this.#claimants.add(leg)
    if (this.learner === undefined && !leg.fixedSource) this.learner = leg
    this.#changed(this)
  }

  /** Keeps a leg from being guessed: only its SDP's address counts. */
  fix(leg: MediaLeg): void {
    if (this.learner === leg) this.learner = undefined
    this.#grantPlace()
  }

  /** Lets a leg go. Its source is dropped from now on; a leg never heard leaves its SDP's address in its place. */
  release(now: Instant, leg: MediaLeg): void {
    this.legs.delete(leg)
    this.#claimants.delete(leg)
    if (this.#bySsrc.get(leg.source?.ssrc ?? -1) === leg) this.#bySsrc.delete(leg.source?.ssrc ?? -1)
    if (leg.source !== undefined) this.#retire(now, leg.source)
    else if (leg.remote !== undefined) {
      const { host, port } = leg.remote
      const source: Source = { host, port, ssrc: -1, leg: undefined, droppedUntil: 0 }
      this.#add(source)
      this.#retire(now, source)
    }
    if (this.learner === leg) {
      this.learner = undefined
      if (leg.source === undefined) this.guessesFrom = now + RELEASED_MS
    }
    this.#grantPlace()
  }

  /** Forgets released sources whose time is over. */
  sweep(now: Instant): void {
    while (this.#released.length > 0) {
      const oldest = this.#released[0] as Source // The list is not empty.
      if (oldest.droppedUntil > now) return
      this.#released.shift()
      this.#remove(oldest)
    }
  }

  /** When `sweep` has something to do. */
  get sweepAt(): Instant {
    return this.#released[0]?.droppedUntil ?? NEVER
  }

  /** The leg whose locked source this is; undefined when it is none. The hot path: nothing is allocated. */
  find(now: Instant, host: string, port: number, ssrc: number): MediaLeg | Miss | undefined {
    const list = this.#sources.get(port)
    if (list === undefined) return undefined
    for (let index = 0; index < list.length; index++) {
      const source = list[index] as Source // Inside the list by the loop's condition.
      if (source.ssrc !== ssrc || source.host !== host) continue
      if (source.leg !== undefined) return source.leg
      if (source.droppedUntil > now) return 'released'
    }
    return undefined
  }

  /** The leg of an SSRC, wherever it speaks from: for RTCP, whose port differs. */
  bySsrc(ssrc: number): MediaLeg | undefined {
    return this.#bySsrc.get(ssrc)
  }

  /** Decides about a packet that `find` knows no leg for: the leg that has just learned its source, or why not. */
  learn(now: Instant, host: string, port: number, ssrc: number, sequence: number): MediaLeg | Miss {
    const present = (this.#sources.get(port) ?? []).filter((source) => source.host === host)
    const live = present.filter((source) => source.leg !== undefined)
    const claimant = this.#claimantOf(now, host, port)
    if (claimant !== undefined && live.length === 0) return this.#lock(now, claimant, host, port, ssrc)
    if (live.length > 0) return this.#tellApart(now, claimant, live, { host, port, ssrc, sequence })
    if (present.some((source) => source.droppedUntil > now)) return 'released'
    return this.#moveOrGuess(now, host, port, ssrc, sequence)
  }

  /** The leg that has a claim on the address by its SDP, and may still learn. */
  #claimantOf(now: Instant, host: string, port: number): MediaLeg | undefined {
    for (const leg of this.#claimants) {
      if (leg.remote?.port !== port || leg.remote.host !== host) continue
      if (leg.learning || leg.guessedUntil > now) return leg
    }
    return undefined
  }

  /** A new SSRC from an address that has live legs: a new leg of a trunk, or a leg that changed its SSRC. */
  #tellApart(
    now: Instant,
    claimant: MediaLeg | undefined,
    live: readonly Source[],
    heard: { host: string; port: number; ssrc: number; sequence: number },
  ): MediaLeg | Miss {
    const candidate = this.#observe(now, heard.host, heard.port, heard.ssrc, heard.sequence)
    if (candidate.count < NEW_SSRC_PACKETS) return 'unknownSsrc'
    const changed = changedLeg(live, candidate.firstAt)
    const recent = changed !== undefined && changed.heardAt > candidate.firstAt - CHANGED_SSRC_MS
    if (claimant !== undefined && !(recent && changed.receive)) {
      return this.#lock(now, claimant, heard.host, heard.port, heard.ssrc)
    }
    if (changed === undefined) return 'unknownSsrc'
    return this.#lock(now, changed, heard.host, heard.port, heard.ssrc)
  }

  /** A packet from an address that nobody claims. */
  #moveOrGuess(now: Instant, host: string, port: number, ssrc: number, sequence: number): MediaLeg | Miss {
    const known = this.#bySsrc.get(ssrc)
    const moved =
      known !== undefined && !known.fixedSource && now - known.heardAt >= MOVED_SILENCE_MS ? known : undefined
    const guessing = now >= this.guessesFrom && this.learner?.remote !== undefined ? this.learner : undefined
    const leg = moved ?? guessing
    if (leg === undefined) return 'unknownSource'
    const candidate = this.#observe(now, host, port, ssrc, sequence)
    const likely = leg.remote?.host === host
    if (candidate.count < (likely ? LIKELY_GUESS_PACKETS : GUESS_PACKETS)) return 'unknownSource'
    if (!likely && now - candidate.firstAt < GUESS_SPAN_MS_MIN) return 'unknownSource'
    this.#lock(now, leg, host, port, ssrc)
    leg.guessedUntil = moved === undefined ? now + GUESS_REVISED_MS : 0
    if (moved === undefined) this.#claimants.add(leg)
    return leg
  }

  /** Counts consistent packets: one stream, each a small step after the one before. */
  #observe(now: Instant, host: string, port: number, ssrc: number, sequence: number): Candidate {
    for (const candidate of this.#candidates) {
      if (candidate.ssrc !== ssrc || candidate.port !== port || candidate.host !== host) continue
      const step = sequenceDelta(sequence, candidate.lastSequence)
      if (step > 0 && step <= CONSISTENT_STEP_MAX && now - candidate.firstAt < RELEASED_MS) {
        candidate.count += 1
        candidate.lastSequence = sequence
        return candidate
      }
      this.#candidates.splice(this.#candidates.indexOf(candidate), 1)
      break
    }
    const fresh: Candidate = { host, port, ssrc, firstAt: now, lastSequence: sequence, count: 1 }
    if (this.#candidates.length >= CANDIDATES_MAX) {
      const weakest = this.#candidates.findIndex((candidate) => candidate.count === 1)
      this.#candidates.splice(Math.max(0, weakest), 1)
    }
    this.#candidates.push(fresh)
    return fresh
  }

  #lock(now: Instant, leg: MediaLeg, host: string, port: number, ssrc: number): MediaLeg {
    const old = leg.source
    if (old !== undefined) {
      if (this.#bySsrc.get(old.ssrc) === leg) this.#bySsrc.delete(old.ssrc)
      this.#retire(now, old)
    }
    this.#forgetReleased(host, port, ssrc)
    leg.source = { host, port, ssrc, leg, droppedUntil: 0 }
    this.#add(leg.source)
    this.#bySsrc.set(ssrc, leg)
    leg.learning = false
    leg.guessedUntil = 0
    leg.rtcpHost = undefined
    this.#claimants.delete(leg)
    if (this.learner === leg) this.learner = undefined
    this.#candidates.length = 0
    this.#grantPlace()
    return leg
  }

  /** Gives a free learning place to a leg that had to relearn without one; every way to free one ends here. */
  #grantPlace(): void {
    if (this.learner === undefined) {
      for (const leg of this.#claimants) {
        if (!leg.learning || leg.fixedSource) continue
        this.learner = leg
        break
      }
    }
    this.#changed(this)
  }

  #add(source: Source): void {
    const list = this.#sources.get(source.port)
    if (list === undefined) this.#sources.set(source.port, [source])
    else list.push(source)
  }

  #retire(now: Instant, source: Source): void {
    source.leg = undefined
    source.droppedUntil = now + RELEASED_MS
    this.#released.push(source)
  }

  #remove(source: Source): void {
    const list = this.#sources.get(source.port)
    if (list === undefined) return
    const index = list.indexOf(source)
    if (index >= 0) list.splice(index, 1)
    if (list.length === 0) this.#sources.delete(source.port)
  }

  /** A source that became a leg's again is no longer a released one. */
  #forgetReleased(host: string, port: number, ssrc: number): void {
    for (const source of this.#sources.get(port) ?? []) {
      if (source.leg === undefined && source.host === host && source.ssrc === ssrc) source.droppedUntil = 0
    }
  }
}

/** Which of the live legs at one address fell silent when another SSRC began there: the one that changed. */
function changedLeg(live: readonly Source[], since: Instant): MediaLeg | undefined {
  const silent = live.map((source) => source.leg).filter((leg) => leg !== undefined && leg.heardAt < since)
  const recent = silent.filter((leg) => leg !== undefined && leg.heardAt > since - CHANGED_SSRC_MS)
  if (recent.length === 1) return recent[0]
  return recent.length === 0 && silent.length === 1 ? silent[0] : undefined
}
