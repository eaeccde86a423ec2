/**
 * `serviceData` of an import is of any shape, since it comes from other systems: it is kept as it came, but neither so
 * large nor so deep that it could hurt whoever reads it later (case A07).
 */
import { invalid } from '../failure.ts'

/** Levels of nesting; the contract's own document has seven. */
export const SERVICE_DATA_LEVELS_MAX = 32
/** Largest, in characters of JSON: the events of a call of a day. */
export const SERVICE_DATA_CHARS_MAX: number = 1_024 * 1_024

/** The object; a 400 when it is none or breaks a limit. */
export function serviceDataOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('serviceData', 'must be an object')
  if (isDeeper(value, SERVICE_DATA_LEVELS_MAX))
    throw invalid('serviceData', `must have at most ${SERVICE_DATA_LEVELS_MAX} levels`)
  if (JSON.stringify(value).length > SERVICE_DATA_CHARS_MAX)
    throw invalid('serviceData', `must have at most ${SERVICE_DATA_CHARS_MAX} characters`)
  return value as Readonly<Record<string, unknown>> // An object, as checked above.
}

/** Level by level, without recursion: what is asked about may be ten thousand deep. */
function isDeeper(value: object, levels: number): boolean {
  let level: readonly object[] = [value]
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > levels) return true
    level = level
      .flatMap((each) => Object.values(each) as readonly unknown[])
      .filter((each): each is object => typeof each === 'object' && each !== null)
  }
  return false
}
