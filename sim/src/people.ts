/**
 * What people do by API: random commands with arguments that mostly make sense for the call they are about, and sometimes
 * none at all: unknown ids, calls of others, lines of others, destinations that nobody can read.
 */
import type { CallActor, CallCommand, CallState, DirectoryLine, DirectorySnapshot } from '@tandem/engine'
import type { Random } from '@tandem/testing'
import { EXECUTIVE } from './directory.ts'
import type { Half, Halves } from './model/halves.ts'

/** Kinds that name one call and nothing else. */
type PlainKind =
  | 'hangup'
  | 'hold'
  | 'resume'
  | 'mute'
  | 'unmute'
  | 'details'
  | 'answer'
  | 'addParticipant'
  | 'deafen'
  | 'undeafen'

const UNREADABLE = ['', 'not a number', 'sip:', '+', '*', 'x@', '101 102;']
const UNKNOWN_CALLS = ['callhalf-1:0', 'nonsense', '', 'callhalf-1000000001:0']
const PLAIN: readonly PlainKind[] = [
  'hangup',
  'hold',
  'resume',
  'mute',
  'unmute',
  'details',
  'answer',
  'addParticipant',
  'deafen',
  'undeafen',
]
const RECORD = ['startRecording', 'stopRecording', 'pauseRecording', 'resumeRecording'] as const
const CONFER = [
  'releaseConference',
  'holdConference',
  'resumeConference',
  'resumeConference',
  'conference',
] as const

/** Makes commands. */
export class People {
  readonly #random: Random
  readonly #halves: Halves
  readonly #directory: DirectorySnapshot

  constructor(random: Random, halves: Halves, directory: DirectorySnapshot) {
    this.#random = random
    this.#halves = halves
    this.#directory = directory
  }

  /** Somebody's next command; with few exceptions about a call that they have. */
  command(): CallCommand {
    const random = this.#random
    const half = this.#someHalf()
    if (half === undefined || random.chance(0.15)) return this.#opening(this.#someLine())
    const hosted = random.chance(0.2) ? this.#hostedCall() : undefined
    if (hosted !== undefined) {
      const others = this.#halves.ofLine(hosted.lineId).filter((each) => each !== hosted)
      return this.#conference(this.#actorOf(hosted), hosted.callId, others)
    }
    const actor = this.#actorOf(half)
    const callId = random.chance(0.05) ? this.#otherCall(half) : half.callId
    if (random.chance(0.25)) return this.#anything(actor, callId, half)
    switch (half.view.state) {
      case 'alerting':
        return this.#whileAlerting(actor, callId, half)
      case 'connecting':
        return random.chance(0.5) ? { kind: 'hangup', actor, callId } : this.#anything(actor, callId, half)
      case 'held':
        return random.chance(0.6) ? { kind: 'resume', actor, callId } : this.#talking(actor, callId, half)
      case 'connected':
      case 'remoteHeld':
        return this.#talking(actor, callId, half)
      case 'disconnected':
        return { kind: 'details', actor, callId }
    }
  }

