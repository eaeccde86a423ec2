/**
 * Role × operation × lifecycle, written by hand from the contract (converged-recordings §1, §6, §8-§10; meeting-recordings
 * §2-§8; README §3, §3.1, Rulings 1, 2, 8, 20, 24, 32, 42): what is answered, and what becomes of the recording. The tests
 * of the HTTP face try every cell in process, those of `conformance` over sockets, with events and audit rows.
 *
 * A cell is one word for all states or one for each, in the order of `ROLE_STATES`: a status that was answered, what came
 * with it, or what the recording has become.
 */

/** Where a recording stands: its status, and what keeps it. */
export const ROLE_STATES = [
  'available',
  'deleted',
  'purged',
  'erased',
  'available, held',
  'deleted, held',
  'available, kept',
  'deleted, kept',
] as const
/** One of them. */
export type RoleState = (typeof ROLE_STATES)[number]

/** A table: operations, then who asks. */
export type RoleTable = Readonly<Record<string, Readonly<Record<string, string>>>>

/** The word of a cell for the state at an index. */
export function roleWord(cell: string, at: number): string {
  const words = cell.split(' ')
  return words[words.length === 1 ? 0 : at] ?? ''
}

/**
 * Converged recordings. `owner` and `colleague` are users; `admin` and `officer` have the scopes of their role alone;
 * `admin, own` and `officer, own` have the user scopes too and own the recording; `officer's` is a compliance officer's
 * own without user scopes; `foreign` has every scope elsewhere.
 */
export const CONVERGED_ROLES: RoleTable = {
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

/**
 * Meeting recordings. `admin for` and `officer for` name the host with `hostEmail`, `admin` and `officer` do not; `shared`
 * is somebody that the recording is shared with; `officer, own` hosted it and holds the user scopes too.
 */
export const MEETING_ROLES: RoleTable = {
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
