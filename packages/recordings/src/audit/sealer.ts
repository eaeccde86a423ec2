/**
 * Gives rows their places in the chain of their organisation and signs where the chain stands (promise P17). The place is
 * given here and not by the row's own number: on PostgreSQL a lower number may become visible after a higher one, and a
 * row that shows late merely gets a later place, so that the chain has neither gap nor second version.
 *
 * One sealer runs in a process, and one server over a database: `openDatabase` sees to that (`exclusive`).
 */
import type { Logger } from '@tandem/base'
import { type Compilable, type Database, sql } from '@tandem/store'
import { auditRowOf, contentHash, linkHash, type StoredAuditRow, signHead } from './audit-chain.ts'
import type { AuditHead } from './audit-log.ts'
import type { Signer } from './signing-keys.ts'
import type { AuditTables, AuditTipTable } from './tables.ts'

/** Most rows sealed in one commit: some ten milliseconds of the writer, and 2,000 parameters of 32,766. */
export const SEAL_ROWS_MAX = 500
/** Most rows under one head: the proof of a single row in an export is at most so many lines. */
export const HEAD_ROWS_MAX = 1_000
/** Longest time that sealed rows wait for a signed head (Compliance consequences: every minute). */
export const HEAD_MS_MAX = 60_000

/** What a sealer needs. */
export interface SealerOptions {
  readonly db: Database<AuditTables>
  readonly now: () => number
  readonly signer: Signer
  readonly logger: Logger
  /** Takes each head after it is on disk, to be copied off the machine. */
  readonly onHead?: (head: AuditHead) => void | Promise<void>
}

/** Seals and signs. */
export class Sealer {
  readonly #options: SealerOptions
  readonly #db: Database<AuditTables>
  /** The work in hand; each piece waits for the one before. */
  #last: Promise<unknown> = Promise.resolve()
  /** A round that waits for its turn: whoever asks meanwhile shares it. */
  #next: Promise<number> | undefined
  /** Organisations with sealed rows that no head covers, and when the last head was signed. */
  readonly #unsigned = new Map<string, number>()

  constructor(options: SealerOptions) {
    this.#options = options
    this.#db = options.db
  }

