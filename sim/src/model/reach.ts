/**
 * Media reachability: who may hear whom, from what the API shows, against who does, from what the media port was told.
 *
 * Those hear each other who are `connected` in one session, or in sessions that a conference joins; nobody else, ever. Who
 * still hears an announcement or talks to a machine hears that alone. A caller who waits may hear a phone that rings.
 */
import type { DirectoryLine, RecordingOpening } from '@tandem/engine'
import type { VirtualMedia } from '../virtual-media.ts'
import type { Half, Halves } from './halves.ts'
import { broken } from './rule.ts'

/** Those whose audio depends on each other: a session, or all that one conference joins. */
interface Circle {
  readonly halves: readonly Half[]
  /** The host's own calls among them. */
  readonly hosts: ReadonlySet<Half>
  readonly deaf: ReadonlySet<Half>
  readonly muted: ReadonlySet<Half>
  /** A participant and who has joined them: which of them the host has made mute or deaf does not show. */
  readonly unsure: ReadonlySet<Half>
}

/** A half's circle, and who talks in it. */
interface Company {
  readonly circle: Circle
  readonly talkers: readonly Half[]
}

/** Compares what is heard with what is shown. */
export class Reach {
  readonly #halves: Halves
  readonly #media: VirtualMedia
  readonly #lines: ReadonlyMap<string, DirectoryLine>
  readonly #openings = new Map<string, RecordingOpening>()

  constructor(halves: Halves, media: VirtualMedia, lines: ReadonlyMap<string, DirectoryLine>) {
    this.#halves = halves
    this.#media = media
    this.#lines = lines
  }

