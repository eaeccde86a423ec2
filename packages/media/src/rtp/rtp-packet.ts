/**
 * RTP packets read and written in place: RFC 3550 §5.1, header extension §5.3.1.
 *
 *    0                   1                   2                   3
 *   |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *   |                           timestamp                           |
 *   |                             SSRC                              |
 *   |                     CSRC (0 to 15 words)                      |
 *
 * Nothing here allocates. `RtpView.read` refuses what lies about its own length; the plain readers expect a
 * packet of at least `RTP_HEADER_BYTES`.
 */

/** The fixed header, without CSRC list and extension. */
export const RTP_HEADER_BYTES = 12

/** The longest RTP packet that is taken: one Ethernet frame. G.711 at 60 ms needs 492 bytes. */
export const RTP_PACKET_BYTES_MAX = 1500

/** Why a packet is not RTP that we can use. */
export type RtpFault = 'short' | 'long' | 'version' | 'csrc' | 'extension' | 'padding' | 'empty'

/** The payload type of a packet, 0 to 127. */
export function payloadTypeOf(packet: Uint8Array): number {
  return (packet[1] as number) & 0x7f // At least a header by contract; so in all readers here.
}

/** The 16-bit sequence number of a packet. */
export function sequenceOf(packet: Uint8Array): number {
  return ((packet[2] as number) << 8) | (packet[3] as number)
}

/** The 32-bit timestamp of a packet. */
export function timestampOf(packet: Uint8Array): number {
  return readUint32(packet, 4)
}

/** The synchronisation source of a packet. */
export function ssrcOf(packet: Uint8Array): number {
  return readUint32(packet, 8)
}

/** Reads 32 bits in network order. The caller has checked the length. */
export function readUint32(bytes: Uint8Array, offset: number): number {
  return (
    (((bytes[offset] as number) << 24) |
      ((bytes[offset + 1] as number) << 16) |
      ((bytes[offset + 2] as number) << 8) |
      (bytes[offset + 3] as number)) >>>
    0
  )
}

/** Writes 32 bits in network order. The caller has checked the length. */
export function writeUint32(into: Uint8Array, offset: number, value: number): void {
  into[offset] = value >>> 24
  into[offset + 1] = value >>> 16
  into[offset + 2] = value >>> 8
  into[offset + 3] = value
}

/**
 * Writes a plain 12-byte header (no padding, no extension, no CSRC) over the start of `into`. Arguments are
 * positional, since this runs for every packet sent.
 */
export function writeRtpHeader(
  into: Uint8Array,
  payloadType: number,
  marker: boolean,
  sequence: number,
  timestamp: number,
  ssrc: number,
): void {
  into[0] = 0x80
  into[1] = marker ? payloadType | 0x80 : payloadType & 0x7f
  into[2] = sequence >>> 8
  into[3] = sequence
  writeUint32(into, 4, timestamp)
  writeUint32(into, 8, ssrc)
}

/** How far `later` is ahead of `earlier` in 16-bit sequence numbers: -32768 to 32767. */
export function sequenceDelta(later: number, earlier: number): number {
  return ((later - earlier) << 16) >> 16
}

/** How far `later` is ahead of `earlier` in 32-bit timestamps: -2^31 to 2^31 - 1. */
export function timestampDelta(later: number, earlier: number): number {
  return (later - earlier) | 0
}

/**
 * One packet's fields, read into the same object again and again. The fields are valid after a `read` that
 * returned undefined, until the next one.
 */
export class RtpView {
  payloadType = 0
  marker = false
  sequence = 0
  timestamp = 0
  ssrc = 0
  /** Where the payload begins in the packet. */
  payloadStart = 0
  /** One past the payload's last byte, padding taken off. */
  payloadEnd = 0

  /** Reads the first `length` bytes of `packet`. Returns what is wrong with them, or undefined when all is well. */
  read(packet: Uint8Array, length: number): RtpFault | undefined {
    if (length < RTP_HEADER_BYTES || length > packet.length) return 'short'
    if (length > RTP_PACKET_BYTES_MAX) return 'long'
    const first = packet[0] as number
    if (first >> 6 !== 2) return 'version'
    let start = RTP_HEADER_BYTES + 4 * (first & 0x0f)
    if (start > length) return 'csrc'
    if ((first & 0x10) !== 0) {
      if (start + 4 > length) return 'extension'
      const words = ((packet[start + 2] as number) << 8) | (packet[start + 3] as number)
      start += 4 + 4 * words
      if (start > length) return 'extension'
    }
    let end = length
    if ((first & 0x20) !== 0) {
      const padding = packet[length - 1] as number
      if (padding === 0 || start + padding > length) return 'padding'
      end -= padding
    }
    if (end === start) return 'empty'
    this.marker = ((packet[1] as number) & 0x80) !== 0
    this.payloadType = payloadTypeOf(packet)
    this.sequence = sequenceOf(packet)
    this.timestamp = timestampOf(packet)
    this.ssrc = ssrcOf(packet)
    this.payloadStart = start
    this.payloadEnd = end
    return undefined
  }
}
