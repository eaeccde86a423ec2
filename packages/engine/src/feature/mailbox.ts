/**
 * A line listens to its mailbox by telephone: PIN if there is one, how many messages, each of them, and keys.
 *
 * `1` plays a message again, `3` deletes it, `#` goes to the next, `*` ends. New messages come before old ones. What was
 * heard or deleted goes out as events; the server keeps the mailbox and hands it in again.
 */
import type { Sound } from '@tandem/media'
import type { DirectoryLine, Mailbox } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import type { Attempt } from '../route/attempt.ts'
import type { Core } from '../session/core.ts'
import { leaveCall } from '../session/finish.ts'
import { tellResult } from './feature-code.ts'
import { holdOthers } from './hold.ts'
import { type MailboxVisit, speak } from './machine.ts'
import { answerByMachine } from './voicemail.ts'

/** Wrong PINs in one call before it ends. */
export const PIN_TRIES_MAX = 3
/** Longest PIN that is read, in digits. */
export const PIN_DIGITS_MAX = 16
/** How long the next key is waited for. */
export const KEY_MS_MAX = 10_000
/** Most messages that one call goes through; the next call goes on with the rest. */
export const MESSAGES_MAX = 100

/** Whoever waits opens the mailbox of their own line. */
export function openMailbox(core: Core, attempt: Attempt): void {
  const { caller } = attempt
  const { line } = caller
  const mailbox = core.mailboxOf(line)
  const isLocked = line.voicemail?.pin !== undefined && core.pinAttempts.isBanned(core.now, pinKey(line))
  if ((line.voicemail === undefined && mailbox === undefined) || isLocked) {
    tellResult(core, attempt, { kind: 'refused', error: 'voicemail_off' })
    return
  }
  const machine: MailboxVisit = {
    kind: 'mailbox',
    stage: 'pin',
    failures: 0,
    typed: '',
    messages: messagesOf(mailbox),
    at: 0,
    token: undefined,
    sounds: 0,
  }
  if (!answerByMachine(core, attempt, machine, line.extension)) return
  holdOthers(core, caller)
  if (line.voicemail?.pin === undefined) sayCounts(core, caller, machine)
  else speak(core, caller, [{ kind: 'prompt', name: 'voicemailEnterPin' }])
}

/** A sound of the visit has ended. */
export function mailboxPlayed(core: Core, half: CallHalf, visit: MailboxVisit): void {
  switch (visit.stage) {
    case 'counts':
      playMessage(core, half, visit)
      return
    case 'message':
      markHeard(core, half, visit)
      visit.stage = 'menu'
      speak(core, half, [{ kind: 'prompt', name: 'voicemailMenu' }])
      return
    case 'pin':
    case 'menu':
      core.arm({ kind: 'half', owner: half, wait: 'voicemail' }, KEY_MS_MAX)
      return
    case 'goodbye':
      leaveCall(core, half, { cause: 'normal', callerStatus: 480 })
      return
  }
}

/** A key of the visitor. */
export function mailboxKey(core: Core, half: CallHalf, visit: MailboxVisit, key: string): void {
  switch (visit.stage) {
    case 'pin':
      pinKeyTyped(core, half, visit, key)
      return
    case 'message':
    case 'menu':
      messageKey(core, half, visit, key)
      return
    case 'counts':
      if (key === '#') playMessage(core, half, visit)
      else if (key === '*') sayGoodbye(core, half, visit)
      return
    case 'goodbye':
      return
  }
}

/** No key came, or a sound did not end. */
export function mailboxWaited(core: Core, half: CallHalf, visit: MailboxVisit): void {
  if (visit.stage === 'goodbye') mailboxPlayed(core, half, visit)
  else sayGoodbye(core, half, visit)
}

