/**
 * Role × operation × lifecycle of meeting recordings, every cell (meeting-recordings §2-§9; contract README §3, §3.1, Rulings
 * 8, 32, 42). The table is written by hand from the contract and each cell is tried; `TABLE=1` prints what was seen.
 *
 * `admin for` and `officer for` name the host with `hostEmail`; `admin` and `officer` do not. `shared` is somebody that the
 * recording is shared with; `officer, own` is a compliance officer who hosted it and holds the user scopes too.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { RecordingStatus } from '@tandem/recordings'
import { type CallerName, IDS, openTestApi, PUBLIC_URL, type TestApi } from '../../testing/api.ts'
import { addMeeting, meetingId, removeMeetings } from '../../testing/test-meetings.ts'

const ID = meetingId(1)
const MEETING = '0d4be2a97c31460fb1e85a6f9d20c7b4_I_1'

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

/** Who asks, in whose name, and whose the recording is. */
const CALLERS = {
  host: ['owner', '', IDS.owner],
  shared: ['colleague', '', IDS.owner],
  admin: ['admin', '', IDS.owner],
  'admin for': ['admin', 'owner@alpha.test', IDS.owner],
  officer: ['officer', '', IDS.owner],
  'officer for': ['officer', 'owner@alpha.test', IDS.owner],
  'officer, own': ['officerOwner', '', IDS.officer],
  foreign: ['foreign', '', IDS.owner],
} as const satisfies Record<string, readonly [CallerName, hostEmail: string, ownerId: string]>
type Caller = keyof typeof CALLERS

type Cells = Readonly<Record<Caller, string>>

const SEEN = 'shown shown 403 - shown shown shown shown'
const ALL_SEEN = 'shown shown shown - shown shown shown shown'
const LINKS = 'links links 404 404 links links links links'
const ALL_LINKS = 'links links links 404 links links links links'
const WITHDRAWN = 'purged purged 404 404 409 409 409 409'
const NOT_HOST = '403 404 404 404 403 404 403 404'
const BINNED = 'deleted 409 404 404 409 409 deleted 409'
const RESTORED = '409 available 404 404 409 available 409 available'
const PURGED = '409 purged 404 404 409 409 409 409'
const SHARED = 'ok ok 404 404 ok ok ok ok'

/** In the order of `STATES`: status, what came with it, what became of it; one word for all states, or one each. */
const TABLE: Readonly<Record<string, Cells>> = {
  list: {
    host: SEEN,
    shared: 'shown - 403 - shown - shown -',
    admin: '- - 403 - - - - -',
    'admin for': SEEN,
    officer: ALL_SEEN, // By `meetingId`.
    'officer for': ALL_SEEN,
    'officer, own': ALL_SEEN,
    foreign: '-',
  },
  'list of all': {
    host: '403',
    shared: '403',
    admin: SEEN,
    'admin for': SEEN,
    officer: ALL_SEEN,
    'officer for': ALL_SEEN,
    'officer, own': ALL_SEEN,
    foreign: '-',
  },
  details: {
    host: LINKS,
    shared: 'links 404 404 404 links 404 links 404',
    admin: '404',
    'admin for': LINKS,
    officer: ALL_LINKS,
    'officer for': ALL_LINKS,
    'officer, own': ALL_LINKS,
    foreign: '404',
  },
  delete: {
    host: WITHDRAWN,
    shared: NOT_HOST,
    admin: '404',
    'admin for': WITHDRAWN,
    officer: 'purged purged purged 404 409 409 409 409',
    'officer for': 'purged purged purged 404 409 409 409 409',
    'officer, own': 'purged purged purged 404 409 409 409 409',
    foreign: '404',
  },
  'delete, no reason': {
    host: WITHDRAWN,
    shared: NOT_HOST,
    admin: '404',
    'admin for': WITHDRAWN,
    officer: '400 400 400 404 400 400 400 400',
    'officer for': '400 400 400 404 400 400 400 400',
    'officer, own': 'purged purged purged 404 409 409 409 409',
    foreign: '404',
  },
  'delete of all': {
    host: '403',
    shared: '403',
    admin: WITHDRAWN,
    'admin for': WITHDRAWN,
    officer: '403',
    'officer for': '403',
    'officer, own': '403',
    foreign: '404',
  },
  softDelete: {
    host: BINNED,
    shared: NOT_HOST,
    admin: '404',
    'admin for': BINNED,
    officer: '403',
    'officer for': '403',
    'officer, own': BINNED,
    foreign: '404',
  },
  restore: {
    host: RESTORED,
    shared: NOT_HOST,
    admin: '404',
    'admin for': RESTORED,
    officer: '403',
    'officer for': '403',
    'officer, own': RESTORED,
    foreign: '404',
  },
  purge: {
    host: PURGED,
    shared: NOT_HOST,
    admin: '404',
    'admin for': PURGED,
    officer: '403',
    'officer for': '403',
    'officer, own': PURGED,
    foreign: '404',
  },
  share: {
    host: SHARED,
    shared: NOT_HOST,
    admin: '404',
    'admin for': SHARED,
    officer: '403',
    'officer for': '403',
    'officer, own': SHARED,
    foreign: '404',
  },
  'share by link': {
    host: SHARED,
    shared: NOT_HOST,
    admin: '404',
    'admin for': SHARED,
    officer: '403',
    'officer for': '403',
    'officer, own': SHARED,
    foreign: '404',
  },
  page: {
    host: '200 404 404 404 200 404 200 404',
    shared: '200 404 404 404 200 404 200 404',
    admin: '200 404 404 404 200 404 200 404',
    'admin for': '200 404 404 404 200 404 200 404',
    officer: '200 404 404 404 200 404 200 404',
    'officer for': '200 404 404 404 200 404 200 404',
    'officer, own': '200 404 404 404 200 404 200 404',
    foreign: '200 404 404 404 200 404 200 404',
  },
}

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())

