/**
 * The queue of transcripts to be made, in the database: waiting -> running -> done or failed. A failed attempt waits
 * twice as long as the one before, with some chance in it; attempts are bounded; what a dead process was running waits
 * again after the next start, or when its lease is over (issue 4, Transcripts).
 */
import type { Compilable, Database } from '@tandem/store'
import { sql } from '@tandem/store'
import type { CatalogueTables } from '../catalogue/tables.ts'
import type { RecordingTranscriptTable, TranscriptTables } from './tables.ts'

/** Attempts for one transcript: with the waits between them, an endpoint may be away for over half a day. */
export const ATTEMPTS_MAX = 12
/** Wait after the first failed attempt. */
export const BACKOFF_MS_MIN = 30_000
/** Longest wait between two attempts. */
export const BACKOFF_MS_MAX: number = 6 * 60 * 60 * 1_000
/** How long an attempt may be silent before its process counts as dead: twice the longest request. */
export const LEASE_MS: number = 10 * 60 * 1_000
/** Longest reason that is kept. */
const ERROR_CHARACTERS_MAX = 500

/** The tables that transcripts work on. */
export type TranscriptDatabase = Database<CatalogueTables & TranscriptTables>

/** An attempt that is ours to make. */
export interface Claim {
  readonly idKey: string
  readonly orgId: string
  /** From 1. */
  readonly attempt: number
  readonly language?: string
}

/** How a queue is made. */
export interface TranscriptQueueOptions {
  readonly db: TranscriptDatabase
  /** Name of this node: a process that starts under it takes back what its predecessor was running. */
  readonly node: string
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
  /** Most that an organisation's transcripts may cost in a month, in millionths of the currency; absent: no cap. */
  readonly monthlyCapUnits?: number
}

/** The queue over one database. */
export class TranscriptQueue {
  readonly #options: TranscriptQueueOptions

  constructor(options: TranscriptQueueOptions) {
    this.#options = options
  }

  /**
   * The statement that puts a recording in line, in whose commit it may stand. One that is in line already stays, unless
   * it is asked for `again`: then it is due at once, and a finished one is made anew. What runs goes on.
   */
  wanted(
    recording: { readonly idKey: string; readonly orgId: string },
    options: { readonly again: boolean; readonly language?: string },
  ): Compilable {
    const { db, now } = this.#options
    const row = { wanted_language: options.language ?? null, next_at: now(), updated_at: now() }
    const insert = db.kysely.insertInto('recording_transcript').values({
      ...row,
      id_key: recording.idKey,
      org_id: recording.orgId,
      state: 'waiting',
      language: null,
      engine: '',
      text: '',
      segments: '[]',
      attempts: 0,
      runner: null,
      error: null,
      cost_units: 0,
    })
    if (!options.again) return insert.onConflict((conflict) => conflict.column('id_key').doNothing())
    return insert.onConflict((conflict) =>
      conflict
        .column('id_key')
        .doUpdateSet({ ...row, state: 'waiting', attempts: 0, runner: null, error: null })
        .where('recording_transcript.state', '<>', 'running'),
    )
  }

  /** Takes up to `max` due ones of organisations that are below their cap, oldest first. */
  async claim(max: number): Promise<readonly Claim[]> {
    if (max <= 0) return []
    const { db, node, now } = this.#options
    const due = await this.#due()
      .select(['id_key', 'org_id', 'state', 'attempts', 'wanted_language'])
      .where('next_at', '<=', now())
      .limit(max)
      .execute()
    const claims: Claim[] = []
    for (const row of due) {
      const tired = row.attempts >= ATTEMPTS_MAX
      const why = `The transcript was given up after ${row.attempts} attempts that were cut off`
      const [result] = await db.commit([
        db.kysely
          .updateTable('recording_transcript')
          .set(
            tired
              ? { state: 'failed', next_at: null, runner: null, error: why, updated_at: now() }
              : {
                  state: 'running',
                  next_at: now() + LEASE_MS,
                  runner: node,
                  attempts: row.attempts + 1,
                  updated_at: now(),
                },
          )
          .where('id_key', '=', row.id_key)
          .where('state', '=', row.state)
          .where('attempts', '=', row.attempts), // Another node may have been faster.
      ])
      if (tired || result?.changes !== 1) continue
      claims.push({
        idKey: row.id_key,
        orgId: row.org_id,
        attempt: row.attempts + 1,
        ...(row.wanted_language === null ? {} : { language: row.wanted_language }),
      })
    }
    return claims
  }

