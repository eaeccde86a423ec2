/**
 * A call half: one line's part in a session, with an id, a personality and a state of its own. It is what the API
 * lists and commands. It is carried by one leg, or by several while its devices ring.
 */
import type { WallTime } from '@tandem/base'
import type { CallView, Personality, RecordingState } from '../commands.ts'
import type { DirectoryLine, ServiceNumber } from '../directory.ts'
import type { Conference } from '../feature/conference.ts'
import type { HalfMachine } from '../feature/machine.ts'
import type { PhoneRequest } from '../feature/remote-control.ts'
import type { Leg } from '../leg/leg.ts'
import type { Dialled } from '../route/destination.ts'
import type { Session } from '../session/session.ts'
import type { Notice } from '../tap/notice.ts'
import type { Recording } from '../tap/recording.ts'
import type { Arrival } from '../tap/redirection-notes.ts'
import type { Intent } from './intent.ts'
import type { Redirection } from './redirection.ts'

/** Where a half is, before holding is taken into account (contract, call controls §2, `state`). */
export type HalfPhase = 'alerting' | 'connecting' | 'connected' | 'disconnected'

/** One half. Its fields are changed by the engine alone. */
export class CallHalf {
  readonly id: string
  readonly line: DirectoryLine
  readonly createdAt: WallTime
  /** A joined call goes on in one session: then this changes, by `moveHalf`. */
  session: Session
  /** Whether this line placed the call, or has its own phones rung for one. */
  readonly places: boolean

  personality: Personality
  phase: HalfPhase
  /** Whom it talks to, or is being set up with; in a room of several, whom it was set up with. */
  peer: CallHalf | undefined
  /** What was dialled, shown as the remote party while nobody of ours is there. */
  dialled: Dialled | undefined
  /** Whom that names, shown until their phones ring. */
  expected: DirectoryLine | undefined
  /** It was dialled as a public service, and is shown as such whoever answers. */
  service: ServiceNumber['kind'] | undefined
  /** It talks to us ourselves: a mailbox, a spoken answer. */
  machine: HalfMachine | undefined
  /** Why its own phones ring: what happens when one of them answers. */
  intent: Intent | undefined
  answeredAt: WallTime | undefined
  /** Who answered the call that this line placed. */
  answeredBy: DirectoryLine | undefined
  /** How it got its present other side, until a recording has noted it. */
  arrival: Arrival | undefined
  disconnectedAt: WallTime | undefined
  /** How its line was told last that the call is. */
  shown: CallView | undefined
  /** Name and number of this line are withheld in this call (RFC 3323). */
  isPrivate: boolean
  /** The phone holds the call, by an offer of its own. */
  heldByPhone = false
  /** The API holds it, at the anchor. */
  heldByAnchor = false
  muted = false
  /** In a conference: made mute, or deaf, by its host. */
  mutedByHost = false
  deafened = false
  /** The conference of this half's own line, if the call is in it. */
  conference: Conference | undefined
  /** The call without a phone by which a destination is rung that this one is to be joined with (mute transfer). */
  transfer: CallHalf | undefined
  /** It waits, parked against this line. */
  parkedAgainst: DirectoryLine | undefined
  /** Who parked it, and how often it came back to them since. */
  parking: { readonly by: DirectoryLine; readonly recalls: number } | undefined
  /** It is a parked call that came back: where it had been parked. */
  recall: { readonly line: DirectoryLine } | undefined
  /** Whose call it is, when it rings here as the assistant of an executive. */
  executive: DirectoryLine | undefined
  /** How the call came here, newest first. */
  redirections: readonly Redirection[] = []
  /** A number by which its line's calls are told apart on its phones. */
  appearance: number | undefined
  /** The phones that ring, or the one that answered. */
  readonly legs: Set<Leg> = new Set<Leg>()
  /** The phone that answered (or placed) the call. */
  leg: Leg | undefined
  /** Final answers of those of its phones that have refused. */
  readonly refusals: number[] = []
  /** The recording that goes on, and the state of the last one; undefined while none was ever begun. */
  recording: Recording | undefined
  recordingState: RecordingState | undefined
  /** The announcement of a recording that it hears before it talks. */
  notice: Notice | undefined
  /** What a command has asked of its phone, and waits for. */
  asked: PhoneRequest | undefined
  /** Digits typed in the call that may become a code. */
  typed = ''

  constructor(options: {
    readonly id: string
    readonly session: Session
    readonly line: DirectoryLine
    readonly createdAt: WallTime
    readonly personality: Personality
    readonly phase: HalfPhase
    readonly dialled?: Dialled
    readonly isPrivate?: boolean
  }) {
    this.id = options.id
    this.session = options.session
    this.line = options.line
    this.createdAt = options.createdAt
    this.personality = options.personality
    this.places = options.personality !== 'terminator'
    this.phase = options.phase
    this.dialled = options.dialled
    this.isPrivate = options.isPrivate ?? (this.places && options.line.callerIdBlocked === true)
  }

  /** The line holds the call, in whichever way. */
  get holding(): boolean {
    return this.heldByPhone || this.heldByAnchor
  }
}
