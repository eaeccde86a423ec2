/**
 * The words of the spoken prompts that come with Tandem. Their audio lies beside this package's sources, one file of
 * headerless G.711 µ-law each, made from this very table by `prompts/make-prompts.sh`.
 *
 * Whoever reads files hands them to a `MediaMachine` as clips: `promptClip` and `digitClip` say under which names. Those
 * hold a colon, so that no uploaded clip can be taken for one of them.
 */
import type { PromptName } from '../port.ts'

/** What each prompt says. Short ones: people wait for them. */
export const PROMPTS: Readonly<Record<PromptName, string>> = {
  recordingStarted: 'This call is being recorded.',
  recordingStopped: 'The recording has stopped.',
  recordingPaused: 'The recording is paused.',
  recordingResumed: 'The recording goes on.',
  recordingFailed: 'This call cannot be recorded.',
  recordingFailedGoodbye: 'This call cannot be recorded, and ends now. Goodbye.',
  voicemailGreeting: 'The person you are calling is not available. Please leave a message after the tone.',
  voicemailEnterPin: 'Please enter your pin, then press hash.',
  voicemailWrongPin: 'That pin is not correct.',
  voicemailNoMessages: 'You have no messages.',
  voicemailNewMessages: 'new messages.',
  voicemailOldMessages: 'old messages.',
  voicemailMenu: 'To hear it again, press 1. To delete it, press 3. For the next one, press hash.',
  voicemailDeleted: 'The message is deleted.',
  voicemailEnd: 'There are no more messages.',
  parkedAt: 'The call is parked at',
  notPossible: 'That is not possible.',
  done: 'Done.',
  goodbye: 'Goodbye.',
}

/** What is said for each character of `digits`; others are passed over. */
export const DIGIT_WORDS: Readonly<Record<string, string>> = {
  '0': 'zero.',
  '1': 'one.',
  '2': 'two.',
  '3': 'three.',
  '4': 'four.',
  '5': 'five.',
  '6': 'six.',
  '7': 'seven.',
  '8': 'eight.',
  '9': 'nine.',
  '*': 'star.',
  '#': 'hash.',
}

const FILE_OF_DIGIT: Readonly<Record<string, string>> = { '*': 'star', '#': 'hash' }

/** The clip that holds a prompt. */
export function promptClip(name: PromptName): string {
  return `prompt:${name}`
}

/** The clip that holds a spoken digit; undefined for what is no digit, `*` or `#`. */
export function digitClip(digit: string): string | undefined {
  return DIGIT_WORDS[digit] === undefined ? undefined : `prompt:digit-${FILE_OF_DIGIT[digit] ?? digit}`
}

/** The file, in the folder of prompts, of a clip that comes with Tandem; undefined for any other clip. */
export function promptFile(clip: string): string | undefined {
  const name = /^prompt:([A-Za-z0-9-]{1,64})$/.exec(clip)?.[1]
  return name === undefined ? undefined : `${name}.ulaw`
}
