/** Short forms of what goes in and out of an engine, for the trace of a broken rule. */
import type { CallResult, EngineEvent } from '@tandem/engine'
import type { MediaCommand } from '@tandem/media'
import type { SipMessage } from '@tandem/sip'

/** `INVITE sendonly`, `200 INVITE`, `NOTIFY talk`. */
export function briefMessage(message: SipMessage): string {
  const cseq = message.headers.get('CSeq') ?? ''
  const title = message.kind === 'request' ? `${message.method} (${cseq})` : `${message.status} (${cseq})`
  const event = message.headers.get('Event') ?? ''
  const body = message.body.length === 0 ? '' : new TextDecoder().decode(message.body)
  const media = /m=audio (\d+)[\s\S]*?(?:a=(sendrecv|sendonly|recvonly|inactive)|$)/.exec(body)
  const sdp = media === null ? '' : `sdp ${media[1]} ${media[2] ?? ''}`
  const more = ['Refer-To', 'Replaces', 'Contact'].map((name) =>
    name === 'Contact' && message.kind === 'request' ? '' : (message.headers.get(name) ?? ''),
  )
  return [title, event, sdp, ...more].filter((part) => part !== '').join(' ')
}

export function briefEvent(event: Extract<EngineEvent, { readonly kind: 'call' }>): string {
  const { callId, callSessionId, state, personality, remoteParty, recordingState } = event.call
  const party = remoteParty.number ?? (remoteParty.privacyEnabled ? 'private' : remoteParty.callType)
  const recording = recordingState === undefined ? '' : ` [${recordingState}]`
  return `${event.lineId} ${event.event}/${event.eventType} ${callId} ${personality} ${state} with ${party}${recording} in ${callSessionId.slice(0, 8)}`
}

export function briefCommand(command: MediaCommand): string {
  if (command.kind === 'openRecording' || command.kind === 'closeRecording')
    return `${command.kind} ${command.recording.slice(0, 8)}`
  if (command.kind === 'configure') {
    const { leg, send, receive } = command
    return `configure ${leg}${send ? ' send' : ''}${receive ? ' receive' : ''}`
  }
  const { kind, ...rest } = command
  return `${kind} ${JSON.stringify(rest)}`
}

export function briefReply(result: CallResult): string {
  return result.kind === 'refused' ? `refused ${result.error}` : result.kind
}
