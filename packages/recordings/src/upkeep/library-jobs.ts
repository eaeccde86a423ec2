/**
 * The jobs of the library and their pace: what is due by retention and recycle bin, kept time, the scrub, transcripts,
 * imports that stood still, the search index, and the outbox, which is pruned.
 */
import { type Database, pruneOutboxBefore } from '@tandem/store'
import type { LibraryTables } from '../migrations.ts'
import type { LibraryParts } from '../parts.ts'
import type { Scrub } from '../scrub/scrub.ts'
import type { Job } from './upkeep.ts'

/** How long events stay in the outbox: twice the 75 hours over which a webhook is tried again (promise P14). */
export const OUTBOX_KEPT_MS: number = 7 * 24 * 60 * 60 * 1_000

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS

/** What the jobs work with. */
export interface LibraryJobsOptions {
  readonly db: Database<LibraryTables>
  readonly parts: LibraryParts
  readonly scrub: Scrub
  readonly now: () => number
}

/** All of them. */
export function libraryJobs({ db, parts, scrub, now }: LibraryJobsOptions): readonly Job[] {
  const { imports, keptTime, lifecycle, search, transcripts } = parts
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
    job('outbox', 10 * MINUTE_MS, () => pruneOutboxBefore(db, now() - OUTBOX_KEPT_MS)),
  ]
}
