/**
 * The facts about a recording that are journaled with its audio (contract, recording metadata §2): made here, once, so
 * that the catalogue can be rebuilt from the journal alone.
 */
import type { WallTime } from '@tandem/base'
import { audienceOf } from '../bridge/arrange.ts'
import type { DirectoryLine, LineKind, RecordingMode } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import type { FactParty, RecordingClosing, RecordingNote, RecordingOpening } from '../recording-facts.ts'

const RECORDING_TYPES: Readonly<Record<RecordingMode, RecordingOpening['recordingType']>> = {
  Always: 'alwaysON',
  'Always with Pause/Resume': 'alwaysPauseResume',
  'On Demand with User Initiated Start': 'onDemandUserStart',
  Never: 'onDemand',
}
const ACTORS: Readonly<Record<LineKind, FactParty['actor']['type']>> = {
  person: 'USER',
  place: 'PLACE',
  virtualLine: 'VIRTUAL_LINE',
}
const OWNERS: Readonly<Record<LineKind, RecordingOpening['ownerType']>> = {
  person: 'user',
  place: 'place',
  virtualLine: 'virtualLine',
}

const ANONYMOUS = (domain: string): string => `sip:anonymous@${domain}`

/** What surrounds a half when its facts are made. */
export interface FactsContext {
  /** Host of the organisation's SIP addresses. */
  readonly domain: string
  readonly at: WallTime
}

/** What names a recording and its owner. */
export interface FactsOptions extends FactsContext {
  readonly recordingId: string
  readonly sipCallId: string | undefined
}

/** Facts for `openRecording` of `half`, whose other side is in the call. */
export function openingFacts(half: CallHalf, options: FactsOptions): RecordingOpening {
  const remote = half.peer
  const { domain } = options
  return {
    ...ownerFacts(half, half.line, options),
    personality: half.places ? 'originator' : 'terminator',
    callingParty: isPlacedByPeer(half) ? shownFact(half, domain) : partyFact(half.line, domain),
    calledParty: calledFact(half, domain),
    recordingType: RECORDING_TYPES[half.line.recording.mode],
    remoteName: remote?.isPrivate === true ? '' : (remote?.line.displayName ?? ''),
  }
}

/** Facts for `openRecording` of what `caller` says to the mailbox of `owner`: a message, or a recording of it. */
export function voicemailFacts(
  caller: CallHalf,
  owner: DirectoryLine,
  options: FactsOptions & { readonly isMessage: boolean },
): RecordingOpening {
  const calling = caller.isPrivate ? anonymousFact(options.domain) : partyFact(caller.line, options.domain)
  return {
    ...(options.isMessage ? { purpose: 'voicemail' } : {}),
    ...ownerFacts(caller, owner, options),
    personality: 'terminator',
    callingParty: calling,
    calledParty: partyFact(owner, options.domain),
    recordingType: RECORDING_TYPES[owner.recording.mode],
    remoteName: caller.isPrivate ? '' : caller.line.displayName,
  }
}

/** Everyone in the call at this moment, as a note. */
export function activityNote(
  half: CallHalf,
  options: FactsContext,
): Extract<RecordingNote, { kind: 'activity' }> {
  const inCall = audienceOf(half.session).filter((each) => each.phase === 'connected')
  const present = new Map([half, ...inCall].map((each) => [each.line.id, each]))
  return {
    kind: 'activity',
    at: options.at,
    participants: [...present.values()].map((each) => participantFact(half, each, options.domain)),
  }
}

/** Somebody in the call, as its owner may know them: who withholds their number stays unknown. */
function participantFact(
  owner: CallHalf,
  half: CallHalf,
  domain: string,
): { readonly actor: FactParty['actor']; readonly aor: string } {
  const aor = shownAor(owner, half, domain)
  if (isHidden(owner, half)) return { actor: { type: 'EXTERNAL' }, aor }
  return { actor: { type: ACTORS[half.line.kind], id: half.line.id }, aor }
}

