/**
 * Plays a role table over the server's sockets, a cell at a time: the answer, who sees the recording before and after,
 * whether links come with it, the events in the outbox, the rows of the audit log. What is seen is kept as a table for
 * people; a cell that is not as the contract has it is named with all of it.
 */
import assert from 'node:assert/strict'
import { type RoleTable, roleWord } from '../../../packages/server/src/testing/role-tables.ts'
import { until } from '../../../tools/child.ts'
import type { CallerName } from './cast.ts'
import type { Answer, House, Told } from './house.ts'
import type { Place } from './seats.ts'
import {
  type Needs,
  needOf,
  OWNERS,
  type OwnerName,
  type Shelf,
  type Shelved,
  STATES,
  type StateName,
} from './states.ts'

/** Long enough for rows that are written without making the caller wait. */
const WRITTEN_MS_MAX = 5_000

/** How one operation is asked for. */
export type Try = (house: House, place: Place, recording: Shelved, status: string) => Promise<Answer>

/** What a family of operations is made of. */
export interface Family {
  readonly table: RoleTable
  /** Who the rows are. */
  readonly seats: Readonly<Record<string, Place>>
  readonly tries: Readonly<Record<string, Try>>
  /** Where a recording is read, by its owner, an administrator, a compliance officer. */
  readonly details: (recording: Shelved, who: 'owner' | 'admin' | 'officer') => string
  /** Of its events. */
  readonly resource: string
  /** What a change is written down as, by its operation or by the word of its cell. */
  readonly actions: Readonly<Record<string, string>>
  /** What a successful reading is written down as, by operation. */
  readonly reads: Readonly<Record<string, string>>
  /** Operations that write down a refusal also when there is nothing to refuse. */
  readonly outspoken: readonly string[]
  /** Who sees what of a recording: by status, the words for its owner, an administrator, a compliance officer. */
  readonly seen: Readonly<Record<string, readonly [owner: string, admin: string, officer: string]>>
}

/** Words that are statuses: what the recording is afterwards. */
const CHANGES: ReadonlySet<string> = new Set(['available', 'deleted', 'purged', 'erased', 'Mira'])

interface Cell {
  readonly operation: string
  readonly seat: string
  readonly state: StateName
  readonly expected: string
  readonly recording: Shelved
  readonly answer: Answer
  readonly seen: string
  readonly events: readonly Told[]
}

/** Whether the word of a cell says that its recording is no longer what it was. */
function isChange(word: string, state: StateName): boolean {
  return CHANGES.has(word) && word !== statusOf(state)
}

/** The status of a state. */
export function statusOf(state: StateName): string {
  return state.split(',')[0] ?? state
}

function placeOf(seats: Family['seats'], seat: string): Place {
  const place = seats[seat]
  if (place === undefined) throw new Error(`nobody sits at ${seat}`)
  return place
}

/** How many recordings a table takes. */
export function needsOf({ table, seats }: Family): Needs {
  const needs = new Map<string, number>()
  for (const cells of Object.values(table))
    for (const [seat, text] of Object.entries(cells) as [string, string][])
      STATES.forEach((state, at) => {
        const need = needOf(placeOf(seats, seat).owner, state)
        needs.set(need, (needs.get(need) ?? 1) + (isChange(roleWord(text, at), state) ? 1 : 0))
      })
  return needs
}

/** Plays tables. */
export class Trial {
  readonly #house: House
  readonly #family: Family
  readonly #shelf: Shelf
  readonly #lines: string[] = []

  constructor(house: House, family: Family, shelf: Shelf) {
    this.#house = house
    this.#family = family
    this.#shelf = shelf
  }

