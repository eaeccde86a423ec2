/**
 * Role × operation × lifecycle, every cell (converged-recordings §1, §6, §8-§10; contract README §3.1, Rulings 1, 2, 8,
 * 20, 24). The table is written by hand from the contract and each cell is tried; `TABLE=1` prints what was seen.
 *
 * `owner` and `colleague` are users; `admin` and `officer` hold the scopes of their role alone; `admin, own` and `officer,
 * own` hold the user scopes too and own the recording; `officer's` is a compliance officer's own without user scopes.
 */
import { after, before, describe } from 'node:test'
import { type CallerName, IDS, openTestApi, type TestApi } from '../../testing/api.ts'
import { type RoleRow, RoleSubject, roleMatrix } from '../../testing/role-matrix.ts'
import { CONVERGED_ROLES } from '../../testing/role-tables.ts'

const ID = '5b0c7f2e-6c1d-4e0f-9a53-0d5f6e1b8c77'

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

let api: TestApi
let subject: RoleSubject
before(async () => {
  api = await openTestApi()
  subject = new RoleSubject(api, ID)
})
after(() => api.close())

/** Puts one recording there and asks for it; says in a word what came of it. */
async function tried(operation: string, who: string, row: RoleRow | undefined): Promise<string> {
  const [name, ownerId] = CALLERS[who as keyof typeof CALLERS] // The rows of the table.
  await api.removeRecordings()
  if (row !== undefined) await api.addRecording({ id: ID, owner_id: ownerId, ...row })
  const status = row?.status ?? 'available'
  const path = '/v1/convergedRecordings'
  switch (operation) {
    case 'list':
      return subject.shown(name, `${path}?status=${status}`)
    case 'list of all':
      return subject.shown(name, `/v1/admin/convergedRecordings?status=${status}`)
    case 'details':
      return subject.details(name, `${path}/${ID}`)
    case 'metadata':
      return String((await api.send(name, { url: `${path}/${ID}/metadata` })).statusCode)
    case 'delete':
    case 'delete, no reason': {
      const payload = operation === 'delete' ? { reason: 'audit' } : {}
      const { statusCode } = await api.send(name, { method: 'DELETE', url: `${path}/${ID}`, payload })
      return subject.changed(statusCode, row?.status)
    }
    case 'reassign': {
      const payload = {
        reassignOwnerEmail: name === 'foreign' ? 'everything@beta.test' : 'colleague@alpha.test',
        recordingIds: [ID],
      }
      const { statusCode } = await api.send(name, { method: 'POST', url: `${path}/reassign`, payload })
      return statusCode === 204
        ? ((await api.recordings.find(ID))?.ownerName ?? 'gone')
        : subject.changed(statusCode, row?.status)
    }
    default: {
      const payload = { recordingIds: [ID] }
      const { statusCode } = await api.send(name, { method: 'POST', url: `${path}/${operation}`, payload })
      return subject.changed(statusCode, row?.status)
    }
  }
}

describe('role × operation × lifecycle (converged-recordings §1, §10)', () =>
  roleMatrix(CONVERGED_ROLES, Object.keys(CALLERS), tried))
