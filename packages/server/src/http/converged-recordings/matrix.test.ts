/**
 * Role × operation × lifecycle, every cell (converged-recordings §1, §6, §8-§10; contract README §3.1, Rulings 1, 2, 8,
 * 20, 24). The table is written by hand from the contract and each cell is tried; `TABLE=1` prints what was seen.
 *
 * `owner` and `colleague` are users; `admin` and `officer` hold the scopes of their role alone; `admin, own` and `officer,
 * own` hold the user scopes too and own the recording; `officer's` is a compliance officer's own without user scopes.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { RecordingStatus } from '@tandem/recordings'
import { type CallerName, IDS, openTestApi, type TestApi } from '../../testing/api.ts'

const ID = '5b0c7f2e-6c1d-4e0f-9a53-0d5f6e1b8c77'

/** Where the recording stands: its status, and what keeps it. */
const STATES = {
  available: { status: 'available' },
  deleted: { status: 'deleted' },
  purged: { status: 'purged' },
  erased: undefined,
  'available, held': { status: 'available', held: 1 },
  'deleted, held': { status: 'deleted', held: 1 },
  'available, kept': { status: 'available', retain_until: Date.UTC(2036, 0, 1) },
  'deleted, kept': { status: 'deleted', retain_until: Date.UTC(2036, 0, 1) },
} as const satisfies Record<
  string,
  { readonly status: RecordingStatus; readonly held?: number; readonly retain_until?: number } | undefined
>
type StateName = keyof typeof STATES

/** Who asks, and whose the recording is. */
const CALLERS = {
  owner: ['owner', IDS.owner],
  colleague: ['colleague', IDS.owner],
  admin: ['admin', IDS.owner],
  officer: ['officer', IDS.owner],
  'admin, own': ['adminOwner', IDS.admin],
  'officer, own': ['officerOwner', IDS.officer],
  "officer's": ['officer', IDS.officer],
  foreign: ['foreign', IDS.owner],
} as const satisfies Record<string, readonly [CallerName, ownerId: string]>
type Caller = keyof typeof CALLERS

type Cells = Readonly<Record<Caller, string>>

/** In the order of `STATES`: status, what came with it, what became of it; one word for all states, or one each. */
const TABLE: Readonly<Record<string, Cells>> = {
  list: {
    owner: 'shown shown - - shown shown shown shown',
    colleague: '-',
    admin: '403',
    officer: '403',
    'admin, own': 'shown shown - - shown shown shown shown',
    'officer, own': 'shown shown - - shown shown shown shown',
    "officer's": '403',
    foreign: '-',
  },
  'list of all': {
    owner: '403',
    colleague: '403',
    admin: 'shown shown 403 - shown shown shown shown',
    officer: 'shown shown shown - shown shown shown shown',
    'admin, own': 'shown shown 403 - shown shown shown shown',
    'officer, own': 'shown shown shown - shown shown shown shown',
    "officer's": 'shown shown shown - shown shown shown shown',
    foreign: '-',
  },
  details: {
    owner: 'links links 404 404 links links links links',
    colleague: '404',
    admin: '200 200 404 404 200 200 200 200',
    officer: 'links links links 404 links links links links',
    'admin, own': 'links links 404 404 links links links links',
    'officer, own': 'links links links 404 links links links links',
    "officer's": 'links links links 404 links links links links',
    foreign: '404',
  },
  metadata: {
    owner: '200 200 404 404 200 200 200 200',
    colleague: '404',
    admin: '200 200 404 404 200 200 200 200',
    officer: '200 200 200 404 200 200 200 200',
    'admin, own': '200 200 404 404 200 200 200 200',
    'officer, own': '200 200 200 404 200 200 200 200',
    "officer's": '200 200 200 404 200 200 200 200',
    foreign: '404',
  },
  delete: {
    owner: 'deleted deleted 404 404 409 deleted deleted deleted',
    colleague: '404',
    admin: 'deleted deleted 404 404 409 deleted deleted deleted',
    officer: 'erased erased erased 404 409 409 409 409',
    'admin, own': 'deleted deleted 404 404 409 deleted deleted deleted',
    'officer, own': 'deleted deleted erased 404 409 deleted deleted deleted',
    "officer's": 'erased erased erased 404 409 409 409 409',
    foreign: '404',
  },
  'delete, no reason': {
    owner: 'deleted deleted 404 404 409 deleted deleted deleted',
    colleague: '404',
    admin: 'deleted deleted 404 404 409 deleted deleted deleted',
    officer: '400 400 400 404 400 400 400 400',
    'admin, own': 'deleted deleted 404 404 409 deleted deleted deleted',
    'officer, own': 'deleted deleted erased 404 409 deleted deleted deleted',
    "officer's": 'erased erased erased 404 409 409 409 409',
    foreign: '404',
  },
  softDelete: {
    owner: 'deleted 409 404 404 409 409 deleted 409',
    colleague: '404',
    admin: 'deleted 409 404 404 409 409 deleted 409',
    officer: '403',
    'admin, own': 'deleted 409 404 404 409 409 deleted 409',
    'officer, own': 'deleted 409 404 404 409 409 deleted 409',
    "officer's": '403',
    foreign: '404',
  },
  restore: {
    owner: '409 available 404 404 409 available 409 available',
    colleague: '404',
    admin: '409 available 404 404 409 available 409 available',
    officer: '403',
    'admin, own': '409 available 404 404 409 available 409 available',
    'officer, own': '409 available 404 404 409 available 409 available',
    "officer's": '403',
    foreign: '404',
  },
  purge: {
    owner: '409 purged 404 404 409 409 409 409',
    colleague: '404',
    admin: '409 purged 404 404 409 409 409 409',
    officer: '403',
    'admin, own': '409 purged 404 404 409 409 409 409',
    'officer, own': '409 purged 404 404 409 409 409 409',
    "officer's": '403',
    foreign: '404',
  },
  reassign: {
    owner: '403',
    colleague: '403',
    admin: 'Mira Mira 404 404 Mira Mira Mira Mira',
    officer: '403',
    'admin, own': 'Mira Mira 404 404 Mira Mira Mira Mira',
    'officer, own': '403',
    "officer's": '403',
    foreign: '404',
  },
}

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())

