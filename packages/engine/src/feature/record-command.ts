/**
 * Recording by command (contract, call controls §5.6): start, stop, pause and resume, from the API and by code.
 *
 * The line's mode says whether it may at all (403), then the recording's state whether it can now (409). A start makes a new
 * recording each time. A pause holds from the moment of the reply: people are told of it afterwards.
 */
import { arrange } from '../bridge/arrange.ts'
import type { CallActor, CallResult } from '../commands.ts'
import type { RecordingMode } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import type { RecordingNote } from '../recording-facts.ts'
import type { Core } from '../session/core.ts'
import { announcePause, announceStop } from '../tap/announcement.ts'
import { closeRecording, openRecording } from '../tap/record.ts'
import type { Recording } from '../tap/recording.ts'
import { lineOf, withQualified } from './actor.ts'

/** What may be done to the recording of a call. */
export type RecordAction = 'start' | 'stop' | 'pause' | 'resume'

const ACTIONS = {
  startRecording: 'start',
  stopRecording: 'stop',
  pauseRecording: 'pause',
  resumeRecording: 'resume',
} as const

const MODES: Readonly<Record<RecordingMode, readonly RecordAction[]>> = {
  Always: [],
  'Always with Pause/Resume': ['pause', 'resume'],
  'On Demand with User Initiated Start': ['start', 'stop', 'pause', 'resume'],
  Never: [],
}

const MODE_FORBIDS: CallResult = { kind: 'refused', error: 'recording_mode_forbids' }
const STATE_FORBIDS: CallResult = { kind: 'refused', error: 'recording_state_forbids' }

/** Carries out the four commands. */
export function record(
  core: Core,
  id: number,
  command: {
    readonly kind: keyof typeof ACTIONS
    readonly actor: CallActor
    readonly callId?: string
  },
): void {
  const action = ACTIONS[command.kind]
  const line = lineOf(core, command.actor)
  // Without an id nothing but the line can be asked first; the state of a call that is named comes after its being there.
  const mode = typeof line === 'object' ? line.recording.mode : undefined
  if (command.callId === undefined && mode !== undefined && !MODES[mode].includes(action)) {
    core.reply(id, MODE_FORBIDS)
    return
  }
  const qualifies = (half: CallHalf): boolean => isTalk(half) && allows(half, action)
  withQualified(core, id, command, [qualifies, isTalk], (half) =>
    core.reply(id, recordBy(core, half, action)),
  )
}

/** Does one of the four things to the recording of a call. */
export function recordBy(core: Core, half: CallHalf, action: RecordAction): CallResult {
  if (!MODES[half.line.recording.mode].includes(action)) return MODE_FORBIDS
  if (!isTalk(half)) return { kind: 'refused', error: 'call_state_forbids' }
  if (!allows(half, action)) return STATE_FORBIDS
  const { recording } = half
  switch (action) {
    case 'start':
      noteAction(core, openRecording(core, half), 'START')
      core.publish(half, 'updated', 'recording')
      arrange(core, half.session)
      return { kind: 'done' }
    case 'stop':
      if (recording !== undefined) stop(core, recording)
      return { kind: 'done' }
    case 'pause':
      if (recording !== undefined) pause(core, recording)
      return { kind: 'done' }
    case 'resume':
      if (recording !== undefined) resume(core, recording)
      return { kind: 'done' }
  }
}

/** Whether people talk in this call, or could if nobody held it. A call with a machine of ours is no talk. */
function isTalk(half: CallHalf): boolean {
  return half.phase === 'connected' && half.leg !== undefined && half.machine === undefined
}

function allows(half: CallHalf, action: RecordAction): boolean {
  const { recordingState: state } = half
  switch (action) {
    case 'start':
      return state === undefined || state === 'stopped' || state === 'failed'
    case 'stop':
      return state === 'started' || state === 'paused'
    case 'pause':
      return state === 'started'
    case 'resume':
      return state === 'paused'
  }
}

function stop(core: Core, recording: Recording): void {
  const { owner } = recording
  noteAction(core, recording, 'STOP')
  closeRecording(core, recording, { callContinues: true })
  core.publish(owner, 'updated', 'recording')
  announceStop(core, recording)
}

function pause(core: Core, recording: Recording): void {
  core.media({ kind: 'pauseRecording', recording: recording.id, at: core.wallNow })
  noteAction(core, recording, 'PAUSE')
  recording.become('paused')
  core.publish(recording.owner, 'updated', 'recording')
  announcePause(core, recording, 'pause')
}

function resume(core: Core, recording: Recording): void {
  core.media({ kind: 'resumeRecording', recording: recording.id, at: core.wallNow })
  noteAction(core, recording, 'RESUME')
  recording.become('started')
  core.publish(recording.owner, 'updated', 'recording')
  announcePause(core, recording, 'resume')
}

function noteAction(
  core: Core,
  recording: Recording,
  action: Extract<RecordingNote, { kind: 'action' }>['action'],
): void {
  const note: RecordingNote = { kind: 'action', action, at: core.wallNow }
  core.media({ kind: 'note', recording: recording.id, at: note.at, note: JSON.stringify(note) })
}
