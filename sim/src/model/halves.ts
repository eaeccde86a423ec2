/**
 * What the events say: every line's calls, replayed from `telephony_calls` and `telephony_conference` alone, with the legs
 * that carry them. A call is created once, changes along the chart of the contract (call controls §4), and is deleted once.
 *
 * Which leg carries which call is no public matter; it is read off the order in which the engine speaks of both: the phones
 * of a call are given their media in the same turn as the call is created. A leg that outlives its call was pulled: it
 * goes to the call of the same line that has lost its own in that turn.
 */
import type { CallState, CallView, ConferenceView, EngineEvent, RecordingState } from '@tandem/engine'
import type { MediaCommand } from '@tandem/media'
import { broken } from './rule.ts'

type CallEvent = Extract<EngineEvent, { readonly kind: 'call' }>
type ConferenceEvent = Extract<EngineEvent, { readonly kind: 'conference' }>

/** One call of one line, as its events show it. */
export interface Half {
  readonly callId: string
  readonly orgId: string
  readonly lineId: string
  view: CallView
  /** Legs that ring or carry it. */
  readonly legs: Set<string>
  /** It heard somebody, or was heard. */
  talked: boolean
}

/** States that may follow each other; every one may follow itself. */
const NEXT: Readonly<Record<CallState, readonly CallState[]>> = {
  alerting: ['connecting', 'connected', 'held', 'remoteHeld', 'disconnected'],
  connecting: ['connected', 'held', 'remoteHeld', 'disconnected'],
  connected: ['held', 'remoteHeld', 'connecting', 'disconnected'],
  held: ['connected', 'remoteHeld', 'connecting', 'disconnected'],
  remoteHeld: ['connected', 'held', 'connecting', 'disconnected'],
  disconnected: [],
}

const NEXT_RECORDING: Readonly<Record<RecordingState, readonly RecordingState[]>> = {
  pending: ['started', 'stopped', 'failed'],
  started: ['paused', 'stopped', 'failed'],
  paused: ['started', 'stopped', 'failed'],
  stopped: ['pending'],
  failed: ['pending'],
}

/** All calls of all lines. */
export class Halves {
  readonly #halves = new Map<string, Half>()
  readonly #ended = new Set<string>()
  readonly #byLeg = new Map<string, Half>()
  readonly #bySession = new Map<string, Set<Half>>()
  readonly #byLine = new Map<string, Set<Half>>()
  readonly #conferences = new Map<string, ConferenceView>()
  /** Of the present turn: legs without a call yet, the last call created, calls deleted, and legs given up. */
  #unclaimed: { readonly leg: string; readonly session: string }[] = []
  #created = new Map<string, Half>()
  #deleted: Half[] = []
  #lostLeg = new Set<Half>()
  /** Legs that have gone from one call to another. */
  pulls = 0

  /** Calls that are there now, by id. */
  get all(): ReadonlyMap<string, Half> {
    return this.#halves
  }

  /** The sessions that have calls, with them. */
  get sessions(): ReadonlyMap<string, ReadonlySet<Half>> {
    return this.#bySession
  }

  /** Conferences that are there now, by line. */
  get conferences(): ReadonlyMap<string, ConferenceView> {
    return this.#conferences
  }

  of(callId: string): Half | undefined {
    return this.#halves.get(callId)
  }

  /** Whose call a leg carries. */
  ofLeg(leg: string): Half | undefined {
    return this.#byLeg.get(leg)
  }

