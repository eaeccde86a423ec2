/**
 * Bugs that the harness plants in its own worker to see itself turn red, chosen by `TANDEM_PROMISES_BUG`. Each wraps one
 * part on its way into the library; no product code knows of them, and nothing but this worker reads the variable.
 */
import { syncBuiltinESMExports } from 'node:module'
import threads from 'node:worker_threads'
import type { CommitResult, Compilable, Database } from '@tandem/store'
import type { Lifecycle } from '../../../packages/recordings/src/lifecycle/lifecycle.ts'
import { REAL_DISK, type VaultDisk } from '../../../packages/recordings/src/vault/vault-disk.ts'

/** The bugs. */
export const BUGS = ['sync-normal', 'no-folder-sync', 'ack-before-commit', 'no-owner-check'] as const
/** One of them. */
export type Bug = (typeof BUGS)[number]

/** The variable. */
export const BUG_VARIABLE = 'TANDEM_PROMISES_BUG'

/** The bug that is planted in this process, if any. */
export const planted: string | undefined = process.env[BUG_VARIABLE]

/** Has the database's thread run with `synchronous=NORMAL`, lying to whoever asks. Before the store is loaded. */
export function plantInThreads(): void {
  if (planted !== 'sync-normal') return
  const Real = threads.Worker
  const preload = new URL('./lazy-database.ts', import.meta.url).href
  threads.Worker = class extends Real {
    constructor(url: string | URL, options: threads.WorkerOptions = {}) {
      super(url, { ...options, execArgv: ['--import', preload] })
    }
  }
  syncBuiltinESMExports()
}

/** The file system of the vault; with the bug new names are not synced. */
export function plantInDisk(): VaultDisk {
  return planted === 'no-folder-sync' ? { ...REAL_DISK, syncFolder: async () => {} } : REAL_DISK
}

/** How long the bug leaves what it has acknowledged in memory: long enough for any kill to meet some of it. */
const UNCOMMITTED_MS = 25

/** The database; with the bug a commit that announces something is acknowledged before it is made. */
export function plantInDatabase<Tables>(db: Database<Tables>): Database<Tables> {
  if (planted !== 'ack-before-commit') return db
  return new Proxy(db, {
    get(target, name) {
      if (name === 'commit') return (queries: readonly Compilable[]) => commitLater(target, queries)
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

async function commitLater<Tables>(
  db: Database<Tables>,
  queries: readonly Compilable[],
): Promise<readonly CommitResult[]> {
  if (!queries.some((query) => query.compile().sql.includes('into "outbox"'))) return await db.commit(queries)
  setTimeout(() => db.commit(queries).catch(() => {}), UNCOMMITTED_MS)
  return queries.map(() => ({ rows: [], changes: 1 }))
}

/** The moves; with the bug a user reaches everybody's recordings. */
export function plantInMoves(lifecycle: Pick<Lifecycle, 'move'>): Pick<Lifecycle, 'move'> {
  if (planted !== 'no-owner-check') return lifecycle
  return {
    move: (actor, kind, target) =>
      lifecycle.move(actor, kind, 'ids' in target ? { ids: target.ids } : target),
  }
}
