/**
 * The model of promise P16: what recordings do by the contract, in the simplest words, in memory. It knows what is true:
 * `time`, which no clock of the server shows, and by which nothing may leave early. `kept` is what kept time says.
 */
import { idKey, type RecordingStatus } from '../catalogue/recording.ts'
import type { Actor } from '../library.ts'
import type { RetentionPolicy, RetentionScope } from '../retention/retention.ts'
import type { MoveKind, MoveOutcome } from './lifecycle.ts'
import { BIN_MS_DEFAULT } from './options.ts'

const DAY_MS = 86_400_000
/** How far kept time may be ahead of the truth: as far as clocks may differ and still agree. */
export const SLACK_MS = 61_000

/** A moment as the truth and as kept time have it. */
export interface ModelMoment {
  readonly kept: number
  readonly time: number
}

/** A recording of the model. */
export interface ModelRecording {
  readonly id: string
  status: RecordingStatus
  ownerId: string
  readonly locationId: string
  readonly holds: Set<string>
  keptFrom: number
  retainUntil: number | null
  eraseAtEnd: boolean
  binUntil: number | null
  /** When it was truly made, and put into the bin. */
  readonly madeAt: number
  binnedAt: number
  /** The longest that it was ever promised to be kept. */
  promisedDays: number
}

type Policy = Pick<RetentionPolicy, 'scope' | 'scopeId' | 'keepDays' | 'eraseAtEnd'>

/** The model. */
export class LifeModel {
  readonly recordings: Map<string, ModelRecording> = new Map()
  readonly erased: string[] = []
  readonly events: string[] = []
  readonly audit: string[] = []
  readonly #policies: Policy[] = []
  readonly #holds = new Map<string, { readonly ids: readonly string[]; released: boolean }>()

  add(
    id: string,
    of: {
      readonly ownerId: string
      readonly locationId: string
      readonly keptFrom: number
      readonly madeAt: number
    },
  ): void {
    const recording: ModelRecording = {
      ...of,
      id,
      status: 'available',
      holds: new Set(),
      retainUntil: null,
      eraseAtEnd: false,
      binUntil: null,
      binnedAt: 0,
      promisedDays: 0,
    }
    this.recordings.set(id, recording)
    this.#promise(recording)
  }

  move(
    actor: Actor,
    kind: MoveKind,
    how: {
      readonly ids: readonly string[]
      readonly ownerIds: readonly string[] | undefined
      readonly moment: ModelMoment
    },
  ): MoveOutcome {
    const asked = new Map(how.ids.map((id) => [idKey(id), id]))
    const found: ModelRecording[] = []
    for (const id of asked.values()) {
      const recording = this.#find(id)
      const foreign = recording !== undefined && how.ownerIds?.includes(recording.ownerId) === false
      const officer = kind === 'withdraw' && actor.as === 'complianceOfficer'
      if (recording === undefined || foreign || (recording.status === 'purged' && !officer))
        return { kind: 'missing', id }
      if (recording.status !== 'purged') found.push(recording)
    }
    for (const { id, status } of found) if (!starts(kind, status)) return { kind: 'wrongStatus', id, status }
    for (const recording of found) {
      const kept = this.#keeps(kind, recording, how.moment.kept)
      if (kept !== undefined) return kept
    }
    this.#carryOut(kind, found, how.moment)
    return { kind: 'done', count: found.length }
  }

  moveAll(kind: MoveKind, how: { readonly allOf: string; readonly moment: ModelMoment }): MoveOutcome {
    const eligible = [...this.recordings.values()].filter(
      (recording) =>
        recording.ownerId === how.allOf &&
        starts(kind, recording.status) &&
        this.#keeps(kind, recording, how.moment.kept) === undefined,
    )
    this.#carryOut(kind, eligible, how.moment)
    return { kind: 'done', count: eligible.length }
  }

  erase(id: string, moment: ModelMoment): MoveOutcome {
    const recording = this.#find(id)
    if (recording === undefined) return { kind: 'missing', id }
    const kept = this.#keeps('purge', recording, moment.kept)
    if (kept !== undefined) return kept
    this.#eraseNow(recording, moment)
    return { kind: 'done', count: 1 }
  }

