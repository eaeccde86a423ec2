/**
 * What a house does while it waits for its fault: lanes of operations side by side, each lane with recordings of its own,
 * so that at any moment at most one operation of a recording is under way. An operation is written to the ledger before
 * it begins, and again after it was acknowledged.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '@tandem/testing'
import type { ImportRequest } from '../../../packages/recordings/src/import/imports.ts'
import type { Actor } from '../../../packages/recordings/src/library.ts'
import type { MoveOutcome } from '../../../packages/recordings/src/lifecycle/lifecycle.ts'
import type { House } from './house.ts'
import { sha256 } from './media.ts'
import {
  type Command,
  type Effect,
  KEPT_OWNER,
  type KnownRecording,
  type LedgerLine,
  ORG,
  OWNERS,
  UNKNOWN_HOLD,
} from './protocol.ts'
import { readHash, servedHash } from './report.ts'
import { plantInMoves } from './seed-bug.ts'

/** The recordings that a lane keeps before it would rather erase than import. */
const LANE_RECORDINGS_MAX = 8
/** Rows of audit, of some 6 kB each, that fill the database's log once round: 1,000 pages of 4 KiB make SQLite begin it anew. */
const WARM_ROWS = 900

const OFFICER: Actor = { orgId: ORG, personId: 'officer', as: 'complianceOfficer' }
const ADMIN: Actor = { orgId: ORG, personId: 'admin', as: 'admin' }

type Tell = (line: LedgerLine) => void
type WorkCommand = Extract<Command, { readonly c: 'work' }>
type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] }
type Held = Mutable<KnownRecording>

/** One stretch of work. */
export class Work {
  readonly #house: House
  readonly #command: WorkCommand
  readonly #tell: Tell
  readonly #moves: ReturnType<typeof plantInMoves>
  #left: number
  #acked = 0
  #failed = 0
  #files = 0
  #retentionDays: number

  constructor(house: House, command: WorkCommand, tell: Tell) {
    this.#house = house
    this.#command = command
    this.#tell = tell
    this.#left = command.ops
    this.#retentionDays = command.retentionDays
    this.#moves = plantInMoves(house.recordings.lifecycle)
  }

  async run(): Promise<{ readonly acked: number; readonly failed: number }> {
    const { lanes, known, warm } = this.#command
    if (warm) await this.#warm()
    if (this.#retentionDays === 0) await this.#setRetention(0)
    await Promise.all(
      Array.from({ length: lanes }, (_, lane) =>
        new Lane(
          lane,
          known.filter((_, at) => at % lanes === lane).map((each) => ({ ...each })),
          new Random(this.#command.seed * 64 + lane),
          this,
        ).run(),
      ),
    )
    return { acked: this.#acked, failed: this.#failed }
  }

  get house(): House {
    return this.#house
  }

  get moves(): ReturnType<typeof plantInMoves> {
    return this.#moves
  }

  get kind(): WorkCommand['kind'] {
    return this.#command.kind
  }

  /** Whether there is another operation to do. */
  take(): boolean {
    return this.#left-- > 0
  }

  /** A file that no other import has had. */
  newFile(): Buffer {
    return this.#house.media.file(this.#command.seed * 1_000_000 + this.#files++)
  }

  violation(what: string): void {
    this.#tell({ k: 'violation', what })
  }

  /** Carries out one operation between its two lines; undefined when it failed, which is written down too. */
  async act(lane: number, effect: Effect, does: () => Promise<Effect>): Promise<Effect | undefined> {
    this.#tell({ k: 'begin', lane, effect })
    try {
      const done = await does()
      this.#acked++
      this.#tell({ k: 'done', lane, effect: done })
      return done
    } catch (error) {
      this.#failed++
      this.#tell({ k: 'failed', lane, effect, error: faultOf(error) })
      return undefined
    }
  }

  /** Policies are few: one lane changes the one that there is. */
  async longerRetention(lane: number): Promise<void> {
    if (lane === 0) await this.#setRetention(lane)
  }

  async #setRetention(lane: number): Promise<void> {
    const days = this.#retentionDays + 1
    const { retention } = this.#house.recordings
    const policy = { scope: 'owner', scopeId: KEPT_OWNER, keepDays: days, eraseAtEnd: false } as const
    const done = await this.act(lane, { do: 'retention', days }, async () => {
      await retention.set(OFFICER, policy)
      return { do: 'retention', days }
    })
    if (done !== undefined) this.#retentionDays = days
  }

  async #warm(): Promise<void> {
    const detail = { words: Array.from({ length: 12 }, () => 'x'.repeat(500)) }
    const entry = { actor: { ...OFFICER, orgId: 'elsewhere' }, action: 'audit.read', detail } as const
    await this.#house.recordings.audit.add(Array.from({ length: WARM_ROWS }, () => entry))
  }
}

/** One lane. */
class Lane {
  readonly #lane: number
  readonly #random: Random
  readonly #work: Work
  readonly #held: Held[]

  constructor(lane: number, known: Held[], random: Random, work: Work) {
    this.#lane = lane
    this.#held = known
    this.#random = random
    this.#work = work
  }

