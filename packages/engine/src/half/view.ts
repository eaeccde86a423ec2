/** How one person sees a call: the view that list, details and events show (contract, call controls §2). */
import type { CallState, CallView, PartyView } from '../commands.ts'
import type { DirectoryPerson } from '../directory.ts'
import type { Dialled } from '../route/destination.ts'
import type { CallHalf } from './half.ts'

/** The half of the other person in the session; undefined while nobody is called yet. */
export function otherHalf(half: CallHalf): CallHalf | undefined {
  return half.session.halves.find((other) => other !== half)
}

/** The state as shown: the own hold wins over the other side's. */
export function stateOf(half: CallHalf): CallState {
  if (half.phase !== 'connected') return half.phase
  if (half.holding) return 'held'
  return otherHalf(half)?.holding === true ? 'remoteHeld' : 'connected'
}

/** The view of `half` for its own person. */
export function viewOf(half: CallHalf): CallView {
  return {
    callId: half.id,
    callSessionId: half.session.id,
    personality: half.personality,
    state: stateOf(half),
    remoteParty: remotePartyOf(half),
    created: half.createdAt,
    ...(half.answeredAt === undefined ? {} : { answered: half.answeredAt }),
    ...(half.disconnectedAt === undefined ? {} : { disconnected: half.disconnectedAt }),
    ...(half.recording === undefined ? {} : { recordingState: half.recording.state }),
    muteCapable: half.phase === 'connected',
    muted: false,
  }
}

/** A colleague, as `viewer` may see them. */
export function partyOf(person: DirectoryPerson, viewer: DirectoryPerson): PartyView {
  return {
    name: person.displayName,
    number: person.extension,
    personId: person.id,
    privacyEnabled: false,
    callType: person.locationId === viewer.locationId ? 'location' : 'organization',
  }
}

function remotePartyOf(half: CallHalf): PartyView {
  const other = otherHalf(half)?.person ?? half.session.expected
  if (other !== undefined && half.session.orgId === other.orgId) return partyOf(other, half.person)
  return half.dialled === undefined
    ? { privacyEnabled: false, callType: 'other' }
    : { number: textOf(half.dialled), privacyEnabled: false, callType: callTypeOf(half.dialled) }
}

function textOf(dialled: Dialled): string {
  return dialled.domain === undefined ? dialled.user : `${dialled.user}@${dialled.domain}`
}

/** Somebody that the directory does not know: a feature code is nobody, everything else is outside. */
function callTypeOf(dialled: Dialled): PartyView['callType'] {
  return /^[*#]/.test(dialled.user) ? 'other' : 'external'
}
