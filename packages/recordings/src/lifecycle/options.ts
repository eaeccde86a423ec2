/** What the life of a recording needs from the rest: narrow faces of the catalogue's neighbours. */
import type { Compilable, Database } from '@tandem/store'
import type { AuditLog } from '../audit/audit-log.ts'
import type { RetentionPolicies } from '../retention/retention-policies.ts'
import type { KeptTime } from './kept-time.ts'
import type { LifeTables } from './tables.ts'

/** How long a recording stays in the recycle bin unless configured otherwise: 30 days (converged-recordings §1). */
export const BIN_MS_DEFAULT: number = 30 * 86_400_000

/** Data keys: what is destroyed can be read by nobody. */
export interface KeyDestroyer {
  /** Idempotent; on disk when it resolves. */
  destroy(id: string, orgId: string, at: number): Promise<void>
}

/** The store of files. */
export interface FileRemover {
  /** Removes a file, its folder synced; no fault when it is gone already. */
  remove(key: string): Promise<void>
}

/** The index of words. */
export interface SearchIndex {
  /** Brings the index up to what the rows say, after them in the commit. */
  statements?(idKey: string): readonly Compilable[]
  /** Before the rows go. */
  removeStatements(idKey: string): readonly Compilable[]
}

/** Everything that `RecordingLifecycle` is made of. */
export interface LifecycleOptions {
  readonly db: Database<LifeTables>
  readonly audit: Pick<AuditLog, 'statements'>
  /** The wall clock, Unix milliseconds: for when things happened, never for what is due. */
  readonly now: () => number
  readonly keptTime: Pick<KeptTime, 'now' | 'doubt'>
  readonly retention: Pick<RetentionPolicies, 'list'>
  readonly keys: KeyDestroyer
  readonly vault: FileRemover
  readonly search?: SearchIndex
  /** Further tables with a column `id_key` whose rows go with a recording; those that do not exist are passed over. */
  readonly dependents?: readonly string[]
  /** Time in the recycle bin, milliseconds of kept time. */
  readonly binMs?: number
  /** Runs after rows were erased, so that no old page of the database stays readable. */
  readonly checkpoint?: () => Promise<unknown>
}