  /** Writes down what a piece cost; the attempt lives on. */
  async bill(claim: Claim, costUnits: number): Promise<void> {
    const { db, now } = this.#options
    await db.commit([
      this.#ours(claim).set({
        next_at: now() + LEASE_MS,
        cost_units: sql<number>`cost_units + ${costUnits}`,
      }),
      db.kysely
        .insertInto('transcript_cost')
        .values({ org_id: claim.orgId, month: monthOf(now()), cost_units: costUnits })
        .onConflict((conflict) =>
          conflict.columns(['org_id', 'month']).doUpdateSet({
            cost_units: sql<number>`transcript_cost.cost_units + excluded.cost_units`,
          }),
        ),
    ])
  }

  /** An attempt failed: it waits for another one, or is over. */
  async failed(
    claim: Claim,
    why: { readonly message: string; readonly again: boolean; readonly retryAfterMs?: number },
  ): Promise<void> {
    const again = why.again && claim.attempt < ATTEMPTS_MAX
    const error = why.message.slice(0, ERROR_CHARACTERS_MAX)
    const wait = Math.max(this.#backoffMs(claim.attempt), why.retryAfterMs ?? 0)
    const nextAt = again ? this.#options.now() + wait : null
    await this.#change(claim, { state: again ? 'waiting' : 'failed', next_at: nextAt, runner: null, error })
  }

  /** An attempt was broken off by us: it is due again, and does not count. */
  async release(claim: Claim): Promise<void> {
    const attempts = claim.attempt - 1
    await this.#change(claim, { state: 'waiting', next_at: this.#options.now(), runner: null, attempts })
  }

  /** The recording is gone, and what was to be said about its transcript with it. */
  async forget(claim: Claim): Promise<void> {
    const { db } = this.#options
    await db.commit([db.kysely.deleteFrom('recording_transcript').where('id_key', '=', claim.idKey)])
  }

  /** Takes back what a process of this name was running when it died; returns how many. Once, before the first claim. */
  async recover(): Promise<number> {
    const { db, node, now } = this.#options
    const [result] = await db.commit([
      db.kysely
        .updateTable('recording_transcript')
        .set({ state: 'waiting', next_at: now(), runner: null, updated_at: now() })
        .where('state', '=', 'running')
        .where('runner', '=', node),
    ])
    return result?.changes ?? 0
  }

  /** What an organisation's transcripts cost in the running month, in millionths of the currency. */
  async spentUnits(orgId: string): Promise<number> {
    const row = await this.#options.db.kysely
      .selectFrom('transcript_cost')
      .select('cost_units')
      .where('org_id', '=', orgId)
      .where('month', '=', monthOf(this.#options.now()))
      .executeTakeFirst()
    return Number(row?.cost_units ?? 0)
  }

  /** Whether an organisation has to wait for the next month, or for a higher cap. */
  async isCapped(orgId: string): Promise<boolean> {
    const cap = this.#options.monthlyCapUnits
    return cap !== undefined && (await this.spentUnits(orgId)) >= cap
  }

  /** Everything that may be taken up now or later, soonest first. */
  #due() {
    const { db, now, monthlyCapUnits } = this.#options
    const due = db.kysely
      .selectFrom('recording_transcript')
      .where('state', 'in', ['waiting', 'running'])
      .where('next_at', 'is not', null)
      .orderBy('next_at')
      .orderBy('id_key')
    if (monthlyCapUnits === undefined) return due
    const capped = db.kysely
      .selectFrom('transcript_cost')
      .select('transcript_cost.org_id')
      .where('month', '=', monthOf(now()))
      .where('transcript_cost.cost_units', '>=', monthlyCapUnits)
    return due.where('recording_transcript.org_id', 'not in', capped)
  }

  /** Changes an attempt that is still ours; any other stays as it is. */
  async #change(claim: Claim, change: Partial<RecordingTranscriptTable>): Promise<void> {
    const { db, now } = this.#options
    await db.commit([this.#ours(claim).set({ ...change, updated_at: now() })])
  }

  #ours(claim: Claim) {
    return this.#options.db.kysely
      .updateTable('recording_transcript')
      .where('id_key', '=', claim.idKey)
      .where('state', '=', 'running')
      .where('runner', '=', this.#options.node)
      .where('attempts', '=', claim.attempt)
  }

  /** Half of the wait is certain, so that a crowd of failures spreads without hurrying. */
  #backoffMs(attempt: number): number {
    const full = Math.min(BACKOFF_MS_MIN * 2 ** (attempt - 1), BACKOFF_MS_MAX)
    return Math.round(full * (0.5 + 0.5 * this.#options.random()))
  }
}

function monthOf(now: number): string {
  return new Date(now).toISOString().slice(0, 7)
}
