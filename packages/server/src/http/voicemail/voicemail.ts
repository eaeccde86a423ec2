/**
 * The caller's own mailbox (contract README §11): list, listen, delete. Listening here does not mark a message as heard:
 * that is said by the telephone.
 */
import { printMilliseconds, type VoicemailMessage } from '@tandem/contract'
import { Failure } from '../failure.ts'
import type { Operation } from '../operation.ts'
import type { VoicemailEntry } from '../ports.ts'
import { ulawWav } from './ulaw-wav.ts'

/** `GET /tandem/v1/voicemail`. */
export const listVoicemail: Operation = {
  id: 'listVoicemail',
  answer: 'VoicemailList',
  async run(request, services) {
    const { orgId, personId } = request.caller
    const messages = await services.voicemail.list(orgId, personId)
    return { body: { items: messages.map(messageOf) } }
  },
}

/** `GET /tandem/v1/voicemail/{messageId}/audio`. */
export const getVoicemailAudio: Operation = {
  id: 'getVoicemailAudio',
  async run(request, services) {
    const { orgId, personId } = request.caller
    const samples = await services.voicemail.audio(orgId, personId, request.params['messageId'] ?? '')
    if (samples === undefined) throw new Failure('voicemail_not_found')
    return {
      headers: {
        'content-disposition': 'attachment; filename="message.wav"',
        'cache-control': 'private, no-store',
      },
      file: { contentType: 'audio/wav', content: ulawWav(samples) },
    }
  },
}

/** `DELETE /tandem/v1/voicemail/{messageId}`. */
export const deleteVoicemail: Operation = {
  id: 'deleteVoicemail',
  async run(request, services) {
    const { orgId, personId } = request.caller
    if (!(await services.voicemail.remove(orgId, personId, request.params['messageId'] ?? '')))
      throw new Failure('voicemail_not_found')
    return {}
  },
}

function messageOf(entry: VoicemailEntry): VoicemailMessage {
  return {
    id: entry.id,
    time: printMilliseconds(entry.at),
    durationMs: entry.durationMs,
    ...(entry.fromName === undefined ? {} : { fromName: entry.fromName }),
    ...(entry.fromNumber === undefined ? {} : { fromNumber: entry.fromNumber }),
    heard: entry.heard,
  }
}
