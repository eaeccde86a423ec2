/**
 * A call as the contract shows it (call-controls §2): ids in their Webex form, times in UTC with milliseconds, absent
 * members left out.
 */
import {
  type Call,
  encodeCallId,
  encodeCallSessionId,
  encodeWebexId,
  type Party,
  printMilliseconds,
} from '@tandem/contract'
import type { CallView, PartyView } from '@tandem/engine'

/** The `Call` object of REST; webhook data has the same under `callId` in place of `id` (Ruling 15). */
export function callOf(view: CallView): Call {
  return {
    id: encodeCallId(view.callId),
    callSessionId: encodeCallSessionId(view.callSessionId),
    personality: view.personality,
    state: view.state,
    remoteParty: partyOf(view.remoteParty),
    ...(view.appearance === undefined ? {} : { appearance: view.appearance }),
    created: printMilliseconds(view.created),
    ...(view.answered === undefined ? {} : { answered: printMilliseconds(view.answered) }),
    ...(view.recordingState === undefined ? {} : { recordingState: view.recordingState }),
    muteCapable: view.muteCapable,
    muted: view.muted,
    ...(view.disconnected === undefined ? {} : { disconnected: printMilliseconds(view.disconnected) }),
  }
}

function partyOf(party: PartyView): Party {
  const { privacyEnabled, callType } = party
  if (privacyEnabled) return { privacyEnabled, callType }
  return {
    ...(party.name === undefined ? {} : { name: party.name }),
    ...(party.number === undefined ? {} : { number: party.number }),
    ...(party.personId === undefined ? {} : { personId: encodeWebexId('PEOPLE', party.personId) }),
    privacyEnabled,
    callType,
  }
}
