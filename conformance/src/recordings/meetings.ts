/**
 * Role × operation × lifecycle of meeting recordings (meeting-recordings §2-§8; README §3, §3.1, Rulings 8, 32, 42), in the
 * form of `role-table.ts`, and how each operation is asked for. `admin for` and `officer for` name the host with
 * `hostEmail`; `shared` is somebody that the recording is shared with; `officer, own` hosted it and holds the user scopes too.
 */
import { randomUUID } from 'node:crypto'
import type { Place, RoleTable } from './role-table.ts'
import { OWNERS, type Shelved } from './states.ts'
import type { Family, Try } from './trial.ts'

const PATH = '/v1/recordings'

const SEATS: Readonly<Record<string, Place>> = {
  host: { caller: 'owner', owner: 'owner' },
  shared: { caller: 'colleague', owner: 'owner' },
  admin: { caller: 'admin', owner: 'owner' },
  'admin for': { caller: 'admin', owner: 'owner', hostEmail: 'owner@alpha.test' },
  officer: { caller: 'officer', owner: 'owner' },
  'officer for': { caller: 'officer', owner: 'owner', hostEmail: 'owner@alpha.test' },
  'officer, own': { caller: 'officer, own', owner: 'officer' },
  foreign: { caller: 'foreign', owner: 'owner' },
}

const SEEN = 'shown shown 403 - shown shown shown shown'
const ALL_SEEN = 'shown shown shown - shown shown shown shown'
const LINKS = 'links links 404 404 links links links links'
const ALL_LINKS = 'links links links 404 links links links links'
const WITHDRAWN = 'purged purged 404 404 409 409 409 409'
const ALL_WITHDRAWN = 'purged purged purged 404 409 409 409 409'
const NOT_HOST = '403 404 404 404 403 404 403 404'
const BINNED = 'deleted 409 404 404 409 409 deleted 409'
const RESTORED = '409 available 404 404 409 available 409 available'
const PURGED = '409 purged 404 404 409 409 409 409'
const SHARED = 'ok ok 404 404 ok ok ok ok'

/** Those who move, by what becomes of it: the host, an administrator for the host, an officer who hosted it. */
const moving = (cells: string): Readonly<Record<string, string>> => ({
  host: cells,
  shared: NOT_HOST,
  admin: '404',
  'admin for': cells,
  officer: '403',
  'officer for': '403',
  'officer, own': cells,
  foreign: '404',
})

const TABLE: RoleTable = {
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
    officer: ALL_WITHDRAWN,
    'officer for': ALL_WITHDRAWN,
    'officer, own': ALL_WITHDRAWN,
    foreign: '404',
  },
  'delete, no reason': {
    host: WITHDRAWN,
    shared: NOT_HOST,
    admin: '404',
    'admin for': WITHDRAWN,
    officer: '400 400 400 404 400 400 400 400',
    'officer for': '400 400 400 404 400 400 400 400',
    'officer, own': ALL_WITHDRAWN,
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
  softDelete: moving(BINNED),
  restore: moving(RESTORED),
  purge: moving(PURGED),
  share: moving(SHARED),
  'share by link': moving(SHARED),
}

const query = (place: Place, more: Readonly<Record<string, string>> = {}): string => {
  const { hostEmail } = place
  const members = new URLSearchParams({ ...more, ...(hostEmail === undefined ? {} : { hostEmail }) })
  return `?${members}`
}

/** The window of a list that holds one recording alone. */
const secondOf = ({ createTime }: Shelved): { readonly from: string; readonly to: string } => ({
  from: new Date(createTime).toISOString(),
  to: new Date(createTime + 1_000).toISOString(),
})

const moved =
  (operation: string): Try =>
  (house, place, { id }) =>
    house.ask(place.caller, 'POST', `${PATH}/${operation}${query(place)}`, { recordingIds: [id] })

const deleted =
  (body: object): Try =>
  (house, place, { id }) =>
    house.ask(place.caller, 'DELETE', `${PATH}/${id}${query(place)}`, body)

/** The body of both forms of sharing: with somebody new each time. */
const sharing = ({ hostEmail }: Place): object => ({
  addEmails: [`${randomUUID()}@example.com`],
  ...(hostEmail === undefined ? {} : { hostEmail }),
})

/** Meeting recordings. */
export const MEETING_FAMILY: Family = {
  table: TABLE,
  seats: SEATS,
  outspoken: ['list of all'],
  details: ({ id, owner }, who) =>
    who === 'admin' ? `${PATH}/${id}?hostEmail=${OWNERS[owner].email}` : `${PATH}/${id}`,
  resource: 'recordings',
  tries: {
    list: (house, place, recording, status) => {
      const { meetingId } = recording
      return house.ask(
        place.caller,
        'GET',
        PATH + query(place, { status, meetingId, ...secondOf(recording) }),
      )
    },
    'list of all': (house, place, recording, status) =>
      house.ask(
        place.caller,
        'GET',
        `/v1/admin/recordings${query(place, { status, ...secondOf(recording) })}`,
      ),
    details: (house, place, { id }) => house.ask(place.caller, 'GET', `${PATH}/${id}${query(place)}`),
    delete: deleted({ reason: 'audit' }),
    'delete, no reason': deleted({ reason: null, comment: null }),
    'delete of all': (house, { caller }, { id }) => house.ask(caller, 'DELETE', `/v1/admin/recordings/${id}`),
    softDelete: moved('softDelete'),
    restore: moved('restore'),
    purge: moved('purge'),
    share: (house, place, { id }) =>
      house.ask(place.caller, 'POST', `${PATH}/${id}/accessList`, sharing(place)),
    'share by link': (house, place, { id }) =>
      house.ask(place.caller, 'POST', `${PATH}/accessList`, {
        ...sharing(place),
        webShareLink: `${house.stage.url}/recordings/${id}/play`,
      }),
  },
  actions: {
    available: 'recording.restored',
    deleted: 'recording.softDeleted',
    purged: 'recording.purged',
    delete: 'recording.withdrawn',
    'delete, no reason': 'recording.withdrawn',
    'delete of all': 'recording.withdrawn',
  },
  reads: {
    list: 'recording.listed',
    'list of all': 'recording.listed',
    details: 'recording.read',
    share: 'recording.shared',
    'share by link': 'recording.shared',
  },
  seen: {
    available: ['links', 'links', 'links'],
    deleted: ['links', 'links', 'links'],
    purged: ['404', '404', 'links'],
    erased: ['404', '404', '404'],
  },
}
