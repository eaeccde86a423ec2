/**
 * Offer and answer: RFC 3264, for one audio stream over RTP/AVP; every other line is refused with port 0.
 *
 * All functions are pure. An offerer calls `makeOffer` and then `negotiated`, an answerer `answerFor`; with a delayed
 * offer the sides change, the functions stay. Addresses are ours: `local` is where the peer shall send.
 */
import type { Direction, MediaDescription, RtpFormat, SessionDescription } from './description.ts'
import { mirror, narrowed, receives, sends } from './direction.ts'
import { staticFormat } from './static-formats.ts'

/** Name of RFC 4733 events in `RtpFormat.encoding`. */
export const TELEPHONE_EVENT = 'TELEPHONE-EVENT'
/** Name of RFC 3389 comfort noise in `RtpFormat.encoding`. */
export const COMFORT_NOISE = 'CN'
/** Payload type that we offer for RFC 4733 events: the one that nearly all phones use. */
export const TELEPHONE_EVENT_PAYLOAD_TYPE = 101

const PTIME_MS = 20 // RFC 3551 §4.2: the default packet time.
const PTIME_MS_MIN = 10
const PTIME_MS_MAX = 60

/** Our end of the stream, as the media port allocated it, and the identity of our description. */
export interface LocalMedia {
  /** Advertised address, IPv6 without brackets. */
  readonly host: string
  readonly rtpPort: number
  /** `rtpPort` + 1 when absent. */
  readonly rtcpPort?: number
  /** Digits; the same for all descriptions of one dialog. */
  readonly sessionId: string
  /** One more than in the description before, if anything changed (`withVersion` sees to it). */
  readonly version: number
}

/** What we can do. */
export interface AudioAbilities {
  /** Encodings at 8 kHz in the order we like them: `PCMU`, `PCMA`. */
  readonly codecs: readonly string[]
  /** Whether we take RFC 4733 events. */
  readonly dtmf: boolean
  /** Whether we take RFC 3389 comfort noise. */
  readonly comfortNoise?: boolean
  /** What we want to do with the stream, `sendrecv` when absent. */
  readonly direction?: Direction
  /** The packet time we like to receive; 20 when absent. */
  readonly ptimeMs?: number
}

/** An offer to make. */
export interface OfferOptions extends LocalMedia, AudioAbilities {
  /** The description in force, whose lines must keep their number and order (RFC 3264 §8). */
  readonly previous?: SessionDescription
}

/** What two descriptions agree on, seen from our side: all that the media port needs. */
export interface Negotiated {
  /** Encoding name in upper case, e.g. `PCMU`. */
  readonly codec: string
  /** The payload type to put on packets to the peer. */
  readonly payloadType: number
  readonly clockRateHz: number
  /** The packet time that the peer wants, 10 to 60. */
  readonly ptimeMs: number
  readonly dtmfPayloadType?: number
  readonly comfortNoisePayloadType?: number
  /** Where the peer receives. */
  readonly remote: { readonly host: string; readonly port: number; readonly rtcpPort: number }
  /** What we do: `sendonly` means that we send. */
  readonly direction: Direction
  readonly send: boolean
  readonly receive: boolean
}

/** The result of answering: the description to send, or why there is none (a 488). */
export type AnswerResult =
  | { readonly kind: 'answer'; readonly answer: SessionDescription; readonly negotiated: Negotiated }
  | { readonly kind: 'refused'; readonly status: 488; readonly reason: string }

/** Our offer: one audio line, and refused lines for what an earlier description had besides. */
export function makeOffer(options: OfferOptions): SessionDescription {
  const formats: RtpFormat[] = []
  for (const codec of options.codecs) {
    const format = formatNamed(codec)
    if (format !== undefined) formats.push(format)
  }
  const noise = staticFormat(13)
  if (options.comfortNoise === true && noise !== undefined) formats.push(noise)
  if (options.dtmf) formats.push(eventFormat(TELEPHONE_EVENT_PAYLOAD_TYPE))
  const ours = audioLine(options, formats, options.direction ?? 'sendrecv', options.ptimeMs ?? PTIME_MS)
  const before = options.previous?.media ?? []
  const place = Math.max(0, activeAudio(before))
  const media = before.map((line, index) => (index === place ? ours : refusedLine(line, options.host)))
  return describe(options, media.length === 0 ? [ours] : media)
}

/** The answer to an offer. The first codec of the offer that we know wins: the offerer's order counts (§6.1). */
export function answerFor(
  offer: SessionDescription,
  abilities: AudioAbilities,
  local: LocalMedia,
): AnswerResult {
  if (offer.media.length === 0) return { kind: 'refused', status: 488, reason: 'No Media Offered' }
  const place = offer.media.findIndex((line) => isActiveAudio(line) && chosenCodec(line, abilities.codecs))
  const line = offer.media[place]
  const codec = line === undefined ? undefined : chosenCodec(line, abilities.codecs)
  if (line === undefined || codec === undefined)
    return { kind: 'refused', status: 488, reason: 'No Common Audio Format' }

  const noise = abilities.comfortNoise === true ? named(line, COMFORT_NOISE, codec.clockRateHz) : undefined
  const events = abilities.dtmf ? named(line, TELEPHONE_EVENT, codec.clockRateHz) : undefined
  const formats = [codec]
  if (noise !== undefined) formats.push(noise)
  if (events !== undefined) formats.push(eventFormat(events.payloadType))
  const direction = narrowed(mirror(line.direction), abilities.direction ?? 'sendrecv')
  const ours = audioLine(local, formats, direction, abilities.ptimeMs ?? PTIME_MS)
  const media = offer.media.map((other, index) =>
    index === place ? { ...ours, protocol: line.protocol } : refusedLine(other, local.host),
  )
  return {
    kind: 'answer',
    answer: describe(local, media),
    negotiated: agreement(line, codec, direction, { dtmf: events, comfortNoise: noise }),
  }
}

