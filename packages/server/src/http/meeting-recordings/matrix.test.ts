/**
 * Role × operation × lifecycle of meeting recordings, every cell (meeting-recordings §2-§9; contract README §3, §3.1, Rulings
 * 8, 32, 42). The table is written by hand from the contract and each cell is tried; `TABLE=1` prints what was seen.
 *
 * `admin for` and `officer for` name the host with `hostEmail`; `admin` and `officer` do not. `shared` is somebody that the
 * recording is shared with; `officer, own` is a compliance officer who hosted it and holds the user scopes too.
 */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { type CallerName, IDS, openTestApi, PUBLIC_URL, type TestApi } from '../../testing/api.ts'
import { type RoleRow, RoleSubject, roleMatrix } from '../../testing/role-matrix.ts'
import { MEETING_ROLES, type RoleTable } from '../../testing/role-tables.ts'
import { addMeeting, meetingId, removeMeetings } from '../../testing/test-meetings.ts'

const ID = meetingId(1)
const MEETING = '0d4be2a97c31460fb1e85a6f9d20c7b4_I_1'

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
/** The page of a recording is behind its password alone: everybody is the same to it. */
const PAGE = '200 404 404 404 200 404 200 404'
const TABLE: RoleTable = {
  ...MEETING_ROLES,
  page: Object.fromEntries(Object.keys(CALLERS).map((caller) => [caller, PAGE])),
}

let api: TestApi
let subject: RoleSubject
before(async () => {
  api = await openTestApi()
  subject = new RoleSubject(api, ID)
})
after(() => api.close())

/** Puts one recording there and asks for it; says in a word what came of it. */
async function tried(operation: string, who: string, row: RoleRow | undefined): Promise<string> {
  const [name, hostEmail, ownerId] = CALLERS[who as keyof typeof CALLERS] // The rows of the table.
  await removeMeetings(api)
  if (row !== undefined)
    await addMeeting(api, 1, { owner_id: ownerId, sharedWith: ['Colleague@alpha.test'], ...row })
  const status = row?.status ?? 'available'
  const as = hostEmail === '' ? '' : `hostEmail=${hostEmail}`
  const path = '/v1/recordings'
  switch (operation) {
    case 'list':
      return subject.shown(name, `${path}?status=${status}&meetingId=${MEETING}&${as}`)
    case 'list of all':
      return subject.shown(name, `/v1/admin/recordings?status=${status}&${as}`)
    case 'page':
      return String((await api.send(name, { url: `/recordings/${ID}/play` })).statusCode)
    case 'details':
      return subject.details(name, `${path}/${ID}?${as}`)
    case 'delete':
    case 'delete, no reason': {
      const payload = operation === 'delete' ? { reason: 'audit' } : { reason: null, comment: null }
      const { statusCode } = await api.send(name, { method: 'DELETE', url: `${path}/${ID}?${as}`, payload })
      return subject.changed(statusCode, row?.status)
    }
    case 'delete of all': {
      const { statusCode } = await api.send(name, { method: 'DELETE', url: `/v1/admin/recordings/${ID}` })
      return subject.changed(statusCode, row?.status)
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
      return subject.changed(statusCode, row?.status)
    }
  }
}

describe('role × operation × lifecycle of meeting recordings', () =>
  roleMatrix(TABLE, Object.keys(CALLERS), tried))