  /** A line's calls, oldest first. */
  ofLine(lineId: string): readonly Half[] {
    return [...(this.#byLine.get(lineId) ?? [])]
  }

  hasEnded(callId: string): boolean {
    return this.#ended.has(callId)
  }

  /** Takes an event of a call. */
  called(event: CallEvent): Half {
    const { call } = event
    const about = { sessions: [call.callSessionId], callIds: [call.callId] }
    const known = this.#halves.get(call.callId)
    if (event.event === 'created') {
      if (known !== undefined || this.#ended.has(call.callId))
        broken(`the id ${call.callId} is given to one call only`, about)
      return this.#create(event)
    }
    if (known === undefined) broken(`${event.event} comes after created and before deleted`, about)
    if (known.lineId !== event.lineId || known.orgId !== event.orgId)
      broken(`${call.callId} stays the call of ${known.lineId}`, about)
    this.#move(known, event)
    if (event.event === 'deleted') this.#delete(known)
    else if (call.state === 'disconnected') broken('only deleted shows a call as disconnected', about)
    return known
  }

  /** Takes an event of a conference. */
  conferred(event: ConferenceEvent): void {
    const known = this.#conferences.get(event.lineId)
    if ((event.event === 'created') === (known !== undefined))
      broken(
        `${event.event} of the conference of ${event.lineId} finds ${known === undefined ? 'none' : 'one'}`,
        {
          callIds: event.conference.participants.map(({ callId }) => callId),
        },
      )
    if (event.event === 'deleted') this.#conferences.delete(event.lineId)
    else this.#conferences.set(event.lineId, event.conference)
  }

  /** Takes a media command: whose leg it is about. */
  commanded(command: MediaCommand): void {
    if (command.kind === 'allocate') {
      const half = this.#created.get(command.session)
      if (half === undefined) this.#unclaimed.push({ leg: command.leg, session: command.session })
      else this.#carry(half, command.leg)
    } else if (command.kind === 'release') {
      const half = this.#byLeg.get(command.leg)
      this.#byLeg.delete(command.leg)
      half?.legs.delete(command.leg)
      if (half !== undefined) this.#lostLeg.add(half)
    }
  }

  /** A leg had no media after all: it is nobody's. */
  refused(leg: string): void {
    this.#byLeg.get(leg)?.legs.delete(leg)
    this.#byLeg.delete(leg)
  }

  /** The turn is over: every leg that was allocated or has outlived its call belongs to a call. */
  turnOver(): void {
    for (const { leg, session } of this.#unclaimed)
      broken(`${leg} belongs to a call that was created with it`, { sessions: [session], legs: [leg] })
    for (const half of this.#deleted) this.#passOn(half)
    if (this.#created.size > 0) this.#created = new Map()
    if (this.#deleted.length > 0) this.#deleted = []
    if (this.#lostLeg.size > 0) this.#lostLeg = new Set()
  }

  #create(event: CallEvent): Half {
    const { call, orgId, lineId } = event
    const half: Half = { callId: call.callId, orgId, lineId, view: call, legs: new Set(), talked: false }
    this.#halves.set(half.callId, half)
    put(this.#bySession, call.callSessionId, half)
    put(this.#byLine, lineId, half)
    this.#created.set(call.callSessionId, half)
    for (const { leg, session } of this.#unclaimed) if (session === call.callSessionId) this.#carry(half, leg)
    this.#unclaimed = this.#unclaimed.filter(({ session }) => session !== call.callSessionId)
    return half
  }

  #move(half: Half, event: CallEvent): void {
    const [before, after] = [half.view, event.call]
    const about = { sessions: [before.callSessionId, after.callSessionId], callIds: [half.callId] }
    if (after.state !== before.state && !NEXT[before.state].includes(after.state))
      broken(`${half.callId} goes from ${before.state} to ${after.state}`, about)
    if ((event.event === 'deleted') !== (after.state === 'disconnected'))
      broken(`${half.callId} is deleted as ${after.state}`, about)
    const [was, is] = [before.recordingState, after.recordingState]
    const mayRecord =
      was === is ||
      (was === undefined ? is === 'pending' : is !== undefined && NEXT_RECORDING[was].includes(is))
    // A stop and the next start may fall between two events; a start that fails at once, too.
    if (!mayRecord && event.event !== 'deleted') broken(`${half.callId} records: ${was} to ${is}`, about)
    if (before.created !== after.created) broken(`${half.callId} keeps its time of creation`, about)
    if (before.answered !== undefined && after.answered !== before.answered)
      broken(`${half.callId} is answered once`, about)
    if (before.personality !== after.personality && before.personality === 'terminator')
      broken(`${half.callId} stays an incoming call`, about)
    if (before.callSessionId !== after.callSessionId) {
      take(this.#bySession, before.callSessionId, half)
      put(this.#bySession, after.callSessionId, half)
    }
    half.view = after
  }

  #delete(half: Half): void {
    this.#halves.delete(half.callId)
    this.#ended.add(half.callId)
    take(this.#bySession, half.view.callSessionId, half)
    take(this.#byLine, half.lineId, half)
    this.#deleted.push(half)
  }

  /** Legs that are still there belong to the call of the same line that lost its own: it was pulled. */
  #passOn(half: Half): void {
    for (const leg of half.legs) {
      const heir = [...this.#lostLeg].find(
        (each) => each.lineId === half.lineId && this.#halves.has(each.callId),
      )
      if (heir === undefined)
        broken(`${leg} ends with its call`, { sessions: [half.view.callSessionId], legs: [leg] })
      this.#lostLeg.delete(heir)
      this.pulls += 1
      this.#carry(heir, leg)
    }
  }

  #carry(half: Half, leg: string): void {
    half.legs.add(leg)
    this.#byLeg.set(leg, half)
  }
}

function put<T>(index: Map<string, Set<T>>, key: string, item: T): void {
  const items = index.get(key)
  if (items === undefined) index.set(key, new Set([item]))
  else items.add(item)
}

function take<T>(index: Map<string, Set<T>>, key: string, item: T): void {
  const items = index.get(key)
  items?.delete(item)
  if (items?.size === 0) index.delete(key)
}
