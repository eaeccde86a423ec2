/**
 * Dates on the wire (contract README §6): every ISO 8601 form in, one form out, in the zone of the request.
 *
 * Times are Unix milliseconds. Nothing here reads a clock: "now" is handed in. Zones are IANA names; offsets come from
 * the runtime's own zone data and are computed for each moment, so daylight saving is right on both sides of a change.
 */

const DAY_MS = 86_400_000
/** Four-digit years only: what a calendar of calls can hold. */
const YEAR_MAX = 9_999
/** Names of zones kept ready; there are about 600 in all, so this bounds spelling variants. */
const ZONES_MAX = 1_000

const FORM =
  /^(\d{4})(?:-(\d\d)-(\d\d)|(\d\d)(\d\d))(?:[Tt ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?\s?(Z|z|[+\- ]\d\d(?::?\d\d)?)?)?$/

/** A known zone: renders and reads local times. Made by `zoneOf`. */
export interface Zone {
  readonly name: string
  /** Milliseconds to add to UTC for the wall clock of the zone at that moment. */
  offsetMs(at: number): number
}

/** UTC, the zone of a request that names none. */
export const UTC: Zone = { name: 'UTC', offsetMs: () => 0 }

const zones = new Map<string, Zone>()

/** The zone of an IANA name, letter case ignored; `undefined` for an unknown one. Bare offsets are not names. */
export function zoneOf(name: string): Zone | undefined {
  const key = name.toLowerCase()
  const known = zones.get(key)
  if (known !== undefined) return known
  if (!/^[a-z][a-z0-9_+\-/]{1,60}$/.test(key)) return undefined
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      era: 'short',
    })
  } catch {
    return undefined // The runtime knows no such zone, which is the answer.
  }
  const zone: Zone =
    format.resolvedOptions().timeZone === 'UTC' ? UTC : { name, offsetMs: (at) => offsetOf(format, at) }
  if (zones.size < ZONES_MAX) zones.set(key, zone)
  return zone
}

/**
 * Reads a date or date-time in any accepted form. Without an offset it is local time of `zone`; a date alone is the
 * start of that day there. A raw space in place of `+` is understood, since that is what an unescaped query holds.
 * `undefined` when it cannot be read or names no day of the calendar.
 */
export function parseTime(text: string, zone: Zone): number | undefined {
  const match = FORM.exec(text.trim())
  if (match === null) return undefined
  const [
    ,
    year,
    month = match[4],
    day = match[5],
    ,
    ,
    hour = '0',
    minute = '0',
    second = '0',
    fraction,
    offset,
  ] = match
  const fields = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const local = calendar(fields)
  if (local === undefined) return undefined
  const withFraction = local + Math.floor(Number(`0.${fraction ?? '0'}`) * 1_000)
  if (offset === undefined) return fromLocal(withFraction, zone)
  const offsetMs = parseOffset(offset)
  return offsetMs === undefined ? undefined : withFraction - offsetMs
}

/** Whole seconds in the zone, as recordings show them: `Z` for UTC, else `±hh:mm`, also while it is `+00:00`. */
export function printSeconds(at: number, zone: Zone): string {
  if (zone === UTC) return `${new Date(at).toISOString().slice(0, 19)}Z`
  const offsetMs = zone.offsetMs(at)
  const minutes = Math.round(Math.abs(offsetMs) / 60_000)
  const sign = offsetMs < 0 ? '-' : '+'
  const hh = String(Math.floor(minutes / 60)).padStart(2, '0')
  const mm = String(minutes % 60).padStart(2, '0')
  return `${new Date(at + offsetMs).toISOString().slice(0, 19)}${sign}${hh}:${mm}`
}

/** Milliseconds in UTC, as call controls and webhooks show them. */
export function printMilliseconds(at: number): string {
  return new Date(at).toISOString()
}

/** The moment of a calendar day and time of day as if in UTC; leap seconds and 24:00 fold into the next minute. */
function calendar(fields: [number, number, number, number, number, number]): number | undefined {
  const [year, month, day, hour, minute, second] = fields
  if (year > YEAR_MAX || month < 1 || month > 12 || day < 1 || minute > 59 || second > 60) return undefined
  if (hour > 24 || (hour === 24 && (minute > 0 || second > 0))) return undefined
  const start = new Date(0)
  start.setUTCFullYear(year, month - 1, day) // Unlike Date.UTC, takes years below 100 as they are.
  if (start.getUTCMonth() !== month - 1) return undefined // 31 April, 29 February of a common year.
  return start.getTime() + ((hour * 60 + minute) * 60 + second) * 1_000
}

function parseOffset(text: string): number | undefined {
  if (text === 'Z' || text === 'z') return 0
  const digits = text.slice(1).replace(':', '')
  const hours = Number(digits.slice(0, 2))
  const minutes = Number(digits.slice(2) || '0')
  if (hours > 23 || minutes > 59) return undefined
  return (text[0] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

/**
 * The moment of a local time. In the hour that a change of clocks skips, the time before the change counts on; in the
 * hour that it repeats, the first of the two is meant.
 */
function fromLocal(local: number, zone: Zone): number {
  const before = zone.offsetMs(local - DAY_MS)
  const after = zone.offsetMs(local + DAY_MS)
  const early = local - Math.max(before, after)
  const late = local - Math.min(before, after)
  if (early + zone.offsetMs(early) === local) return early
  if (late + zone.offsetMs(late) === local) return late
  return local - before
}

function offsetOf(format: Intl.DateTimeFormat, at: number): number {
  const whole = Math.floor(at / 1_000) * 1_000
  const part: Record<string, string> = {}
  for (const { type, value } of format.formatToParts(whole)) part[type] = value
  const year = part['era'] === 'BC' ? 1 - Number(part['year']) : Number(part['year'])
  const wall = new Date(0)
  wall.setUTCFullYear(year, Number(part['month']) - 1, Number(part['day']))
  wall.setUTCHours(Number(part['hour']), Number(part['minute']), Number(part['second']))
  return wall.getTime() - whole
}
