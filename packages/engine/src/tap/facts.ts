/**
 * The facts about a recording that are journaled with its audio (contract, recording metadata §2): made here, once, so
 * that the catalogue can be rebuilt from the journal alone.
 */
import type { WallTime } from '@tandem/base'
import type { DirectoryLine, RecordingMode } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import type { FactParty, RecordingClosing, RecordingNote, RecordingOpening } from '../recording-facts.ts'

const RECORDING_TYPES: Readonly<Record<RecordingMode, RecordingOpening['recordingType']>> = {
  Always: 'alwaysON',
  'Always with Pause/Resume': 'alwaysPauseResume',
  'On Demand with User Initiated Start': 'onDemandUserStart',
  Never: 'onDemand',
}

/** What surrounds a half when its facts are made. */
export interface FactsContext {
  /** Host of the organisation's SIP addresses. */
  readonly domain: string
  readonly at: WallTime
}

/** Facts for `openRecording` of `half`, whose other side is in the call. */
export function openingFacts(
  half: CallHalf,
  options: FactsContext & { readonly recordingId: string; readonly sipCallId: string | undefined },
): RecordingOpening {
  const remote = half.peer
  const [caller, called] = half.places ? [half, remote] : [remote, half]
  return {
    version: 1,
    recordingId: options.recordingId,
    orgId: half.session.orgId,
    ownerId: half.line.id,
    ownerType: 'user',
    ownerName: half.line.displayName,
    ownerEmail: half.line.email,
    locationId: half.line.locationId,
    callSessionId: half.session.id,
    callId: half.id,
    ...(options.sipCallId === undefined ? {} : { sipCallId: options.sipCallId }),
    personality: half.places ? 'originator' : 'terminator',
    callingParty: partyFact(caller?.line, options.domain),
    calledParty: partyFact(called?.line, options.domain),
    recordingType: RECORDING_TYPES[half.line.recording.mode],
    remoteName: remote?.line.displayName ?? remote?.line.extension ?? '',
    startedAt: options.at,
  }
}

/** Everyone in the call at this moment, as a note. */
export function activityNote(half: CallHalf, options: FactsContext): RecordingNote {
  return {
    kind: 'activity',
    at: options.at,
    participants: half.session.halves.map((each) => ({
      actor: { type: 'USER', id: each.line.id },
      aor: `sip:${each.line.extension}@${options.domain}`,
    })),
  }
}

/** Facts for `closeRecording`: who answered, and whom the owner talked to last. */
export function closingFacts(half: CallHalf, options: FactsContext): RecordingClosing {
  const answerer = half.places ? half.peer?.line : half.line
  const connected = half.peer?.line
  return {
    stoppedAt: options.at,
    ...(answerer === undefined ? {} : { answererInfo: partyFact(answerer, options.domain) }),
    ...(connected === undefined ? {} : { connectedParty: partyFact(connected, options.domain) }),
  }
}

function partyFact(person: DirectoryLine | undefined, domain: string): FactParty {
  if (person === undefined) return { actor: { type: 'EXTERNAL' }, number: `sip:anonymous@${domain}` }
  return {
    actor: { type: 'USER', id: person.id, email: person.email },
    name: person.displayName,
    number: `sip:${person.extension}@${domain};user=phone`,
  }
}
