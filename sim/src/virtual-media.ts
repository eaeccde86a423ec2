/**
 * The media port in virtual time: answers each command after a while, sometimes late, sometimes never, sometimes with a
 * refusal, and keeps the books by which the simulator knows that nothing was forgotten.
 */
import { type Instant, NEVER } from '@tandem/base'
import type { MediaCommand, MediaEvent, RecordingSide } from '@tandem/media'
import type { Random } from '@tandem/testing'
import { Ears } from './model/ears.ts'

/** How often something goes wrong, 0 to 1. */
export interface MediaTroubles {
  /** An allocation is refused. */
  readonly allocation: number
  /** The opening of a recording is refused, or the journal fails later. */
  readonly recording: number
  /** An answer comes after the engine has given up waiting for it. */
  readonly late: number
}

/** A recording that was opened and not closed. */
export interface OpenRecording {
  readonly id: string
  /** JSON of its opening. */
  readonly facts: string
  readonly attached: Map<string, RecordingSide>
  state: 'opening' | 'open' | 'failed'
  paused: boolean
}

const ANSWER_MS_MAX = 40
const LATE_MS = 7_000
const SOUND_MS_MAX = 2_500
const FAILS_WITHIN_MS = 10_000
const FIRST_PORT = 20_000
const STATISTICS = { packetsReceived: 0, packetsLost: 0, jitterMs: 0, packetsSent: 0 }

/** Stands behind the engine in place of the workers. */
export class VirtualMedia {
  /** Who hears whom at this moment. */
  readonly ears: Ears = new Ears()
  readonly #random: Random
  readonly #troubles: MediaTroubles
  #answers: { at: Instant; event: MediaEvent }[] = []
  readonly #recordings = new Map<string, OpenRecording>()
  /** Refused legs and recordings; the engine may still speak of them until it has heard so. */
  readonly #refused = new Set<string>()
  readonly #ports = new Map<number, string>()
  #nextPort = FIRST_PORT
  deadline: Instant = NEVER
  /** How many of each have ever been, so that a run that did nothing cannot pass for a good one. */
  readonly seen: { legs: number; recordings: number; refused: number; late: number } = {
    legs: 0,
    recordings: 0,
    refused: 0,
    late: 0,
  }

  constructor(random: Random, troubles: MediaTroubles) {
    this.#random = random
    this.#troubles = troubles
  }

  /** Legs that were allocated and not released. */
  get legs(): readonly string[] {
    return [...this.ears.legs.keys()]
  }

  /** Recordings that were opened and not closed. */
  get recordings(): ReadonlyMap<string, OpenRecording> {
    return this.#recordings
  }

  /** The leg that was given this port. */
  legAt(port: number): string | undefined {
    return this.#ports.get(port)
  }

  /** Events that are due by `now`, in order. */
  take(now: Instant): readonly MediaEvent[] {
    if (this.deadline > now) return []
    const due = this.#answers.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at)
    this.#keep(this.#answers.filter(({ at }) => at > now))
    return due.map(({ event }) => event)
  }

  /** Carries out a command; says what is wrong with it if it makes no sense. */
  command(now: Instant, command: MediaCommand): string | undefined {
    if ('leg' in command && this.#refused.has(command.leg)) {
      if (command.kind === 'release') this.#refused.delete(command.leg) // Its `failed` is on the way, and all there is to say.
      return undefined
    }
    if ('recording' in command) return this.#recording(now, command)
    if (command.kind === 'allocate') {
      this.#allocate(now, command.leg)
      return this.#refused.has(command.leg) ? undefined : this.ears.apply(command)
    }
    const wrong = this.ears.apply(command)
    if (command.kind === 'release') this.#released(now, command.leg)
    this.#soundsOf(now, command)
    return wrong
  }

