/**
 * Legal holds, for compliance officers (contract README §11; promise P16): list, place, look at, release. All recordings
 * of a hold or none; what is placed and released is written down by the holds themselves, who looks is written here.
 */
import { ID_CHARS_MAX, LIBRARY_PER_PAGE_MAX } from '@tandem/contract'
import { bodyReader } from '../body.ts'
import { failureOf } from '../converged-recordings/outcome.ts'
import { distinctIds } from '../converged-recordings/recording-ids.ts'
import { Failure, invalid } from '../failure.ts'
import type { Operation } from '../operation.ts'
import { acting, noted } from './acting.ts'
import { holdOf } from './hold-view.ts'
import { pageLink, wantedPage } from './list-page.ts'

const readPlace = bodyReader('PlaceHoldRequest')
const readRelease = bodyReader('ReleaseHoldRequest')
const FILTERS = ['active', 'recordingId'] as const

/** `GET /tandem/v1/holds`. */
export const listHolds: Operation = {
  id: 'listHolds',
  answer: 'LegalHoldList',
  async run(request, services) {
    const { query, caller } = request
    const active = query.boolean('active')
    const recordingId = query.id('recordingId', ID_CHARS_MAX)
    const filters = {
      ...(active === undefined ? {} : { active }),
      ...(recordingId === undefined ? {} : { recordingId }),
    }
    const { holds, audit } = services.recordings
    const page = await holds.list(caller.orgId, {
      ...wantedPage(query, { usual: LIBRARY_PER_PAGE_MAX, most: LIBRARY_PER_PAGE_MAX }),
      ...filters,
    })
    audit.addSoon({
      actor: acting(request, 'listHolds'),
      action: 'hold.listed',
      detail: { filters, count: page.items.length },
    })
    const headers = pageLink(request, services, { operation: 'listHolds', page, names: FILTERS })
    return { body: { items: page.items.map(holdOf) }, headers }
  },
}

/** `POST /tandem/v1/holds`. */
export const placeHold: Operation = {
  id: 'placeHold',
  answer: 'LegalHold',
  async run(request, services) {
    const body = await readPlace(request.body)
    const recordingIds = distinctIds(body.recordingIds)
    const reason = reasonOf(body.reason)
    const actor = acting(request, 'placeHold')
    return noted(services, { actor, operation: 'placeHold' }, async () => {
      const hold = await services.recordings.holds.place(actor, { recordingIds, reason })
      if ('kind' in hold) throw failureOf(hold) ?? new Failure('recording_not_found')
      return { body: holdOf(hold) }
    })
  },
}

/** `GET /tandem/v1/holds/{holdId}`. */
export const getHold: Operation = {
  id: 'getHold',
  answer: 'LegalHold',
  async run(request, services) {
    const { params, caller } = request
    const hold = await services.recordings.holds.get(caller.orgId, params['holdId'] ?? '')
    if (hold === undefined) throw new Failure('hold_not_found')
    services.recordings.audit.addSoon({
      actor: acting(request, 'getHold'),
      action: 'hold.read',
      detail: { holdId: hold.id },
    })
    return { body: holdOf(hold) }
  },
}

/** `DELETE /tandem/v1/holds/{holdId}` with the reason in the body. Repeating it is a success that changes nothing. */
export const releaseHold: Operation = {
  id: 'releaseHold',
  async run(request, services) {
    const reason = reasonOf((await readRelease(request.body)).reason)
    const actor = acting(request, 'releaseHold')
    return noted(services, { actor, operation: 'releaseHold' }, async () => {
      const outcome = await services.recordings.holds.release(actor, request.params['holdId'] ?? '', reason)
      if (outcome === 'missing') throw new Failure('hold_not_found')
      return {}
    })
  },
}

function reasonOf(reason: string): string {
  if (reason.trim() === '') throw invalid('reason', 'must not be blank')
  return reason.trim()
}
