/** `GET /telephony/calls/history`: the caller's last calls, 20 of each type (call-controls §2, CallHistoryRecord). */
import { type CallHistoryRecord, HISTORY_TYPES, printMilliseconds } from '@tandem/contract'
import type { HistoryEntry } from '@tandem/engine'
import type { Operation } from '../operation.ts'

/** Lists the history, newest first. */
export const listCallHistory: Operation = {
  id: 'listCallHistory',
  answer: 'CallHistory',
  async run(request, services) {
    const type = request.query.choice('type', HISTORY_TYPES)
    const { orgId, personId } = request.caller
    const entries = await services.history.list({ orgId, lineId: personId }, type)
    return { body: { items: entries.map(recordOf) } }
  },
}

function recordOf(entry: HistoryEntry): CallHistoryRecord {
  const { type, privacyEnabled } = entry
  const time = printMilliseconds(entry.time)
  if (privacyEnabled) return { type, privacyEnabled, time }
  return {
    type,
    ...(entry.name === undefined ? {} : { name: entry.name }),
    ...(entry.number === undefined ? {} : { number: entry.number }),
    privacyEnabled,
    time,
  }
}
