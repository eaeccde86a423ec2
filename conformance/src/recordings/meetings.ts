/**
 * How each operation of the table of meeting recordings (`role-tables.ts` of the server's tests) is asked for, and by whom:
 * meeting-recordings §2-§8; README §3, §3.1, Rulings 8, 32, 42.
 */
import { randomUUID } from 'node:crypto'
import { MEETING_ROLES } from '../../../packages/server/src/testing/role-tables.ts'
import type { Place } from './seats.ts'
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
  table: MEETING_ROLES,
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