  /** What makes a new call, or joins one. */
  #opening(line: DirectoryLine): CallCommand {
    const random = this.#random
    const actor = { orgId: line.orgId, lineId: line.id }
    const phone = this.#phoneOf(line)
    switch (random.below(9)) {
      case 0:
      case 1: {
        const parkedAt = random.chance(0.9) ? this.#parkedAt(line) : undefined
        const destination = parkedAt ?? (random.chance(0.5) ? this.#number() : undefined)
        return { kind: 'retrieve', actor, ...(destination === undefined ? {} : { destination }), ...phone }
      }
      case 2: {
        const target = this.#colleagueWho(line, 'alerting')
        return { kind: 'pickup', actor, ...(random.chance(0.4) ? {} : { target }), ...phone }
      }
      case 3:
        return { kind: 'bargeIn', actor, target: this.#colleagueWho(line, 'connected'), ...phone }
      case 4:
        return { kind: 'pull', actor, ...('endpointId' in phone ? { endpointId: phone.endpointId } : {}) }
      case 5:
        return { kind: 'list', actor: this.#ownerOf(actor) }
      default:
        return { kind: 'dial', actor: this.#ownerOf(actor), destination: this.#number(), ...phone }
    }
  }

  #whileAlerting(actor: CallActor, callId: string, half: Half): CallCommand {
    const random = this.#random
    switch (random.below(5)) {
      case 0:
        return {
          kind: 'reject',
          actor,
          callId,
          ...(random.chance(0.7)
            ? { action: random.pick(['busy', 'temporarilyUnavailable', 'ignore'] as const) }
            : {}),
        }
      case 1:
        return this.#divert(actor, callId)
      case 2:
        return { kind: 'hangup', actor, callId }
      default:
        return { kind: 'answer', actor, callId, ...this.#phoneOf(this.#lineOf(half)) }
    }
  }

  #talking(actor: CallActor, callId: string, half: Half): CallCommand {
    const random = this.#random
    const others = this.#halves.ofLine(half.lineId).filter((each) => each !== half)
    const isHost = this.#halves.conferences.has(half.lineId)
    if (isHost && random.chance(0.6)) return this.#conference(actor, callId, others)
    switch (random.below(14)) {
      case 0:
        return { kind: 'mute', actor, callId }
      case 1:
        return { kind: 'unmute', actor, callId }
      case 2:
        return { kind: 'hold', actor, callId }
      case 3:
        return this.#divert(actor, callId)
      case 4:
        return others[0] === undefined
          ? { kind: 'transfer', actor, callId1: callId, destination: this.#number() }
          : { kind: 'transfer', actor, callId1: callId, callId2: random.pick(others).callId }
      case 5:
      case 6:
        return { kind: 'park', actor, callId, ...this.#place() }
      case 7:
        return { kind: 'transmitDtmf', actor, callId, dtmf: random.pick(['1', '12,3', '*#ABCD', 'x', '']) }
      case 8:
        return { kind: 'push', actor, ...(random.chance(0.7) ? { callId } : {}) }
      case 9:
      case 10:
        return others.length === 0
          ? { kind: 'dial', actor, destination: this.#number() } // A second call, for a transfer or a conference.
          : this.#conference(actor, callId, others)
      case 11:
        return { kind: 'hangup', actor, callId }
      default:
        return { kind: this.#recordKind(half), actor, ...(random.chance(0.8) ? { callId } : {}) }
    }
  }

  /** Mostly what can be done to its recording now. */
  #recordKind(half: Half): (typeof RECORD)[number] {
    const { recordingState } = half.view
    if (this.#random.chance(0.2)) return this.#random.pick(RECORD)
    if (recordingState === 'paused') return this.#random.pick(['resumeRecording', 'stopRecording'])
    if (recordingState === 'started') return this.#random.pick(['pauseRecording', 'stopRecording'])
    return 'startRecording'
  }

  /** A call of somebody who has a conference, in it or beside it. */
  #hostedCall(): Half | undefined {
    const hosts = [...this.#halves.conferences.keys()]
    const calls = hosts.length === 0 ? [] : this.#halves.ofLine(this.#random.pick(hosts))
    return calls.length === 0 ? undefined : this.#random.pick(calls)
  }

  #conference(actor: CallActor, callId: string, others: readonly Half[]): CallCommand {
    const random = this.#random
    const conference = this.#halves.conferences.get(actor.lineOwnerId ?? actor.lineId)
    const isIn = conference?.participants.some((each) => each.callId === callId)
    if (isIn === false && random.chance(0.7)) return { kind: 'addParticipant', actor, callId }
    if (conference === undefined)
      return { kind: 'startConference', actor, callIds: [callId, ...others.map((each) => each.callId)] }
    switch (random.below(8)) {
      case 0:
        return { kind: random.pick(CONFER), actor }
      case 1:
        return {
          kind: 'addParticipant',
          actor,
          callId: random.pick([callId, ...others.map((each) => each.callId)]),
        }
      case 2:
        return { kind: 'dial', actor, destination: this.#number() } // Somebody else to take in.
      case 3:
        return { kind: random.pick(['deafen', 'undeafen'] as const), actor, callId }
      default:
        return {
          kind: random.pick(['muteParticipant', 'unmuteParticipant'] as const),
          actor,
          ...(random.chance(0.7) ? { callId } : {}),
        }
    }
  }

  /** Any command at all about this call, in any state. */
  #anything(actor: CallActor, callId: string, half: Half): CallCommand {
    const random = this.#random
    const someActor = random.chance(0.1) ? this.#ownerOf(actor) : actor
    switch (random.below(8)) {
      case 0:
        return this.#whileAlerting(someActor, callId, half)
      case 1:
      case 2:
        return this.#talking(someActor, callId, half)
      case 3:
        return { kind: 'transfer', actor, ...this.#muddle(callId) }
      case 4:
        return {
          kind: 'startConference',
          actor,
          callIds: random.pick([[], [callId], [callId, callId], [callId, this.#otherCall(half)]]),
        }
      case 5:
        return random.chance(0.2)
          ? { kind: 'trace', callSessionId: half.view.callSessionId }
          : this.#opening(this.#lineOf(half))
      default:
        return { kind: random.pick(PLAIN), actor: someActor, callId }
    }
  }

  #muddle(callId: string): { callId1?: string; callId2?: string; destination?: string } {
    const random = this.#random
    return {
      ...(random.chance(0.5) ? { callId1: callId } : {}),
      ...(random.chance(0.3) ? { callId2: callId } : {}),
      ...(random.chance(0.4) ? { destination: this.#number() } : {}),
    }
  }

  #divert(actor: CallActor, callId: string): CallCommand {
    const random = this.#random
    const toVoicemail = random.chance(0.4)
    const isNamed = random.chance(toVoicemail ? 0.5 : 0.95)
    return {
      kind: 'divert',
      actor,
      callId,
      ...(toVoicemail ? { toVoicemail } : {}),
      ...(isNamed ? { destination: this.#number() } : {}),
    }
  }

  #place(): { destination?: string; isGroupPark?: boolean } {
    if (this.#random.chance(0.3)) return { isGroupPark: true }
    return this.#random.chance(0.5) ? { destination: this.#number() } : {}
  }

  #someHalf(): Half | undefined {
    const halves = [...this.#halves.all.values()]
    return halves.length === 0 ? undefined : this.#random.pick(halves)
  }

  /** A call that is not the actor's: unknown, ended, or somebody else's, in this organisation or the other. */
  #otherCall(half: Half): string {
    const others = [...this.#halves.all.values()].filter((each) => each.lineId !== half.lineId)
    if (others.length === 0 || this.#random.chance(0.3)) return this.#random.pick(UNKNOWN_CALLS)
    return this.#random.pick(others).callId
  }

  /** Its line itself, or now and then a colleague on whose phone that line appears. */
  #actorOf(half: Half): CallActor {
    const actor = { orgId: half.orgId, lineId: half.lineId }
    const device = this.#directory.devices.find((each) => each.secondaryLineIds?.includes(half.lineId))
    if (device === undefined) return actor
    return { ...actor, lineId: device.lineId, lineOwnerId: half.lineId }
  }

  /** Now and then for another line, which mostly is forbidden. */
  #ownerOf(actor: CallActor): CallActor {
    if (!this.#random.chance(0.1)) return actor
    return { ...actor, lineOwnerId: this.#random.pick(this.#directory.lines).id }
  }

  #phoneOf(line: DirectoryLine): { endpointId: string } | { numberReach: string } | Record<string, never> {
    if (this.#random.chance(0.75)) return {}
    if (this.#random.chance(0.2)) return { endpointId: 'somebody-elses' }
    const [number] = line.numberReach ?? []
    if (number !== undefined) return { numberReach: number }
    const own = this.#directory.devices.filter(({ lineId }) => lineId === line.id)
    return own.length === 0 ? {} : { endpointId: this.#random.pick(own).id }
  }

  /** Somebody of the same organisation with a call in this state, mostly. */
  #colleagueWho(line: DirectoryLine, state: CallState): string {
    const others = [...this.#halves.all.values()].filter(
      (half) => half.orgId === line.orgId && half.lineId !== line.id && half.view.state === state,
    )
    if (others.length === 0 || this.#random.chance(0.1)) return this.#number()
    return this.#lineOf(this.#random.pick(others)).extension
  }

  /** Where a call of the organisation waits, as the view of whoever is parked shows it. */
  #parkedAt(line: DirectoryLine): string | undefined {
    const parked = [...this.#halves.all.values()].filter(
      ({ orgId, view }) =>
        orgId === line.orgId &&
        view.state === 'remoteHeld' &&
        this.#halves.sessions.get(view.callSessionId)?.size === 1,
    )
    return parked.length === 0 ? undefined : this.#random.pick(parked).view.remoteParty.number
  }

  #someLine(): DirectoryLine {
    return this.#random.pick(this.#directory.lines)
  }

  #lineOf(half: Half): DirectoryLine {
    const line = this.#directory.lines.find(({ id }) => id === half.lineId)
    return line ?? this.#someLine()
  }

  /** A number that somebody has, mostly. */
  #number(): string {
    const random = this.#random
    const { extension } = this.#someLine()
    if (random.chance(0.1)) return EXECUTIVE // Assistants have more to do than others.
    if (random.chance(0.9)) return random.chance(0.1) ? `+4930555${extension}` : extension
    return random.pick(['999', '112', '*86', 'sip:101@south.test', '101@north.test', ...UNREADABLE])
  }
}
