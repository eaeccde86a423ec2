/**
 * Role × operation × lifecycle, written by hand from the contract (converged-recordings §1, §6, §8-§10; README §3.1,
 * Rulings 1, 2, 8, 20, 24): what is answered, and what becomes of the recording.
 *
 * A cell is one word for all states or one for each, in the order of `STATES`. `owner` and `colleague` are users; `admin`
 * and `officer` have the scopes of their role alone; `admin, own` and `officer, own` have the user scopes too and own the
 * recording; `officer's` is a compliance officer's own without user scopes; `foreign` has every scope elsewhere.
 */
import type { CallerName } from './cast.ts'
import type { OwnerName } from './states.ts'

/** Who asks, whose the recording is, and in whose name when not in the own. */
export interface Place {
  readonly caller: CallerName
  readonly owner: OwnerName
  readonly hostEmail?: string
}

/** The rows of the table of converged recordings. */
export const CONVERGED_SEATS: Readonly<Record<string, Place>> = {
  owner: { caller: 'owner', owner: 'owner' },
  colleague: { caller: 'colleague', owner: 'owner' },
  admin: { caller: 'admin', owner: 'owner' },
  officer: { caller: 'officer', owner: 'owner' },
  'admin, own': { caller: 'admin, own', owner: 'admin' },
  'officer, own': { caller: 'officer, own', owner: 'officer' },
  "officer's": { caller: 'officer', owner: 'officer' },
  foreign: { caller: 'foreign', owner: 'owner' },
}

/** A table: operations, then who asks. */
export type RoleTable = Readonly<Record<string, Readonly<Record<string, string>>>>

/** The table of converged recordings. */
export const CONVERGED: RoleTable = {
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
