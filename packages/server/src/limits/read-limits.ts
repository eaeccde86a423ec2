/**
 * The setting `limits`: `off`, or changes to the table of `family.ts`, such as `callReads=20/100,downloads=off` (a rate a
 * second, and behind the slash how many at once). What is not named keeps its default.
 */
import { StartFailure } from '../start-failure.ts'
import { DEFAULT_ALLOWANCES, FAMILIES, type Family } from './family.ts'
import type { Allowance } from './token-bucket.ts'

/** What is allowed in each family; a family without a row is not limited. */
export type Allowances = ReadonlyMap<Family, Allowance>

/** Highest rate and burst that are not plainly a slip. */
const NUMBER_MAX = 1_000_000

/** Reads the setting. Throws `StartFailure` with one sentence. */
export function readLimits(setting: string): Allowances {
  const allowances = new Map<Family, Allowance>(Object.entries(DEFAULT_ALLOWANCES) as [Family, Allowance][])
  const text = setting.trim()
  if (text === 'off') return new Map()
  for (const part of text === '' ? [] : text.split(',')) {
    const [name = '', value = ''] = part.split('=', 2).map((piece) => piece.trim())
    const family = FAMILIES.find((known) => known === name)
    if (family === undefined)
      throw new StartFailure(
        `The setting limits names ${name.slice(0, 40) || 'nothing'}, which is none of ${FAMILIES.join(', ')}.`,
      )
    if (value === 'off') allowances.delete(family)
    else allowances.set(family, allowanceOf(family, value))
  }
  return allowances
}

function allowanceOf(family: Family, value: string): Allowance {
  const [, rate = '', burst] = /^(\d{1,7}(?:\.\d{1,3})?)(?:\/(\d{1,7}))?$/.exec(value) ?? []
  const perSecond = Number(rate)
  const atOnce = burst === undefined ? Math.max(1, Math.ceil(perSecond)) : Number(burst)
  if (!(rate !== '' && perSecond > 0 && perSecond <= NUMBER_MAX && atOnce >= 1 && atOnce <= NUMBER_MAX))
    throw new StartFailure(
      `The setting limits must say of ${family} a rate a second and how many at once, such as ${family}=20/100, or off.`,
    )
  return { perSecond, burst: atOnce }
}
