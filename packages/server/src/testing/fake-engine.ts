/**
 * A call engine that finds calls by their line alone and says yes to everything else: enough to see what HTTP asks of it
 * and makes of its answers.
 */
import type { CallCommand, CallResult, CallView } from '@tandem/engine'

/** The one conversation that it knows. */
export const SESSION = '3b9f6c1e-7d20-4a58-9c44-1e8a5f0d2b77'

/** A call of that conversation. */
export function testCall(more: Partial<CallView> = {}): CallView {
  return {
    callId: 'callhalf-70397:0',
    callSessionId: SESSION,
    personality: 'terminator',
    state: 'connected',
    remoteParty: { name: 'Lena', number: '102', privacyEnabled: false, callType: 'location' },
    created: Date.UTC(2026, 1, 3, 9, 14, 58, 120),
    muteCapable: true,
    muted: false,
    ...more,
  }
}

/** The engine's answer to a command; calls are those of `lineId`, for everybody else there are none. */
export function fakeEngine(lineId: string): (command: CallCommand) => CallResult {
  return (command) => {
    const named = 'callId' in command || 'callId1' in command || 'callIds' in command
    if ('actor' in command && named && (command.actor.lineOwnerId ?? command.actor.lineId) !== lineId)
      return { kind: 'refused', error: 'call_not_found' }
    return answerTo(command)
  }
}

function answerTo(command: CallCommand): CallResult {
  switch (command.kind) {
    case 'list':
      return { kind: 'calls', calls: [] }
    case 'details':
      return { kind: 'call', call: testCall() }
    case 'dial':
    case 'retrieve':
    case 'pickup':
    case 'bargeIn':
    case 'pull':
      return { kind: 'placed', callId: 'callhalf-2:0', callSessionId: SESSION }
    case 'transfer':
      if (command.destination === undefined) return { kind: 'done' }
      return { kind: 'placed', callId: 'callhalf-2:0', callSessionId: SESSION }
    case 'park':
      return {
        kind: 'parked',
        parkedAgainst: { number: '101', privacyEnabled: false, callType: 'location' },
      }
    case 'conference':
      return { kind: 'conference' }
    case 'trace':
      return {
        kind: 'trace',
        messages: [{ at: 0, direction: 'in', leg: 'leg-1', title: 'INVITE', lines: ['CSeq: 1 INVITE'] }],
      }
    default:
      return { kind: 'done' }
  }
}
