/** A running server follows its directory: it sees a change by whoever made it, and applies the configured file when told. */
import type { Logger } from '@tandem/base'
import type { Calls } from '@tandem/io'
import type { Config } from '../config/settings.ts'
import type { ServerData } from '../data/open-data.ts'
import { directoryRevision } from '../directory/revision.ts'
import { loadSnapshot } from '../directory/snapshot.ts'
import { StartFailure } from '../start-failure.ts'
import type { Mailboxes } from '../voicemail/mailboxes.ts'
import { applyDirectoryFile } from './first-directory.ts'

/** How often the directory's revision is looked at: a change by another process works within a second. */
const DIRECTORY_POLL_MS = 1_000

/** Who follows. */
export interface DirectoryFollowers {
  readonly data: ServerData
  readonly calls: Pick<Calls, 'setDirectory'>
  readonly mailboxes: Pick<Mailboxes, 'linesRemoved'>
  readonly logger: Logger
  /** The revision of the directory that the calls were started with. */
  readonly revision: number
}

/** A directory that is followed. */
export interface DirectoryWatch {
  /** Looks now; resolves when the calls have every change that was committed before. Never rejects. */
  look(): Promise<void>
  stop(): void
}

/** Hands every change to the calls: within a second whoever made it, at once when told to look. */
export function watchDirectory(followers: DirectoryFollowers): DirectoryWatch {
  const { calls, data, logger, mailboxes } = followers
  let seen = followers.revision
  let looking: Promise<void> | undefined
  const lookOnce = async (): Promise<void> => {
    try {
      const revision = await directoryRevision(data.db)
      if (revision === seen) return
      calls.setDirectory(await loadSnapshot(data, logger))
      mailboxes.linesRemoved()
      logger.info('The directory has changed', { revision })
      seen = revision
    } catch {
      logger.warn('The directory could not be looked at; it is tried again')
    }
  }
  const start = (): Promise<void> => {
    looking = lookOnce().finally(() => {
      looking = undefined
    })
    return looking
  }
  const timer = setInterval(() => {
    if (looking === undefined) void start()
  }, DIRECTORY_POLL_MS).unref()
  return {
    async look() {
      while (looking !== undefined) await looking // It may have read before the change.
      await start()
    },
    stop: () => clearInterval(timer),
  }
}

/** Applies the configured file again; what is wrong with it goes to the log and changes nothing. */
export async function reloadDirectory(data: ServerData, config: Config, logger: Logger): Promise<void> {
  if (config.directoryFile === '') {
    logger.warn('SIGHUP: no directory file is configured, so there is nothing to apply')
    return
  }
  try {
    const { errors, changes } = await applyDirectoryFile(data, config.directoryFile)
    // Errors may name people, so the log has their number only; the command shows them to its operator.
    if (errors.length > 0)
      logger.error('The directory was not applied; "tandem directory apply --dry-run" shows why', {
        errors: errors.length,
      })
    else logger.info('The directory was applied', { changes: changes.length })
  } catch (error) {
    const message = error instanceof StartFailure ? error.message : 'the database refused it'
    logger.error('The directory was not applied', { message })
  }
}
