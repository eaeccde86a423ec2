/**
 * Kept time: the clock of retention and of the recycle bin (promise P16; decision 0016). It advances with the monotonic
 * clock, follows the wall clock only slowly, and never goes back. What the wall clock claims to have passed while nothing
 * ran is believed out of a reserve that running refills; beyond it kept time doubts, and nothing is due until somebody
 * accepts the clock. Call `save` every minute or so; `open` reads what was saved.
 */
import { type Compilable, type Database, sql } from '@tandem/store'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Actor } from '../library.ts'
import type { KeptTime } from './kept-time.ts'
import type { LifeTables } from './tables.ts'

/** How far the wall may be ahead before it is doubted, milliseconds: more than any correction by a time server. */
export const AGREE_MS_MAX = 60_000

/** How fast kept time follows a wall that is ahead: twice what a time server may bend a clock (500 ppm). */
const FOLLOW_RATE = 0.001

/**
 * Most unproven time that is believed, milliseconds: a week without a server, holidays with a weekend before, is
 * ordinary; and nothing leaves the bin or its retention more than a week early because of a wrong clock at a start.
 */
export const RESERVE_MS_MAX: number = 7 * 86_400_000

/** What kept time needs. */
export interface KeptTimeOptions {
  readonly db: Database<LifeTables>
  readonly audit: Pick<AuditLog, 'statements'>
  /** Unix milliseconds. */
  readonly wall: () => number
  /** Milliseconds since any moment, never going back or jumping. */
  readonly monotonic: () => number
  /** Whose audit logs are told when the clock is doubted. */
  readonly organizations: () => Promise<readonly string[]>
}

/** What was saved, and goes on from there. */
interface State {
  readonly wall: number
  readonly kept: number
  readonly reserveMs: number
  readonly doubted: boolean
  /** Kept time from which on it may lag behind the truth, since the clocks disagree; null while they agree. */
  readonly unsureSince: number | null
}

/** What a start makes of what was saved. */
interface Resumed {
  readonly state: State
  /** How much unproven time was believed, milliseconds. */
  readonly claimMs: number
}

/** Kept time of one server; only one may run over a database. */
export class ProvenTime implements KeptTime {
  readonly #options: KeptTimeOptions
  #kept: number
  #reserveMs: number
  #doubts: boolean
  /** What is written down about the doubt. */
  #doubted: boolean
  #unsureSince: number | null
  /**
   * Kept time from which on it may lag although the clocks agree: it went on at a start from a wall that had been behind,
   * and agreement with that proves nothing. Until somebody accepts the clock.
   */
  #lagsFrom: number | null
  /** Kept time at the start: a wall that runs ahead later may have been behind from then on. */
  readonly #startedAt: number
  #monotonicAt: number

  private constructor(options: KeptTimeOptions, state: State) {
    this.#options = options
    this.#kept = state.kept
    this.#reserveMs = state.reserveMs
    this.#doubts = state.doubted
    this.#doubted = state.doubted
    this.#unsureSince = state.unsureSince
    this.#lagsFrom = state.unsureSince
    this.#startedAt = Math.floor(state.kept)
    this.#monotonicAt = options.monotonic()
    this.#judge(options.wall())
  }

  /** Goes on from what was saved; the very first start believes the wall clock, having nothing else. */
  static async open(options: KeptTimeOptions): Promise<ProvenTime> {
    const row = await options.db.kysely.selectFrom('kept_time').selectAll().executeTakeFirst()
    const wall = options.wall()
    const { state, claimMs } =
      row === undefined
        ? { state: { ...FIRST, wall, kept: wall }, claimMs: 0 }
        : resumed(
            {
              wall: Number(row.wall),
              kept: Number(row.kept),
              reserveMs: Number(row.reserve_ms),
              doubted: Number(row.doubted) === 1,
              unsureSince: row.unsure_since === null ? null : Number(row.unsure_since),
            },
            wall,
          )
    const time = new ProvenTime(options, state)
    // What was believed is spent at once, also when the process dies; and with it moves what was stamped too early.
    await time.#save(shift(options.db, state.unsureSince, claimMs))
    return time
  }

  now(): number {
    this.#advance()
    return Math.floor(this.#kept)
  }

  get doubt(): { readonly wall: number; readonly kept: number } | undefined {
    const wall = this.#advance()
    return this.#doubts ? { wall, kept: Math.floor(this.#kept) } : undefined
  }

  /** Writes the pair of clocks down, and a doubt that has come up since into the audit log. */
  save(): Promise<void> {
    return this.#save([])
  }

  async #save(shifts: readonly Compilable[]): Promise<void> {
    const wall = this.#advance()
    const news = this.#doubts && !this.#doubted ? await this.#doubtStatements(wall) : []
    this.#doubted = this.#doubts
    await this.#options.db.commit([...shifts, ...news, this.#upsert(wall)])
  }