/** The address of record of somebody in the call, as the owner of its recording may know it. */
export function shownAor(owner: CallHalf, half: CallHalf, domain: string): string {
  return isHidden(owner, half) ? ANONYMOUS(domain) : aorOf(half.line, domain)
}

function isHidden(owner: CallHalf, half: CallHalf): boolean {
  return half.isPrivate && half.line.id !== owner.line.id
}

/** Facts for `closeRecording`: who answered, and whom the owner talked to last. */
export function closingFacts(half: CallHalf, options: FactsContext): RecordingClosing {
  const answerer = isPlacedByPeer(half) ? half.line : (half.answeredBy ?? half.peer?.line)
  const connected = half.peer
  return {
    stoppedAt: options.at,
    ...(answerer === undefined ? {} : { answererInfo: partyFact(answerer, options.domain) }),
    ...(connected === undefined
      ? {}
      : {
          connectedParty: connected.isPrivate
            ? anonymousFact(options.domain)
            : partyFact(connected.line, options.domain),
        }),
  }
}

/** A line as a party. */
export function partyFact(line: DirectoryLine | undefined, domain: string): FactParty {
  if (line === undefined) return anonymousFact(domain)
  return {
    actor: {
      type: ACTORS[line.kind],
      id: line.id,
      ...(line.email === '' ? {} : { email: line.email }),
    },
    name: line.displayName,
    number: `${aorOf(line, domain)};user=phone`,
  }
}

/** The address of record of a line. */
export function aorOf(line: DirectoryLine, domain: string): string {
  return `sip:${line.extension}@${domain}`
}

function ownerFacts(
  half: CallHalf,
  owner: DirectoryLine,
  options: FactsOptions,
): Pick<
  RecordingOpening,
  | 'version'
  | 'recordingId'
  | 'orgId'
  | 'ownerId'
  | 'ownerType'
  | 'ownerName'
  | 'ownerEmail'
  | 'locationId'
  | 'callSessionId'
  | 'callId'
  | 'sipCallId'
  | 'startedAt'
> {
  return {
    version: 1,
    recordingId: options.recordingId,
    orgId: half.session.orgId,
    ownerId: owner.id,
    ownerType: OWNERS[owner.kind],
    ownerName: owner.displayName,
    ownerEmail: owner.email,
    locationId: owner.locationId,
    callSessionId: half.session.id,
    callId: half.id,
    ...(options.sipCallId === undefined ? {} : { sipCallId: options.sipCallId }),
    startedAt: options.at,
  }
}

/** The one who placed the call, if that is the other side: also of a line that fetched somebody else's call. */
function isPlacedByPeer(half: CallHalf): boolean {
  if (!half.places) return true
  const calledSomebody = half.expected !== undefined || half.answeredBy !== undefined
  return half.peer?.places === true && !calledSomebody
}

/** Whom the call was meant for first; on a call that somebody sent on by hand: its target (contract §2, `calledParty`). */
function calledFact(half: CallHalf, domain: string): FactParty {
  if (half.places) {
    const called = isPlacedByPeer(half) ? half.peer?.expected : (half.expected ?? half.peer?.line)
    return partyFact(called, domain)
  }
  let called = { line: half.executive ?? half.line, isPrivate: false }
  for (const step of half.redirections) {
    if (step.reason === 'divert') break
    called = step
  }
  return called.isPrivate ? anonymousFact(domain) : partyFact(called.line, domain)
}

function shownFact(half: CallHalf, domain: string): FactParty {
  return half.peer?.isPrivate === true ? anonymousFact(domain) : partyFact(half.peer?.line, domain)
}

/** Somebody outside, or who withholds who they are. */
export function anonymousFact(domain: string): FactParty {
  return { actor: { type: 'EXTERNAL' }, number: ANONYMOUS(domain) }
}
