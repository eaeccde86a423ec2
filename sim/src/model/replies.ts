/**
 * Every command has exactly one reply, in time, and one that the contract allows for the state that the call showed when
 * the command was given (call controls §3, §4).
 */
import type { Instant } from '@tandem/base'
import type { CallCommand, CallResult, CallState, CallView, DirectorySnapshot } from '@tandem/engine'
import type { Half, Halves } from './halves.ts'
import { broken } from './rule.ts'

type Kind = CallCommand['kind']

/** States in which a command about one call may be done; in all others it is refused. Where a kind is absent, any. */
const STATES: Partial<Record<Kind, readonly CallState[]>> = {
  answer: ['alerting'],
  reject: ['alerting'],
  hold: ['connected', 'remoteHeld'],
  resume: ['held'],
  mute: ['connected', 'held'],
  unmute: ['connected', 'held'],
  divert: ['alerting', 'connected', 'held', 'remoteHeld'],
  park: ['connected', 'held'],
  startRecording: ['connected', 'held', 'remoteHeld'],
  stopRecording: ['connected', 'held', 'remoteHeld'],
  pauseRecording: ['connected', 'held', 'remoteHeld'],
  resumeRecording: ['connected', 'held', 'remoteHeld'],
  transmitDtmf: ['connected'],
  push: ['connected', 'held', 'remoteHeld'],
}

/** What a command is answered with when it succeeds; `done` where absent. */
const SUCCESS: Partial<Record<Kind, CallResult['kind']>> = {
  list: 'calls',
  details: 'call',
  dial: 'placed',
  retrieve: 'placed',
  pickup: 'placed',
  bargeIn: 'placed',
  pull: 'placed',
  park: 'parked',
  conference: 'conference',
  trace: 'trace',
}

/** Errors that come before the question whether there is such a call (contract, call controls §3). */
const BEFORE_THE_CALL: readonly string[] = [
  'line_owner_forbidden',
  'destination_invalid',
  'destination_missing',
  'endpoint_unknown',
  'dtmf_invalid',
  'transfer_calls_invalid',
  'conference_calls_invalid',
]

interface Waiting {
  readonly command: CallCommand
  readonly until: Instant
  /** The call that it names, as it was shown then. */
  readonly view: CallView | undefined
  readonly half: Half | undefined
  /** The call that it names is none of the actor's. */
  readonly isForeign: boolean
}

/** All commands that were given. */
export class Replies {
  readonly #halves: Halves
  readonly #directory: DirectorySnapshot
  readonly #waiting = new Map<number, Waiting>()
  readonly #replied = new Set<number>()
  /** Calls that a reply of this turn has called gone. */
  #gone: { readonly half: Half; readonly said: string }[] = []

  constructor(halves: Halves, directory: DirectorySnapshot) {
    this.#halves = halves
    this.#directory = directory
  }

  /** A command is given; it is to be answered by `until`. */
  asked(id: number, command: CallCommand, until: Instant): void {
    const callId = 'callId' in command ? command.callId : undefined
    const half = callId === undefined ? undefined : this.#halves.of(callId)
    const lineId = 'actor' in command ? (command.actor.lineOwnerId ?? command.actor.lineId) : undefined
    const isForeign = callId !== undefined && half?.lineId !== lineId
    this.#waiting.set(id, { command, until, view: half?.view, half, isForeign })
  }

  /** A reply has come. */
  replied(id: number, result: CallResult): CallCommand {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined)
      broken(`command ${id} is ${this.#replied.has(id) ? 'answered once' : 'one that was given'}`)
    this.#waiting.delete(id)
    this.#replied.add(id)
    const { command, half } = waiting
    const said = `${JSON.stringify(command)} is answered ${JSON.stringify(result)}`
    const about = half === undefined ? {} : { callIds: [half.callId] }
    if (result.kind === 'refused') {
      if (waiting.isForeign && result.error !== 'call_not_found' && !BEFORE_THE_CALL.includes(result.error))
        broken(`${said}: a call of another is not found`, about)
      if (!waiting.isForeign && result.error === 'call_not_found' && half !== undefined)
        this.#gone.push({ half, said })
      this.#checkRefused(waiting, said)
      return command
    }
    if (waiting.isForeign) broken(`${said}: a call of another is not found`, about)
    if (this.#isForbidden(command)) broken(`${said}: the line is not the caller's`, about)
    const expected = SUCCESS[command.kind] ?? 'done'
    const isMuteTransfer = command.kind === 'transfer' && result.kind === 'placed'
    if (result.kind !== expected && !isMuteTransfer) broken(`${said}: not by ${expected}`, about)
    const states = STATES[command.kind]
    if (states !== undefined && waiting.view !== undefined && !states.includes(waiting.view.state))
      broken(`${said}: it was ${waiting.view.state}`, about)
    return command
  }

  /** The turn is over: what was said to be gone is gone. */
  turnOver(): void {
    for (const { half, said } of this.#gone)
      if (!this.#halves.hasEnded(half.callId))
        broken(`${said}: the call is there`, { callIds: [half.callId] })
    if (this.#gone.length > 0) this.#gone = []
  }

  /** Nobody waits for longer than was promised. */
  checkTime(now: Instant): void {
    for (const [id, { command, until, half }] of this.#waiting) {
      if (now <= until) return // They are asked in order of time.
      broken(`command ${id}, ${JSON.stringify(command)}, is answered in time`, {
        callIds: half === undefined ? [] : [half.callId],
      })
    }
  }

  /** What is always possible is not refused. */
  #checkRefused({ command, view, isForeign }: Waiting, said: string): void {
    if (view === undefined || isForeign || this.#isForbidden(command)) return
    const { state, personality } = view
    const isAlways =
      command.kind === 'hangup' ||
      command.kind === 'details' ||
      ((command.kind === 'mute' || command.kind === 'unmute') && STATES.mute?.includes(state)) ||
      (command.kind === 'reject' && state === 'alerting' && personality === 'terminator')
    if (isAlways) broken(`${said}: it was ${state}`, { callIds: [view.callId] })
  }

  /** Whether the command is for a line that appears on none of the caller's own phones. */
  #isForbidden(command: CallCommand): boolean {
    if (!('actor' in command)) return false
    const { lineId, lineOwnerId, orgId } = command.actor
    if (lineOwnerId === undefined || lineOwnerId === lineId) return false
    return !this.#directory.devices.some(
      (device) =>
        device.orgId === orgId &&
        device.lineId === lineId &&
        device.secondaryLineIds?.includes(lineOwnerId) === true,
    )
  }
}