/** What our offer and the peer's answer agree on; undefined when the answer refuses the audio or breaks the rules. */
export function negotiated(offer: SessionDescription, answer: SessionDescription): Negotiated | undefined {
  const place = activeAudio(offer.media)
  const ours = offer.media[place]
  const line = answer.media[place]
  if (ours === undefined || line === undefined || answer.media.length !== offer.media.length) return undefined
  if (!isActiveAudio(line)) return undefined
  const offered = (format: RtpFormat): boolean =>
    ours.formats.some(
      (other) => other.encoding === format.encoding && other.clockRateHz === format.clockRateHz,
    )
  const codec = line.formats.find((format) => isCodec(format) && offered(format))
  if (codec === undefined) return undefined
  const optional = (encoding: string): RtpFormat | undefined => {
    const format = named(line, encoding, codec.clockRateHz)
    return format !== undefined && offered(format) ? format : undefined
  }
  return agreement(line, codec, narrowed(ours.direction, mirror(line.direction)), {
    dtmf: optional(TELEPHONE_EVENT),
    comfortNoise: optional(COMFORT_NOISE),
  })
}

/** `next`, with the version that RFC 3264 §8 asks for: that of `previous` when nothing else changed, else one more. */
export function withVersion(previous: SessionDescription, next: SessionDescription): SessionDescription {
  const { username, sessionId, version } = previous.origin
  const same = { ...next, origin: { ...next.origin, username, sessionId, version } }
  if (JSON.stringify(same) === JSON.stringify(previous)) return previous
  return { ...same, origin: { ...same.origin, version: String(BigInt(version) + 1n) } }
}

/** The index of the audio line in use; -1 when there is none. */
function activeAudio(media: readonly MediaDescription[]): number {
  return media.findIndex(isActiveAudio)
}

function isActiveAudio(line: MediaDescription): boolean {
  return line.media === 'audio' && line.port !== 0 && line.protocol.toUpperCase() === 'RTP/AVP'
}

/** Whether a format is a voice codec, and not something that travels beside one. */
function isCodec(format: RtpFormat): boolean {
  return format.encoding !== TELEPHONE_EVENT && format.encoding !== COMFORT_NOISE
}

function chosenCodec(line: MediaDescription, codecs: readonly string[]): RtpFormat | undefined {
  return line.formats.find(
    (format) => codecs.includes(format.encoding) && format.clockRateHz === 8_000 && format.channels === 1,
  )
}

function named(line: MediaDescription, encoding: string, clockRateHz: number): RtpFormat | undefined {
  return line.formats.find((format) => format.encoding === encoding && format.clockRateHz === clockRateHz)
}

/** The static format of an encoding name at 8 kHz. */
function formatNamed(encoding: string): RtpFormat | undefined {
  for (const payloadType of [0, 8, 9, 18, 3]) {
    const format = staticFormat(payloadType)
    if (format?.encoding === encoding) return format
  }
  return undefined
}

/** Events 0 to 15: the sixteen keys, RFC 4733 §3.2. */
function eventFormat(payloadType: number): RtpFormat {
  return { payloadType, encoding: TELEPHONE_EVENT, clockRateHz: 8_000, channels: 1, fmtp: '0-15' }
}

function audioLine(
  local: LocalMedia,
  formats: readonly RtpFormat[],
  direction: Direction,
  ptimeMs: number,
): MediaDescription {
  return {
    media: 'audio',
    port: local.rtpPort,
    protocol: 'RTP/AVP',
    formats,
    formatTokens: formats.map((format) => String(format.payloadType)),
    host: local.host,
    direction,
    ptimeMs,
    rtcpPort: local.rtcpPort ?? local.rtpPort + 1,
    rtcpMux: false,
    attributes: [],
  }
}

/** A line that we do not take: port 0, with its formats as they were (RFC 3264 §6). */
function refusedLine(line: MediaDescription, host: string): MediaDescription {
  return {
    media: line.media,
    port: 0,
    protocol: line.protocol,
    formats: [],
    formatTokens: line.formatTokens,
    host,
    direction: 'inactive',
    rtcpPort: 0,
    rtcpMux: false,
    attributes: [],
  }
}

function describe(local: LocalMedia, media: readonly MediaDescription[]): SessionDescription {
  const { host, sessionId, version } = local
  return { origin: { username: '-', sessionId, version: String(version), host }, name: '-', media }
}

function agreement(
  line: MediaDescription,
  codec: RtpFormat,
  direction: Direction,
  optional: { readonly dtmf: RtpFormat | undefined; readonly comfortNoise: RtpFormat | undefined },
): Negotiated {
  const wishedMs = Math.min(line.ptimeMs ?? PTIME_MS, line.maxptimeMs ?? PTIME_MS_MAX)
  return {
    codec: codec.encoding,
    payloadType: codec.payloadType,
    clockRateHz: codec.clockRateHz,
    ptimeMs: Math.min(PTIME_MS_MAX, Math.max(PTIME_MS_MIN, wishedMs)),
    ...(optional.dtmf === undefined ? {} : { dtmfPayloadType: optional.dtmf.payloadType }),
    ...(optional.comfortNoise === undefined
      ? {}
      : { comfortNoisePayloadType: optional.comfortNoise.payloadType }),
    remote: { host: line.host, port: line.port, rtcpPort: line.rtcpPort },
    direction,
    send: sends(direction),
    receive: receives(direction),
  }
}