  #allocate(now: Instant, leg: string): void {
    if (this.#random.chance(this.#troubles.allocation)) {
      this.seen.refused += 1
      this.#refused.add(leg)
      this.#answer(now, { kind: 'failed', leg, why: 'no port is free' })
      return
    }
    this.seen.legs += 1
    const port = this.#nextPort
    this.#nextPort += 2
    this.#ports.set(port, leg)
    this.#answer(now, { kind: 'allocated', leg, host: '192.0.2.1', port, rtcpPort: port + 1 })
  }

  #released(now: Instant, leg: string): void {
    for (const { attached } of this.#recordings.values()) attached.delete(leg)
    this.#forgetSound(leg)
    this.#answer(now, { kind: 'released', leg, statistics: STATISTICS })
  }

  /** The end of a sound is told unless something has taken its place. */
  #soundsOf(now: Instant, command: MediaCommand): void {
    if (command.kind === 'bridge') {
      this.#forgetSound(command.a)
      this.#forgetSound(command.b)
    }
    const replaces = command.kind === 'mix' || command.kind === 'silence'
    if (replaces || (command.kind === 'play' && command.over !== true)) this.#forgetSound(command.leg)
    if (command.kind !== 'play' || command.token === undefined) return
    if (this.#random.chance(this.#troubles.late)) return // Its end is never told.
    const { leg, token } = command
    const complete = !this.#random.chance(0.05)
    this.#push(now + 50 + this.#random.below(SOUND_MS_MAX), { kind: 'played', leg, token, complete })
  }

  #forgetSound(leg: string): void {
    if (this.#answers.some(({ event }) => event.kind === 'played' && event.leg === leg))
      this.#keep(this.#answers.filter(({ event }) => event.kind !== 'played' || event.leg !== leg))
  }

  #recording(
    now: Instant,
    command: Extract<MediaCommand, { readonly recording: string }>,
  ): string | undefined {
    if (command.kind === 'openRecording') return this.#open(now, command.recording, command.facts)
    const known = this.#recordings.get(command.recording)
    if (known === undefined)
      return this.#refused.has(command.recording) ? undefined : 'a recording is open when it is spoken of'
    switch (command.kind) {
      case 'attach':
        if (this.ears.of(command.leg) === undefined) return 'a live leg is attached'
        known.attached.set(command.leg, command.side)
        return undefined
      case 'detach':
        return known.attached.delete(command.leg) ? undefined : 'what is detached was attached'
      case 'pauseRecording':
      case 'resumeRecording': {
        const paused = command.kind === 'pauseRecording'
        if (known.paused === paused) return `${command.kind} changes something`
        known.paused = paused
        return undefined
      }
      case 'note':
        return undefined
      case 'closeRecording':
        this.#recordings.delete(command.recording)
        this.#refused.add(command.recording) // A failure may cross it.
        this.#answer(now, { kind: 'recordingClosed', recording: command.recording })
        return undefined
    }
  }

  #open(now: Instant, id: string, facts: string): string | undefined {
    if (this.#recordings.has(id) || this.#refused.has(id)) return 'a recording is opened once'
    if (this.#random.chance(this.#troubles.recording)) {
      this.seen.refused += 1
      this.#refused.add(id)
      this.#answer(now, { kind: 'recordingFailed', recording: id, why: 'the disk is full' })
      return undefined
    }
    this.seen.recordings += 1
    this.#recordings.set(id, { id, facts, attached: new Map(), state: 'opening', paused: false })
    this.#answer(now, { kind: 'recordingOpened', recording: id })
    if (this.#random.chance(this.#troubles.recording))
      this.#push(now + ANSWER_MS_MAX + this.#random.below(FAILS_WITHIN_MS), {
        kind: 'recordingFailed',
        recording: id,
        why: 'the disk is gone',
      })
    return undefined
  }

  /** The news of a failure has reached the engine: it speaks of the recording no more, or at most once. */
  failed(id: string): void {
    this.#recordings.delete(id)
    this.#refused.add(id)
  }

  #answer(now: Instant, event: MediaEvent): void {
    const isLate = this.#random.chance(this.#troubles.late)
    if (isLate) this.seen.late += 1
    this.#push(now + (isLate ? LATE_MS : 1 + this.#random.below(ANSWER_MS_MAX)), event)
  }

  #push(at: Instant, event: MediaEvent): void {
    this.#answers.push({ at, event })
    this.deadline = Math.min(this.deadline, at)
  }

  #keep(answers: { at: Instant; event: MediaEvent }[]): void {
    this.#answers = answers
    this.deadline = answers.reduce((first, { at }) => Math.min(first, at), NEVER)
  }
}