  reassign(to: string, request: { readonly from?: string; readonly ids?: readonly string[] }): MoveOutcome {
    const { from, ids } = request
    const asked = ids === undefined ? undefined : new Map(ids.map((id) => [idKey(id), id]))
    for (const id of asked?.values() ?? []) {
      const recording = this.#find(id)
      if (recording === undefined || recording.status === 'purged') return { kind: 'missing', id }
    }
    const listed =
      asked === undefined ? [...this.recordings.values()] : [...asked.values()].map((id) => this.#get(id))
    const moving = listed.filter(
      ({ ownerId, status }) =>
        status !== 'purged' && ownerId !== to && (from === undefined || ownerId === from),
    )
    for (const recording of moving) {
      // What the old owner's policies promised stays promised.
      this.#promise(recording)
      recording.ownerId = to
      this.#promise(recording)
      this.events.push(`updated ${recording.id}`)
    }
    for (const { id } of moving) this.audit.push(`recording.reassigned ${id}`)
    return { kind: 'done', count: moving.length }
  }

  /** The first id that is not there. */
  missing(ids: readonly string[]): MoveOutcome | undefined {
    const asked = new Map(ids.map((id) => [idKey(id), id]))
    const id = [...asked.values()].find((each) => this.#find(each) === undefined)
    return id === undefined ? undefined : { kind: 'missing', id }
  }

  hold(holdId: string, ids: readonly string[]): void {
    const held = [...new Set(ids.map(idKey))].map((key) => this.#get(key))
    this.#holds.set(holdId, { ids: held.map(({ id }) => id), released: false })
    for (const recording of held) {
      recording.holds.add(holdId)
      this.audit.push(`hold.placed ${recording.id}`)
    }
  }

  release(holdId: string): 'done' | 'missing' | 'released' {
    const hold = this.#holds.get(holdId)
    if (hold === undefined) return 'missing'
    if (hold.released) return 'released'
    hold.released = true
    for (const id of hold.ids.toSorted()) {
      this.#get(id).holds.delete(holdId)
      this.audit.push(`hold.released ${id}`)
    }
    return 'done'
  }

  /** How many are kept longer by it. */
  setPolicy(policy: Policy): number {
    this.removePolicy(policy.scope, policy.scopeId)
    this.audit.splice(-1, this.audit.at(-1)?.startsWith('retention.removed') ? 1 : 0)
    this.#policies.push(policy)
    this.audit.push('retention.set -')
    return this.#extend(policy)
  }

  removePolicy(scope: RetentionScope, scopeId: string): boolean {
    const at = this.#policies.findIndex((policy) => policy.scope === scope && policy.scopeId === scopeId)
    if (at < 0) return false
    // What it promises is written down before it goes.
    for (const policy of this.#policies.splice(at, 1)) this.#extend(policy)
    this.audit.push('retention.removed -')
    return true
  }

  /** What is due by kept time. */
  sweep(moment: ModelMoment): { readonly purged: number; readonly erased: number } {
    const inOrder = [...this.recordings.values()]
    const bins = inOrder
      .filter(({ status, binUntil }) => status === 'deleted' && binUntil !== null && binUntil <= moment.kept)
      .filter((recording) => this.#keeps('purge', recording, moment.kept) === undefined)
      .toSorted((a, b) => (a.binUntil ?? 0) - (b.binUntil ?? 0))
    for (const { binnedAt, id } of bins)
      if (moment.time - binnedAt < BIN_MS_DEFAULT - SLACK_MS) throw new Error(`${id} leaves the bin early`)
    this.#carryOut('purge', bins, moment)
    const over = inOrder
      .filter(({ eraseAtEnd, retainUntil }) => eraseAtEnd && retainUntil !== null)
      .filter((recording) => this.#keeps('purge', recording, moment.kept) === undefined)
      .toSorted((a, b) => (a.retainUntil ?? 0) - (b.retainUntil ?? 0))
    for (const recording of over) this.#eraseNow(recording, moment)
    return { purged: bins.length, erased: over.length }
  }

  /** When something is due next. */
  nextDue(kept: number): number | undefined {
    const due = [...this.recordings.values()].flatMap(({ binUntil, retainUntil }) => [binUntil, retainUntil])
    const coming = due.filter((at): at is number => at !== null && at > kept)
    return coming.length === 0 ? undefined : Math.min(...coming)
  }

  /** Takes over what kept time moved when it made up for a lag: it may only have moved later. */
  refresh(
    stamps: ReadonlyMap<
      string,
      { readonly keptFrom: number; readonly retainUntil: number | null; readonly binUntil: number | null }
    >,
  ): void {
    for (const [id, { keptFrom, retainUntil, binUntil }] of stamps) {
      const recording = this.#get(id)
      if ((retainUntil ?? 0) < (recording.retainUntil ?? 0) || (binUntil ?? 0) < (recording.binUntil ?? 0))
        throw new Error(`${id} is due earlier than before`)
      Object.assign(recording, { keptFrom, retainUntil, binUntil })
    }
  }

  #keeps(kind: MoveKind, recording: ModelRecording, kept: number): MoveOutcome | undefined {
    const { id, holds, retainUntil } = recording
    if (kind === 'restore') return undefined
    if (holds.size > 0) return { kind: 'held', id }
    if (kind === 'softDelete' || retainUntil === null || kept >= retainUntil) return undefined
    return { kind: 'retained', id, until: retainUntil }
  }

  #carryOut(kind: MoveKind, recordings: readonly ModelRecording[], moment: ModelMoment): void {
    for (const recording of recordings) {
      if (kind === 'purge' || kind === 'withdraw') this.#mayLeave(recording, moment)
      recording.status = { softDelete: 'deleted', restore: 'available', purge: 'purged', withdraw: 'purged' }[
        kind
      ] as RecordingStatus // By the table above.
      recording.binUntil = kind === 'softDelete' ? moment.kept + BIN_MS_DEFAULT : null
      if (kind === 'softDelete') recording.binnedAt = moment.time
      this.events.push(`${kind === 'restore' ? 'updated' : 'deleted'} ${recording.id}`)
    }
    const action = { softDelete: 'softDeleted', restore: 'restored', purge: 'purged', withdraw: 'withdrawn' }
    for (const { id } of recordings) this.audit.push(`recording.${action[kind]} ${id}`)
  }

  #eraseNow(recording: ModelRecording, moment: ModelMoment): void {
    this.#mayLeave(recording, moment)
    this.recordings.delete(recording.id)
    this.erased.push(recording.id)
    this.events.push(`deleted ${recording.id}`)
    this.audit.push(`recording.erased ${recording.id}`)
  }

  /** By the truth, not by any clock of the server. */
  #mayLeave({ id, holds, madeAt, promisedDays }: ModelRecording, { time }: ModelMoment): void {
    if (holds.size > 0) throw new Error(`${id} leaves though it is held`)
    if (time - madeAt < promisedDays * DAY_MS - SLACK_MS)
      throw new Error(`${id} leaves before its retention is over`)
  }

  /** Has every recording that a policy is about kept by it; how many are kept longer now. */
  #extend(policy: Policy): number {
    let extended = 0
    for (const recording of this.recordings.values()) {
      if (!applies(policy, recording)) continue
      const until = recording.keptFrom + policy.keepDays * DAY_MS
      if (recording.retainUntil === null || recording.retainUntil < until) extended++
      else if (recording.retainUntil === until && !policy.eraseAtEnd) recording.eraseAtEnd = false
      this.#grow(recording, policy.keepDays, policy.eraseAtEnd)
    }
    return extended
  }

  #promise(recording: ModelRecording): void {
    const applying = this.#policies.filter((policy) => applies(policy, recording))
    if (applying.length === 0) return
    const keepDays = Math.max(...applying.map((policy) => policy.keepDays))
    const erases = applying.every((policy) => policy.keepDays < keepDays || policy.eraseAtEnd)
    this.#grow(recording, keepDays, erases)
  }

  #grow(recording: ModelRecording, keepDays: number, eraseAtEnd: boolean): void {
    recording.promisedDays = Math.max(recording.promisedDays, keepDays)
    const until = recording.keptFrom + keepDays * DAY_MS
    if (recording.retainUntil !== null && recording.retainUntil >= until) return
    recording.retainUntil = until
    recording.eraseAtEnd = eraseAtEnd
  }

  #find(id: string): ModelRecording | undefined {
    const key = idKey(id)
    return [...this.recordings.values()].find((recording) => idKey(recording.id) === key)
  }

  #get(id: string): ModelRecording {
    const recording = this.#find(id)
    if (recording === undefined) throw new Error(`the model has no ${id}`)
    return recording
  }
}

function starts(kind: MoveKind, status: RecordingStatus): boolean {
  if (kind === 'softDelete') return status === 'available'
  if (kind === 'withdraw') return status !== 'purged'
  return status === 'deleted'
}

function applies(policy: Policy, { ownerId, locationId }: ModelRecording): boolean {
  if (policy.scope === 'organization') return true
  return policy.scopeId === (policy.scope === 'owner' ? ownerId : locationId)
}
