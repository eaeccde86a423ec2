/**
 * Query parameters, read strictly: one value each, lists nowhere (contract README §1). Parameters that nobody asks for
 * are ignored, except that a repeated one is refused whatever its name.
 */
import { parseTime, type Zone } from '@tandem/contract'
import { invalid } from './failure.ts'

/** Most parameters looked at; the longest list of filters has 14. */
const PARAMETERS_MAX = 64

/** The query of one request. */
export class Query {
  readonly #values: ReadonlyMap<string, string>

  /** `search` is what follows the question mark. Throws a `Failure` for a repeated parameter. */
  constructor(search: string) {
    const values = new Map<string, string>()
    for (const [name, value] of new URLSearchParams(search)) {
      if (values.has(name)) throw invalid(printable(name), 'is given more than once')
      values.set(name, value)
      if (values.size > PARAMETERS_MAX)
        throw invalid('the query', `has more than ${PARAMETERS_MAX} parameters`)
    }
    this.#values = values
  }

  /** The value as it came; `undefined` when absent. An empty value is a value. */
  raw(name: string): string | undefined {
    return this.#values.get(name)
  }

  /** Text that may be absent or empty (then ignored), but not longer than `charsMax`. */
  text(name: string, charsMax: number): string | undefined {
    const value = this.#values.get(name)
    if (value === undefined || value === '') return undefined
    if (value.length > charsMax) throw invalid(name, `must have at most ${charsMax} characters`)
    return value
  }

  /** An id: any text but the empty one. */
  id(name: string, charsMax: number): string | undefined {
    if (this.#values.get(name) === '') throw invalid(name, 'must not be empty')
    return this.text(name, charsMax)
  }

  /** One of `choices`, letter case counting; the empty text is none of them. */
  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.#values.get(name)
    if (value === undefined) return undefined
    const choice = choices.find((candidate) => candidate === value)
    if (choice === undefined) throw invalid(name, `must be one of ${choices.join(', ')}`)
    return choice
  }

  /** A whole number from `min` to `max`. */
  integer(name: string, range: { readonly min: number; readonly max: number }): number | undefined {
    const value = this.#values.get(name)
    if (value === undefined) return undefined
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
    if (!(number >= range.min && number <= range.max))
      throw invalid(name, `must be a whole number from ${range.min} to ${range.max}`)
    return number
  }

  /** `true` or `false`, nothing else. */
  boolean(name: string): boolean | undefined {
    const value = this.choice(name, ['true', 'false'])
    return value === undefined ? undefined : value === 'true'
  }

  /** A date or date-time in any ISO 8601 form, read in `zone` where it has no offset. Unix milliseconds. */
  time(name: string, zone: Zone): number | undefined {
    const value = this.#values.get(name)
    if (value === undefined) return undefined
    const at = value.length <= 64 ? parseTime(value, zone) : undefined
    if (at === undefined)
      throw invalid(name, 'must be a date or date-time of ISO 8601, such as 2026-02-03T10:15:00Z')
    return at
  }
}

/** A parameter's own name may be anything: what goes into an answer is short and plain. */
function printable(name: string): string {
  return name.replace(/[^\w.-]/g, '?').slice(0, 40) || 'a parameter'
}
