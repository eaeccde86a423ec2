/**
 * What must hold of a PostgreSQL server before a row is written (storage rule R6): a commit that returned is on its
 * disk, pages are whole after a power cut, text is UTF-8, and the release knows the words that we use.
 */
import { StoreError } from '../error.ts'

/** Oldest release taken: what is below it upstream mends no more. */
export const POSTGRES_VERSION_MIN = 14

/** What the server says of itself, by the names of `pg_settings`. */
export type ServerSettings = Readonly<Record<string, string>>

/** The settings that are asked for. */
export const SETTINGS_ASKED: readonly string[] = [
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'server_encoding',
  'server_version_num',
]

/** Throws `unsafe` with one sentence for the first thing that is not as it must be. */
export function refuseUnsafe(settings: ServerSettings, place: string): void {
  const version = Math.floor(Number(settings['server_version_num']) / 10_000)
  if (!(version >= POSTGRES_VERSION_MIN))
    throw new StoreError(
      'unsafe',
      `The database ${place} runs PostgreSQL ${version}: release ${POSTGRES_VERSION_MIN} or later is needed.`,
    )
  if (settings['server_encoding'] !== 'UTF8')
    throw new StoreError(
      'unsafe',
      `The database ${place} is encoded as ${settings['server_encoding']}: make one with the encoding UTF8.`,
    )
  for (const name of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    if (settings[name] !== 'off' && settings[name] !== undefined) continue
    throw new StoreError(
      'unsafe',
      `The database ${place} runs with ${name}=${settings[name]}, so what was acknowledged could be lost: set ${name}=on.`,
    )
  }
}
