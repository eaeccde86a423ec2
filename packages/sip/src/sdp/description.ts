/**
 * A session description in memory: RFC 8866. `parse-sdp.ts` reads one, `print-sdp.ts` writes one,
 * `offer-answer.ts` holds the rules of RFC 3264.
 */

/** Who sends: RFC 3264 §5.1. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** One format of a media line: the static ones of RFC 3551 are filled in when `a=rtpmap` is missing. */
export interface RtpFormat {
  readonly payloadType: number
  /** Upper case: `PCMU`, `PCMA`, `TELEPHONE-EVENT`, `CN`. */
  readonly encoding: string
  readonly clockRateHz: number
  readonly channels: number
  readonly fmtp?: string
}

/** One `m=` line with its attributes. */
export interface MediaDescription {
  /** `audio`, `video`, `image`, ... */
  readonly media: string
  /** 0 refuses the stream. */
  readonly port: number
  /** `RTP/AVP`, `RTP/SAVP`, ... */
  readonly protocol: string
  readonly formats: readonly RtpFormat[]
  /** The format tokens as written, for lines that are not RTP. */
  readonly formatTokens: readonly string[]
  /** The connection address that holds for this line. */
  readonly host: string
  readonly direction: Direction
  readonly ptimeMs?: number
  readonly maxptimeMs?: number
  /** From `a=rtcp` (RFC 3605); port + 1 when absent. */
  readonly rtcpPort: number
  readonly rtcpMux: boolean
  /** Attributes not modelled above, as `name` or `name:value`. */
  readonly attributes: readonly string[]
}

/** A whole description. */
export interface SessionDescription {
  readonly origin: {
    readonly username: string
    readonly sessionId: string
    readonly version: string
    readonly host: string
  }
  readonly name: string
  readonly media: readonly MediaDescription[]
}
