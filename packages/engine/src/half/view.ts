/** How one line sees a call: the view that list, details and events show (contract, call controls §2). */
import type { CallState, CallType, CallView, PartyView } from '../commands.ts'
import type { DirectoryLine } from '../directory.ts'
import type { Dialled } from '../route/destination.ts'
import type { CallHalf } from './half.ts'

/** The state as shown: the own hold wins over the other side's; whoever waits parked is held by nobody's phone. */
export function stateOf(half: CallHalf): CallState {
  if (half.phase !== 'connected') return half.phase
  if (half.holding) return 'held'
  return half.parkedAgainst !== undefined || isHeldByPeer(half) ? 'remoteHeld' : 'connected'
}

/** Whether the other side holds, of a call of two; in a room of several nobody is held by one of them. */
export function isHeldByPeer(half: CallHalf): boolean {
  const { peer } = half
  if (peer === undefined || !peer.holding || peer.phase !== 'connected') return false
  return peer.conference === undefined && talkersOf(half) <= 2
}

/** The view of `half` for its own line. */
export function viewOf(half: CallHalf): CallView {
  const showsRedirections =
    half.redirections.length > 0 && half.phase === 'alerting' && half.personality === 'terminator'
  return {
    callId: half.id,
    callSessionId: half.session.id,
    personality: half.personality,
    state: stateOf(half),
    remoteParty: remotePartyOf(half),
    ...(half.appearance === undefined ? {} : { appearance: half.appearance }),
    created: half.createdAt,
    ...(half.answeredAt === undefined ? {} : { answered: half.answeredAt }),
    ...(half.disconnectedAt === undefined ? {} : { disconnected: half.disconnectedAt }),
    ...(showsRedirections
      ? {
          redirections: half.redirections.map(({ reason, line, isPrivate }) => ({
            reason,
            redirectingParty: partyOf(line, half.line, isPrivate),
          })),
        }
      : {}),
    ...(half.recall === undefined
      ? {}
      : { recall: { type: 'park', party: partyOf(half.recall.line, half.line) } }),
    ...(half.recordingState === undefined ? {} : { recordingState: half.recordingState }),
    muteCapable: half.phase === 'connected',
    muted: half.muted,
  }
}

/** A colleague, as `viewer` may see them. */
export function partyOf(line: DirectoryLine, viewer: DirectoryLine, isPrivate = false): PartyView {
  const callType = line.locationId === viewer.locationId ? 'location' : 'organization'
  if (isPrivate) return { privacyEnabled: true, callType }
  return {
    name: line.displayName,
    number: line.extension,
    ...(line.kind === 'person' ? { personId: line.id } : {}),
    ...(line.kind === 'place' ? { placeId: line.id } : {}),
    privacyEnabled: false,
    callType,
  }
}

/** The other side of `half`, as its line may see it. */
export function remotePartyOf(half: CallHalf): PartyView {
  const { dialled, expected, line, parkedAgainst, peer, service } = half
  if (service !== undefined && dialled !== undefined)
    return { number: textOf(dialled), privacyEnabled: false, callType: service }
  if (parkedAgainst !== undefined) return partyOf(parkedAgainst, line)
  if (peer !== undefined) return partyOf(peer.line, line, peer.isPrivate)
  if (expected !== undefined) return partyOf(expected, line)
  if (dialled === undefined) return { privacyEnabled: false, callType: 'other' }
  return { number: textOf(dialled), privacyEnabled: false, callType: callTypeOf(dialled) }
}

/** What was dialled, as a SIP address or number. */
export function textOf(dialled: Dialled): string {
  return dialled.domain === undefined ? dialled.user : `${dialled.user}@${dialled.domain}`
}

/** Somebody that the directory does not know: a feature code is nobody, everything else is outside. */
function callTypeOf(dialled: Dialled): CallType {
  return /^[*#]/.test(dialled.user) ? 'other' : 'external'
}

function talkersOf(half: CallHalf): number {
  let count = 0
  for (const each of half.session.halves) if (each.phase === 'connected') count += 1
  return count
}
