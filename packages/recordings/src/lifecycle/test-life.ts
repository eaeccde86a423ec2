/**
 * A catalogue for tests of the life of recordings: a database with plain rows, clocks that are moved by hand, an audit
 * log that is a table, and keys and files that are sets. It can be closed and opened again over the same file, with a
 * new monotonic clock, as after a crash.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SILENT } from '@tandem/base'
import {
  type Database,
  type Generated,
  type Kysely,
  type Migration,
  openDatabase,
  readOutbox,
} from '@tandem/store'
import type { AuditLog } from '../audit/audit-log.ts'
import { idKey, type NewRecordingRow } from '../catalogue/recording.ts'
import { CATALOGUE_MIGRATIONS } from '../catalogue/tables.ts'
import { LegalHolds } from '../hold/legal-holds.ts'
import type { Actor, Owner } from '../library.ts'
import { MEETING_MIGRATIONS } from '../meeting/tables.ts'
import { RetentionPolicies } from '../retention/retention-policies.ts'
import type { LifecycleOptions } from './options.ts'
import { ProvenTime } from './proven-time.ts'
import { RecordingLifecycle } from './recording-lifecycle.ts'
import { LIFECYCLE_MIGRATIONS, type LifeTables } from './tables.ts'

/** Where the clocks begin. */
export const START: number = Date.UTC(2026, 1, 3)
/** The organisation of its recordings. */
export const ORG = 'org'
/** Who acts, by role. */
export const ADMIN: Actor = { orgId: ORG, personId: 'admin', as: 'admin' }
export const USER: Actor = { orgId: ORG, personId: 'tomas', as: 'user' }
export const OFFICER: Actor = { orgId: ORG, personId: 'officer', as: 'complianceOfficer' }

/** A user by id. */
export function owner(id: string): Owner {
  return { id, type: 'user', name: id, email: `${id}@Example.com`, locationId: 'berlin' }
}