/** Puts one recording there and asks for it; says in a word what came of it. */
async function tried(operation: string, caller: Caller, state: StateName): Promise<string> {
  const [name, hostEmail, ownerId] = CALLERS[caller]
  const row = STATES[state]
  await removeMeetings(api)
  if (row !== undefined)
    await addMeeting(api, 1, { owner_id: ownerId, sharedWith: ['Colleague@alpha.test'], ...row })
  const status = row?.status ?? 'available'
  const as = hostEmail === '' ? '' : `hostEmail=${hostEmail}`
  const path = '/v1/recordings'
  switch (operation) {
    case 'list':
      return shown(name, `${path}?status=${status}&meetingId=${MEETING}&${as}`)
    case 'list of all':
      return shown(name, `/v1/admin/recordings?status=${status}&${as}`)
    case 'page':
      return String((await api.send(name, { url: `/recordings/${ID}/play` })).statusCode)
    case 'details': {
      const answer = await api.send(name, { url: `${path}/${ID}?${as}` })
      const links = [answer.body.includes('sig='), answer.body.includes('temporaryDirectDownloadLinks')]
      assert.equal(links[0], links[1])
      return links[0] ? 'links' : String(answer.statusCode)
    }
    case 'delete':
    case 'delete, no reason': {
      const payload = operation === 'delete' ? { reason: 'audit' } : { reason: null, comment: null }
      const { statusCode } = await api.send(name, { method: 'DELETE', url: `${path}/${ID}?${as}`, payload })
      return changed(statusCode, row?.status)
    }
    case 'delete of all': {
      const { statusCode } = await api.send(name, { method: 'DELETE', url: `/v1/admin/recordings/${ID}` })
      return changed(statusCode, row?.status)
    }
    case 'share':
    case 'share by link': {
      const byLink = operation === 'share by link'
      const payload = {
        addEmails: ['new@example.com'],
        ...(hostEmail === '' ? {} : { hostEmail }),
        ...(byLink ? { webShareLink: `${PUBLIC_URL}/recordings/${ID}/play` } : {}),
      }
      const url = byLink ? `${path}/accessList` : `${path}/${ID}/accessList`
      const { statusCode } = await api.send(name, { method: 'POST', url, payload })
      const isShared =
        (await api.recordings.meetings.find(ID))?.sharedWith.includes('new@example.com') ?? false
      assert.equal(isShared, statusCode === 204)
      return isShared ? 'ok' : String(statusCode)
    }
    default: {
      const url = `${path}/${operation}?${as}`
      const { statusCode } = await api.send(name, { method: 'POST', url, payload: { recordingIds: [ID] } })
      return changed(statusCode, row?.status)
    }
  }
}

async function shown(name: CallerName, url: string): Promise<string> {
  const answer = await api.send(name, { url })
  if (answer.statusCode !== 200) return String(answer.statusCode)
  assert.ok(!answer.body.includes('sig='), 'no direct link in any list')
  return (answer.json().items as { id: string }[]).some(({ id }) => id === ID) ? 'shown' : '-'
}

/** The status that came to be, or the refusal, which must have changed nothing. */
async function changed(statusCode: number, before: RecordingStatus | undefined): Promise<string> {
  const now = (await api.recordings.find(ID))?.status
  if (statusCode === 204) return now ?? 'erased'
  assert.equal(now, before, `a ${statusCode} changes nothing`)
  return String(statusCode)
}

describe('role × operation × lifecycle of meeting recordings', () => {
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
