/**
 * The media port of the engine, over N media workers (design: "Media is a port").
 *
 * Legs of one session go to one worker and never leave it. A bridge between two workers gets a channel of the ring
 * between them, and so does a leg in a room that lives on another worker. A recording is opened on each worker that holds one of its legs: the first one found carries its
 * notes, and it is closed when every part is on disk. Data keys are made here and leave only wrapped or by message
 * to a worker.
 */
import type { Instant, Logger, WallTime } from '@tandem/base'
import {
  type MediaCommand,
  type MediaEvent,
  type MediaLegId,
  type RecordingId,
  wrapDataKey,
} from '@tandem/media'
import { nodeCrypto, seal } from '../crypto.ts'
import { instantOf } from '../time/clock.ts'
import type { WorkerLink } from './media-workers.ts'
import type { MediaWorkerCounts, WorkerOrder, WorkerReport } from './worker-message.ts'

const DATA_KEY_BYTES = 32
const NONCE_BYTES = 12

/** What the port is made with. */
export interface MediaPortOptions {
  readonly links: readonly WorkerLink[]
  /** The key that wraps the recordings' data keys, 32 bytes. */
  readonly kek: Uint8Array
  readonly wallOffsetMs: number
  readonly onEvent: (event: MediaEvent) => void
  readonly onRetired: (segment: string) => void
  readonly logger: Logger
}

/** A recording and the workers that hold a part of it, the one with its notes first. */
interface Spread {
  readonly facts: string
  readonly at: WallTime
  readonly key: Uint8Array
  readonly wrappedKey: Uint8Array
  readonly workers: number[]
  readonly open: Set<number>
  /** Said before any worker held a part of it. */
  readonly earlyNotes: WorkerOrder[]
  paused: Instant | undefined
  opened: boolean
  closing: boolean
}

type Placement = { readonly worker: number; readonly session: string }

/** A leg's room, and the channel through which it takes part when that is on another worker. */
type Seat = { readonly room: string; readonly channel: number | undefined }

/** Places legs, bridges, rooms and recordings on the workers, and passes their events on. */
export class WorkerMediaPort {
  readonly #options: MediaPortOptions
  readonly #legs = new Map<MediaLegId, Placement>()
  readonly #sessions = new Map<string, { readonly worker: number; legs: number }>()
  readonly #rooms = new Map<string, { readonly home: number; readonly legs: Set<MediaLegId> }>()
  readonly #seats = new Map<MediaLegId, Seat>()
  readonly #load: number[]
  readonly #recordings = new Map<RecordingId, Spread>()
  readonly #batches: WorkerOrder[][]
  readonly #countsWaiting = new Map<number, (counts: MediaWorkerCounts) => void>()
  readonly #finished = new Set<number>()
  #finishing: (() => void) | undefined
  #posting = false
  #channel = 0
  #questions = 0

  constructor(options: MediaPortOptions) {
    this.#options = options
    this.#load = options.links.map(() => 0)
    this.#batches = options.links.map(() => [])
    for (const [worker, link] of options.links.entries()) {
      link.onReport((report) => this.#receive(worker, report))
    }
  }

  /** Legs and recordings that the workers hold now. */
  get counts(): { readonly legs: number; readonly recordings: number } {
    return { legs: this.#legs.size, recordings: this.#recordings.size }
  }

  /** Carries out one command of the engine; what came of it arrives as events, later. */
  command(command: MediaCommand): void {
    switch (command.kind) {
      case 'allocate':
        this.#order(this.#place(command.leg, command.session), { kind: 'command', command })
        return
      case 'bridge':
        this.#bridge(command)
        return
      case 'mix':
        this.#mix(command)
        return
      case 'unbridge':
      case 'release':
        this.#leaveRoom(command.leg)
        this.#toLeg(command.leg, { kind: 'command', command })
        return
      case 'play':
        this.#play(command)
        return
      case 'configure':
      case 'mute':
      case 'sendDigits':
      case 'silence':
        this.#toLeg(command.leg, { kind: 'command', command })
        return
      case 'attach': {
        const placement = this.#legs.get(command.leg)
        if (placement === undefined) return
        this.#openOn(command.recording, placement.worker)
        this.#order(placement.worker, { kind: 'command', command })
        return
      }
      case 'detach':
        this.#toLeg(command.leg, { kind: 'command', command })
        return
      case 'openRecording':
        this.#open(command)
        return
      case 'pauseRecording':
      case 'resumeRecording':
        this.#pause(command)
        return
      case 'note':
        this.#note(command)
        return
      case 'closeRecording':
        this.#close(command)
        return
    }
  }

  /** What each worker counts now. */
  workerCounts(): Promise<MediaWorkerCounts[]> {
    const questions = this.#options.links.map((_, worker) => {
      const id = ++this.#questions
      this.#order(worker, { kind: 'counts', id })
      return new Promise<MediaWorkerCounts>((resolve) => this.#countsWaiting.set(id, resolve))
    })
    return Promise.all(questions)
  }

  /** Has every worker sync its journal and close its sockets. */
  finish(): Promise<void> {
    return new Promise((resolve) => {
      this.#finishing = resolve
      for (const worker of this.#options.links.keys()) this.#order(worker, { kind: 'finish' })
    })
  }

  #place(leg: MediaLegId, session: string): number {
    const known = this.#sessions.get(session)
    const worker = known?.worker ?? this.#load.indexOf(Math.min(...this.#load))
    if (known === undefined) this.#sessions.set(session, { worker, legs: 1 })
    else known.legs += 1
    this.#load[worker] = (this.#load[worker] ?? 0) + 1
    this.#legs.set(leg, { worker, session })
    return worker
  }

  #forget(leg: MediaLegId): void {
    const placement = this.#legs.get(leg)
    if (placement === undefined) return
    this.#leaveRoom(leg)
    this.#legs.delete(leg)
    this.#load[placement.worker] = (this.#load[placement.worker] ?? 1) - 1
    const session = this.#sessions.get(placement.session)
    if (session === undefined) return
    session.legs -= 1
    if (session.legs === 0) this.#sessions.delete(placement.session)
  }

