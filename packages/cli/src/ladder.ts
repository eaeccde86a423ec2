/**
 * Draws the SIP messages of a conversation as a ladder: Tandem's line on the left, a line for each leg to its right, an
 * arrow for each message, its title at the end. Plain ASCII, so that it survives a ticket.
 *
 *     time            Tandem     leg-1       leg-2
 *     09:14:58.120       |<---------|           |    INVITE
 *     09:14:58.131       |--------------------->|    INVITE
 */
import type { CallTrace } from '@tandem/sdk'
import { clean } from './output.ts'

type Message = CallTrace['messages'][number]

const LANE_CHARS_MIN = 11 // An arrow that is seen, and room for `Tandem`.
const LEG_CHARS_MAX = 18 // A longer name is cut: the whole one is in the JSON.
const GAP = '  '

/** The lines of the drawing; with `details` the lines of each message stand below its arrow. */
export function ladderLines(
  messages: readonly Message[],
  { details }: { readonly details: boolean },
): string[] {
  const legs = [...new Set(messages.map((message) => message.leg))]
  const names = ['Tandem', ...legs].map((name) => clean(name).slice(0, LEG_CHARS_MAX))
  const lane = Math.max(LANE_CHARS_MIN, ...names.map((name) => name.length + GAP.length))
  const dates = new Set(messages.map((message) => message.time.slice(0, 10)))
  const times = messages.map(({ time }) => clean(dates.size === 1 ? time.slice(11, 23) : time))
  const timeChars = Math.max('time'.length, ...times.map((time) => time.length))
  const heading = names.map((name) => centred(name, lane)).join('')
  const lines = [`${'time'.padEnd(timeChars)}${GAP}${heading}`.trimEnd()]
  const idle = rung(legs.length, lane)
  for (const [index, message] of messages.entries()) {
    const arrow = arrowOf(idle, message.direction, { leg: legs.indexOf(message.leg), lane })
    lines.push(`${(times[index] ?? '').padEnd(timeChars)}${GAP}${arrow}${GAP}${clean(message.title)}`)
    if (!details) continue
    const indent = `${' '.repeat(timeChars)}${GAP}${idle}${GAP}${GAP}`
    lines.push(...message.lines.map((line) => `${indent}${clean(line)}`))
  }
  return lines
}

/** All lines of life, and nothing between them. */
function rung(legCount: number, lane: number): string {
  return centred('|', lane).repeat(legCount + 1)
}

/** The same with an arrow from or to one leg. It passes over the legs between. */
function arrowOf(
  idle: string,
  direction: string,
  to: { readonly leg: number; readonly lane: number },
): string {
  const from = idle.indexOf('|')
  const end = from + (to.leg + 1) * to.lane
  const shaft = '-'.repeat(end - from - 2)
  const arrow = direction === 'in' ? `<${shaft}` : `${shaft}>`
  return `${idle.slice(0, from + 1)}${arrow}${idle.slice(end)}`
}

function centred(text: string, width: number): string {
  const before = Math.floor((width - text.length) / 2)
  return `${' '.repeat(before)}${text}`.padEnd(width)
}
