/** How each operation of the table of converged recordings is asked for, and what must come of it. */

import { CONVERGED_ROLES } from '../../../packages/server/src/testing/role-tables.ts'
import { CONVERGED_SEATS } from './seats.ts'
import type { Family, Try } from './trial.ts'

const PATH = '/v1/convergedRecordings'

const listed =
  (path: string): Try =>
  (house, { caller }, { createTime }, status) => {
    const [from, to] = [createTime, createTime + 1_000].map((at) => new Date(at).toISOString())
    return house.ask(caller, 'GET', `${path}?from=${from}&to=${to}&status=${status}`)
  }

const moved =
  (operation: string): Try =>
  (house, { caller }, { id }) =>
    house.ask(caller, 'POST', `${PATH}/${operation}`, { recordingIds: [id] })

/** Converged recordings. */
export const CONVERGED_FAMILY: Family = {
  table: CONVERGED_ROLES,
  seats: CONVERGED_SEATS,
  outspoken: ['softDelete', 'restore', 'purge', 'reassign', 'list of all'],
  details: ({ id }) => `${PATH}/${id}`,
  resource: 'convergedRecordings',
  tries: {
    list: listed(PATH),
    'list of all': listed('/v1/admin/convergedRecordings'),
    details: (house, { caller }, { id }) => house.ask(caller, 'GET', `${PATH}/${id}`),
    metadata: (house, { caller }, { id }) => house.ask(caller, 'GET', `${PATH}/${id}/metadata`),
    delete: (house, { caller }, { id }) => house.ask(caller, 'DELETE', `${PATH}/${id}`, { reason: 'audit' }),
    'delete, no reason': (house, { caller }, { id }) => house.ask(caller, 'DELETE', `${PATH}/${id}`),
    softDelete: moved('softDelete'),
    restore: moved('restore'),
    purge: moved('purge'),
    reassign: (house, { caller }, { id }) =>
      house.ask(caller, 'POST', `${PATH}/reassign`, {
        reassignOwnerEmail: caller === 'foreign' ? 'everything@beta.test' : 'colleague@alpha.test',
        recordingIds: [id],
      }),
  },
  actions: {
    available: 'recording.restored',
    deleted: 'recording.softDeleted',
    purged: 'recording.purged',
    erased: 'recording.erased',
    Mira: 'recording.reassigned',
  },
  reads: {
    list: 'recording.listed',
    'list of all': 'recording.listed',
    details: 'recording.read',
    metadata: 'recording.metadataRead',
  },
  seen: {
    available: ['links', '200', 'links'],
    deleted: ['links', '200', 'links'],
    purged: ['404', '404', 'links'],
    erased: ['404', '404', '404'],
  },
}
