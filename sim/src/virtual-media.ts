/**
 * The media port in virtual time: answers each command after a while, sometimes refuses, and keeps the books by which the
 * simulator knows that nothing was forgotten.
 */
import { type Instant, NEVER } from '@tandem/base'
import type { MediaCommand, MediaEvent } from '@tandem/media'
import type { Random } from '@tandem/testing'

/** How often an allocation or the opening of a recording fails, 0 to 1. */
export interface MediaTroubles {
  readonly allocation: number
  readonly recording: number
}

const ANSWER_MS_MAX = 40
const FIRST_PORT = 20_000

/** Stands behind the engine in place of the workers. */
export class VirtualMedia {
  readonly #random: Random
  readonly #troubles: MediaTroubles
  readonly #answers: { at: Instant; event: MediaEvent }[] = []
  readonly #legs = new Set<string>()
  readonly #recordings = new Map<string, { attached: Set<string> }>()
  /** Refused legs and recordings; the engine may still speak of them until it has heard so. */
  readonly #refused = new Set<string>()
  readonly #broken: string[] = []
  #nextPort = FIRST_PORT
  /** How many of each have ever been, so that a run that did nothing cannot pass for a good one. */
  readonly seen: { legs: number; bridges: number; recordings: number; refused: number } = {
    legs: 0,
    bridges: 0,
    recordings: 0,
    refused: 0,
  }

  constructor(random: Random, troubles: MediaTroubles) {
    this.#random = random
    this.#troubles = troubles
  }

  /** Legs that were allocated and not released. */
  get legs(): readonly string[] {
    return [...this.#legs]
  }

  /** Recordings that were opened and not closed. */
  get recordings(): readonly string[] {
    return [...this.#recordings.keys()]
  }

  /** Commands that made no sense: about a leg that was never allocated, or a recording that was never opened. */
  get broken(): readonly string[] {
    return this.#broken
  }

  get deadline(): Instant {
    return this.#answers.reduce((earliest, { at }) => Math.min(earliest, at), NEVER)
  }

  /** Events that are due by `now`, in order. */
  take(now: Instant): MediaEvent[] {
    const due = this.#answers.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at)
    for (const answer of due) this.#answers.splice(this.#answers.indexOf(answer), 1)
    return due.map(({ event }) => event)
  }

  command(now: Instant, command: MediaCommand): void {
    switch (command.kind) {
      case 'allocate':
        this.#allocate(now, command.leg)
        return
      case 'release':
        if (this.#refused.delete(command.leg)) return // Its `failed` is on the way, and is all there is to say.
        this.#need(this.#legs.delete(command.leg), command)
        this.#answer(now, {
          kind: 'released',
          leg: command.leg,
          statistics: { packetsReceived: 0, packetsLost: 0, jitterMs: 0, packetsSent: 0 },
        })
        return
      case 'bridge':
        this.seen.bridges += 1
        this.#need(this.#legs.has(command.a) && this.#legs.has(command.b), command)
        return
      case 'configure':
      case 'unbridge':
      case 'play':
      case 'silence':
        this.#need(this.#legs.has(command.leg), command)
        return
      case 'openRecording':
        this.#open(now, command.recording)
        return
      case 'attach':
        this.#need(this.#knows(command.recording) && this.#legs.has(command.leg), command)
        this.#recordings.get(command.recording)?.attached.add(command.leg)
        return
      case 'detach':
        this.#recordings.get(command.recording)?.attached.delete(command.leg)
        return
      case 'pauseRecording':
      case 'resumeRecording':
      case 'note':
        this.#need(this.#knows(command.recording), command)
        return
      case 'closeRecording':
        this.#need(this.#knows(command.recording), command)
        this.#recordings.delete(command.recording)
        this.#answer(now, { kind: 'recordingClosed', recording: command.recording })
        return
    }
  }

  #allocate(now: Instant, leg: string): void {
    if (this.#random.chance(this.#troubles.allocation)) {
      this.seen.refused += 1
      this.#refused.add(leg)
      this.#answer(now, { kind: 'failed', leg, why: 'no port is free' })
      return
    }
    this.seen.legs += 1
    this.#legs.add(leg)
    const port = this.#nextPort
    this.#nextPort += 2
    this.#answer(now, { kind: 'allocated', leg, host: '192.0.2.1', port, rtcpPort: port + 1 })
  }

  #open(now: Instant, recording: string): void {
    if (this.#random.chance(this.#troubles.recording)) {
      this.seen.refused += 1
      this.#refused.add(recording)
      this.#answer(now, { kind: 'recordingFailed', recording, why: 'the disk is full' })
      return
    }
    this.seen.recordings += 1
    this.#recordings.set(recording, { attached: new Set() })
    this.#answer(now, { kind: 'recordingOpened', recording })
  }

  #answer(now: Instant, event: MediaEvent): void {
    this.#answers.push({ at: now + 1 + this.#random.below(ANSWER_MS_MAX), event })
  }

  #knows(recording: string): boolean {
    return this.#recordings.has(recording) || this.#refused.has(recording)
  }

  #need(sound: boolean, command: MediaCommand): void {
    if (!sound) this.#broken.push(JSON.stringify(command))
  }
}
