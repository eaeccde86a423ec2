/**
 * The audit log (promise P17): an entry is a row in the same commit as what it tells (storage rule R2), sealed into its
 * organisation's chain of hashes within a second, and covered by a signed head within a minute. Nothing here changes or
 * removes a row. Whoever holds root can still write the whole log anew: heads copied off the machine (`onHead`) show that.
 */
import { randomUUID } from 'node:crypto'
import type { Logger } from '@tandem/base'
import { type Compilable, type Database, type Insertable, insertRow } from '@tandem/store'
import { idKey } from '../catalogue/recording.ts'
import { AuditBuffer } from './audit-buffer.ts'
import { auditRowOf } from './audit-chain.ts'
import { exportAudit } from './audit-export.ts'
import type { AuditEntry, AuditHead, AuditLog, AuditRow } from './audit-log.ts'
import { boundedDetail, boundedText } from './detail.ts'
import { Sealer } from './sealer.ts'
import type { Signer } from './signing-keys.ts'
import type { AuditTable, AuditTables } from './tables.ts'

/** Longest time that an entry of `addSoon` waits in memory. */
export const ADD_SOON_MS_MAX = 200
/** How long after a row was written the sealer looks for it. */
export const SEAL_MS = 400
/** How often it looks while nothing shows: a commit of whoever took `statements` may be ten seconds away. */
const SEAL_LOOKS_MAX = 25
/** Most rows of one answer. */
export const AUDIT_PAGE_ROWS_MAX = 1_000
/** Rows in one INSERT: 11 values each, of SQLite's 32,766. */
const INSERT_ROWS_MAX = 500

/** Runs something later; returns how to prevent it. */
export type Schedule = (run: () => void, ms: number) => () => void

/** What the log needs. */
export interface AuditOptions<Tables extends AuditTables = AuditTables> {
  readonly db: Database<Tables>
  /** Unix milliseconds. */
  readonly now: () => number
  readonly signer: Signer
  readonly logger: Logger
  /** Takes each signed head after it is on disk, to be copied off the machine. A failure is logged and stops nothing. */
  readonly onHead?: (head: AuditHead) => void | Promise<void>
  /** The system's timers unless a test says otherwise. */
  readonly schedule?: Schedule
}