  /** Tries all cells of one operation; fails with those that are not as they must be. */
  async play(operation: string): Promise<void> {
    const rows = Object.entries(this.#family.table[operation] ?? {}) as [string, string][]
    const since = await this.#house.lastWritten()
    const cells: Cell[] = []
    // Sharing leaves a recording on the shelf and announces it all the same: such rows take turns.
    const turns = rows.some(([, text]) => text.includes('ok')) ? rows.map((row) => [row]) : [rows]
    for (const turn of turns) {
      const played = turn.map(([seat, text]) => this.#row(operation, seat, text))
      cells.push(...(await Promise.all(played)).flat())
    }
    const wrong = cells.filter(({ seen, expected }) => seen !== expected)
    assert.deepEqual(
      wrong.map(named),
      wrong.map((cell) => named({ ...cell, seen: cell.expected })),
    )
    this.#print(operation, cells, await this.#checkWritten(cells, since))
  }

  /** What was seen, as Markdown. */
  print(): string {
    const head = ['operation', 'who', ...STATES]
    return [`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...this.#lines].join('\n')
  }

  /** Rows are played side by side: what one of them changes no other one looks at. */
  async #row(operation: string, seat: string, text: string): Promise<Cell[]> {
    const cells: Cell[] = []
    for (const [at, state] of STATES.entries())
      cells.push(await this.#try(operation, seat, state, roleWord(text, at)))
    return cells
  }

  async #try(operation: string, seat: string, state: StateName, expected: string): Promise<Cell> {
    const house = this.#house
    const place = placeOf(this.#family.seats, seat)
    const { owner } = place
    const changes = isChange(expected, state)
    const recording = changes ? this.#shelf.take(owner, state) : this.#shelf.look(owner, state)
    const before = statusOf(state)
    const context = `${operation} as ${seat}, ${state}`
    if (changes) await this.#checkSeen(recording, owner, before, `before ${context}`)
    const lastEvent = await house.lastEvent()
    const run = this.#family.tries[operation]
    if (run === undefined) throw new Error(`nobody knows how to ${operation}`)
    const answer = await run(house, place, recording, before === 'erased' ? 'available' : before)
    const events = await house.eventsOf(recording.id, lastEvent)
    const row = await house.rowOf(recording.id)
    const after = row?.status ?? 'erased'
    const seen =
      expected === 'ok' && answer.status === 204
        ? 'ok'
        : seenOf(answer, recording, { before, after, ownerName: row?.owner_name ?? '' })
    if (answer.status !== 204) assert.equal(after, before, `${context}: a ${answer.status} changes nothing`)
    const event = after === 'available' || seen === 'Mira' || seen === 'ok' ? 'updated' : 'deleted'
    const isTold = seen === expected && (changes || seen === 'ok')
    const told = isTold ? [[this.#family.resource, event]] : []
    assert.deepEqual(
      events.map((each) => [each.resource, each.event]),
      told,
      `${context}: events`,
    )
    if (changes && seen === expected)
      await this.#checkSeen(recording, seen === 'Mira' ? 'colleague' : owner, after, `after ${context}`)
    return { operation, seat, state, expected, recording, answer, seen, events }
  }

  /** Owner, administrator and compliance officer see what the state chart says, and nobody more. */
  async #checkSeen(recording: Shelved, owner: OwnerName, status: string, context: string): Promise<void> {
    const own = owner === 'owner' || owner === 'colleague' ? owner : (`${owner}, own` as const)
    const now = { ...recording, owner }
    const words: string[] = []
    for (const [caller, who] of [
      [own, 'owner'],
      ['admin', 'admin'],
      ['officer', 'officer'],
    ] as const) {
      const answer = await this.#house.ask(caller as CallerName, 'GET', this.#family.details(now, who))
      words.push(detailsWord(answer))
    }
    const [asOwner, asAdmin, asOfficer] = this.#family.seen[status] ?? ['404', '404', '404']
    // Who owns it and is compliance officer too sees what either may.
    const first = own === 'officer, own' ? asOfficer : asOwner
    assert.deepEqual(words, [first, asAdmin, asOfficer], `owner, admin, officer ${context}`)
    const foreign = await this.#house.ask('foreign', 'GET', this.#family.details(now, 'owner'))
    assert.equal(foreign.status, 404, `another organisation ${context}`)
  }

  /** Every change, reading and refusal of something that is there has its row (promise P17). */
  async #checkWritten(cells: readonly Cell[], since: number): Promise<ReadonlyMap<Cell, string>> {
    const ids = new Set(cells.map(({ answer }) => answer.trackingId))
    const expected = new Map(cells.map((cell) => [cell, this.#actionOf(cell)]))
    const look = async (): Promise<ReadonlyMap<Cell, string>> => {
      const rows = await this.#house.written(ids, since)
      const texts = cells.map((cell) => {
        const list = rows.get(cell.answer.trackingId) ?? []
        return [cell, list.map(({ action }) => action).join(' ')] as const
      })
      return new Map(texts)
    }
    const isRight = (found: ReadonlyMap<Cell, string>): boolean =>
      cells.every((cell) => found.get(cell) === expected.get(cell))
    const found = await until(
      'the audit log',
      async () => ((seen) => (isRight(seen) ? seen : undefined))(await look()),
      { waitMs: WRITTEN_MS_MAX, everyMs: 50 },
    ).catch(look)
    const wrong = cells.filter((cell) => found.get(cell) !== expected.get(cell))
    assert.deepEqual(
      wrong.map((cell) => `${named(cell)}: ${found.get(cell)}`),
      wrong.map((cell) => `${named(cell)}: ${expected.get(cell)}`),
      'the audit log',
    )
    return found
  }

  #actionOf(cell: Cell): string {
    const { actions, reads } = this.#family
    const { operation, seat, state, expected } = cell
    if (isChange(expected, state)) return actions[operation] ?? actions[expected] ?? ''
    if (CHANGES.has(expected)) return '' // It is where it should be, and nothing was done.
    if (['shown', '-', 'links', '200', 'ok'].includes(expected)) return reads[operation] ?? ''
    const isThere = state !== 'erased' && seat !== 'foreign'
    return this.#isRefusal(cell, isThere) ? 'refused' : ''
  }

  #isRefusal({ operation, expected, answer }: Cell, isThere: boolean): boolean {
    const isScope = expected === '403' && answer.json.errors[0].description.includes('scope')
    if (isScope) return false // Nobody has looked for the recording.
    return this.#family.outspoken.includes(operation) || isThere
  }

  #print(operation: string, cells: readonly Cell[], written: ReadonlyMap<Cell, string>): void {
    for (const seat of new Set(cells.map((cell) => cell.seat))) {
      const row = cells
        .filter((cell) => cell.seat === seat)
        .map((cell) => {
          const events = cell.events.map(({ event }) => ` ▸${event}`).join('')
          const action = (written.get(cell) ?? '').replaceAll('recording.', '')
          return `${cell.seen}${events}${action === '' ? '' : ` ✎${action}`}`
        })
      this.#lines.push(`| ${[operation, seat, ...row].join(' | ')} |`)
    }
  }
}

function named(cell: Cell): string {
  return `${cell.operation} as ${cell.seat}, ${cell.state}: ${cell.seen} (${cell.answer.status} ${cell.answer.text.slice(0, 120)})`
}

/** The word for an answer. */
function seenOf(
  answer: Answer,
  recording: Shelved,
  row: { readonly before: string; readonly after: string; readonly ownerName: string },
): string {
  if (answer.status === 204) {
    if (row.after === row.before && row.ownerName !== OWNERS[recording.owner].name) return row.ownerName
    return row.after
  }
  const items = answer.status === 200 ? answer.json?.items : undefined
  if (items !== undefined) {
    assert.ok(!answer.text.includes('sig='), 'no link in any list')
    return (items as { id: string }[]).some(({ id }) => id === recording.id) ? 'shown' : '-'
  }
  return detailsWord(answer)
}

function detailsWord(answer: Answer): string {
  if (answer.status !== 200) return String(answer.status)
  const [link, object] = [answer.text.includes('sig='), answer.text.includes('temporaryDirectDownloadLinks')]
  assert.equal(link, object, 'links come together')
  return link ? 'links' : '200'
}
