import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RecordingFailurePolicy, RecordingSettings } from '../directory.ts'
import { actorOf, type World } from '../world.test.ts'
import { FAILURE_PROMPT_MS } from './failure.ts'
import { call, endAll, sent, talkingWith, worldOf } from './taped.test.ts'

const ALWAYS: RecordingSettings = { mode: 'Always' }

describe('a recording that fails (promise P4)', () => {
  function failing(policy?: RecordingFailurePolicy, settings: RecordingSettings = ALWAYS): World {
    const limits = policy === undefined ? {} : { recordingFailure: policy }
    const { world, phones } = worldOf({ 'acme-102': settings }, { limits })
    const [caller, callee] = phones
    assert.ok(caller !== undefined && callee !== undefined)
    world.media.recording = 'fails'
    call(world, caller, callee)
    return world
  }

  const plays = (world: World): string[] =>
    sent(world, 'play')
      .filter(({ over }) => over === true)
      .map(({ leg, sound }) => `${leg.slice(-1)} ${'name' in sound ? sound.name : sound.kind}`)

  it('tells both ears, the owner’s view and an operator, and goes on, unless the policy says otherwise', () => {
    const world = failing()
    assert.equal(world.list('acme-102')[0]?.recordingState, 'failed')
    assert.equal(world.list('acme-101')[0]?.recordingState, undefined)
    assert.deepEqual(plays(world), ['1 recordingFailed', '2 recordingFailed'])
    assert.deepEqual(
      world.events.flatMap((event) => (event.kind === 'alarm' ? [`${event.what} ${event.callId}`] : [])),
      [`recordingFailed ${world.list('acme-102')[0]?.callId}`],
    )
    world.run(10_000)
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101'])
    endAll(world)
    assert.equal(world.records[0]?.recordings[0]?.outcome, 'failed')
  })

  it('goes on without a word under proceed', () => {
    const world = failing('proceed')
    assert.deepEqual(plays(world), [])
    assert.equal(world.list('acme-102')[0]?.recordingState, 'failed')
    endAll(world)
  })

  it('ends the call within two seconds under endCallWithAnnouncement, after all have heard why', () => {
    const world = failing('endCallWithAnnouncement')
    assert.deepEqual(plays(world), ['1 recordingFailed', '2 recordingFailed'])
    assert.ok(FAILURE_PROMPT_MS < 2_000)
    world.run(FAILURE_PROMPT_MS)
    assert.deepEqual(world.brief('acme-102'), [])
    assert.deepEqual(world.brief('acme-101'), [])
    world.run(60_000)
    assert.equal(world.records[0]?.cause, 'recordingFailed')
    world.assertAtRest()
  })

  it('plays the line’s own clip where it has one', () => {
    const announcements = { failureProceedWithCall: 'sorry', failureEndWithCall: 'bye' }
    const world = failing('proceedWithAnnouncement', { ...ALWAYS, announcements })
    assert.deepEqual(plays(world), ['1 sorry', '2 sorry'])
    endAll(world)
    const other = failing('endCallWithAnnouncement', { ...ALWAYS, announcements })
    assert.deepEqual(plays(other), ['1 bye', '2 bye'])
    endAll(other)
  })

  it('takes the policy of the owner’s location before that of the node', () => {
    const { world, phones } = worldOf(
      { 'acme-102': ALWAYS },
      {
        limits: { recordingFailure: 'endCallWithAnnouncement' },
        change: (directory) => ({
          ...directory,
          locations: directory.locations.map((each) => ({ ...each, recordingFailure: 'proceed' })),
        }),
      },
    )
    const [caller, callee] = phones
    assert.ok(caller !== undefined && callee !== undefined)
    world.media.recording = 'fails'
    call(world, caller, callee)
    world.run(5_000)
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101'])
    endAll(world)
  })

  it('shows, and ends the call by policy, also while its owner waits for somebody else', () => {
    const { world, phones } = worldOf(
      { 'acme-101': ALWAYS },
      { limits: { recordingFailure: 'endCallWithAnnouncement' } },
    )
    const [caller, callee] = phones
    assert.ok(caller !== undefined && callee !== undefined)
    call(world, caller, callee)
    const callId = world.list('acme-102')[0]?.callId ?? ''
    world.command({ kind: 'divert', actor: actorOf('acme-102'), callId, destination: '103' })
    assert.equal(world.list('acme-101')[0]?.state, 'connecting')
    world.say({
      kind: 'recordingFailed',
      recording: sent(world, 'openRecording')[0]?.recording ?? '',
      why: 'disk',
    })
    const told = world.events.findLast((event) => event.kind === 'call' && event.lineId === 'acme-101')
    assert.equal(told?.kind === 'call' && told.call.recordingState, 'failed')
    world.run(FAILURE_PROMPT_MS)
    assert.deepEqual(world.brief('acme-101'), [])
    world.run(60_000)
  })

  it('in the middle of a pause shows as failed, and may be begun again where the mode allows a start', () => {
    const settings: RecordingSettings = { mode: 'On Demand with User Initiated Start' }
    const { world } = talkingWith({ 'acme-102': settings })
    const callId = world.list('acme-102')[0]?.callId ?? ''
    const command = (kind: 'startRecording' | 'pauseRecording' | 'resumeRecording'): unknown =>
      world.command({ kind, actor: actorOf('acme-102'), callId })
    command('startRecording')
    world.run(100)
    command('pauseRecording')
    const [opened] = sent(world, 'openRecording')
    world.openRecordings.clear()
    world.say({ kind: 'recordingFailed', recording: opened?.recording ?? '', why: 'disk' })
    assert.equal(world.list('acme-102')[0]?.recordingState, 'failed')
    assert.deepEqual(command('resumeRecording'), { kind: 'refused', error: 'recording_state_forbids' })
    assert.deepEqual(command('startRecording'), { kind: 'done' })
    world.run(100)
    assert.equal(world.list('acme-102')[0]?.recordingState, 'started')
    endAll(world)
    assert.deepEqual(
      world.records[0]?.recordings.map(({ outcome }) => outcome),
      ['failed', 'closed'],
    )
  })

  it('after its stop is an alarm, and changes nothing of the call', () => {
    const { world } = talkingWith({ 'acme-102': { mode: 'On Demand with User Initiated Start' } })
    world.media.closes = false
    for (const kind of ['startRecording', 'stopRecording'] as const) {
      world.command({ kind, actor: actorOf('acme-102') })
      world.run(100)
    }
    const [opened] = sent(world, 'openRecording')
    world.trace()
    world.say({ kind: 'recordingFailed', recording: opened?.recording ?? '', why: 'sync' })
    assert.deepEqual(world.trace(), ['alarm recordingFailed'])
    assert.equal(world.list('acme-102')[0]?.state, 'connected')
    endAll(world)
  })

  it('closes a recording whose opening was not on disk yet', () => {
    const { world, phones } = worldOf({ 'acme-102': ALWAYS })
    const [caller, callee] = phones
    assert.ok(caller !== undefined && callee !== undefined)
    world.media.recording = 'hangs'
    call(world, caller, callee)
    assert.equal(world.list('acme-102')[0]?.recordingState, 'pending')
    endAll(world)
    assert.equal(sent(world, 'closeRecording').length, 1)
  })

  it('says that a recording failed whose closing did not come back in five seconds', () => {
    const { world } = talkingWith({ 'acme-102': ALWAYS })
    world.media.closes = false
    endAll(world)
    assert.equal(world.records[0]?.recordings[0]?.outcome, 'failed')
    assert.ok(world.notices.includes('recording was not closed in time'))
  })
})

describe('a leg from which nothing is heard (telephony pitfall 11)', () => {
  it('is an alarm once, and once more when it is heard', () => {
    const { world } = talkingWith({ 'acme-102': ALWAYS })
    const leg = [...world.live][0] ?? ''
    for (const kind of ['silent', 'heard', 'silent', 'heard'] as const) world.say({ kind, leg })
    world.say({ kind: 'heard', leg: [...world.live][1] ?? '' })
    world.say({ kind: 'silent', leg: 'unknown' })
    assert.deepEqual(world.trace(), ['alarm oneSideSilent', 'alarm oneSideHeard'])
    endAll(world)
  })
})