/** The log over one database. Call `start` once, `close` at the end. */
export class Audit implements AuditLog {
  readonly #db: Database<AuditTables>
  readonly #options: AuditOptions
  readonly #sealer: Sealer
  readonly #buffer: AuditBuffer
  readonly #schedule: Schedule
  /** The next round, and when it is due after it was asked for. */
  #round: { readonly ms: number; readonly cancel: () => void } | undefined
  #looks = 0
  #working: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: AuditOptions) {
    this.#options = options
    this.#db = options.db
    this.#sealer = new Sealer(options)
    this.#buffer = new AuditBuffer((statements) => this.#db.commit(statements), options.logger)
    this.#schedule = options.schedule ?? later
  }

  /** The log of a database that has these tables among others. */
  static over<Tables extends AuditTables>(options: AuditOptions<Tables>): Audit {
    return new Audit(options as unknown as AuditOptions) // Kysely's types do not vary with their tables.
  }

  /** Seals and signs what an earlier process left. */
  async start(): Promise<void> {
    await this.#sealer.start()
    this.#armHead()
  }

  statements(entries: readonly AuditEntry[]): readonly Compilable[] {
    return this.#insert(entries.map((entry) => this.#row(entry)))
  }

  async add(entries: readonly AuditEntry[]): Promise<void> {
    if (entries.length > 0) await this.#db.commit(this.statements(entries))
  }

  /** As `add`, for one entry; resolves to the id of its row. */
  async addOne(entry: AuditEntry): Promise<string> {
    const row = this.#row(entry)
    await this.#db.commit(this.#insert([row]))
    return row.id
  }

  addSoon(entry: AuditEntry): void {
    const full = this.#buffer.add(this.#insert([this.#row(entry)]))
    if (this.#closed)
      void this.#buffer.flush() // No round will come; it never throws.
    else this.#arm(full ? 0 : ADD_SOON_MS_MAX, true)
  }

  /** Puts on disk what waits, and seals every row whose commit is over. */
  async settle(): Promise<void> {
    await this.#buffer.flush()
    await this.#sealer.seal()
  }

  /** Resolves when the round that runs, if one does, is over. */
  settled(): Promise<void> {
    return this.#working
  }

  /** As `settle`, and signs the head of an organisation. */
  async settleAndSign(orgId: string): Promise<void> {
    await this.settle()
    await this.#sealer.sign(orgId)
  }

  async list(
    orgId: string,
    query: Parameters<AuditLog['list']>[1],
  ): Promise<{ readonly items: readonly AuditRow[]; readonly next?: number }> {
    await this.settle()
    const max = Math.min(Math.max(1, query.max), AUDIT_PAGE_ROWS_MAX)
    let select = this.#db.kysely
      .selectFrom('audit')
      .selectAll()
      .where('org_id', '=', orgId)
      .where('position', 'is not', null)
    if (query.from !== undefined) select = select.where('at', '>=', query.from)
    if (query.to !== undefined) select = select.where('at', '<', query.to)
    if (query.recordingId !== undefined) select = select.where('recording_key', '=', idKey(query.recordingId))
    if (query.actorId !== undefined) select = select.where('actor_id', '=', query.actorId)
    if (query.action !== undefined) select = select.where('action', '=', query.action)
    if (query.before !== undefined) select = select.where('position', '<', query.before)
    const rows = await select
      .orderBy('position', 'desc')
      .limit(max + 1)
      .execute()
    const items = rows.slice(0, max).map(auditRowOf)
    const last = items.at(-1)
    return rows.length > max && last !== undefined ? { items, next: last.seq } : { items }
  }

  async *export(orgId: string, from: number, to: number): AsyncGenerator<AuditRow | AuditHead> {
    await this.settleAndSign(orgId)
    yield* exportAudit(this.#options, orgId, from, to)
  }

  /** Writes, seals and signs what is left. Later entries are still written, but sealed at the next start only. */
  async close(): Promise<void> {
    this.#closed = true
    this.#round?.cancel()
    this.#round = undefined
    await this.#working
    await this.settle()
    await this.#sealer.signAll()
  }

  #insert(rows: readonly Insertable<AuditTable>[]): Compilable[] {
    this.#looks = SEAL_LOOKS_MAX
    this.#arm(SEAL_MS, true)
    const [only] = rows
    if (rows.length === 1 && only !== undefined) return [insertRow(this.#db.kysely, 'audit', only)]
    const statements: Compilable[] = []
    for (let at = 0; at < rows.length; at += INSERT_ROWS_MAX)
      statements.push(this.#db.kysely.insertInto('audit').values(rows.slice(at, at + INSERT_ROWS_MAX)))
    return statements
  }

  #row(entry: AuditEntry) {
    const { actor, action, recordingId, detail = {} } = entry
    return {
      id: randomUUID(),
      org_id: actor.orgId,
      at: this.#options.now(),
      actor_id: boundedText(actor.personId),
      actor_role: actor.as,
      action,
      recording_key: recordingId === undefined ? null : idKey(boundedText(recordingId)),
      recording_id: recordingId === undefined ? null : boundedText(recordingId),
      detail: boundedDetail(detail),
      tracking_id: actor.trackingId === undefined ? null : boundedText(actor.trackingId),
    }
  }

  #armHead(): void {
    const ms = this.#sealer.dueMs
    // Not at once: a head that is due and could not be signed is tried again a little later.
    if (ms !== undefined) this.#arm(Math.max(ms, SEAL_MS), true)
  }

  /** Has a round within `ms`; an earlier one that is planned stays. */
  #arm(ms: number, wanted: boolean): void {
    if (!wanted || this.#closed || (this.#round !== undefined && this.#round.ms <= ms)) return
    this.#round?.cancel()
    this.#round = { ms, cancel: this.#schedule(() => this.#start(), ms) }
  }

  #start(): void {
    this.#round = undefined
    this.#working = this.#work()
  }

  async #work(): Promise<void> {
    try {
      await this.#buffer.flush()
      const sealed = await this.#sealer.seal()
      this.#looks = sealed > 0 ? SEAL_LOOKS_MAX : this.#looks - 1
      await this.#sealer.sign()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      this.#options.logger.error('The audit log could not be sealed; it is tried again', { why })
    }
    this.#arm(SEAL_MS, this.#looks > 0 || this.#buffer.size > 0)
    this.#armHead()
  }
}

function later(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms)
  timer.unref() // The log never keeps a process alive: `close` writes what is left.
  return () => clearTimeout(timer)
}