function pinKeyTyped(core: Core, half: CallHalf, visit: MailboxVisit, key: string): void {
  core.arm({ kind: 'half', owner: half, wait: 'voicemail' }, KEY_MS_MAX)
  if (key !== '#') {
    visit.typed = (visit.typed + key).slice(0, PIN_DIGITS_MAX + 1) // One too long is wrong, however it goes on.
    return
  }
  const { pin } = half.line.voicemail ?? {}
  const typed = visit.typed
  visit.typed = ''
  const hash = pin === undefined ? '' : core.options.crypto.hash('sha256', `${pin.salt}:${typed}`)
  if (pin !== undefined && hash === pin.hash) {
    core.pinAttempts.succeeded(pinKey(half.line))
    sayCounts(core, half, visit)
    return
  }
  visit.failures += 1
  if (core.pinAttempts.failed(core.now, pinKey(half.line))) core.notice('voicemail PIN locked')
  if (visit.failures >= PIN_TRIES_MAX) {
    sayGoodbye(core, half, visit, [{ kind: 'prompt', name: 'voicemailWrongPin' }])
    return
  }
  speak(core, half, [
    { kind: 'prompt', name: 'voicemailWrongPin' },
    { kind: 'prompt', name: 'voicemailEnterPin' },
  ])
}

function messageKey(core: Core, half: CallHalf, visit: MailboxVisit, key: string): void {
  const message = visit.messages[visit.at]
  if (message === undefined) return
  switch (key) {
    case '1':
      markHeard(core, half, visit)
      playMessage(core, half, visit)
      return
    case '3':
      visit.messages.splice(visit.at, 1)
      emitChange(core, half, message.id, 'deleted')
      playMessage(core, half, visit, [{ kind: 'prompt', name: 'voicemailDeleted' }])
      return
    case '#':
      markHeard(core, half, visit)
      visit.at += 1
      playMessage(core, half, visit)
      return
    case '*':
      markHeard(core, half, visit)
      sayGoodbye(core, half, visit)
      return
  }
}

function sayCounts(core: Core, half: CallHalf, visit: MailboxVisit): void {
  visit.stage = 'counts'
  const fresh = visit.messages.filter((message) => !message.heard).length
  const old = visit.messages.length - fresh
  const sounds: Sound[] = []
  if (fresh > 0)
    sounds.push({ kind: 'digits', digits: String(fresh) }, { kind: 'prompt', name: 'voicemailNewMessages' })
  if (old > 0)
    sounds.push({ kind: 'digits', digits: String(old) }, { kind: 'prompt', name: 'voicemailOldMessages' })
  if (sounds.length > 0) speak(core, half, sounds)
  else sayGoodbye(core, half, visit, [{ kind: 'prompt', name: 'voicemailNoMessages' }])
}

/** Plays the message whose turn it is, after some words; there may be none left. */
function playMessage(core: Core, half: CallHalf, visit: MailboxVisit, words: readonly Sound[] = []): void {
  const message = visit.messages[visit.at]
  if (message === undefined) {
    sayGoodbye(core, half, visit, [...words, { kind: 'prompt', name: 'voicemailEnd' }])
    return
  }
  visit.stage = 'message'
  speak(core, half, [...words, { kind: 'clip', name: message.clip }])
}

function sayGoodbye(core: Core, half: CallHalf, visit: MailboxVisit, words: readonly Sound[] = []): void {
  visit.stage = 'goodbye'
  speak(core, half, [...words, { kind: 'prompt', name: 'goodbye' }])
}

function markHeard(core: Core, half: CallHalf, visit: MailboxVisit): void {
  const message = visit.messages[visit.at]
  if (message === undefined || message.heard) return
  message.heard = true
  emitChange(core, half, message.id, 'heard')
}

function emitChange(core: Core, half: CallHalf, messageId: string, change: 'heard' | 'deleted'): void {
  const { line, session } = half
  core.emit({
    kind: 'event',
    event: { kind: 'mailbox', orgId: session.orgId, lineId: line.id, messageId, change },
  })
}

function messagesOf(mailbox: Mailbox | undefined): MailboxVisit['messages'] {
  const all = mailbox?.messages ?? []
  return [...all.filter((message) => !message.heard), ...all.filter((message) => message.heard)]
    .slice(0, MESSAGES_MAX)
    .map(({ id, clip, heard }) => ({ id, clip, heard }))
}

function pinKey(line: DirectoryLine): string {
  return `${line.orgId} ${line.id}`
}
