/**
 * What a half talks to when there is nobody: a mailbox that takes a message, one that is listened to, a spoken answer.
 *
 * Such a half has no peer and is left alone by `arrange`. What it hears is told with a token, whose end moves the machine
 * on; keys and waits move it too. Each kind has its own file, and here is only which one is meant.
 */
import type { Sound } from '@tandem/media'
import { arrange, fallSilent } from '../bridge/arrange.ts'
import type { DirectoryLine } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import type { Leg } from '../leg/leg.ts'
import type { Core } from '../session/core.ts'
import type { Recording } from '../tap/recording.ts'
import { answerSpoken } from './feature-code.ts'
import { mailboxKey, mailboxPlayed, mailboxWaited } from './mailbox.ts'
import { depositKey, depositPlayed, depositWaited, endDeposit } from './voicemail.ts'

/** How long the end of a sound is waited for, in milliseconds: longer than any message, so that nobody waits for ever. */
export const SOUND_MS_MAX = 300_000

interface Speaking {
  /** Names the sound that plays now; the end of an older one is none of ours. */
  token: string | undefined
  /** How many sounds it has begun. */
  sounds: number
}

/** A caller speaks to the mailbox of `owner`. */
export interface Deposit extends Speaking {
  readonly kind: 'voicemail'
  readonly owner: DirectoryLine
  stage: 'greeting' | 'beep' | 'message' | 'over'
  /** The message, from the beep on. */
  recording: Recording | undefined
  /** When the beep was over, on the monotonic clock. */
  beganAt: number | undefined
}

/** A line listens to its own mailbox. */
export interface MailboxVisit extends Speaking {
  readonly kind: 'mailbox'
  stage: 'pin' | 'counts' | 'message' | 'menu' | 'goodbye'
  /** Wrong PINs so far. */
  failures: number
  /** Digits of the PIN so far. */
  typed: string
  /** Messages still there, oldest first, new ones before old ones; `at` is the one that is played. */
  readonly messages: { readonly id: string; readonly clip: string; heard: boolean }[]
  at: number
}

/** A code was carried out, or not: a few words, and the call ends. */
export interface SpokenAnswer extends Speaking {
  readonly kind: 'announcement'
}

/** The state of what a half talks to. */
export type HalfMachine = Deposit | MailboxVisit | SpokenAnswer

/** Puts a half, whose phone has answered or is answered, before a machine: nobody else is in the call with it. */
export function setMachine(core: Core, half: CallHalf, machine: HalfMachine): void {
  half.peer = undefined
  half.machine = machine // From now on it is no part of a talk, whoever stays behind.
  if (half.leg !== undefined) fallSilent(core, half.leg)
  arrange(core, half.session)
}

/** Plays a sound to a half before its machine, in place of what it hears; its end is told by `machinePlayed`. */
export function speak(core: Core, half: CallHalf, sounds: readonly Sound[]): void {
  const { leg, machine } = half
  if (leg === undefined || leg.released || machine === undefined) return
  machine.sounds += 1
  machine.token = `machine-${machine.sounds}`
  const [only] = sounds
  const sound: Sound = sounds.length === 1 && only !== undefined ? only : { kind: 'sequence', sounds }
  leg.hearing = { kind: 'sound', sound }
  core.media({ kind: 'play', leg: leg.id, sound, token: machine.token })
  core.arm({ kind: 'half', owner: half, wait: 'voicemail' }, SOUND_MS_MAX)
}

/** A sound has ended; true when it was a machine's. */
export function machinePlayed(core: Core, leg: Leg, token: string): boolean {
  const { half } = leg
  const { machine } = half
  if (machine === undefined || half.leg !== leg || half.phase === 'disconnected' || machine.token !== token)
    return token.startsWith('machine-')
  machine.token = undefined
  switch (machine.kind) {
    case 'voicemail':
      depositPlayed(core, half, machine)
      return true
    case 'mailbox':
      mailboxPlayed(core, half, machine)
      return true
    case 'announcement':
      answerSpoken(core, half)
      return true
  }
}

/** A key was pressed in a call; true when a machine took it. */
export function machineKey(core: Core, half: CallHalf, key: string): boolean {
  const { machine } = half
  if (machine === undefined || half.phase !== 'connected') return false
  switch (machine.kind) {
    case 'voicemail':
      depositKey(core, half, machine, key)
      return true
    case 'mailbox':
      mailboxKey(core, half, machine, key)
      return true
    case 'announcement':
      return true
  }
}

/** The wait of a machine is over. */
export function machineWaited(core: Core, half: CallHalf): void {
  const { machine } = half
  if (machine === undefined || half.phase !== 'connected') return
  switch (machine.kind) {
    case 'voicemail':
      depositWaited(core, half, machine)
      return
    case 'mailbox':
      mailboxWaited(core, half, machine)
      return
    case 'announcement':
      answerSpoken(core, half)
      return
  }
}

/** The half ends, and its machine with it: what was left is kept or thrown away. */
export function endMachine(core: Core, half: CallHalf): void {
  if (half.machine?.kind === 'voicemail') endDeposit(core, half.machine)
}
