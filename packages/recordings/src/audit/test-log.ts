/**
 * A log for tests: a database of its own with the tables of this package, a virtual clock, and timers that run when the
 * test says so.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SILENT } from '@tandem/base'
import { type Database, openDatabase } from '@tandem/store'
import { CATALOGUE_MIGRATIONS, type CatalogueTables } from '../catalogue/tables.ts'
import { EVIDENCE_MIGRATIONS, type EvidenceTables } from '../evidence/tables.ts'
import { Audit } from './audit.ts'
import type { AuditHead } from './audit-log.ts'
import { SigningKeys } from './signing-keys.ts'
import { AUDIT_MIGRATIONS, type AuditTables } from './tables.ts'

/** The tables that evidence stands on. */
export type TestTables = CatalogueTables & AuditTables & EvidenceTables

/** What its clock says at first. */
export const START: number = Date.UTC(2026, 1, 3, 9)

/** A log over a database of its own. */
export class TestLog {
  readonly folder: string
  readonly heads: AuditHead[] = []
  readonly #tasks: { run: () => void; at: number }[] = []
  now: number = START
  db!: Database<TestTables>
  signer!: SigningKeys
  audit!: Audit

  readonly #url: string | undefined

  /** `url` of a PostgreSQL database; without it, SQLite in a folder of its own. */
  constructor(url?: string) {
    this.#url = url
    this.folder = mkdtempSync(join(tmpdir(), 'tandem-audit-'))
  }

  /** Opens it, also again after `close`. */
  async open(): Promise<this> {
    this.db = await openDatabase<TestTables>({
      ...(this.#url === undefined ? { file: join(this.folder, 'tandem.db') } : { url: this.#url }),
      migrations: { ...CATALOGUE_MIGRATIONS, ...AUDIT_MIGRATIONS, ...EVIDENCE_MIGRATIONS },
      logger: SILENT,
    })
    const now = (): number => this.now
    this.signer = await SigningKeys.open({ db: this.db, now, seal: sealForTest, open: openForTest })
    this.audit = Audit.over({
      db: this.db,
      now,
      signer: this.signer,
      logger: SILENT,
      onHead: (head) => void this.heads.push(head),
      schedule: (run, ms) => {
        const task = { run, at: this.now + ms }
        this.#tasks.push(task)
        return () => void this.#tasks.splice(this.#tasks.indexOf(task) >>> 0, 1)
      },
    })
    await this.audit.start()
    return this
  }

  /** Moves the clock on and runs what becomes due. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms
    for (;;) {
      const next = this.#tasks.toSorted((one, other) => one.at - other.at)[0]
      if (next === undefined || next.at > end) break
      this.#tasks.splice(this.#tasks.indexOf(next), 1)
      this.now = Math.max(this.now, next.at)
      next.run()
      await this.audit.settled()
    }
    this.now = end
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.#tasks.length
  }

  /** Ends the process without a word, as a crash does. */
  async crash(): Promise<void> {
    this.#tasks.length = 0
    await this.db.close()
  }

  async remove(): Promise<void> {
    await this.db.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Not a cipher: it proves that the context comes back and that another one does not open. */
export function sealForTest(context: string, text: string): Uint8Array {
  return Buffer.from(JSON.stringify([context, Buffer.from(text).toString('base64')]))
}

/** Opens what `sealForTest` made. */
export function openForTest(context: string, sealed: Uint8Array): string | undefined {
  const [made, text] = JSON.parse(Buffer.from(sealed).toString()) as [string, string]
  return made === context ? Buffer.from(text, 'base64').toString() : undefined
}
