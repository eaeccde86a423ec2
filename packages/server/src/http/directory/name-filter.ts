/**
 * Names by how they begin, in any letter case. SQLite folds ASCII alone, so the database looks for the part of the prefix that
 * every engine folds alike, and the rest is compared here.
 */
import { sql } from '@tandem/store'

/** A filter in two steps. */
export interface NameFilter {
  /** For the query. */
  readonly where: ReturnType<typeof sql<boolean>>
  /** Whether rows of the query must be asked again by `fits`, and so must come without a limit. */
  readonly isPartial: boolean
  fits(name: string): boolean
}

/** The filter for a column, such as `lines.display_name`. */
export function nameFilter(column: string, prefix: string): NameFilter {
  const folded = prefix.toLowerCase()
  const [ascii = ''] = /^[\x20-\x7e]*/.exec(folded) ?? []
  const pattern = `${ascii.replace(/[\\%_]/g, '\\$&')}%`
  return {
    where: sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`,
    isPartial: ascii !== folded,
    fits: (name) => name.toLowerCase().startsWith(folded),
  }
}