  #bridge(command: Extract<MediaCommand, { kind: 'bridge' }>): void {
    const a = this.#legs.get(command.a)
    const b = this.#legs.get(command.b)
    if (a === undefined || b === undefined) return
    this.#leaveRoom(command.a)
    this.#leaveRoom(command.b)
    if (a.worker === b.worker) {
      this.#order(a.worker, { kind: 'command', command })
      return
    }
    const channel = this.#newChannel()
    this.#order(a.worker, { kind: 'bridgeAcross', leg: command.a, peer: b.worker, channel })
    this.#order(b.worker, { kind: 'bridgeAcross', leg: command.b, peer: a.worker, channel })
  }

  #newChannel(): number {
    this.#channel = (this.#channel + 1) % 0x7fff_ffff
    return this.#channel
  }

  /** A room lives where its first leg does; a leg of another worker comes there through the ring, as if bridged. */
  #mix(command: Extract<MediaCommand, { kind: 'mix' }>): void {
    const { kind: _, leg, ...part } = command
    const worker = this.#legs.get(leg)?.worker
    if (worker === undefined) return
    const before = this.#seats.get(leg)
    if (before !== undefined && before.room !== part.room) this.#leaveRoom(leg)
    const room = this.#rooms.get(part.room) ?? { home: worker, legs: new Set() }
    this.#rooms.set(part.room, room)
    room.legs.add(leg)
    if (worker === room.home) {
      this.#seats.set(leg, { room: part.room, channel: undefined })
      this.#order(worker, { kind: 'command', command })
      return
    }
    const channel = this.#seats.get(leg)?.channel ?? this.#newChannel()
    this.#seats.set(leg, { room: part.room, channel })
    this.#order(room.home, { kind: 'mixAcross', leg, peer: worker, channel, ...part })
    this.#order(worker, { kind: 'bridgeAcross', leg, peer: room.home, channel })
  }

  #leaveRoom(leg: MediaLegId): void {
    const seat = this.#seats.get(leg)
    if (seat === undefined) return
    this.#seats.delete(leg)
    const room = this.#rooms.get(seat.room)
    if (room === undefined) return
    room.legs.delete(leg)
    if (room.legs.size === 0) this.#rooms.delete(seat.room)
    if (seat.channel !== undefined) this.#order(room.home, { kind: 'leaveAcross', leg })
  }

  /** A sound that recordings keep is journaled by the leg's worker, which may hold nothing of them yet. */
  #play(command: Extract<MediaCommand, { kind: 'play' }>): void {
    const placement = this.#legs.get(command.leg)
    if (placement === undefined) return
    for (const recording of command.recordings ?? []) this.#openOn(recording, placement.worker)
    this.#order(placement.worker, { kind: 'command', command })
  }

  #open(command: Extract<MediaCommand, { kind: 'openRecording' }>): void {
    const { recording } = command
    if (this.#recordings.has(recording)) return
    const key = nodeCrypto.randomBytes(DATA_KEY_BYTES)
    const nonce = nodeCrypto.randomBytes(NONCE_BYTES)
    this.#recordings.set(recording, {
      facts: command.facts,
      at: command.at,
      key,
      wrappedKey: wrapDataKey(seal, this.#options.kek, nonce, recording, key),
      workers: [],
      open: new Set(),
      earlyNotes: [],
      paused: undefined,
      opened: false,
      closing: false,
    })
    // The legs to attach are named in the same breath; a recording that gets none lives on the first worker.
    setImmediate(() => {
      if (this.#recordings.get(recording)?.workers.length === 0) this.#openOn(recording, 0)
    })
  }

  #openOn(recording: RecordingId, worker: number): void {
    const spread = this.#recordings.get(recording)
    if (spread === undefined || spread.closing || spread.workers.includes(worker)) return
    const continues = spread.workers.length > 0
    spread.workers.push(worker)
    spread.open.add(worker)
    const order = {
      recording,
      facts: spread.facts,
      wallAt: spread.at,
      instantAt: instantOf(spread.at, this.#options.wallOffsetMs),
      key: spread.key,
      wrappedKey: spread.wrappedKey,
      continues,
    }
    this.#order(worker, { kind: 'open', order })
    for (const note of spread.earlyNotes.splice(0)) this.#order(worker, note)
    if (spread.paused !== undefined) this.#order(worker, { kind: 'pause', recording, at: spread.paused })
  }

  /** Who is in the call is noted in the very breath in which the recording begins, before its legs are named. */
  #note(command: Extract<MediaCommand, { kind: 'note' }>): void {
    const { recording, note } = command
    const spread = this.#recordings.get(recording)
    if (spread === undefined) return
    const at = instantOf(command.at, this.#options.wallOffsetMs)
    const order = { kind: 'note', recording, at, note } as const
    const [first] = spread.workers
    if (first === undefined) spread.earlyNotes.push(order)
    else this.#order(first, order)
  }

  #pause(command: Extract<MediaCommand, { kind: 'pauseRecording' | 'resumeRecording' }>): void {
    const spread = this.#recordings.get(command.recording)
    if (spread === undefined) return
    const at = instantOf(command.at, this.#options.wallOffsetMs)
    const kind = command.kind === 'pauseRecording' ? 'pause' : 'resume'
    spread.paused = kind === 'pause' ? at : undefined
    if (spread.workers.length === 0) this.#openOn(command.recording, 0)
    for (const worker of spread.workers) this.#order(worker, { kind, recording: command.recording, at })
  }

  #close(command: Extract<MediaCommand, { kind: 'closeRecording' }>): void {
    const spread = this.#recordings.get(command.recording)
    if (spread === undefined || spread.closing) return
    if (spread.workers.length === 0) this.#openOn(command.recording, 0)
    spread.closing = true
    for (const worker of spread.workers) {
      this.#order(worker, {
        kind: 'close',
        recording: command.recording,
        facts: command.facts,
        wallAt: command.at,
      })
    }
  }

  #toLeg(leg: MediaLegId, order: WorkerOrder): void {
    const placement = this.#legs.get(leg)
    if (placement !== undefined) this.#order(placement.worker, order)
  }

  #order(worker: number, order: WorkerOrder): void {
    this.#batches[worker]?.push(order)
    if (this.#posting) return
    this.#posting = true
    // Orders of one turn of the event loop go together: waking a thread costs more than what it is told.
    setImmediate(() => {
      this.#posting = false
      for (const [index, link] of this.#options.links.entries()) {
        const batch = this.#batches[index] ?? []
        if (batch.length === 0) continue
        this.#batches[index] = []
        link.post(batch)
      }
    })
  }

  #receive(worker: number, report: WorkerReport): void {
    switch (report.kind) {
      case 'events':
        for (const event of report.events) this.#event(worker, event)
        return
      case 'retired':
        this.#options.onRetired(report.segment)
        return
      case 'counts':
        this.#countsWaiting.get(report.id)?.(report.counts)
        this.#countsWaiting.delete(report.id)
        return
      case 'log':
        this.#options.logger[report.level](report.message, { ...report.fields, worker })
        return
      case 'finished':
        this.#finished.add(worker)
        if (this.#finished.size === this.#options.links.length) this.#finishing?.()
        return
      case 'ready':
      case 'unable':
        return // Of the start, which is over.
    }
  }

  #event(worker: number, event: MediaEvent): void {
    switch (event.kind) {
      case 'allocated':
      case 'digit':
      case 'played':
      case 'silent':
      case 'heard':
        break
      case 'failed':
      case 'released':
        this.#forget(event.leg)
        break
      case 'recordingOpened': {
        const spread = this.#recordings.get(event.recording)
        if (spread === undefined || spread.opened) return // Another part of one that is open already.
        spread.opened = true
        break
      }
      case 'recordingClosed': {
        const spread = this.#recordings.get(event.recording)
        if (spread === undefined) return
        spread.open.delete(worker)
        if (spread.open.size > 0) return
        this.#recordings.delete(event.recording)
        break
      }
      case 'recordingFailed': {
        const spread = this.#recordings.get(event.recording)
        if (spread === undefined) return
        this.#recordings.delete(event.recording)
        for (const other of spread.open) {
          if (other !== worker) this.#order(other, { kind: 'abandon', recording: event.recording })
        }
        break
      }
    }
    this.#options.onEvent(event)
  }
}
