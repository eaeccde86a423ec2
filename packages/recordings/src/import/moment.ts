/**
 * A moment in any of the forms of ISO 8601 that the contract takes (README §6): a date, a date with a time down to
 * minutes, seconds or fractions, extended or basic, with `Z`, an offset, or none, which is UTC.
 */

const DATE = /^(\d{4})-?(\d{2})-?(\d{2})/
const TIME = /^[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?/
const ZONE = /^(?:Z|([+-])(\d{2}):?(\d{2})?)?$/

/** Unix milliseconds; undefined for anything that is no such moment, also for days that no calendar has. */
export function readMoment(text: string): number | undefined {
  const date = DATE.exec(text)
  if (date === null) return undefined
  const afterDate = text.slice(date[0].length)
  const time = TIME.exec(afterDate)
  const zone = ZONE.exec(afterDate.slice(time?.[0].length ?? 0))
  if (zone === null || (time === null && zone[0] !== '')) return undefined
  const [year, month, day] = [Number(date[1]), Number(date[2]), Number(date[3])]
  const [hour, minute, second] = [Number(time?.[1] ?? 0), Number(time?.[2] ?? 0), Number(time?.[3] ?? 0)]
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const [offsetHours, offsetMinutes] = [Number(zone[2] ?? 0), Number(zone[3] ?? 0)]
  if (offsetHours > 23 || offsetMinutes > 59) return undefined
  const midnight = Date.UTC(year, month - 1, day)
  const isDay = new Date(midnight).getUTCMonth() === month - 1 && new Date(midnight).getUTCDate() === day
  if (!isDay || year < 1) return undefined
  const milliseconds = Math.floor(Number(`0.${time?.[4] ?? '0'}`) * 1_000)
  const offset = (zone[1] === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes)
  return midnight + ((hour * 60 + minute - offset) * 60 + second) * 1_000 + milliseconds
}