/** Puts one recording there and asks for it; says in a word what came of it. */
async function tried(operation: string, caller: Caller, state: StateName): Promise<string> {
  const [name, ownerId] = CALLERS[caller]
  const row = STATES[state]
  await api.removeRecordings()
  if (row !== undefined) await api.addRecording({ id: ID, owner_id: ownerId, ...row })
  const status = row?.status ?? 'available'
  const path = '/v1/convergedRecordings'
  switch (operation) {
    case 'list':
      return shown(name, `${path}?status=${status}`)
    case 'list of all':
      return shown(name, `/v1/admin/convergedRecordings?status=${status}`)
    case 'details': {
      const answer = await api.send(name, { url: `${path}/${ID}` })
      const links = [answer.body.includes('sig='), answer.body.includes('temporaryDirectDownloadLinks')]
      assert.equal(links[0], links[1])
      return links[0] ? 'links' : String(answer.statusCode)
    }
    case 'metadata':
      return String((await api.send(name, { url: `${path}/${ID}/metadata` })).statusCode)
    case 'delete':
    case 'delete, no reason': {
      const payload = operation === 'delete' ? { reason: 'audit' } : {}
      const { statusCode } = await api.send(name, { method: 'DELETE', url: `${path}/${ID}`, payload })
      return changed(statusCode, row?.status)
    }
    case 'reassign': {
      const payload = {
        reassignOwnerEmail: name === 'foreign' ? 'everything@beta.test' : 'colleague@alpha.test',
        recordingIds: [ID],
      }
      const { statusCode } = await api.send(name, { method: 'POST', url: `${path}/reassign`, payload })
      return statusCode === 204
        ? ((await api.recordings.find(ID))?.ownerName ?? 'gone')
        : changed(statusCode, row?.status)
    }
    default: {
      const payload = { recordingIds: [ID] }
      const { statusCode } = await api.send(name, { method: 'POST', url: `${path}/${operation}`, payload })
      return changed(statusCode, row?.status)
    }
  }
}

async function shown(name: CallerName, url: string): Promise<string> {
  const answer = await api.send(name, { url })
  if (answer.statusCode !== 200) return String(answer.statusCode)
  assert.ok(!answer.body.includes('sig='), 'no link in any list')
  return (answer.json().items as { id: string }[]).some(({ id }) => id === ID) ? 'shown' : '-'
}

/** The status that came to be, or the refusal, which must have changed nothing. */
async function changed(statusCode: number, before: RecordingStatus | undefined): Promise<string> {
  const now = (await api.recordings.find(ID))?.status
  if (statusCode === 204) return now ?? 'erased'
  assert.equal(now, before, `a ${statusCode} changes nothing`)
  return String(statusCode)
}

describe('role × operation × lifecycle (converged-recordings §1, §10)', () => {
  const states = Object.keys(STATES) as StateName[]
  for (const [operation, cells] of Object.entries(TABLE))
    it(operation, async () => {
      const lines: string[] = []
      for (const [caller, text] of Object.entries(cells) as [Caller, string][]) {
        const words = text.split(' ')
        const expected = states.map((_, at) => words[words.length === 1 ? 0 : at])
        const seen: string[] = []
        for (const state of states) seen.push(await tried(operation, caller, state))
        lines.push(
          [operation.padEnd(18), caller.padEnd(13), ...seen.map((cell) => cell.padEnd(16))].join(' '),
        )
        assert.deepEqual(seen, expected, `${operation} as ${caller} over ${states.join(' | ')}`)
      }
      if (process.env['TABLE'] !== undefined) print(operation, lines)
    })

  function print(operation: string, lines: readonly string[]): void {
    const head = ['operation'.padEnd(18), 'caller'.padEnd(13), ...states.map((state) => state.padEnd(16))]
    if (operation === Object.keys(TABLE)[0]) process.stdout.write(`${head.join(' ').trimEnd()}\n`)
    process.stdout.write(`${lines.map((line) => line.trimEnd()).join('\n')}\n`)
  }
})
