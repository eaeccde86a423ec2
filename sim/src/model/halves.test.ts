import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CallEventType, CallState, CallView, EngineEvent } from '@tandem/engine'
import { Halves } from './halves.ts'

type CallEvent = Extract<EngineEvent, { readonly kind: 'call' }>

function event(
  kind: CallEvent['event'],
  state: CallState,
  more: Partial<CallView> = {},
  callId = 'one',
): CallEvent {
  const eventType: CallEventType =
    kind === 'deleted' ? 'disconnected' : kind === 'created' ? 'originated' : 'updated'
  const call: CallView = {
    callId,
    callSessionId: 's',
    personality: 'originator',
    state,
    remoteParty: { privacyEnabled: false, callType: 'location' },
    created: 1,
    muteCapable: false,
    muted: false,
    ...more,
  }
  return { kind: 'call', event: kind, eventType, at: 1, orgId: 'o', lineId: 'l', call }
}

/** The rule that these events break, if they do. */
function brokenBy(...events: CallEvent[]): string {
  const halves = new Halves()
  try {
    for (const each of events) halves.called(each)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return ''
}

describe('the calls of a line, by their events', () => {
  const created = event('created', 'connecting')

  it('are created once, change along the chart, and are deleted once', () => {
    assert.equal(
      brokenBy(
        created,
        event('updated', 'connected'),
        event('updated', 'held'),
        event('deleted', 'disconnected'),
      ),
      '',
    )
    assert.match(brokenBy(event('updated', 'connected')), /after created/)
    assert.match(brokenBy(created, created), /one call only/)
    const over = event('deleted', 'disconnected')
    assert.match(brokenBy(created, over, over), /before deleted/)
    assert.match(brokenBy(created, over, created), /one call only/)
    assert.match(brokenBy(created, event('updated', 'alerting')), /connecting to alerting/)
    assert.match(brokenBy(created, event('updated', 'disconnected')), /deleted as disconnected/)
    assert.match(brokenBy(created, event('deleted', 'connected')), /deleted as connected/)
  })

  it('record along the chart: nothing starts that was not asked for, nothing goes on that has stopped', () => {
    const recording = (recordingState: CallView['recordingState']): CallEvent =>
      event('updated', 'connected', recordingState === undefined ? {} : { recordingState })
    assert.equal(brokenBy(created, recording('pending'), recording('started'), recording('paused')), '')
    assert.match(brokenBy(created, recording('started')), /undefined to started/)
    assert.match(brokenBy(created, recording('pending'), recording('paused')), /pending to paused/)
    assert.match(
      brokenBy(created, recording('pending'), recording('stopped'), recording('started')),
      /stopped to started/,
    )
  })

  it('have the legs that were allocated with them, and pass them on only when pulled', () => {
    const halves = new Halves()
    const pulled = event('created', 'alerting', { personality: 'clickToDial' }, 'two')
    halves.called(created)
    halves.commanded({ kind: 'allocate', leg: 'a', session: 's', family: 4 })
    halves.turnOver()
    halves.called(pulled)
    halves.commanded({ kind: 'allocate', leg: 'b', session: 's', family: 4 })
    halves.turnOver()
    halves.commanded({ kind: 'release', leg: 'a' })
    halves.called(event('deleted', 'disconnected', { personality: 'clickToDial' }, 'two'))
    halves.turnOver()
    assert.equal(halves.ofLeg('b')?.callId, 'one')
    halves.called(event('deleted', 'disconnected'))
    assert.throws(() => halves.turnOver(), /b ends with its call/)
  })
})
