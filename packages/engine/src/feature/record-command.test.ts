import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CallCommand, CallResult } from '../commands.ts'
import type { RecordingMode, RecordingSettings } from '../directory.ts'
import { call, endAll, journaled, sent, talkingWith, worldOf } from '../tap/taped.test.ts'
import { actorOf, type World } from '../world.test.ts'

type Kind = 'startRecording' | 'stopRecording' | 'pauseRecording' | 'resumeRecording'

const ON_DEMAND: RecordingSettings = { mode: 'On Demand with User Initiated Start' }
const KINDS: readonly Kind[] = ['startRecording', 'stopRecording', 'pauseRecording', 'resumeRecording']

function ask(world: World, kind: Kind, more: { line?: string; callId?: string } = {}): string {
  const { callId, line = 'acme-102' } = more
  const command: CallCommand = { kind, actor: actorOf(line), ...(callId === undefined ? {} : { callId }) }
  return outcome(world.command(command))
}

function outcome(result: CallResult | undefined): string {
  return result?.kind === 'refused' ? result.error : (result?.kind ?? 'nothing')
}

describe('recording by command (contract, call controls §5.6)', () => {
  it('starts, pauses, resumes and stops on demand, and shows it to the owner alone', () => {
    const { world } = talkingWith({ 'acme-102': ON_DEMAND })
    assert.equal(ask(world, 'startRecording'), 'done')
    assert.equal(world.list('acme-102')[0]?.recordingState, 'pending')
    world.run(100)
    assert.deepEqual(world.trace(), [
      'media openRecording',
      'media note activity',
      'media note action',
      'acme-102 updated/recording terminator connected [pending]',
      'media attach left #2',
      'media attach right #1',
      'acme-102 updated/recording terminator connected [started]',
    ])
    assert.equal(ask(world, 'pauseRecording'), 'done')
    assert.deepEqual(world.trace(), [
      'media pauseRecording',
      'media note action',
      'acme-102 updated/recording terminator connected [paused]',
    ])
    assert.equal(ask(world, 'resumeRecording'), 'done')
    assert.deepEqual(world.trace(), [
      'media resumeRecording',
      'media note action',
      'acme-102 updated/recording terminator connected [started]',
    ])
    assert.equal(ask(world, 'stopRecording'), 'done')
    assert.deepEqual(world.trace(), [
      'media note action',
      'media closeRecording',
      'acme-102 updated/recording terminator connected [stopped]',
    ])
    assert.equal(world.list('acme-101')[0]?.recordingState, undefined)
    endAll(world)
  })

  it('makes a new recording at each start, whose stop says that the call goes on', () => {
    const { world } = talkingWith({ 'acme-102': ON_DEMAND })
    for (const kind of ['startRecording', 'stopRecording', 'startRecording'] as const) {
      assert.equal(ask(world, kind), 'done')
      world.run(1_000)
    }
    endAll(world)
    const recordings = journaled(world, 'acme-102')
    assert.deepEqual(
      recordings.map(({ closing, notes, opening }) => [
        opening.recordingType,
        notes.flatMap((note) => (note.kind === 'action' ? [note.action] : [])).join(' '),
        closing?.callContinues ?? false,
      ]),
      [
        ['onDemandUserStart', 'START STOP', true],
        ['onDemandUserStart', 'START', false],
      ],
    )
    const [first, second] = recordings
    assert.notEqual(first?.opening.recordingId, second?.opening.recordingId)
    assert.equal(first?.opening.callId, second?.opening.callId)
    assert.equal(first?.opening.callSessionId, second?.opening.callSessionId)
    assert.equal(first?.notes[0]?.kind, 'activity')
    assert.equal(second?.notes[0]?.kind, 'activity')
    assert.equal(world.records[0]?.recordings.length, 2)
  })

  it('is allowed by mode (403)', () => {
    const allowed: Readonly<Record<RecordingMode, readonly Kind[]>> = {
      Always: [],
      'Always with Pause/Resume': ['pauseRecording', 'resumeRecording'],
      'On Demand with User Initiated Start': KINDS,
      Never: [],
    }
    for (const mode of Object.keys(allowed) as RecordingMode[]) {
      // The keys are the modes.
      const { world } = talkingWith({ 'acme-102': { mode } })
      const callId = world.list('acme-102')[0]?.callId ?? ''
      for (const kind of KINDS)
        for (const more of [{}, { callId }]) {
          const isForbidden = ask(world, kind, more) === 'recording_mode_forbids'
          assert.equal(isForbidden, !allowed[mode].includes(kind), `${mode} ${kind}`)
        }
      endAll(world)
    }
  })

  it('is allowed by the state of the recording (409)', () => {
    const { world } = talkingWith({ 'acme-102': ON_DEMAND })
    const expect = (state: string | undefined, allowed: readonly Kind[]): void => {
      assert.equal(world.list('acme-102')[0]?.recordingState, state)
      for (const kind of KINDS)
        if (!allowed.includes(kind)) assert.equal(ask(world, kind), 'recording_state_forbids', kind)
    }
    expect(undefined, ['startRecording'])
    world.media.recording = 'hangs'
    ask(world, 'startRecording')
    expect('pending', []) // A stop while it opens, too.
    const [opened] = sent(world, 'openRecording')
    world.say({ kind: 'recordingOpened', recording: opened?.recording ?? '' })
    expect('started', ['stopRecording', 'pauseRecording'])
    ask(world, 'pauseRecording')
    expect('paused', ['stopRecording', 'resumeRecording'])
    ask(world, 'stopRecording')
    expect('stopped', ['startRecording'])
    endAll(world)
  })

  it('goes on, and may be paused, while either side holds; nothing is in it then', () => {
    const { world, caller, callee } = talkingWith({ 'acme-102': { mode: 'Always with Pause/Resume' } })
    for (const phone of [caller, callee]) {
      phone.reinvite('sendonly')
      world.run(300)
      assert.equal(ask(world, 'pauseRecording'), 'done')
      assert.equal(ask(world, 'resumeRecording'), 'done')
      phone.reinvite('sendrecv')
      world.run(300)
    }
    assert.equal(sent(world, 'openRecording').length, 1)
    assert.equal(world.list('acme-102')[0]?.recordingState, 'started')
    endAll(world)
  })

  it('is refused before the answer, after the end, and of others’ calls', () => {
    const { world, phones } = worldOf({ 'acme-102': ON_DEMAND, 'acme-103': ON_DEMAND })
    phones[0]?.invite('102')
    world.run(300)
    const callId = world.list('acme-102')[0]?.callId ?? ''
    assert.equal(ask(world, 'startRecording', { callId }), 'call_state_forbids')
    assert.equal(ask(world, 'startRecording'), 'call_ambiguous')
    phones[1]?.answer()
    world.run(300)
    assert.equal(ask(world, 'startRecording', { callId, line: 'acme-103' }), 'call_not_found')
    endAll(world)
    assert.equal(ask(world, 'startRecording', { callId }), 'call_not_found')
  })

  it('without an id means the only call that qualifies (Ruling 18)', () => {
    const { world, callee, others } = talkingWith({ 'acme-102': ON_DEMAND })
    ask(world, 'startRecording')
    world.run(100)
    callee.reinvite('sendonly')
    world.run(300)
    const [third] = others
    assert.ok(third !== undefined)
    call(world, third, callee)
    assert.equal(world.list('acme-102').length, 2)
    assert.equal(ask(world, 'pauseRecording'), 'done', 'only one is being recorded')
    assert.equal(ask(world, 'startRecording'), 'done', 'only one is not')
    world.run(100)
    assert.deepEqual(
      world.list('acme-102').map(({ recordingState }) => recordingState),
      ['paused', 'started'],
    )
    assert.equal(ask(world, 'stopRecording'), 'call_ambiguous')
    endAll(world)
  })
})

