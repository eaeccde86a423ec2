/**
 * What a caller leaves in a mailbox: a recording whose right side is the caller, and which the server hands to the
 * mailbox. Where the owner's settings say so it is an ordinary recording as well (contract, call-recording settings §1).
 */
import type { DirectoryLine } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import type { Core } from '../session/core.ts'
import { voicemailFacts } from './facts.ts'
import { closeRecording } from './record.ts'
import { Recording } from './recording.ts'

/** Begins to keep what `caller` says for `owner`. */
export function openVoicemail(core: Core, caller: CallHalf, owner: DirectoryLine): Recording {
  const message = open(core, caller, owner, { isMessage: true })
  const isFromOther = caller.line.id !== owner.id
  if (owner.recording.voicemail === true && isFromOther)
    message.beside = open(core, caller, owner, { isMessage: false })
  return message
}

/** Ends a message, and the recording beside it; one that says nothing is not kept. */
export function closeVoicemail(
  core: Core,
  message: Recording,
  options: { readonly discarded: boolean },
): void {
  for (const recording of [message, message.beside])
    if (recording !== undefined) closeRecording(core, recording, options.discarded ? { discarded: true } : {})
}

function open(
  core: Core,
  caller: CallHalf,
  owner: DirectoryLine,
  options: { readonly isMessage: boolean },
): Recording {
  const { leg, session } = caller
  const recording = new Recording({ id: core.ids.uuid(), owner: caller, ownerLine: owner })
  session.recordings.push(recording)
  core.recordings.set(recording.id, recording)
  const sipCallId = leg?.sip === undefined ? undefined : core.endpoint.describe(leg.sip)?.callId
  const at = core.wallNow
  const facts = voicemailFacts(caller, owner, {
    domain: core.domainOf(session.orgId),
    at,
    recordingId: recording.id,
    sipCallId,
    ...options,
  })
  core.media({ kind: 'openRecording', recording: recording.id, at, facts: JSON.stringify(facts) })
  if (leg !== undefined) {
    recording.attached.set(leg.id, 'right')
    core.media({ kind: 'attach', recording: recording.id, side: 'right', leg: leg.id })
  }
  return recording
}
