/**
 * How a call came to a recorded line, and where it went from there, in the recording's own notes (contract, recording
 * metadata §6): the first entry says by which redirection the call arrived, the last one which leg took over.
 */
import type { RedirectionReason } from '../commands.ts'
import type { DirectoryLine } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import type { RecordingNote } from '../recording-facts.ts'
import type { Core } from '../session/core.ts'
import { activityNote, anonymousFact, partyFact } from './facts.ts'

type Reason = RedirectionReason | 'transfer'

/** How a half got its present other side, until its recording has noted it. */
export interface Arrival {
  readonly reason: Reason
  /** Who sent the call on. */
  readonly by: DirectoryLine
  /** They withhold who they are. */
  readonly isPrivate?: boolean
}

/** The call leaves `half`, which still talks: to be said before the half ends. `to` is the leg that takes over, if there is one. */
export function noteLeaving(
  core: Core,
  half: CallHalf,
  leaving: {
    readonly reason: Reason
    readonly target?: DirectoryLine
    readonly to?: CallHalf
    /** The id that the leg of `target` will have, if it rings. */
    readonly callId?: string
  },
): void {
  const recording = half.recording
  if (recording?.isOpen !== true) return
  const domain = core.domainOf(half.session.orgId)
  const party = leaving.to?.line ?? leaving.target
  const callId = leaving.to?.id ?? leaving.callId
  const note: RecordingNote = {
    ...activityNote(half, { domain, at: core.wallNow }),
    redirection: {
      reason: leaving.reason,
      redirectingParty: partyFact(half.line, domain),
      at: core.wallNow,
    },
    ...(party === undefined || callId === undefined
      ? {}
      : {
          redirectedCall: {
            callId,
            callSessionId: leaving.to?.session.id ?? half.session.id,
            party: partyFact(party, domain),
          },
        }),
  }
  core.media({ kind: 'note', recording: recording.id, at: core.wallNow, note: JSON.stringify(note) })
}

/** `half` talks to somebody else from now on, or for the first time: an open recording notes it, a coming one begins with it. */
export function noteArrival(core: Core, half: CallHalf, arrival: Arrival): void {
  half.arrival = arrival
  if (half.recording?.isOpen === true) noteActivity(core, half)
}

/** Somebody answers a call that `half` has talked in before: its recording goes on with them. */
export function noteAnswerer(core: Core, half: CallHalf, answerer: CallHalf): void {
  if (half.recording?.isOpen !== true) return
  half.arrival ??= arrivedBy(answerer)
  noteActivity(core, half)
}

/** Notes who is in the call now, in the recording of `half` if there is one, and once how the call came here. */
export function noteActivity(core: Core, half: CallHalf): void {
  const recording = half.recording
  if (recording?.isOpen !== true) return
  const domain = core.domainOf(half.session.orgId)
  const arrival = half.arrival ?? (recording.noted ? undefined : arrivedBy(half))
  half.arrival = undefined
  recording.noted = true
  const note: RecordingNote = {
    ...activityNote(half, { domain, at: core.wallNow }),
    ...(arrival === undefined
      ? {}
      : {
          redirection: {
            reason: arrival.reason,
            redirectingParty:
              arrival.isPrivate === true ? anonymousFact(domain) : partyFact(arrival.by, domain),
            at: core.wallNow,
          },
        }),
  }
  core.media({ kind: 'note', recording: recording.id, at: note.at, note: JSON.stringify(note) })
}

/** The last step by which a call came to the line that it rang at. */
function arrivedBy(half: CallHalf): Arrival | undefined {
  const [step] = half.redirections
  return step === undefined ? undefined : { reason: step.reason, by: step.line, isPrivate: step.isPrivate }
}