describe('what people hear of it (contract, call-recording settings §1)', () => {
  const heard = (world: World): string[] =>
    sent(world, 'play')
      .filter(({ over }) => over === true)
      .map(
        ({ leg, recordings, sound }) =>
          `${leg.slice(-1)} ${'name' in sound ? sound.name : sound.kind}${recordings === undefined ? '' : ' kept'}`,
      )

  it('is a beep at pause and resume, to both ears; only what is after the resume is kept', () => {
    const { world } = talkingWith({ 'acme-102': { ...ON_DEMAND, notification: 'Beep' } })
    ask(world, 'startRecording')
    world.run(100)
    world.trace()
    ask(world, 'pauseRecording')
    assert.deepEqual(heard(world), ['1 beep', '2 beep'])
    assert.equal(world.trace()[0], 'media pauseRecording', 'no word slips in')
    ask(world, 'resumeRecording')
    assert.deepEqual(heard(world).slice(2), ['1 beep kept', '2 beep'])
    assert.equal(world.trace()[0], 'media resumeRecording')
    endAll(world)
  })

  it('is words, or the line’s own clips, that the document names', () => {
    const announcements = { resume: 'again' }
    const settings: RecordingSettings = { ...ON_DEMAND, announcements, notification: 'Play Announcement' }
    const { world } = talkingWith({ 'acme-102': settings })
    ask(world, 'startRecording')
    world.run(100)
    ask(world, 'pauseRecording')
    ask(world, 'resumeRecording')
    assert.deepEqual(heard(world), ['1 recordingPaused', '2 recordingPaused', '1 again kept', '2 again'])
    const [recording] = journaled(world, 'acme-102')
    assert.deepEqual(
      recording?.notes.flatMap((note) => (note.kind === 'announcement' ? [note.file] : [])),
      ['prompt:recordingPaused', 'again'],
    )
    endAll(world)
  })

  it('is nothing with None, and nothing at a stop unless start and stop are announced', () => {
    for (const [announceInternal, expected] of [
      [false, []],
      [true, ['1 recordingStopped', '2 recordingStopped']],
    ] as const) {
      const { world } = talkingWith({ 'acme-102': { ...ON_DEMAND, announceInternal, notification: 'None' } })
      ask(world, 'startRecording')
      world.run(3_000)
      ask(world, 'pauseRecording')
      ask(world, 'resumeRecording')
      ask(world, 'stopRecording')
      assert.deepEqual(heard(world), expected)
      endAll(world)
    }
  })

  it('is a beep every so often, kept, and not while paused, held, stopped or over', () => {
    for (const repeatSeconds of [10, 1_800]) {
      const { world, callee } = talkingWith({ 'acme-102': { ...ON_DEMAND, repeatSeconds } })
      ask(world, 'startRecording')
      world.run(100)
      const beats = (count: number): number => {
        const before = heard(world).length
        world.run(count * repeatSeconds * 1_000)
        return heard(world).length - before
      }
      assert.equal(beats(3), 6, 'three beeps, two ears')
      ask(world, 'pauseRecording')
      assert.equal(beats(2), 0)
      ask(world, 'resumeRecording')
      callee.reinvite('sendonly')
      assert.equal(beats(2), 0)
      callee.reinvite('sendrecv')
      assert.equal(beats(1), 2)
      assert.equal(heard(world).at(-2), '1 beep kept')
      ask(world, 'stopRecording')
      assert.equal(beats(2), 0)
      endAll(world)
    }
  })
})
