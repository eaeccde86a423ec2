/**
 * A leg: one SIP dialog with one device, and the anchor of its media.
 *
 * Its life: `allocating` (a port pair was asked for), `ready` (an incoming INVITE that has its anchor), `calling` and
 * `ringing` (our INVITE is out), `answered`, `ended`. An ended leg stays known until the media port has given back its
 * statistics. Everything that happens to a leg is in `leg/media.ts`, `leg/offer.ts` and the features.
 */
import type { LegStatistics, MediaLegId, RemoteMedia } from '@tandem/media'
import type { SessionDescription, SipCallId, SocketAddress, TransportName } from '@tandem/sip'
import type { Hearing } from '../bridge/arrange.ts'
import type { DirectoryDevice } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import type { Session } from '../session/session.ts'
import type { Negotiated } from './description.ts'

/** Where a leg is in its life. */
export type LegState = 'allocating' | 'ready' | 'calling' | 'ringing' | 'answered' | 'ended'

/** The port pair that the media port gave to a leg. */
export interface Anchor {
  readonly host: string
  readonly port: number
  readonly rtcpPort: number
}

/** How to reach the phone of an outgoing leg. */
export interface LegTarget {
  readonly uri: string
  readonly route: readonly string[]
  readonly transport: TransportName
  readonly address: SocketAddress
  readonly flowId: string | undefined
  /** Ask the phone to answer by itself: click to dial. */
  readonly autoAnswer: boolean
}

/** One leg. Its fields are changed by the engine alone. */
export class Leg {
  readonly id: MediaLegId
  /** Whose it is; a pulled call takes the leg that answered for it. */
  half: CallHalf
  readonly device: DirectoryDevice
  readonly family: 4 | 6
  /** Undefined for the INVITE of a phone. */
  readonly target: LegTarget | undefined

  state: LegState = 'allocating'
  /** Undefined until the INVITE exists, and again when the dialog is over. */
  sip: SipCallId | undefined
  anchor: Anchor | undefined
  /** The peer's offer that waits for our answer (the INVITE's own). */
  remoteOffer: SessionDescription | undefined
  /** What we last sent, as an offer or an answer: its version counts up. */
  local: SessionDescription | undefined
  /** True while our description is an offer that the peer has still to answer in its ACK. */
  answerOwed = false
  negotiated: Negotiated | undefined
  /** The early dialog in which its phone rings, by the phone's tag. */
  early: string | undefined
  /** Events of the remote-control packages that its phone has refused in this dialog, whatever it advertised. */
  readonly refusedEvents: Set<string> = new Set<string>()
  /** Digits that wait to be sent to its phone by INFO, one at a time. */
  infoDigits = ''
  /** An operator was told that nothing is heard from it, and that it is heard again. */
  silence: 'untold' | 'told' | 'over' = 'untold'
  /** Where the media port was last told that the peer is: a change opens learning again. */
  configuredRemote: RemoteMedia | undefined
  /** What the media port was last told that it hears; undefined: nothing, or not known. */
  hearing: Hearing | undefined
  muted = false
  /** Who its phone shows as the other side: the address it was told last. Undefined until it was told anything. */
  shown: string | undefined
  /** How many REFERs of its phone were taken. */
  referrals = 0
  /** The media port has been told to free it. */
  released = false
  /** The media port has said its last word about it. */
  settled = false
  statistics: LegStatistics | undefined

  constructor(options: {
    readonly id: MediaLegId
    readonly half: CallHalf
    readonly device: DirectoryDevice
    readonly family: 4 | 6
    readonly target?: LegTarget
  }) {
    this.id = options.id
    this.half = options.half
    this.device = options.device
    this.family = options.family
    this.target = options.target
  }

  get session(): Session {
    return this.half.session
  }
}
