/**
 * A call half: one person's part in a session, with an id, a personality and a state of its own. It is what the API
 * lists and commands. It is carried by one leg, or by several while its devices ring.
 */
import type { WallTime } from '@tandem/base'
import type { Personality } from '../commands.ts'
import type { DirectoryPerson } from '../directory.ts'
import type { Leg } from '../leg/leg.ts'
import type { Dialled } from '../route/destination.ts'
import type { Session } from '../session/session.ts'
import type { Recording } from '../tap/recording.ts'

/** Where a half is, before holding is taken into account (contract, call controls §2, `state`). */
export type HalfPhase = 'alerting' | 'connecting' | 'connected' | 'disconnected'

/** One half. Its fields are changed by the engine alone. */
export class CallHalf {
  readonly id: string
  readonly session: Session
  readonly person: DirectoryPerson
  readonly createdAt: WallTime
  /** Whether this person placed the call; a click-to-dial half places one too. */
  readonly places: boolean

  personality: Personality
  phase: HalfPhase
  /** What was dialled, shown as the remote party until somebody is found behind it. */
  readonly dialled: Dialled | undefined
  answeredAt: WallTime | undefined
  disconnectedAt: WallTime | undefined
  /** The person's phone holds the call. */
  holding = false
  /** The phones that ring, or the one that answered. */
  readonly legs: Set<Leg> = new Set<Leg>()
  /** The phone that answered (or placed) the call. */
  leg: Leg | undefined
  recording: Recording | undefined

  constructor(options: {
    readonly id: string
    readonly session: Session
    readonly person: DirectoryPerson
    readonly createdAt: WallTime
    readonly personality: Personality
    readonly phase: HalfPhase
    readonly dialled?: Dialled
  }) {
    this.id = options.id
    this.session = options.session
    this.person = options.person
    this.createdAt = options.createdAt
    this.personality = options.personality
    this.places = options.personality !== 'terminator'
    this.phase = options.phase
    this.dialled = options.dialled
  }
}
