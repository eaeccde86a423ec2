/**
 * A call as the contract shows it (call-controls §2): ids in their Webex form, times in UTC with milliseconds, absent
 * members left out.
 */
import {
  type Call,
  type CallInfo,
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
    ...(view.redirections === undefined || view.redirections.length === 0
      ? {}
      : {
          redirections: view.redirections.map(({ reason, redirectingParty }) => ({
            reason,
            redirectingParty: partyOf(redirectingParty),
          })),
        }),
    ...(view.recall === undefined
      ? {}
      : { recall: { type: view.recall.type, party: partyOf(view.recall.party) } }),
    ...(view.recordingState === undefined ? {} : { recordingState: view.recordingState }),
    muteCapable: view.muteCapable,
    muted: view.muted,
    ...(view.disconnected === undefined ? {} : { disconnected: printMilliseconds(view.disconnected) }),
  }
}

/** A party; one that is private shows nothing but its kind, whatever the engine knows. */
export function partyOf(party: PartyView): Party {
  const { privacyEnabled, callType } = party
  if (privacyEnabled) return { privacyEnabled, callType }
  return {
    ...(party.name === undefined ? {} : { name: party.name }),
    ...(party.number === undefined ? {} : { number: party.number }),
    ...(party.personId === undefined
      ? party.placeId === undefined
        ? {}
        : { placeId: encodeWebexId('PLACE', party.placeId) }
      : { personId: encodeWebexId('PEOPLE', party.personId) }),
    privacyEnabled,
    callType,
  }
}

/** The ids of a new call. */
export function callInfoOf(placed: { readonly callId: string; readonly callSessionId: string }): CallInfo {
  return { callId: encodeCallId(placed.callId), callSessionId: encodeCallSessionId(placed.callSessionId) }
}
