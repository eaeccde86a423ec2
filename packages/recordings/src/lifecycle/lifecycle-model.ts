/**
 * Promise P16 as a machine: random sequences of everything that can happen to recordings, against a model of a few
 * lines. After each step every status, hold, event and audit row must be the model's, and nothing may have left before
 * its time by a clock that nobody but this test knows. Runs on any database; the caller gives randomness and seed.
 */
import { type Database, readOutbox } from '@tandem/store'
import { idKey } from '../catalogue/recording.ts'
import type { Holds } from '../hold/holds.ts'
import type { Actor, Owner } from '../library.ts'
import type { Retention, RetentionScope } from '../retention/retention.ts'
import type { KeptTime } from './kept-time.ts'
import type { Lifecycle, MoveKind, MoveOutcome } from './lifecycle.ts'
import { LifeModel, type ModelRecording, SLACK_MS } from './model.ts'
import type { LifeTables } from './tables.ts'

/** A seeded random source, as `Random` of the testing package is. */
export interface Chance {
  below(limit: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
}

/** Clocks that the sequence moves: what is true, and how wrong the wall is. */
export interface ModelClock {
  /** Unix milliseconds. The monotonic clock advances with it. */
  time: number
  wallOffset: number
}

/** What is put to the proof: real parts over a real database. */
export interface LifeUnderTest {
  readonly db: Database<LifeTables>
  readonly lifecycle: Lifecycle
  readonly holds: Holds
  readonly retention: Retention
  readonly keptTime: KeptTime & { save(): Promise<void> }
  /** Adds an available recording of the organisation, stamped by the policies; resolves with its id. */
  add(n: number, of: { readonly ownerId: string; readonly locationId: string }): Promise<string>
  /** Actions of the audit log since the last call, oldest first, each as `action recordingId` or `action -`. */
  audited(): Promise<readonly string[]>
  /** Makes the store of files fail, or work again. */
  failVault(fails: boolean): void
  /** Names of the keys destroyed so far. */
  destroyed(): ReadonlySet<string>
}

/** How to run it. */
export interface LifecycleModelOptions {
  readonly seed: number
  readonly steps: number
  readonly random: Chance
  readonly clock: ModelClock
  readonly orgId: string
  /** Opens the database, again after a crash: everything that was in memory is gone. */
  open(): Promise<LifeUnderTest>
}

/** What was seen; a run in which little happened proves little. */
export interface LifecycleModelReport {
  readonly steps: number
  readonly moved: number
  readonly refused: number
  readonly purgedByTime: number
  readonly erased: number
  readonly crashes: number
  readonly clockJumps: number
  readonly recordings: number
}

const SECOND_MS = 1_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const YEAR_MS = 365 * DAY_MS
/** Most live recordings: enough for every combination, few enough to be compared after each step. */
const RECORDINGS_MAX = 16
const OWNERS = ['tomas', 'mira', 'ines']
const LOCATIONS = ['berlin', 'paris']
const MOVES: readonly MoveKind[] = ['softDelete', 'softDelete', 'restore', 'purge', 'purge', 'withdraw']

/** Runs the sequence; throws with seed and step at the first difference. */
export async function lifecycleModel(options: LifecycleModelOptions): Promise<LifecycleModelReport> {
  const run = new ModelRun(options, await options.open())
  for (let step = 1; step <= options.steps; step++) {
    try {
      await run.step()
    } catch (error) {
      const what = `seed ${options.seed}, step ${step}, ${run.last}`
      throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }
  return { ...run.counts, steps: options.steps }
}

class ModelRun {
  readonly #options: LifecycleModelOptions
  readonly #random: Chance
  readonly #clock: ModelClock
  readonly #model = new LifeModel()
  readonly #holdIds: string[] = []
  #life: LifeUnderTest
  #made = 0
  #outboxAt = 0
  /** What was done last, for the report of a failure. */
  last = 'opening'
  readonly counts = {
    moved: 0,
    refused: 0,
    purgedByTime: 0,
    erased: 0,
    crashes: 0,
    clockJumps: 0,
    recordings: 0,
  }

  constructor(options: LifecycleModelOptions, life: LifeUnderTest) {
    this.#options = options
    this.#random = options.random
    this.#clock = options.clock
    this.#life = life
  }

  async step(): Promise<void> {
    const few = this.#model.recordings.size < RECORDINGS_MAX
    const does: readonly (readonly [weight: number, name: string, act: () => Promise<void>])[] = [
      [few ? 14 : 0, 'add', () => this.#add()],
      [28, 'move', () => this.#move()],
      [4, 'moveAll', () => this.#moveAll()],
      [9, 'erase', () => this.#erase()],
      [6, 'reassign', () => this.#reassign()],
      [4, 'place', () => this.#place()],
      [7, 'release', () => this.#release()],
      [1, 'setPolicy', () => this.#setPolicy()],
      [1, 'removePolicy', () => this.#removePolicy()],
      [14, 'pass', () => this.#pass()],
      [4, 'jump', () => this.#jump()],
      [4, 'accept', () => this.#accept()],
      [14, 'sweep', () => this.#sweep()],
      [2, 'crash', () => this.#crash()],
      [1, 'cutOff', () => this.#cutOff()],
    ]
    const total = does.reduce((sum, [weight]) => sum + weight, 0)
    let at = this.#random.below(total)
    for (const [weight, name, act] of does) {
      at -= weight
      if (at >= 0) continue
      this.last = name
      await act()
      break
    }
    await this.#compare()
  }

  async #add(): Promise<void> {
    const of = { ownerId: this.#random.pick(OWNERS), locationId: this.#random.pick(LOCATIONS) }
    const id = await this.#life.add(++this.#made, of)
    this.counts.recordings++
    this.#model.add(id, { ...of, keptFrom: this.#life.keptTime.now(), madeAt: this.#clock.time })
  }

  async #move(): Promise<void> {
    const kind = this.#random.pick(MOVES)
    const { actor, ownerIds } = this.#actor(kind)
    const ids = this.#ids()
    this.last = `${kind} of ${ids.length} as ${actor.as}`
    const expected = this.#model.move(actor, kind, { ids, ownerIds, moment: this.#moment() })
    const target = { ids, ...(ownerIds === undefined ? {} : { ownerIds }) }
    this.#same(await this.#life.lifecycle.move(actor, kind, target), expected)
  }

  async #moveAll(): Promise<void> {
    const kind = this.#random.pick(MOVES.filter((move) => move !== 'withdraw'))
    const allOf = this.#random.pick(OWNERS)
    this.last = `${kind} of all of ${allOf}`
    const actor = this.#as('admin')
    const expected = this.#model.moveAll(kind, { allOf, moment: this.#moment() })
    this.#same(await this.#life.lifecycle.move(actor, kind, { allOf }), expected)
  }

  async #erase(): Promise<void> {
    const id = this.#id()
    const expected = this.#model.erase(id, this.#moment())
    if (expected.kind === 'done') this.counts.erased++
    this.#same(await this.#life.lifecycle.erase(this.#as('complianceOfficer'), id, { reason: 'x' }), expected)
  }

  async #reassign(): Promise<void> {
    const to = this.#random.pick(OWNERS)
    const from = this.#random.chance(0.6) ? this.#random.pick(OWNERS) : undefined
    const ids = from === undefined || this.#random.chance(0.7) ? this.#ids() : undefined
    const request = { ...(from === undefined ? {} : { from }), ...(ids === undefined ? {} : { ids }) }
    this.last = `reassign ${JSON.stringify(request)} to ${to}`
    const expected = this.#model.reassign(to, request)
    const owner: Owner = { id: to, type: 'user', name: to, email: `${to}@example.com`, locationId: 'berlin' }
    this.#same(await this.#life.lifecycle.reassign(this.#as('admin'), { to: owner, ...request }), expected)
  }

  async #place(): Promise<void> {
    const ids = this.#ids()
    const placed = await this.#life.holds.place(this.#as('complianceOfficer'), {
      recordingIds: ids,
      reason: 'case',
    })
    if ('kind' in placed) return this.#same(placed, this.#model.missing(ids))
    this.#holdIds.push(placed.id)
    this.#model.hold(placed.id, ids)
  }

  async #release(): Promise<void> {
    if (this.#holdIds.length === 0) return
    const id = this.#random.pick(this.#holdIds)
    const expected = this.#model.release(id)
    const officer = this.#as('complianceOfficer')
    this.#same({ is: await this.#life.holds.release(officer, id, 'over') }, { is: expected })
  }

  async #setPolicy(): Promise<void> {
    const policy = {
      ...this.#scope(),
      keepDays: 1 + this.#random.below(60),
      eraseAtEnd: this.#random.chance(0.5),
    }
    this.last = `setPolicy ${JSON.stringify(policy)}`
    const { extended } = await this.#life.retention.set(this.#as('complianceOfficer'), policy)
    this.#same({ extended }, { extended: this.#model.setPolicy(policy) })
  }

  async #removePolicy(): Promise<void> {
    const { scope, scopeId } = this.#scope()
    const removed = await this.#life.retention.remove(this.#as('complianceOfficer'), scope, scopeId)
    this.#same({ removed }, { removed: this.#model.removePolicy(scope, scopeId) })
  }

  /** Time passes: a little, days, or up to the very millisecond in which something is due, or the one before. */
  async #pass(): Promise<void> {
    const due = this.#model.nextDue(this.#life.keptTime.now())
    const exact = due === undefined ? undefined : due - this.#life.keptTime.now() - this.#random.below(2)
    if (exact !== undefined && exact > 0 && this.#random.chance(0.6)) this.#clock.time += exact
    else this.#clock.time += this.#random.below(this.#random.pick([SECOND_MS, HOUR_MS, 5 * DAY_MS]))
    if (this.#random.chance(0.5)) await this.#life.keptTime.save()
    this.#model.refresh(await this.#stamps())
  }

  async #jump(): Promise<void> {
    this.counts.clockJumps++
    this.#clock.wallOffset = this.#offset([0, 5 * HOUR_MS, -5 * HOUR_MS, 3 * DAY_MS, -3 * DAY_MS])
    // Saved, as the server does every minute. A clock that is set ahead by less than the reserve and followed by a crash
    // before it was saved cannot be told from an outage: decision 0016 says what that may cost.
    await this.#life.keptTime.save()
  }

  /** People put the clock right before they say that it is. */
  async #accept(): Promise<void> {
    this.#clock.wallOffset = 0
    await this.#life.keptTime.accept(this.#as('complianceOfficer'))
    this.#model.audit.push('clock.accepted -')
    this.#model.refresh(await this.#stamps())
    if (this.#life.keptTime.now() < this.#clock.time) throw new Error('an accepted clock is not believed')
  }

  async #sweep(): Promise<void> {
    const doubted = this.#life.keptTime.doubt !== undefined
    const expected = doubted ? { purged: 0, erased: 0 } : this.#model.sweep(this.#moment())
    this.counts.purgedByTime += expected.purged
    this.counts.erased += expected.erased
    const { purged, erased } = await this.#life.lifecycle.sweep()
    this.#same({ purged, erased }, expected)
    const left = await this.#life.db.kysely.selectFrom('recording_erasure').selectAll().execute()
    if (left.length > 0) throw new Error('a sweep leaves tombstones')
    for (const id of this.#model.erased)
      if (!this.#life.destroyed().has(id)) throw new Error(`the key of ${id} is still there`)
  }

  /** The process dies; it is down for a while, in which somebody may have set the clock. */
  async #crash(): Promise<void> {
    this.counts.crashes++
    if (this.#random.chance(0.5)) await this.#life.keptTime.save()
    this.#clock.time += this.#random.below(this.#random.pick([HOUR_MS, 3 * DAY_MS, 12 * DAY_MS]))
    if (this.#random.chance(0.6)) this.#clock.wallOffset = this.#offset([10 * YEAR_MS, -10 * YEAR_MS])
    this.#life = await this.#options.open()
    this.#model.refresh(await this.#stamps())
  }

  /** An erasure that is cut off between its rows and its files, by a store that fails and then by a crash. */
  async #cutOff(): Promise<void> {
    const id = this.#id()
    const expected = this.#model.erase(id, this.#moment())
    const actor = this.#as('complianceOfficer')
    if (expected.kind !== 'done') return this.#same(await this.#life.lifecycle.erase(actor, id, {}), expected)
    this.counts.erased++
    this.#life.failVault(true)
    const failed = await this.#life.lifecycle.erase(actor, id, {}).catch(() => 'failed')
    this.#life.failVault(false)
    if (failed !== 'failed') throw new Error('an erasure whose files stay is acknowledged')
    await this.#crash()
  }

  /** Everything that can be seen must be the model's. */
  async #compare(): Promise<void> {
    const [rows, events, actions] = await Promise.all([
      this.#life.db.kysely.selectFrom('recording').selectAll().orderBy('seq').execute(),
      readOutbox(this.#life.db, { after: this.#outboxAt, limit: 1_000 }),
      this.#life.audited(),
    ])
    const aheadMs = this.#life.keptTime.now() - this.#clock.time
    if (aheadMs > SLACK_MS) throw new Error(`kept time is ${aheadMs} ms ahead of the truth`)
    const seen = rows.map((row) => `${row.id} ${row.status} ${row.owner_id} held ${Number(row.held)}`)
    const expected = [...this.#model.recordings.values()].map(
      (each) => `${each.id} ${each.status} ${each.ownerId} held ${each.holds.size}`,
    )
    this.#same(seen, expected)
    const stamps = rows.map((row) => `${row.id} ${row.retain_until} ${row.erase_at_end} ${row.bin_until}`)
    const kept = [...this.#model.recordings.values()].map(
      (each) => `${each.id} ${each.retainUntil} ${each.eraseAtEnd ? 1 : 0} ${each.binUntil}`,
    )
    this.#same(stamps, kept)
    this.#outboxAt = events.at(-1)?.id ?? this.#outboxAt
    this.#same(
      events.map((event) => `${event.event} ${event.key}`),
      this.#model.events.splice(0),
    )
    const audited = actions.filter((row) => !row.startsWith('clock.doubted'))
    this.#same(audited, this.#model.audit.splice(0))
  }

  #same(seen: unknown, expected: unknown): void {
    if ((seen as MoveOutcome | undefined)?.kind === 'done') this.counts.moved++
    else if (typeof (seen as MoveOutcome | undefined)?.kind === 'string') this.counts.refused++
    const [left, right] = [JSON.stringify(seen), JSON.stringify(expected)]
    if (left !== right) throw new Error(`is ${left}, should be ${right}`)
  }

  #moment() {
    return { kept: this.#life.keptTime.now(), time: this.#clock.time }
  }

  async #stamps() {
    const rows = await this.#life.db.kysely.selectFrom('recording').selectAll().execute()
    return new Map(
      rows.map((row) => [
        row.id,
        {
          keptFrom: Number(row.kept_from),
          retainUntil: row.retain_until === null ? null : Number(row.retain_until),
          binUntil: row.bin_until === null ? null : Number(row.bin_until),
        },
      ]),
    )
  }

  /** An offset that a wrong clock may have: none, one that agrees still, ten years, or one of `others`. */
  #offset(others: readonly number[]): number {
    return this.#random.pick([0, 20 * SECOND_MS, -50 * SECOND_MS, 10 * YEAR_MS, -10 * YEAR_MS, ...others])
  }

  #as(role: Actor['as'], personId: string = role): Actor {
    return { orgId: this.#options.orgId, personId, as: role }
  }

  #actor(kind: MoveKind): { readonly actor: Actor; readonly ownerIds: readonly string[] | undefined } {
    if (kind === 'withdraw' && this.#random.chance(0.5))
      return { actor: this.#as('complianceOfficer'), ownerIds: undefined }
    if (this.#random.chance(0.5)) return { actor: this.#as('admin'), ownerIds: undefined }
    const personId = this.#random.pick(OWNERS)
    return { actor: this.#as('user', personId), ownerIds: [personId] }
  }

  #scope(): { readonly scope: RetentionScope; readonly scopeId: string } {
    const scope = this.#random.pick(['organization', 'location', 'owner'] as const)
    if (scope === 'organization') return { scope, scopeId: this.#options.orgId }
    return { scope, scopeId: this.#random.pick(scope === 'owner' ? OWNERS : LOCATIONS) }
  }

  /** One to four ids, now and then one that is unknown, a copy, or one written otherwise. */
  #ids(): readonly string[] {
    return Array.from({ length: 1 + this.#random.below(this.#random.pick([1, 1, 4])) }, () => {
      const id = this.#id()
      return this.#random.chance(0.1) ? idKey(id).toUpperCase() : id
    })
  }

  #id(): string {
    const known: readonly ModelRecording[] = [...this.#model.recordings.values()]
    if (known.length === 0 || this.#random.chance(0.04)) return 'ffffffff-0000-4000-8000-000000000000'
    return this.#random.pick(known).id
  }
}