  async run(): Promise<void> {
    while (this.#work.take()) {
      try {
        await this.#step()
      } catch (error) {
        this.#work.violation(`an operation ended with ${String(error)}`)
        return
      }
    }
  }

  async #step(): Promise<void> {
    const { kind } = this.#work
    const recording = this.#held[this.#random.below(Math.max(1, this.#held.length))]
    if (recording === undefined || kind === 'imports') return await this.#import()
    if (kind === 'moves') return await this.#moveIt(recording)
    const crowded = this.#held.length >= LANE_RECORDINGS_MAX
    const does: readonly (readonly [weight: number, act: () => Promise<void>])[] = [
      [crowded ? 2 : 28, () => this.#import()],
      [22, () => this.#moveIt(recording)],
      [crowded ? 20 : 5, () => this.#erase(recording)],
      [8, () => this.#hold(recording)],
      [8, () => this.#release(recording)],
      [8, () => this.#rename(recording)],
      [6, () => this.#reassign(recording)],
      [6, () => this.#transcribe(recording)],
      [8, () => this.#read(recording)],
      [6, () => this.#trespass(recording)],
      [2, () => this.#work.longerRetention(this.#lane)],
    ]
    let at = this.#random.below(does.reduce((sum, [weight]) => sum + weight, 0))
    for (const [weight, act] of does) {
      at -= weight
      if (at < 0) return await act()
    }
  }

  async #import(): Promise<void> {
    const bytes = this.#work.newFile()
    const hash = sha256(bytes)
    const owner = this.#random.pick(OWNERS)
    const topic = `Call ${hash.slice(0, 12)}`
    const path = join(this.#work.house.scratch, `${hash}.mp3`)
    writeFileSync(path, bytes)
    const effect = { do: 'import', sha256: hash, owner, topic } as const
    const request: ImportRequest = { owner: ownerOf(owner), topic, serviceType: 'calling' }
    const done = await this.#act(effect, async () => {
      const { state, recordingId, error } = await this.#work.house.recordings.imports.importFile(
        ADMIN,
        request,
        path,
      )
      if (state !== 'done' || recordingId === undefined) throw new Error(`the import is ${state}: ${error}`)
      return { ...effect, id: recordingId }
    })
    if (done?.do !== 'import' || done.id === undefined) return
    this.#held.push({ id: done.id, sha256: hash, owner, topic, status: 'available', holds: [] })
  }

  async #moveIt(recording: Held): Promise<void> {
    const { id, status } = recording
    if (status === 'purged') return
    const isKept = recording.holds.length > 0
    if (status === 'available') {
      const effect = { do: 'status', id, status: 'deleted', action: 'recording.softDeleted' } as const
      const user: Actor = { orgId: ORG, personId: recording.owner, as: 'user' }
      const move = () => this.#work.moves.move(user, 'softDelete', { ids: [id], ownerIds: [recording.owner] })
      return await this.#moved(recording, effect, isKept ? 'held' : undefined, move)
    }
    const isPurge = this.#random.chance(0.3) && this.#work.kind === 'everything'
    const kind = isPurge ? 'purge' : 'restore'
    const refused = !isPurge
      ? undefined
      : isKept
        ? 'held'
        : this.#retained(recording)
          ? 'retained'
          : undefined
    const effect = isPurge
      ? ({ do: 'status', id, status: 'purged', action: 'recording.purged' } as const)
      : ({ do: 'status', id, status: 'available', action: 'recording.restored' } as const)
    await this.#moved(recording, effect, refused, () => this.#work.moves.move(ADMIN, kind, { ids: [id] }))
  }

  async #moved(
    recording: Held,
    effect: Extract<Effect, { readonly do: 'status' }>,
    refused: MoveOutcome['kind'] | undefined,
    move: () => Promise<MoveOutcome>,
  ): Promise<void> {
    if (refused !== undefined) return await this.#refused(refused, effect.action, recording, move)
    const done = await this.#act(effect, async () => {
      expectDone(await move())
      return effect
    })
    if (done !== undefined) recording.status = effect.status
  }

  async #erase(recording: Held): Promise<void> {
    const { id } = recording
    const erase = () => this.#work.house.recordings.lifecycle.erase(OFFICER, id, { reason: 'over' })
    if (recording.holds.length > 0) return await this.#refused('held', 'erase', recording, erase)
    if (this.#retained(recording)) return await this.#refused('retained', 'erase', recording, erase)
    const done = await this.#act({ do: 'erase', id }, async () => {
      expectDone(await erase())
      return { do: 'erase', id }
    })
    if (done !== undefined) this.#held.splice(this.#held.indexOf(recording), 1)
    if (done !== undefined && (await readHash(this.#work.house, id)) !== 'nothing there')
      this.#work.violation(`${id} can be read although it was erased`)
  }

  async #hold(recording: Held): Promise<void> {
    const { id } = recording
    const done = await this.#act({ do: 'hold', id }, async () => {
      const { holds } = this.#work.house.recordings
      const placed = await holds.place(OFFICER, { recordingIds: [id], reason: 'a case' })
      if ('kind' in placed) throw new Error(`the hold says ${placed.kind}`)
      return { do: 'hold', id, holdId: placed.id }
    })
    if (done?.do === 'hold' && done.holdId !== undefined) recording.holds = [...recording.holds, done.holdId]
  }

  async #release(recording: Held): Promise<void> {
    const holdId = recording.holds.find((each) => each !== UNKNOWN_HOLD)
    if (holdId === undefined) return
    const effect = { do: 'release', id: recording.id, holdId } as const
    const done = await this.#act(effect, async () => {
      const said = await this.#work.house.recordings.holds.release(OFFICER, holdId, 'over')
      if (said !== 'done') throw new Error(`the release says ${said}`)
      return effect
    })
    if (done !== undefined) recording.holds = recording.holds.filter((each) => each !== holdId)
  }

  async #rename(recording: Held): Promise<void> {
    if (recording.status === 'purged') return
    const topic = `Renamed ${this.#random.next()}`
    const effect = { do: 'topic', id: recording.id, topic } as const
    const done = await this.#act(effect, async () => {
      expectDone(await this.#work.house.recordings.lifecycle.update(ADMIN, recording.id, { topic }))
      return effect
    })
    if (done !== undefined) recording.topic = topic
  }

  async #reassign(recording: Held): Promise<void> {
    if (recording.status === 'purged' || recording.owner === KEPT_OWNER) return
    const owner = recording.owner === 'tomas' ? 'mira' : 'tomas'
    const effect = { do: 'owner', id: recording.id, owner } as const
    const done = await this.#act(effect, async () => {
      const request = { to: ownerOf(owner), ids: [recording.id] }
      expectDone(await this.#work.house.recordings.lifecycle.reassign(ADMIN, request))
      return effect
    })
    if (done !== undefined) recording.owner = owner
  }

  async #transcribe(recording: Held): Promise<void> {
    if (recording.status === 'purged') return
    const text = `Words ${this.#random.next()}`
    const effect = { do: 'transcript', id: recording.id, text } as const
    const done = await this.#act(effect, async () => {
      const transcript = { engine: 'test', segments: [{ startMs: 0, endMs: 500, text }] }
      const isStored = await this.#work.house.recordings.transcripts.put(ADMIN, recording.id, transcript)
      if (!isStored) throw new Error('there is no such recording')
      return effect
    })
    if (done !== undefined) recording.transcript = text
  }

  async #read(recording: Held): Promise<void> {
    const effect = { do: 'read', id: recording.id } as const
    await this.#act(effect, async () => {
      const hash = await servedHash(this.#work.house, recording.id)
      if (hash !== recording.sha256) {
        if (/^[0-9a-f]{64}$/.test(hash)) this.#work.violation(`${recording.id} was served with wrong bytes`)
        throw new Error(`reading gave ${hash}`)
      }
      const entry = { actor: OFFICER, action: 'recording.downloaded', recordingId: recording.id } as const
      await this.#work.house.recordings.audit.add([entry])
      return effect
    })
  }

  /** Somebody else's recording, of which a user must not even learn that it is there (promise P11). */
  async #trespass(recording: Held): Promise<void> {
    const user: Actor = { orgId: ORG, personId: 'stranger', as: 'user' }
    const target = { ids: [recording.id], ownerIds: ['stranger'] }
    const move = () => this.#work.moves.move(user, 'softDelete', target)
    await this.#refused('missing', 'trespass', recording, move)
  }

  /** What must be refused. A store that is ill may fail in its place. */
  async #refused(
    refused: MoveOutcome['kind'],
    what: string,
    recording: Held,
    move: () => Promise<MoveOutcome>,
  ): Promise<void> {
    const outcome = await move().catch(() => undefined)
    if (outcome === undefined || outcome.kind === refused) return
    this.#work.violation(`${what} of ${recording.id} must be refused as ${refused} and is ${outcome.kind}`)
    this.#held.splice(this.#held.indexOf(recording), 1)
  }

  #retained(recording: Held): boolean {
    return recording.owner === KEPT_OWNER
  }

  /** A recording of which nobody knows what it is now is left alone until the next report. */
  async #act(effect: Effect, does: () => Promise<Effect>): Promise<Effect | undefined> {
    const done = await this.#work.act(this.#lane, effect, does)
    const at = this.#held.findIndex(({ id }) => 'id' in effect && id === effect.id)
    if (done === undefined && at >= 0) this.#held.splice(at, 1)
    return done
  }
}

function ownerOf(id: string): ImportRequest['owner'] {
  return { id, type: 'user', name: id, email: `${id}@example.com`, locationId: 'berlin' }
}

function expectDone(outcome: MoveOutcome): void {
  if (outcome.kind !== 'done' || outcome.count !== 1)
    throw new Error(`the outcome is ${JSON.stringify(outcome)}`)
}

function faultOf(error: unknown): { readonly name: string; readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { name: 'unknown', code: '', message: String(error) }
  return { name: error.name, code: 'code' in error ? String(error.code) : '', message: error.message }
}
