/**
 * People who press random buttons of the API: whatever a person's calls allow at that moment, now and then something that
 * they do not allow. A refusal is an answer; a 5xx is counted as a fault, except that a phone may be late (504).
 */
import type { Random } from '@tandem/testing'
import type { Office } from './office.ts'

interface Call {
  readonly id: string
  readonly state: string
  readonly muted: boolean
  readonly recordingState?: string
}

type Act = readonly [name: string, body: object]

/** What makes sense of a recording in each state; a new one in any other. */
const RECORDING_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  started: ['stopRecording', 'pauseRecording'],
  paused: ['stopRecording', 'resumeRecording'],
}
const PHONE_LATE = 504
const PARKED_MAX = 50
/** Of a hundred presses on a call that stands, how many end it. */
const HANG_UP_PERCENT = 8

/** How often each command was done, refused, or failed. */
export interface Tally {
  done: number
  refused: number
  failed: number
}

/** The people of an office and what they remember. */
export class RandomCommands {
  readonly #office: Office
  readonly #random: Random
  readonly #people: number
  readonly #callsMax: number
  /** Where calls are parked, as the API said. */
  readonly #parked: string[] = []
  readonly tallies = new Map<string, Tally>()
  readonly faults: string[] = []

  constructor(office: Office, options: { random: Random; people: number; callsMax: number }) {
    this.#office = office
    this.#random = options.random
    this.#people = options.people
    this.#callsMax = options.callsMax
  }

  /** One person does one thing. */
  async press(): Promise<void> {
    const person = this.#random.below(this.#people)
    const { status, body } = await this.#office.ask(person, 'telephony/calls')
    if (status !== 200) this.faults.push(`list: ${status}`)
    const calls = (body as { items?: Call[] } | undefined)?.items ?? [] // The contract's CallList.
    if (calls.length === 0) await this.#idle(person)
    else await this.#busy(person, this.#random.pick(calls), calls)
  }

  /** Who has no call makes one by phone or by API, takes up a parked one, or joins somebody's. */
  async #idle(person: number): Promise<void> {
    const other = this.#office.extension(this.#random.below(this.#people))
    if (this.#random.chance(0.2)) {
      const destination = this.#parked.shift()
      if (destination !== undefined) await this.#act(person, 'retrieve', { destination })
    } else if (this.#office.farm.legs.size >= 2 * this.#callsMax) {
      if (this.#random.chance(0.1)) await this.#act(person, 'bargeIn', { target: other })
    } else if (this.#random.chance(0.5)) await this.#act(person, 'dial', { destination: other })
    else await this.#callByPhone(person, other)
  }

  async #callByPhone(person: number, other: string): Promise<void> {
    try {
      await this.#office.farm.call(person, other)
      this.#count('call by phone', 'done')
    } catch {
      this.#count('call by phone', 'refused') // Busy, itself, or not answered in time.
    }
  }

  async #busy(person: number, call: Call, calls: readonly Call[]): Promise<void> {
    const { id: callId } = call
    if (this.#random.below(100) < HANG_UP_PERCENT) {
      await this.#act(person, 'hangup', { callId })
      return
    }
    const destination = this.#office.extension(this.#random.below(this.#people))
    const second = calls.find((each) => each !== call)
    const acts: Act[] = [
      [call.state === 'held' ? 'resume' : 'hold', { callId }],
      [call.muted ? 'unmute' : 'mute', { callId }],
      ['park', { callId }],
      ['park', { callId, isGroupPark: true }],
      ['transfer', { callId1: callId, destination }],
      ...(second === undefined ? [] : [['transfer', { callId1: callId, callId2: second.id }] as const]),
      ['transmitDtmf', { callId, dtmf: '1,#' }],
      [this.#random.pick(RECORDING_COMMANDS[call.recordingState ?? ''] ?? ['startRecording']), { callId }],
      ['dial', { destination }],
    ]
    const [name, body] = this.#random.pick(acts)
    await this.#act(person, name, body)
  }

  async #act(person: number, name: string, body: object): Promise<void> {
    const answer = await this.#office.ask(person, `telephony/calls/${name}`, body)
    if (answer.status >= 500 && answer.status !== PHONE_LATE) {
      this.#count(name, 'failed')
      this.faults.push(`${name}: ${answer.status} ${JSON.stringify(answer.body)}`)
      return
    }
    this.#count(name, answer.status < 300 ? 'done' : 'refused')
    const { parkedAgainst } = (answer.body ?? {}) as { parkedAgainst?: { number?: string } }
    if (parkedAgainst?.number !== undefined && this.#parked.length < PARKED_MAX)
      this.#parked.push(parkedAgainst.number)
  }

  #count(name: string, what: keyof Tally): void {
    const tally = this.tallies.get(name) ?? { done: 0, refused: 0, failed: 0 }
    tally[what] += 1
    this.tallies.set(name, tally)
  }
}
