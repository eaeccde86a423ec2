/**
 * Call records as a table for spreadsheets: a line for each leg of a conversation, since quality belongs to a leg, with
 * the conversation's own columns repeated. A conversation without legs has one line. Every text cell is quoted, and one
 * that a spreadsheet would run as a formula begins with an apostrophe (case A15).
 */
import type { SessionRecord } from '@tandem/engine'

/** A cell: numbers are written as they are, times are RFC 3339, nothing is an empty cell. */
export type Cell = string | number | undefined

type Half = SessionRecord['halves'][number]
type Leg = SessionRecord['legs'][number]

/** The columns in their order, each with what fills it. A column keeps its name and place; new ones go to the end. */
const COLUMNS: readonly (readonly [
  name: string,
  cell: (record: SessionRecord, leg: Leg | undefined, half: Half | undefined) => Cell,
])[] = [
  ['callSessionId', (record) => record.callSessionId],
  ['started', (record) => time(record.startedAt)],
  ['answered', (record) => time(record.answeredAt)],
  ['ended', (record) => time(record.endedAt)],
  ['durationSeconds', (record) => seconds(record.endedAt - (record.answeredAt ?? record.endedAt))],
  ['cause', (record) => record.cause],
  ['callId', (_, leg, half) => leg?.callId ?? half?.callId],
  ['lineId', (_, __, half) => half?.lineId],
  ['personality', (_, __, half) => half?.view.personality],
  ['remoteName', (_, __, half) => half?.view.remoteParty.name],
  ['remoteNumber', (_, __, half) => half?.view.remoteParty.number],
  ['callType', (_, __, half) => half?.view.remoteParty.callType],
  ['leg', (_, leg) => leg?.leg],
  ['deviceId', (_, leg) => leg?.deviceId],
  ['packetsReceived', (_, leg) => leg?.statistics?.packetsReceived],
  ['packetsLost', (_, leg) => leg?.statistics?.packetsLost],
  ['jitterMs', (_, leg) => rounded(leg?.statistics?.jitterMs)],
  ['packetsSent', (_, leg) => leg?.statistics?.packetsSent],
  ['remotePacketsLost', (_, leg) => leg?.statistics?.remote?.packetsLost],
  ['remoteJitterMs', (_, leg) => rounded(leg?.statistics?.remote?.jitterMs)],
  ['roundTripMs', (_, leg) => rounded(leg?.statistics?.roundTripMs)],
  ['recordings', (record, _, half) => recordingsOf(record, half)],
  ['unrecorded', (record, leg, half) => unrecordedOf(record, leg?.callId ?? half?.callId)],
]

/** Names of the columns. */
export const CALL_RECORD_COLUMNS: readonly string[] = COLUMNS.map(([name]) => name)

/** The first line of the CSV, without its end. */
export const CSV_HEADER: string = CALL_RECORD_COLUMNS.map(csvCell).join(',')

/** The cells of one record, a row for each leg and for each half that had none. */
export function callRecordRows(record: SessionRecord): readonly (readonly Cell[])[] {
  const halves = new Map(record.halves.map((half) => [half.callId, half]))
  const withLegs = new Set(record.legs.map((leg) => leg.callId))
  const pairs: (readonly [Leg | undefined, Half | undefined])[] = [
    ...record.legs.map((leg) => [leg, halves.get(leg.callId)] as const),
    ...record.halves.filter((half) => !withLegs.has(half.callId)).map((half) => [undefined, half] as const),
  ]
  if (pairs.length === 0) pairs.push([undefined, undefined])
  return pairs.map(([leg, half]) => COLUMNS.map(([, cell]) => cell(record, leg, half)))
}

/** The CSV lines of one record, without their ends (RFC 4180). */
export function csvLines(record: SessionRecord): readonly string[] {
  return callRecordRows(record).map((row) => row.map(csvCell).join(','))
}

/** One cell as CSV: quoted, harmless, one line. */
export function csvCell(cell: Cell): string {
  if (cell === undefined) return ''
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : ''
  const flat = cell.replace(/\p{Cc}+/gu, ' ')
  // White space before it does not keep a spreadsheet from seeing a formula, nor do the wide forms of the signs.
  const harmless = /^\s*[=+\-@＝＋－＠]/u.test(flat) ? `'${flat}` : flat
  return `"${harmless.replaceAll('"', '""')}"`
}

function time(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString()
}

function seconds(ms: number): number {
  return Math.max(0, Math.round(ms / 100) / 10)
}

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 10) / 10
}

function recordingsOf(record: SessionRecord, half: Half | undefined): string | undefined {
  if (half === undefined) return undefined
  const own = record.recordings.filter((recording) => recording.ownerId === half.lineId)
  const words = own.map(({ id, outcome, why }) => `${id} ${outcome}${why === undefined ? '' : ` (${why})`}`)
  return words.length === 0 ? undefined : words.join('; ')
}

function unrecordedOf(record: SessionRecord, callId: string | undefined): string | undefined {
  const reasons = record.unrecorded.filter((one) => one.callId === callId).map((one) => one.why)
  return reasons.length === 0 ? undefined : reasons.join('; ')
}
