/** How recordings stand in a table, and how many of a list are shown. */
import type { ConvergedRecording, Pager } from '@tandem/sdk'
import { type Command, InvalidArgumentError } from 'commander'

/** Items shown unless something else is said: what a person reads. */
const SHOWN_DEFAULT = 100
/** Items that are asked for at once. */
const PAGE_ITEMS = 100

/** The flag of `withLimit`. */
export interface LimitFlags {
  readonly limit: number
}

/** Adds `--limit`. */
export function withLimit(command: Command): Command {
  return command.option(
    '--limit <N>',
    'show at most so many; 0 shows all',
    (text) => {
      if (/^\d{1,9}$/.test(text)) return Number(text)
      throw new InvalidArgumentError('It is a whole number.')
    },
    SHOWN_DEFAULT,
  )
}

/** The page size that brings so many with the fewest requests. */
export function pageSize({ limit }: LimitFlags): number {
  return limit === 0 ? PAGE_ITEMS : Math.min(limit + 1, PAGE_ITEMS)
}

/** The items that are shown; says on stderr that there are more. */
export async function shownOf<Item>(pager: Pager<Item>, { limit }: LimitFlags): Promise<Item[]> {
  if (limit === 0) return pager.toArray()
  const items = await pager.toArray({ limit: limit + 1 })
  if (items.length > limit) console.error(`There are more than ${limit}: --limit shows them.`)
  return items.slice(0, limit)
}

/** Headings of `rowOf`. */
export const HEADINGS: readonly string[] = [
  'CREATED',
  'LENGTH',
  'OWNER',
  'FORMAT',
  'STATUS',
  'TOPIC',
  'RECORDING',
]

/** One line of a list; the id stands last, whole, to be copied. */
export function rowOf(recording: ConvergedRecording): string[] {
  const { createTime, durationSeconds, ownerEmail, format, status, topic, id } = recording
  return [createTime, lengthText(durationSeconds), ownerEmail, format, status, topic, id]
}

/** `1:02:03`, or `2:03` under an hour. */
export function lengthText(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}
