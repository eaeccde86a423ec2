/**
 * Tries every cell of a role table in process: one recording is put where the cell says, somebody asks for it, and a word
 * says what came of it. `TABLE=1` prints what was seen.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { RecordingStatus } from '@tandem/recordings'
import type { CallerName, TestApi } from './api.ts'
import { ROLE_STATES, type RoleState, type RoleTable, roleWord } from './role-tables.ts'

/** Columns of a row that stands somewhere. */
export interface RoleRow {
  readonly status: RecordingStatus
  readonly held?: number
  readonly retain_until?: number
}

const KEPT = { retain_until: Date.UTC(2036, 0, 1) }
const ROWS: Readonly<Record<RoleState, RoleRow | undefined>> = {
  available: { status: 'available' },
  deleted: { status: 'deleted' },
  purged: { status: 'purged' },
  erased: undefined,
  'available, held': { status: 'available', held: 1 },
  'deleted, held': { status: 'deleted', held: 1 },
  'available, kept': { status: 'available', ...KEPT },
  'deleted, kept': { status: 'deleted', ...KEPT },
}

/** Puts one recording there (none for an erased one), asks for it, and says in a word what came of it. */
export type TryCell = (operation: string, who: string, row: RoleRow | undefined) => Promise<string>

/** A test for each operation of a table, which must have a row for everybody in `seats`. */
export function roleMatrix(table: RoleTable, seats: readonly string[], tried: TryCell): void {
  for (const [operation, cells] of Object.entries(table))
    it(operation, async () => {
      assert.deepEqual(Object.keys(cells), seats)
      const lines: string[] = []
      for (const [who, cell] of Object.entries(cells)) {
        const expected = ROLE_STATES.map((_, at) => roleWord(cell, at))
        const seen: string[] = []
        for (const state of ROLE_STATES) seen.push(await tried(operation, who, ROWS[state]))
        lines.push(line(operation, who, seen))
        assert.deepEqual(seen, expected, `${operation} as ${who} over ${ROLE_STATES.join(' | ')}`)
      }
      if (process.env['TABLE'] === undefined) return
      const head = operation === Object.keys(table)[0] ? [line('operation', 'caller', ROLE_STATES)] : []
      process.stdout.write(`${[...head, ...lines].join('\n')}\n`)
    })
}

function line(operation: string, who: string, words: readonly string[]): string {
  return [operation.padEnd(18), who.padEnd(13), ...words.map((word) => word.padEnd(16))].join(' ').trimEnd()
}

/** What the tables ask of one recording of an API in process. */
export class RoleSubject {
  readonly #api: TestApi
  readonly #id: string

  constructor(api: TestApi, id: string) {
    this.#api = api
    this.#id = id
  }

  /** Whether a list shows it; no list gives links. */
  async shown(name: CallerName, url: string): Promise<string> {
    const answer = await this.#api.send(name, { url })
    if (answer.statusCode !== 200) return String(answer.statusCode)
    assert.ok(!answer.body.includes('sig='), 'no link in any list')
    return (answer.json().items as { id: string }[]).some(({ id }) => id === this.#id) ? 'shown' : '-'
  }

  /** What its details give. */
  async details(name: CallerName, url: string): Promise<string> {
    const answer = await this.#api.send(name, { url })
    const links = [answer.body.includes('sig='), answer.body.includes('temporaryDirectDownloadLinks')]
    assert.equal(links[0], links[1])
    return links[0] ? 'links' : String(answer.statusCode)
  }

  /** The status that came to be, or the refusal, which must have changed nothing. */
  async changed(statusCode: number, before: RecordingStatus | undefined): Promise<string> {
    const now = (await this.#api.recordings.find(this.#id))?.status
    if (statusCode === 204) return now ?? 'erased'
    assert.equal(now, before, `a ${statusCode} changes nothing`)
    return String(statusCode)
  }
}