  /** Believes the wall clock where it is ahead; where it is behind, kept time stays, since it never goes back. */
  async accept(actor: Actor): Promise<void> {
    const wall = this.#advance()
    const before = Math.floor(this.#kept)
    const kept = Math.max(before, wall)
    const { db, audit } = this.#options
    const accepted = audit.statements([{ actor, action: 'clock.accepted', detail: { wall, kept: before } }])
    const believed = { kept, reserveMs: RESERVE_MS_MAX, doubted: false, unsureSince: null }
    const shifts = shift(db, this.#unsureSince, kept - before)
    await db.commit([...shifts, ...accepted, this.#upsert(wall, believed)])
    // Only now: what is not on disk was not accepted.
    this.#kept = Math.max(this.#kept, kept)
    this.#reserveMs = RESERVE_MS_MAX
    this.#doubts = false
    this.#doubted = false
    this.#unsureSince = null
    this.#lagsFrom = null
  }

  /** Lets the time pass that the monotonic clock proves; returns the wall. */
  #advance(): number {
    const monotonic = this.#options.monotonic()
    const wall = this.#options.wall()
    const provenMs = Math.max(0, monotonic - this.#monotonicAt)
    this.#monotonicAt = monotonic
    this.#kept += provenMs
    this.#reserveMs = Math.min(RESERVE_MS_MAX, this.#reserveMs + provenMs)
    const aheadMs = wall - this.#kept
    if (aheadMs > 0 && aheadMs <= AGREE_MS_MAX) this.#kept += Math.min(aheadMs, provenMs * FOLLOW_RATE)
    this.#judge(wall)
    return wall
  }

  /** A doubt comes when the wall runs ahead, and goes when it has come back. */
  #judge(wall: number): void {
    this.#doubts = wall - this.#kept > AGREE_MS_MAX
    const agree = Math.abs(wall - this.#kept) <= AGREE_MS_MAX
    const since = this.#doubts ? this.#startedAt : Math.floor(this.#kept)
    this.#unsureSince = agree ? this.#lagsFrom : (this.#unsureSince ?? since)
  }

  async #doubtStatements(wall: number) {
    const { organizations, audit } = this.#options
    const detail = { wall, kept: Math.floor(this.#kept) }
    const orgIds = await organizations()
    return audit.statements(
      orgIds.map((orgId) => ({
        actor: { orgId, personId: '', as: 'system' },
        action: 'clock.doubted',
        detail,
      })),
    )
  }

  #upsert(wall: number, state?: Omit<State, 'wall'>) {
    const { kept, reserveMs, doubted, unsureSince } = state ?? {
      kept: Math.floor(this.#kept),
      reserveMs: Math.floor(this.#reserveMs),
      doubted: this.#doubts,
      unsureSince: this.#unsureSince,
    }
    const values = {
      wall: Math.floor(wall),
      kept,
      reserve_ms: reserveMs,
      doubted: doubted ? 1 : 0,
      unsure_since: unsureSince,
    }
    return this.#options.db.kysely
      .insertInto('kept_time')
      .values({ one: 1, ...values })
      .onConflict((conflict) => conflict.column('one').doUpdateSet(values))
  }
}

/** What the very first start has, beside the wall clock. */
const FIRST = { reserveMs: RESERVE_MS_MAX, doubted: false, unsureSince: null }

/** What a start makes of the saved state when the wall says `wall`. */
function resumed(saved: State, wall: number): Resumed {
  // A doubted wall that was set back, or one that was behind, is no measure of how long nothing ran: kept time is.
  const setBack = saved.doubted && wall < saved.wall
  const claimMs = wall - (setBack ? saved.kept : Math.max(saved.wall, saved.kept))
  if (claimMs <= 0 || claimMs > saved.reserveMs) return { state: saved, claimMs: 0 }
  const state = { ...saved, kept: saved.kept + claimMs, reserveMs: saved.reserveMs - claimMs }
  return { state, claimMs }
}

/**
 * When kept time makes up for what it missed, what was stamped by it while it lagged moves along: recordings made since,
 * and every recycle bin, so that nothing is due earlier after it was begun than it should be.
 */
function shift(db: Database<LifeTables>, since: number | null, byMs: number): readonly Compilable[] {
  if (since === null || byMs <= 0) return []
  const moved = {
    kept_from: sql<number>`kept_from + ${byMs}`,
    retain_until: sql<number>`retain_until + ${byMs}`,
  }
  return [
    db.kysely.updateTable('recording').set(moved).where('kept_from', '>=', since),
    db.kysely
      .updateTable('recording')
      .set({ bin_until: sql<number>`bin_until + ${byMs}` })
      .where('bin_until', 'is not', null),
  ]
}
