/**
 * `GET /tandem/v1/audit`: the audit log of recordings, newest first, for compliance officers (contract README §11; promise
 * P17). A page ends at a place in the chain, so that new rows shift nothing. Reading it is written down too.
 */
import {
  AUDIT_PER_PAGE_MAX,
  type AuditRecord,
  ID_CHARS_MAX,
  LIBRARY_PER_PAGE_MAX,
  printMilliseconds,
  rawKey,
} from '@tandem/contract'
import type { AuditRow } from '@tandem/recordings'
import { invalid } from '../failure.ts'
import type { ApiRequest, Operation } from '../operation.ts'
import { requestZone } from '../request-zone.ts'
import { acting } from './acting.ts'
import { AUDIT_ACTIONS } from './audit-actions.ts'
import { pageLink, wantedPage } from './list-page.ts'
import { spanParameters, timeSpan } from './time-span.ts'

const operation = 'listAudit'
const FILTERS = ['recordingId', 'actorId', 'action', 'timezone'] as const
/** What stands in a cursor beside the place in the chain. */
const CURSOR_ID = 'audit'

/** Lists one page of the log. */
export const listAudit: Operation = {
  id: operation,
  answer: 'AuditRecordList',
  async run(request, services) {
    const { query, caller } = request
    const span = timeSpan(query, requestZone(request).zone)
    const { max, cursor } = wantedPage(query, { usual: LIBRARY_PER_PAGE_MAX, most: AUDIT_PER_PAGE_MAX })
    if (cursor !== undefined && cursor.id !== CURSOR_ID)
      throw invalid('cursor', 'is not one that this server made')
    const filters = filtersOf(request)
    const { audit } = services.recordings
    const { items, next } = await audit.list(caller.orgId, {
      ...span,
      ...filters,
      max,
      ...(cursor === undefined ? {} : { before: cursor.at }),
    })
    const detail = { ...spanParameters(span), ...filters, count: items.length }
    audit.addSoon({ actor: acting(request, operation), action: 'audit.read', detail })
    const page = { items, ...(next === undefined ? {} : { next: { at: next, id: CURSOR_ID } }) }
    const headers = pageLink(request, services, {
      ...{ operation, page, names: FILTERS },
      values: spanParameters(span),
    })
    return { body: { items: items.map(auditRecordOf) }, headers }
  },
}

function filtersOf({ query }: ApiRequest) {
  const recordingId = query.id('recordingId', ID_CHARS_MAX)
  const actor = query.id('actorId', ID_CHARS_MAX)
  const action = query.choice('action', AUDIT_ACTIONS)
  return {
    ...(recordingId === undefined ? {} : { recordingId }),
    ...(actor === undefined ? {} : { actorId: rawKey(actor, ['PEOPLE']) ?? actor }),
    ...(action === undefined ? {} : { action }),
  }
}

/** A row as the API shows it. */
export function auditRecordOf(row: AuditRow): AuditRecord {
  const { seq, id, at, actorId, as, action, recordingId, detail, trackingId, previousHash, hash } = row
  return {
    seq,
    id,
    time: printMilliseconds(at),
    ...(actorId === '' ? {} : { actorId }),
    as,
    action,
    ...(recordingId === undefined ? {} : { recordingId }),
    detail: { ...detail },
    ...(trackingId === undefined ? {} : { trackingId }),
    previousHash,
    hash,
  }
}