  /** Checks everybody; the first broken rule ends the run. */
  check(): void {
    const mayHear = new Map<string, ReadonlySet<string>>()
    const company = new Map<string, Company>()
    for (const circle of this.#circles()) {
      const talkers = circle.halves.filter((half) => this.#talks(circle, half))
      for (const half of circle.halves) this.#checkHalf(circle, half, talkers, mayHear)
      for (const half of circle.halves) company.set(half.callId, { circle, talkers })
      if (circle.hosts.size === 0) this.#checkPair(circle)
    }
    for (const leg of this.#media.ears.legs.keys()) {
      if (this.#halves.ofLeg(leg) === undefined && this.#media.ears.reaching(leg).length > 0)
        broken(`${leg}, which belongs to nobody, hears nobody`, { legs: [leg] })
    }
    this.#checkRecordings(mayHear, company)
    this.#checkLines()
  }

  #circles(): Circle[] {
    const circles: Circle[] = []
    const joined = new Set<string>()
    for (const conference of this.#halves.conferences.values()) {
      const hosts = conference.participants.flatMap(({ callId }) => this.#halves.of(callId) ?? [])
      const sessions = new Set(hosts.map(({ view }) => view.callSessionId))
      for (const session of sessions) joined.add(session)
      const others = (callId: string): Half[] => {
        const host = this.#halves.of(callId)
        const there = [...(this.#halves.sessions.get(host?.view.callSessionId ?? '') ?? [])]
        return there.filter((each) => each !== host && TALKING.includes(each.view.state))
      }
      const meant = (what: 'muted' | 'deafened'): Half[][] =>
        conference.participants.filter((each) => each[what]).map(({ callId }) => others(callId))
      const those = (what: 'muted' | 'deafened'): Set<Half> =>
        new Set(meant(what).flatMap((halves) => (halves.length === 1 ? halves : [])))
      circles.push({
        halves: [...sessions].flatMap((session) => [...(this.#halves.sessions.get(session) ?? [])]),
        hosts: new Set(hosts),
        deaf: those('deafened'),
        muted: those('muted'),
        unsure: new Set(
          [...meant('muted'), ...meant('deafened')].flatMap((halves) => (halves.length > 1 ? halves : [])),
        ),
      })
    }
    for (const [session, halves] of this.#halves.sessions)
      if (!joined.has(session))
        circles.push({ halves: [...halves], hosts: NOBODY, deaf: NOBODY, muted: NOBODY, unsure: NOBODY })
    return circles
  }

  /**
   * Whether a half talks to people, as its state says and unless it is being told something. A host talks to the others
   * by the call of a participant who holds it.
   */
  #talks({ hosts }: Circle, half: Half): boolean {
    const leg = legOf(half)
    const { state } = half.view
    const isThere = state === 'connected' || (state === 'remoteHeld' && hosts.has(half))
    if (!isThere || leg === undefined) return false
    const ear = this.#media.ears.of(leg)
    return ear?.configured === true && ear.sound?.token === undefined
  }

  #checkHalf(
    circle: Circle,
    half: Half,
    talkers: readonly Half[],
    mayHear: Map<string, ReadonlySet<string>>,
  ): void {
    const expected = new Set<string>()
    const talks = talkers.includes(half)
    if (talks && !circle.deaf.has(half)) {
      for (const other of talkers) {
        const leg = legOf(other)
        const isOwn = circle.hosts.has(half) && circle.hosts.has(other)
        if (other !== half && leg !== undefined && !isOwn) expected.add(leg)
      }
    }
    for (const leg of half.legs) {
      const heard = this.#media.ears.reaching(leg)
      for (const other of heard) this.#checkHeard(half, leg, other, expected)
      if (talks && !circle.deaf.has(half) && !circle.unsure.has(half)) {
        for (const other of expected)
          if (!heard.includes(other))
            broken(`${half.lineId} (${leg}) hears ${this.#nameOf(other)}`, {
              callIds: [half.callId],
              legs: [leg, other],
            })
      }
      if (heard.length > 0) half.talked ||= talks
      mayHear.set(leg, expected)
    }
    if (talks && !circle.unsure.has(half)) this.#checkMute(circle, half)
  }

  #checkHeard(half: Half, leg: string, other: string, expected: ReadonlySet<string>): void {
    const about = { callIds: [half.callId], legs: [leg, other] }
    const speaker = this.#halves.ofLeg(other)
    if (this.#media.ears.of(other) === undefined)
      broken(`${leg} does not hear ${other}, which is released`, about)
    if (leg === other) broken(`${leg} does not hear itself`, about)
    if (speaker === undefined || speaker.orgId !== half.orgId)
      broken(`${half.lineId} never hears ${speaker?.lineId ?? 'a leg of nobody'}`, about)
    if (expected.has(other)) return
    const states = [half.view.state, speaker.view.state].toSorted().join()
    const isEarly = EARLY.includes(states) && half.view.callSessionId === speaker.view.callSessionId
    if (!isEarly)
      broken(
        `${half.lineId} (${half.view.state}) does not hear ${speaker.lineId} (${speaker.view.state})`,
        about,
      )
  }

  #checkMute(circle: Circle, half: Half): void {
    const leg = legOf(half)
    const muted = half.view.muted || circle.muted.has(half)
    if (leg !== undefined && this.#media.ears.of(leg)?.muted !== muted)
      broken(`${half.lineId} is ${muted ? '' : 'not '}muted`, { callIds: [half.callId] })
  }

  /** Both sides of a talk of two see each other, and one's hold is the other's remote hold. */
  #checkPair(circle: Circle): void {
    const talk = circle.halves.filter(({ view }) => TALKING.includes(view.state))
    const [a, b, ...more] = talk
    if (a === undefined || b === undefined || more.length > 0) return
    if (this.#isSpokenTo(a) || this.#isSpokenTo(b)) return
    const callIds = [a.callId, b.callId]
    const states = `${a.view.state} ${b.view.state}`
    if (!PAIRS.includes(states)) broken(`${a.lineId} and ${b.lineId} see one talk: ${states}`, { callIds })
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const)
      if (!this.#shows(one, other.lineId))
        broken(`${one.lineId} talks to ${other.lineId}, not to ${JSON.stringify(one.view.remoteParty)}`, {
          callIds,
        })
  }

  #shows(half: Half, lineId: string): boolean {
    const { remoteParty } = half.view
    const line = this.#lines.get(lineId)
    if (remoteParty.privacyEnabled) return remoteParty.number === undefined && remoteParty.name === undefined
    if (remoteParty.callType === 'emergency') return true
    return (
      remoteParty.number === line?.extension &&
      remoteParty.personId === (line?.kind === 'person' ? lineId : undefined) &&
      remoteParty.placeId === (line?.kind === 'place' ? lineId : undefined)
    )
  }

  /** A machine talks to it: a mailbox, a spoken answer. */
  #isSpokenTo(half: Half): boolean {
    const leg = legOf(half)
    return leg !== undefined && this.#media.ears.of(leg)?.sound?.token?.startsWith('machine-') === true
  }

  /** What goes into a recording is its owner's own voice, and what its owner hears at this moment. */
  #checkRecordings(
    mayHear: ReadonlyMap<string, ReadonlySet<string>>,
    company: ReadonlyMap<string, Company>,
  ): void {
    for (const recording of this.#media.recordings.values()) {
      const opening = this.#openingOf(recording.id, recording.facts)
      const owner = this.#halves.of(opening.callId)
      const legs = [...recording.attached.keys()]
      if (owner === undefined) {
        broken(`recording ${recording.id} ends with ${opening.callId}`, { callIds: [opening.callId], legs })
      }
      if (owner.lineId !== opening.ownerId || opening.purpose === 'voicemail') {
        for (const [leg, side] of recording.attached)
          if (side !== 'right' || !owner.legs.has(leg))
            broken(`a message holds nothing but its caller`, { callIds: [owner.callId], legs })
        continue
      }
      const about = { callIds: [owner.callId], legs }
      const { circle, talkers } = company.get(owner.callId) ?? { circle: undefined, talkers: [] }
      const isHost = circle?.hosts.has(owner) === true
      const own = talkers.filter((half) => half === owner || (isHost && circle.hosts.has(half)))
      const talks = own.length > 0 // A host talks by any of the calls of its conference.
      const others = talkers.length > own.length
      const heard = new Set(own.flatMap((half) => [...(mayHear.get(legOf(half) ?? '') ?? [])]))
      for (const [leg, side] of recording.attached) {
        const half = this.#halves.ofLeg(leg)
        if (!talks) broken(`nothing is recorded of ${owner.lineId} while it is ${owner.view.state}`, about)
        if (side === 'left' && (half === undefined || !own.includes(half)))
          broken(`${leg} is the owner's`, about)
        if (side === 'right' && !heard.has(leg))
          broken(`${owner.lineId} hears ${leg}, which it records`, about)
        if (side === 'left' && !others) broken(`${owner.lineId} is not recorded while nobody hears it`, about)
      }
      if (!talks || recording.state === 'failed' || circle?.unsure.has(owner) === true) continue
      for (const leg of heard)
        if (recording.attached.get(leg) !== 'right')
          broken(`what ${owner.lineId} hears of ${leg} is recorded`, { ...about, legs: [...legs, leg] })
    }
  }

  #openingOf(id: string, facts: string): RecordingOpening {
    const known = this.#openings.get(id)
    if (known !== undefined) return known
    const opening = JSON.parse(facts) as RecordingOpening // The engine's own words.
    this.#openings.set(id, opening)
    return opening
  }

  /** A line talks on one call at a time: those of one conference are one. */
  #checkLines(): void {
    for (const lineId of this.#lines.keys()) {
      const talks = this.#halves
        .ofLine(lineId)
        .filter((half) => half.view.state === 'connected' && !this.#isSpokenTo(half))
      if (talks.length < 2) continue
      const conference = this.#halves.conferences.get(lineId)?.participants ?? []
      const joined = conference.map(({ callId }) => this.#halves.of(callId)?.view.callSessionId)
      const apart = new Set(
        talks.map(({ view }) => (joined.includes(view.callSessionId) ? 'conference' : view.callSessionId)),
      )
      if (apart.size > 1)
        broken(`${lineId} talks on one call at a time`, { callIds: talks.map(({ callId }) => callId) })
    }
  }

  #nameOf(leg: string): string {
    return `${this.#halves.ofLeg(leg)?.lineId ?? 'nobody'} (${leg})`
  }
}

const NOBODY: ReadonlySet<Half> = new Set()
/** A phone that rings may be heard by who waits for it, also while that one is parked. */
const EARLY: readonly string[] = ['alerting,connecting', 'alerting,remoteHeld']
const TALKING: readonly string[] = ['connected', 'held', 'remoteHeld']
const PAIRS: readonly string[] = ['connected connected', 'held remoteHeld', 'remoteHeld held', 'held held']

/** The one leg that carries a call that was answered. */
function legOf(half: Half): string | undefined {
  const [leg] = half.legs
  return leg
}
