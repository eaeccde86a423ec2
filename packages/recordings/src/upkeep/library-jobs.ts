/**
 * The jobs of the library and their pace: what is due by retention and recycle bin, kept time, the scrub, transcripts,
 * imports that stood still, the search index, and the outbox, which is pruned.
 */
import type { Logger } from '@tandem/base'
import { type Database, dialectOf, pruneOutboxBefore, sql } from '@tandem/store'
import type { LibraryTables } from '../migrations.ts'
import type { LibraryParts } from '../parts.ts'
import type { Scrub } from '../scrub/scrub.ts'
import type { Job } from './upkeep.ts'

/** How long events stay in the outbox: twice the 75 hours over which a webhook is tried again (promise P14). */
export const OUTBOX_KEPT_MS: number = 7 * 24 * 60 * 60 * 1_000

/**
 * Largest database that is written anew to leave no trace of what was erased, in bytes: writers wait for it, and a machine
 * of two cores takes some ten seconds for this much.
 */
export const REWRITTEN_BYTES_MAX: number = 1 << 30

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const DAY_MS = 24 * 60 * MINUTE_MS

/** What the jobs work with. */
export interface LibraryJobsOptions {
  readonly db: Database<LibraryTables>
  readonly parts: LibraryParts
  readonly scrub: Scrub
  readonly now: () => number
  readonly logger: Logger
  /** Whether calls are being recorded: what stalls the database waits for an end of that. */
  readonly isBusy: () => boolean
}

/** All of them. */
export function libraryJobs(options: LibraryJobsOptions): readonly Job[] {
  const { db, parts, scrub, now } = options
  const { imports, keptTime, lifecycle, search, transcripts } = parts
  const rewrite = rewriting(options)
  const job = (name: string, everyMs: number, run: () => Promise<unknown>): Job => ({
    name,
    everyMs,
    run: async () => ((await run()) === 'more' ? 'more' : undefined),
  })
  return [
    job('kept-time', MINUTE_MS, () => keptTime.save()),
    job('sweep', 10 * MINUTE_MS, () => lifecycle.sweep()),
    job('scrub', 2 * SECOND_MS, () => scrub.step(now())),
    job('transcripts', 15 * SECOND_MS, () => transcripts.step()),
    job('imports', 10 * MINUTE_MS, () => imports.tidy()),
    job('search', 30 * SECOND_MS, () => search.catchUp()),
    job('rewrite', 10 * MINUTE_MS, rewrite),
    job('outbox', 10 * MINUTE_MS, () => pruneOutboxBefore(db, now() - OUTBOX_KEPT_MS)),
  ]
}

/**
 * What was erased leaves pages that SQLite frees and zeroes, but now and then a copy of a row in the gap of a page; writing
 * the file anew leaves none. Once a day at most, when something was erased and no call is recorded.
 */
function rewriting({ db, parts, now, logger, isBusy }: LibraryJobsOptions): () => Promise<void> {
  let rewrittenAt = Number.NEGATIVE_INFINITY
  return async () => {
    if (isBusy() || now() - rewrittenAt < DAY_MS) return
    const pending = await parts.traces.pending()
    if (pending === 0) return
    if (dialectOf(db.kysely) !== 'sqlite') return parts.traces.settle(pending)
    const { rows } = await sql<{ bytes: number }>`select page_count * page_size as bytes
      from pragma_page_count(), pragma_page_size()`.execute(db.kysely)
    const bytes = Number(rows[0]?.bytes ?? 0)
    rewrittenAt = now()
    if (bytes > REWRITTEN_BYTES_MAX) {
      logger.warn('The database is too large to be written anew beside its work; do it in a quiet hour', {
        bytes,
      })
      return
    }
    if (await db.checkpoint({ rewrite: true })) await parts.traces.settle(pending)
  }
}
