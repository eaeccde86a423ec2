/** A conference as the contract shows it (call-controls §7): ids in their Webex form, times in UTC with milliseconds. */
import { type ConferenceDetails, encodeCallId, printMilliseconds } from '@tandem/contract'
import type { ConferenceView } from '@tandem/engine'

/** The `ConferenceDetails` object, also of webhook data. */
export function conferenceOf(view: ConferenceView): ConferenceDetails {
  return {
    state: view.state,
    ...(view.appearance === undefined ? {} : { appearance: view.appearance }),
    created: printMilliseconds(view.created),
    muted: view.muted,
    ...(view.type === undefined ? {} : { type: view.type }),
    participants: view.participants.map(({ callId, muted, deafened }) => ({
      callId: encodeCallId(callId),
      muted,
      deafened,
    })),
  }
}