  /** Seals every row whose commit was over when this was called; how many. */
  seal(): Promise<number> {
    this.#next ??= this.#inTurn(() => {
      this.#next = undefined
      return this.#sealAll()
    })
    return this.#next
  }

  /** Signs heads that are due; with an organisation, its head now. */
  sign(orgId?: string): Promise<void> {
    return this.#inTurn(async () => {
      const now = this.#options.now()
      for (const [org, signedAt] of this.#unsigned) {
        if (orgId === undefined ? isOver(signedAt, now) : org === orgId) await this.#signTip(org)
      }
    })
  }

  /** Signs every head that is not signed: at the end of a process. */
  async signAll(): Promise<void> {
    for (const org of [...this.#unsigned.keys()]) await this.sign(org)
  }

  /** How long until a head is due, in milliseconds; undefined while no row waits for one. */
  get dueMs(): number | undefined {
    if (this.#unsigned.size === 0) return undefined
    const oldest = Math.min(...this.#unsigned.values())
    return Math.min(Math.max(0, oldest + HEAD_MS_MAX - this.#options.now()), HEAD_MS_MAX)
  }

  /** Takes up what an earlier process left: rows to seal, heads to sign. */
  async start(): Promise<void> {
    const tips = await this.#db.kysely
      .selectFrom('audit_tip')
      .selectAll()
      .whereRef('signed_position', '<', 'position')
      .execute()
    for (const tip of tips) this.#unsigned.set(tip.org_id, Number(tip.signed_at))
    await this.seal()
    await this.sign()
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => undefined) // Whoever asked is told; the next one goes on.
    return turn
  }

  async #sealAll(): Promise<number> {
    for (let count = 0; ; ) {
      const rows = await this.#db.kysely
        .selectFrom('audit')
        .selectAll()
        .where('position', 'is', null)
        .orderBy('seq')
        .limit(SEAL_ROWS_MAX)
        .execute()
      if (rows.length > 0) await this.#sealRows(rows)
      count += rows.length
      if (rows.length < SEAL_ROWS_MAX) return count
    }
  }

  async #sealRows(rows: readonly StoredAuditRow[]): Promise<void> {
    const statements: Compilable[] = []
    const heads: AuditHead[] = []
    const tips: AuditTipTable[] = []
    for (const [orgId, own] of Map.groupBy(rows, (row) => row.org_id)) {
      let tip = await this.#tip(orgId)
      const places = own.map((row) => {
        const position = tip.position + 1
        const hash = linkHash(tip.hash, contentHash(auditRowOf({ ...row, position })))
        const place = { seq: row.seq, position, previousHash: tip.hash, hash }
        tip = { ...tip, position, hash }
        return place
      })
      statements.push(this.#places(places))
      const now = this.#options.now()
      const due = tip.position - tip.signed_position >= HEAD_ROWS_MAX || isOver(tip.signed_at, now)
      if (due) {
        heads.push(signHead(this.#options.signer, headOf(tip, now)))
        tip = { ...tip, signed_position: tip.position, signed_at: now }
      }
      tips.push(tip)
    }
    await this.#db.commit([...statements, ...this.#signed(heads), ...tips.map((tip) => this.#keepTip(tip))])
    for (const tip of tips) this.#noteTip(tip)
    await this.#announce(heads)
  }

  async #signTip(orgId: string): Promise<void> {
    const tip = await this.#tip(orgId)
    const now = this.#options.now()
    const signed = { ...tip, signed_position: tip.position, signed_at: now }
    if (tip.signed_position < tip.position) {
      const head = signHead(this.#options.signer, headOf(tip, now))
      await this.#db.commit([...this.#signed([head]), this.#keepTip(signed)])
      await this.#announce([head])
    }
    this.#noteTip(signed)
  }

  async #tip(orgId: string): Promise<AuditTipTable> {
    const row = await this.#db.kysely
      .selectFrom('audit_tip')
      .selectAll()
      .where('org_id', '=', orgId)
      .executeTakeFirst()
    if (row === undefined)
      return { org_id: orgId, position: 0, hash: '', signed_position: 0, signed_at: this.#options.now() }
    return {
      ...row,
      position: Number(row.position),
      signed_position: Number(row.signed_position),
      signed_at: Number(row.signed_at),
    }
  }

  #noteTip(tip: AuditTipTable): void {
    if (tip.signed_position < tip.position) this.#unsigned.set(tip.org_id, tip.signed_at)
    else this.#unsigned.delete(tip.org_id)
  }

  #places(
    places: readonly { seq: number; position: number; previousHash: string; hash: string }[],
  ): Compilable {
    const { kysely } = this.#db
    const values = places.map(
      (place) =>
        sql`(cast(${place.seq} as bigint), cast(${place.position} as bigint), cast(${place.previousHash} as text), cast(${place.hash} as text))`,
    )
    const statement = sql`update audit set position = place.column2, previous_hash = place.column3, hash = place.column4
      from (values ${sql.join(values)}) as place where audit.seq = place.column1 and audit.position is null`
    return { compile: () => statement.compile(kysely) }
  }

  #signed(heads: readonly AuditHead[]): Compilable[] {
    return heads.map((head) =>
      this.#db.kysely.insertInto('audit_head').values({
        org_id: head.orgId,
        position: head.seq,
        hash: head.hash,
        at: head.at,
        key_id: head.keyId,
        signature: head.signature,
      }),
    )
  }

  #keepTip(tip: AuditTipTable): Compilable {
    const { org_id: _, ...changes } = tip
    return this.#db.kysely
      .insertInto('audit_tip')
      .values(tip)
      .onConflict((conflict) => conflict.column('org_id').doUpdateSet(changes))
  }

  async #announce(heads: readonly AuditHead[]): Promise<void> {
    for (const head of heads) {
      try {
        await this.#options.onHead?.(head)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        this.#options.logger.error('A head of the audit log could not be copied: make its place writable', {
          orgId: head.orgId,
          seq: head.seq,
          why,
        })
      }
    }
  }
}

/** A clock that was set back must not put the next head off. */
function isOver(signedAt: number, now: number): boolean {
  return now - signedAt >= HEAD_MS_MAX || now < signedAt
}

function headOf(tip: AuditTipTable, at: number): Omit<AuditHead, 'keyId' | 'signature'> {
  return { orgId: tip.org_id, seq: tip.position, hash: tip.hash, at }
}
