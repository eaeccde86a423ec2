/**
 * A mailbox takes a message: it answers in its owner's place, says its greeting, beeps, and records what the caller says
 * until they hang up, press `#` or have spoken as long as a message may be.
 *
 * The message is a recording of its own that the server hands to the mailbox; it is none of anybody's call recordings,
 * unless the owner's settings ask for one beside it. Who says nothing leaves nothing.
 */
import { answerCaller } from '../bridge/connect.ts'
import type { DirectoryLine } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import { configure } from '../leg/media.ts'
import type { Attempt } from '../route/attempt.ts'
import type { Core } from '../session/core.ts'
import { leaveCall } from '../session/finish.ts'
import { closeVoicemail, openVoicemail } from '../tap/voicemail.ts'
import { failAttempt, type Obstacle } from './calling.ts'
import { holdOthers } from './hold.ts'
import { type Deposit, type HalfMachine, setMachine, speak } from './machine.ts'
import { unpark } from './park.ts'
import { completeRefer } from './refer.ts'

/** How long one message may be, unless the limits say otherwise. */
export const MESSAGE_MS_MAX = 180_000
/** What is shorter is somebody who hung up at the beep. */
export const MESSAGE_MS_MIN = 1_000

const OVER = { cause: 'normal', callerStatus: 480 }

/** Whether the mailbox of a line takes a call that met this. A line whose phones are gone counts as not answering. */
export function takesMessages(line: DirectoryLine, obstacle: Obstacle): boolean {
  const { voicemail } = line
  if (voicemail === undefined) return false
  switch (obstacle) {
    case 'always':
      return voicemail.always === true
    case 'busy':
      return voicemail.busy
    case 'noAnswer':
    case 'unavailable':
      return voicemail.noAnswer
  }
}

/** The mailbox of `owner` answers whoever waits. A mute transfer wants a person: for it nobody has answered. */
export function deposit(core: Core, attempt: Attempt, owner: DirectoryLine): void {
  const { caller } = attempt
  if (attempt.purpose.kind === 'transfer') {
    failAttempt(core, attempt, { cause: 'noAnswer', callerStatus: 480 })
    return
  }
  caller.expected = owner
  const machine: Deposit = {
    kind: 'voicemail',
    owner,
    stage: 'greeting',
    recording: undefined,
    beganAt: undefined,
    token: undefined,
    sounds: 0,
  }
  if (!answerByMachine(core, attempt, machine, owner.extension)) return
  holdOthers(core, caller)
  const { greeting } = owner.voicemail ?? {}
  speak(core, caller, [
    greeting === undefined ? { kind: 'prompt', name: 'voicemailGreeting' } : { kind: 'clip', name: greeting },
  ])
}

/** Whoever waits in `attempt` is answered by a machine, and sees its call connected. False when that cannot be. */
export function answerByMachine(
  core: Core,
  attempt: Attempt,
  machine: HalfMachine,
  contactUser: string,
): boolean {
  const { caller } = attempt
  const { session } = caller
  const wasTalking = caller.answeredAt !== undefined
  caller.peer = undefined
  if (!answerCaller(core, caller, contactUser) || caller.leg === undefined) return false
  session.attempt = undefined
  if (attempt.purpose.kind === 'refer') completeRefer(core, attempt.purpose)
  if (caller.parkedAgainst !== undefined) unpark(core, caller)
  core.disarm({ kind: 'failureTone', owner: session })
  session.phase = 'connected'
  session.answeredAt ??= core.wallNow
  caller.phase = 'connected'
  caller.answeredAt ??= core.wallNow
  configure(core, caller.leg)
  setMachine(core, caller, machine)
  core.publish(caller, 'updated', wasTalking ? 'updated' : 'connected')
  return true
}

/** The greeting is over, or the beep. */
export function depositPlayed(core: Core, half: CallHalf, machine: Deposit): void {
  switch (machine.stage) {
    case 'greeting':
      machine.stage = 'beep'
      machine.recording = openVoicemail(core, half, machine.owner)
      speak(core, half, [{ kind: 'beep' }])
      return
    case 'beep':
      machine.stage = 'message'
      machine.beganAt = core.now
      core.arm({ kind: 'half', owner: half, wait: 'voicemail' }, core.limits.voicemailMsMax ?? MESSAGE_MS_MAX)
      return
    case 'message':
      return
    case 'over':
      leaveCall(core, half, OVER)
      return
  }
}

/** `#` skips the greeting, and ends a message. */
export function depositKey(core: Core, half: CallHalf, machine: Deposit, key: string): void {
  if (key !== '#') return
  if (machine.stage === 'greeting') depositPlayed(core, half, machine)
  else if (machine.stage === 'message') finishMessage(core, half, machine)
}

/** The message is as long as it may be, or a sound did not end: what was said is kept. */
export function depositWaited(core: Core, half: CallHalf, machine: Deposit): void {
  if (machine.stage === 'message') finishMessage(core, half, machine)
  else depositPlayed(core, half, machine)
}

/** Nothing can be kept of the message: the caller is told so instead of being left to speak to nobody. */
export function depositFailed(core: Core, half: CallHalf): void {
  const { machine } = half
  if (machine?.kind !== 'voicemail' || machine.stage === 'over' || half.phase !== 'connected') return
  endDeposit(core, machine) // What was begun beside the message ends with it.
  machine.stage = 'over'
  speak(core, half, [
    { kind: 'prompt', name: 'notPossible' },
    { kind: 'prompt', name: 'goodbye' },
  ])
}

/** While the caller holds, nothing is taken of what they say; `arrange` asks for this after every change. */
export function attachDeposit(core: Core, half: CallHalf): void {
  const { leg, machine } = half
  if (machine?.kind !== 'voicemail' || leg === undefined || leg.released) return
  for (const recording of [machine.recording, machine.recording?.beside]) {
    if (recording === undefined || !recording.isOpen || recording.attached.has(leg.id) !== half.holding)
      continue
    if (half.holding) {
      recording.attached.delete(leg.id)
      core.media({ kind: 'detach', recording: recording.id, leg: leg.id })
    } else {
      recording.attached.set(leg.id, 'right')
      core.media({ kind: 'attach', recording: recording.id, side: 'right', leg: leg.id })
    }
  }
}

function finishMessage(core: Core, half: CallHalf, machine: Deposit): void {
  endDeposit(core, machine)
  machine.stage = 'over'
  speak(core, half, [{ kind: 'prompt', name: 'goodbye' }])
}

/** The message is over: handed to the mailbox, or thrown away when nothing was said. */
export function endDeposit(core: Core, machine: Deposit): void {
  const { recording, beganAt } = machine
  machine.recording = undefined
  if (recording === undefined) return
  const saidNothing = beganAt === undefined || core.now - beganAt < MESSAGE_MS_MIN
  closeVoicemail(core, recording, { discarded: saidNothing })
}
