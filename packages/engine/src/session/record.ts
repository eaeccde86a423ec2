/** The record of a session that has ended: what history, reconciliation and billing are made of. */
import type { SessionRecord } from '../events.ts'
import type { CallHalf } from '../half/half.ts'
import { viewOf } from '../half/view.ts'
import type { Session } from './session.ts'

/** Makes the record; the session has ended, and its legs and recordings are settled. */
export function recordOf(session: Session): SessionRecord {
  return {
    orgId: session.orgId,
    callSessionId: session.id,
    startedAt: session.startedAt,
    ...(session.answeredAt === undefined ? {} : { answeredAt: session.answeredAt }),
    endedAt: session.endedAt ?? session.startedAt,
    cause: session.cause,
    halves: session.past.map((half) => ({ callId: half.id, lineId: half.line.id, view: viewOf(half) })),
    legs: session.legs.map((leg) => ({
      leg: leg.id,
      callId: leg.half.id,
      deviceId: leg.device.id,
      ...(leg.statistics === undefined ? {} : { statistics: leg.statistics }),
    })),
    recordings: session.recordings.map((recording) => ({
      id: recording.id,
      ownerId: recording.ownerLine.id,
      outcome: recording.outcome ?? 'failed',
      ...(recording.why === undefined ? {} : { why: recording.why }),
    })),
    unrecorded: session.past
      .filter((half) => half.session === session && isUnrecorded(half))
      .map((half) => ({
        callId: half.id,
        lineId: half.line.id,
        why: 'not begun',
      })),
  }
}

/** Whether a half that should always be recorded has talked to somebody, and nothing was ever begun for it (promise P4). */
function isUnrecorded(half: CallHalf): boolean {
  const { mode } = half.line.recording
  const isAlways = mode === 'Always' || mode === 'Always with Pause/Resume'
  const hasTalked = half.answeredAt !== undefined && half.peer !== undefined // Before a machine of ours there is no peer.
  return isAlways && hasTalked && half.leg !== undefined && half.recordingState === undefined
}
