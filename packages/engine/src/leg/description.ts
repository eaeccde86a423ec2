/**
 * The descriptions of a leg: ours always show the anchor, whatever phone is behind it (RFC 3264).
 *
 * G.711 of both laws, RFC 4733 events and comfort noise are spoken. A leg keeps what it sent last, so that a version
 * counts up when something changed, and only then.
 */
import type { AudioCodec, MediaFormat, RemoteMedia } from '@tandem/media'
import {
  type AudioAbilities,
  answerFor,
  type LocalMedia,
  makeOffer,
  negotiated,
  type SessionDescription,
  type Negotiated as SipNegotiated,
  withVersion,
} from '@tandem/sip'
import type { Core } from '../session/core.ts'
import type { Leg } from './leg.ts'

/** What was agreed with the peer of a leg, as the media port takes it. */
export interface Negotiated {
  readonly format: MediaFormat
  readonly remote: RemoteMedia
  /** Whether the peer may be sent audio, and whether its audio is taken; neither while it holds. */
  readonly send: boolean
  readonly receive: boolean
  /** The peer holds: it wants to send only, or nothing, or named no address (RFC 3264 §8.4). */
  readonly holds: boolean
}

const CODECS: readonly AudioCodec[] = ['PCMU', 'PCMA']
const ABILITIES: AudioAbilities = { codecs: CODECS, dtmf: true, comfortNoise: true }

/** Whether an offer holds anything that we could speak. */
export function isAcceptable(offer: SessionDescription): boolean {
  const nowhere = { host: '0.0.0.0', rtpPort: 9, sessionId: '0', version: 0 }
  return answerFor(offer, ABILITIES, nowhere).kind === 'answer'
}

/** Our offer to the peer of a leg that has its anchor. The answer is owed from then on. */
export function offerFor(core: Core, leg: Leg): SessionDescription {
  const previous = leg.local
  const offer = makeOffer({
    ...localOf(core, leg),
    ...ABILITIES,
    ...(previous === undefined ? {} : { previous }),
  })
  leg.local = previous === undefined ? offer : withVersion(previous, offer)
  leg.answerOwed = true
  return leg.local
}

/** Our answer to the peer's offer, and what it agrees on put down in the leg; undefined when nothing fits (488). */
export function answerTo(core: Core, leg: Leg, offer: SessionDescription): SessionDescription | undefined {
  const result = answerFor(offer, ABILITIES, localOf(core, leg))
  if (result.kind === 'refused') return undefined
  const agreed = agreementOf(result.negotiated)
  if (agreed === undefined) return undefined
  leg.negotiated = agreed
  leg.local = leg.local === undefined ? result.answer : withVersion(leg.local, result.answer)
  return leg.local
}

/** Puts down what the peer's answer to our last offer agrees on; false when it is none. */
export function readAnswer(leg: Leg, answer: SessionDescription): boolean {
  const offer = leg.local
  const result = offer === undefined ? undefined : negotiated(offer, answer)
  const agreed = result === undefined ? undefined : agreementOf(result)
  if (agreed === undefined) return false
  leg.negotiated = agreed
  leg.answerOwed = false
  return true
}

function localOf(core: Core, leg: Leg): LocalMedia {
  const anchor = leg.anchor
  return {
    host: anchor?.host ?? '0.0.0.0',
    rtpPort: anchor?.port ?? 9,
    rtcpPort: anchor?.rtcpPort ?? 10,
    sessionId: `${core.options.boot}${leg.id.slice(leg.id.lastIndexOf('-') + 1).padStart(9, '0')}`,
    version: 1,
  }
}

function agreementOf(agreed: SipNegotiated): Negotiated | undefined {
  const codec = CODECS.find((each) => each === agreed.codec)
  if (codec === undefined) return undefined
  const holds =
    agreed.direction === 'recvonly' ||
    agreed.direction === 'inactive' ||
    agreed.remote.host === '0.0.0.0' ||
    agreed.remote.host === '::'
  return {
    format: {
      codec,
      payloadType: agreed.payloadType,
      clockRateHz: agreed.clockRateHz,
      ptimeMs: agreed.ptimeMs,
      ...(agreed.dtmfPayloadType === undefined ? {} : { dtmfPayloadType: agreed.dtmfPayloadType }),
      ...(agreed.comfortNoisePayloadType === undefined
        ? {}
        : { comfortNoisePayloadType: agreed.comfortNoisePayloadType }),
    },
    remote: agreed.remote,
    send: agreed.send && !holds,
    receive: agreed.receive && !holds,
    holds,
  }
}
