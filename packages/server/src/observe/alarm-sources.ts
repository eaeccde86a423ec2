/** What calls and recordings tell of, as alarms. */
import type { EngineEvent } from '@tandem/engine'
import type { RaisesAlarms } from './alarms.ts'

/** Raises or clears what an event of the call engine says is wrong; most say nothing of the kind. */
export function alarmOfEvent(alarms: RaisesAlarms, event: EngineEvent): void {
  if (event.kind === 'session') {
    for (const { callId, why } of event.record.unrecorded)
      alarms.alarm('call-not-recorded', { orgId: event.record.orgId, callId, why })
    return
  }
  if (event.kind === 'call' && event.event === 'deleted') {
    const { callId, callSessionId } = event.call
    alarms.clear('one-side-silent', { orgId: event.orgId, callSessionId, callId })
    return
  }
  if (event.kind !== 'alarm') return
  const { callId, callSessionId, orgId } = event
  const ids = { orgId, callSessionId, callId }
  switch (event.what) {
    case 'oneSideSilent':
      alarms.alarm('one-side-silent', ids)
      break
    case 'oneSideHeard':
      alarms.clear('one-side-silent', ids)
      break
    case 'recordingFailed':
      alarms.alarm('call-without-recording', ids)
      break
  }
}