/** A recording's id from a number. */
export function uuid(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`
}

/** A row of the test's audit log. */
export interface AuditedRow {
  readonly seq: number
  readonly actor: string
  readonly action: string
  readonly recording_id: string | null
}

/** Tables of the test itself. */
interface TestTables {
  test_audit: {
    seq: Generated<number>
    org_id: string
    actor: string
    action: string
    recording_id: string | null
    detail: string
  }
}

const TEST_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0199_test': {
    async up(db: Kysely<TestTables>): Promise<void> {
      await db.schema
        .createTable('test_audit')
        .addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('org_id', 'text')
        .addColumn('actor', 'text')
        .addColumn('action', 'text')
        .addColumn('recording_id', 'text')
        .addColumn('detail', 'text')
        .execute()
    },
  },
}

/** An audit log that is a table: what it holds is committed with what it is about. */
export function tableAudit(db: Database<LifeTables>): Pick<AuditLog, 'statements'> {
  const kysely = db.kysely as unknown as Kysely<TestTables> // Of `TEST_MIGRATIONS`.
  return {
    statements: (entries) =>
      entries.map(({ actor, action, recordingId, detail }) =>
        kysely.insertInto('test_audit').values({
          org_id: actor.orgId,
          actor: actor.personId === '' ? actor.as : actor.personId,
          action,
          recording_id: recordingId ?? null,
          detail: JSON.stringify(detail ?? {}),
        }),
      ),
  }
}

/** One catalogue with everything of its life. */
export class TestLife {
  readonly folder: string
  /** What is true, Unix milliseconds. */
  time: number = START
  /** How wrong the wall clock is. */
  wallOffset = 0
  /** Ids whose keys were destroyed, and names of files that were removed, in order. */
  readonly destroyed: string[] = []
  readonly removed: string[] = []
  /** Set to make the store of files fail. */
  vaultFails = false
  #db: Database<LifeTables> | undefined
  #keptTime: ProvenTime | undefined
  #bootAt = START

  readonly #url: string | undefined

  /** In a folder of `parent`, or where temporary folders are; with `url` in that database instead. */
  constructor({ parent = tmpdir(), url }: { readonly parent?: string; readonly url?: string } = {}) {
    this.folder = mkdtempSync(join(parent, 'tandem-life-'))
    this.#url = url
  }

  get db(): Database<LifeTables> {
    if (this.#db === undefined) throw new Error('open it first')
    return this.#db
  }

  get keptTime(): ProvenTime {
    if (this.#keptTime === undefined) throw new Error('open it first')
    return this.#keptTime
  }

  readonly now = (): number => this.time + this.wallOffset

  /** Opens the database, again after a crash; the monotonic clock begins anew. */
  async open(): Promise<this> {
    await this.#db?.close()
    this.#db = await openDatabase<LifeTables>({
      ...(this.#url === undefined ? { file: join(this.folder, 'tandem.db') } : { url: this.#url }),
      migrations: {
        ...CATALOGUE_MIGRATIONS,
        ...LIFECYCLE_MIGRATIONS,
        ...MEETING_MIGRATIONS,
        ...TEST_MIGRATIONS,
      },
      logger: SILENT,
    })
    return this.restart()
  }

  /** As `open`, without the half second that opening the file takes: what was in memory is gone all the same. */
  async restart(): Promise<this> {
    this.#bootAt = this.time
    this.#keptTime = await ProvenTime.open({
      db: this.db,
      audit: tableAudit(this.db),
      wall: this.now,
      monotonic: () => this.time - this.#bootAt,
      organizations: async () => [ORG],
    })
    return this
  }

  async close(): Promise<void> {
    await this.#db?.close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  get retention(): RetentionPolicies {
    const { db, now, keptTime } = this
    return new RetentionPolicies({ db, audit: tableAudit(db), now, keptTime })
  }

  get holds(): LegalHolds {
    return new LegalHolds({ db: this.db, audit: tableAudit(this.db), now: this.now })
  }

  lifecycle(options: Partial<LifecycleOptions> = {}): RecordingLifecycle {
    const { db, now, keptTime, retention } = this
    return new RecordingLifecycle({
      db,
      audit: tableAudit(db),
      now,
      keptTime,
      retention,
      keys: {
        destroy: async (id) => {
          this.destroyed.push(id)
        },
      },
      vault: {
        remove: async (key) => {
          if (this.vaultFails) throw new Error('the vault cannot be reached')
          this.removed.push(key)
        },
      },
      ...options,
    })
  }

  /** Adds a recording as the catalogue does. */
  async add(n: number, change: Partial<NewRecordingRow> = {}): Promise<string> {
    const row = { ...recordingRow(n, this.now()), ...change }
    const stamp = await this.retention.stamp(row.org_id, {
      locationId: row.location_id,
      ownerId: row.owner_id,
    })
    await this.db.commit([
      this.db.kysely.insertInto('recording').values({ ...row, ...stamp, ...change }),
      this.db.kysely.insertInto('recording_facts').values({ id_key: row.id_key, facts: '{}' }),
    ])
    return row.id
  }

  /** The status of each recording, by the number of its id; erased ones are absent. */
  async statuses(): Promise<Record<number, string>> {
    const rows = await this.db.kysely
      .selectFrom('recording')
      .select(['id', 'status'])
      .orderBy('seq')
      .execute()
    return Object.fromEntries(rows.map((row) => [Number.parseInt(row.id.slice(-12), 16), row.status]))
  }

  /** Events as `resource event number status`. */
  async events(): Promise<string[]> {
    const events = await readOutbox(this.db, { after: 0, limit: 1_000 })
    return events.map(({ resource, event, key, payload }) => {
      const { status = '-' } = payload as { readonly status?: string } // Ours.
      return `${resource} ${event} ${Number.parseInt(key.slice(-12), 16)} ${status}`
    })
  }

  /** Audit rows as `who action number`. */
  async audited(): Promise<string[]> {
    return (await this.auditRows(0)).map(({ actor, action, recording_id }) => {
      const number = recording_id === null ? '-' : Number.parseInt(recording_id.slice(-12), 16)
      return `${actor} ${action} ${number}`
    })
  }

  /** Audit rows after one, oldest first. */
  async auditRows(after: number): Promise<readonly AuditedRow[]> {
    const kysely = this.db.kysely as unknown as Kysely<TestTables> // As above.
    return kysely.selectFrom('test_audit').selectAll().where('seq', '>', after).orderBy('seq').execute()
  }
}

function recordingRow(n: number, at: number): NewRecordingRow {
  const id = uuid(n)
  return {
    id,
    id_key: idKey(id),
    org_id: ORG,
    owner_id: 'tomas',
    owner_type: 'user',
    owner_name: 'Tomas',
    owner_email: 'Tomas@example.com',
    owner_email_key: 'tomas@example.com',
    location_id: 'berlin',
    call_session_id: 'session',
    call_id: 'call',
    topic: `Call ${n}`,
    topic_key: `call ${n}`,
    create_time: at,
    time_recorded: at,
    duration_ms: 1_000,
    size_bytes: 4_000,
    format: 'MP3',
    service_type: 'calling',
    storage_region: 'DE',
    status: 'available',
    sha256: '00',
    vault_key: `${id}.mp3`,
    recovered: 0,
    gaps: '[]',
    storage: 'sealed',
    origin: 'call',
    parties: '',
    status_at: at,
    kept_from: at,
    retain_until: null,
    erase_at_end: 0,
    bin_until: null,
    held: 0,
    download_prevented: 0,
  }
}
