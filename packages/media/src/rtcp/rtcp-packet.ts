/**
 * RTCP compounds, parsed and written: RFC 3550 §6.4 (SR, RR), §6.5 (SDES, CNAME only), §6.6 (BYE).
 *
 * A compound that lies about a length is refused whole. Packet types that we do not use are passed over.
 * RTCP is rare (one compound in five seconds), so parsing may allocate.
 */
import { readUint32, writeUint32 } from '../rtp/rtp-packet.ts'

/** The longest compound that is taken: one Ethernet frame. */
export const RTCP_COMPOUND_BYTES_MAX = 1500

const SENDER_REPORT = 200
const RECEIVER_REPORT = 201
const SOURCE_DESCRIPTION = 202
const GOODBYE = 203
const CNAME = 1
const BLOCK_BYTES = 24
const CNAME_BYTES_MAX = 255

/** One report block: what somebody heard of `ssrc`. */
export interface ReportBlock {
  readonly ssrc: number
  /** In 1/256. */
  readonly fractionLost: number
  /** Signed. */
  readonly cumulativeLost: number
  readonly extendedHighest: number
  readonly jitterTicks: number
  /** Middle 32 bits of the last sender report's NTP time; 0 when none came. */
  readonly lastReport: number
  /** Since then, in 1/65536 s. */
  readonly delay: number
}

/** One packet of a compound. */
export type RtcpPacket =
  | {
      readonly kind: 'senderReport'
      readonly ssrc: number
      readonly ntpSeconds: number
      readonly ntpFraction: number
      readonly timestamp: number
      readonly packets: number
      readonly octets: number
      readonly blocks: readonly ReportBlock[]
    }
  | { readonly kind: 'receiverReport'; readonly ssrc: number; readonly blocks: readonly ReportBlock[] }
  | { readonly kind: 'description'; readonly ssrc: number; readonly cname: string }
  | { readonly kind: 'goodbye'; readonly ssrcs: readonly number[] }

/**
 * Parses the first `length` bytes; undefined when they are no compound (RFC 3550 §A.2: the first packet is a
 * report without padding, every length fits).
 */
export function parseRtcp(packet: Uint8Array, length: number): RtcpPacket[] | undefined {
  if (length < 8 || length > packet.length || length > RTCP_COMPOUND_BYTES_MAX) return undefined
  const first = packet[1] as number // At least eight bytes were just seen.
  if (first !== SENDER_REPORT && first !== RECEIVER_REPORT) return undefined
  const found: RtcpPacket[] = []
  let at = 0
  while (at < length) {
    if (at + 4 > length || (packet[at] as number) >> 6 !== 2) return undefined
    const size = 4 * ((((packet[at + 2] as number) << 8) | (packet[at + 3] as number)) + 1)
    const end = at + size
    if (end > length) return undefined
    const padded = ((packet[at] as number) & 0x20) !== 0
    if (padded && (at === 0 || end !== length)) return undefined
    const one = parseOne(packet, at, end)
    if (one === 'malformed') return undefined
    if (one !== undefined) found.push(one)
    at = end
  }
  return found
}

function parseOne(packet: Uint8Array, at: number, end: number): RtcpPacket | 'malformed' | undefined {
  const count = (packet[at] as number) & 0x1f
  switch (packet[at + 1]) {
    case SENDER_REPORT: {
      const blocks = parseBlocks(packet, at + 28, end, count)
      if (blocks === undefined) return 'malformed'
      return {
        kind: 'senderReport',
        ssrc: readUint32(packet, at + 4),
        ntpSeconds: readUint32(packet, at + 8),
        ntpFraction: readUint32(packet, at + 12),
        timestamp: readUint32(packet, at + 16),
        packets: readUint32(packet, at + 20),
        octets: readUint32(packet, at + 24),
        blocks,
      }
    }
    case RECEIVER_REPORT: {
      const blocks = parseBlocks(packet, at + 8, end, count)
      return blocks === undefined
        ? 'malformed'
        : { kind: 'receiverReport', ssrc: readUint32(packet, at + 4), blocks }
    }
    case SOURCE_DESCRIPTION:
      return parseDescription(packet, at, end, count)
    case GOODBYE: {
      if (at + 4 + 4 * count > end) return 'malformed'
      const ssrcs = Array.from({ length: count }, (_, index) => readUint32(packet, at + 4 + 4 * index))
      return { kind: 'goodbye', ssrcs }
    }
    default:
      return undefined
  }
}

function parseBlocks(packet: Uint8Array, at: number, end: number, count: number): ReportBlock[] | undefined {
  if (at + BLOCK_BYTES * count > end) return undefined
  return Array.from({ length: count }, (_, index) => {
    const start = at + BLOCK_BYTES * index
    const lost = readUint32(packet, start + 4)
    return {
      ssrc: readUint32(packet, start),
      fractionLost: lost >>> 24,
      cumulativeLost: (lost << 8) >> 8,
      extendedHighest: readUint32(packet, start + 8),
      jitterTicks: readUint32(packet, start + 12),
      lastReport: readUint32(packet, start + 16),
      delay: readUint32(packet, start + 20),
    }
  })
}

/** Reads the first chunk only: we send one and need no more. */
function parseDescription(
  packet: Uint8Array,
  at: number,
  end: number,
  count: number,
): RtcpPacket | 'malformed' | undefined {
  if (count === 0) return undefined
  if (at + 8 > end) return 'malformed'
  let item = at + 8
  while (item < end && packet[item] !== 0) {
    if (item + 2 > end) return 'malformed'
    const length = packet[item + 1] as number
    if (item + 2 + length > end) return 'malformed'
    if (packet[item] === CNAME) {
      const text = Array.from(packet.subarray(item + 2, item + 2 + length), (byte) =>
        String.fromCharCode(byte),
      )
      return { kind: 'description', ssrc: readUint32(packet, at + 4), cname: text.join('') }
    }
    item += 2 + length
  }
  return undefined
}

/** Writes a compound into `into` and returns its length. `cname` is ASCII, cut at 255 bytes. */
export function writeRtcp(into: Uint8Array, packets: readonly RtcpPacket[]): number {
  let at = 0
  for (const packet of packets) {
    const start = at
    at = writeBody(into, start, packet)
    const words = (at - start) / 4 - 1
    into[start + 2] = words >>> 8
    into[start + 3] = words
  }
  return at
}

function writeBody(into: Uint8Array, start: number, packet: RtcpPacket): number {
  switch (packet.kind) {
    case 'senderReport':
      begin(into, start, SENDER_REPORT, packet.blocks.length)
      writeUint32(into, start + 4, packet.ssrc)
      writeUint32(into, start + 8, packet.ntpSeconds)
      writeUint32(into, start + 12, packet.ntpFraction)
      writeUint32(into, start + 16, packet.timestamp)
      writeUint32(into, start + 20, packet.packets)
      writeUint32(into, start + 24, packet.octets)
      return writeBlocks(into, start + 28, packet.blocks)
    case 'receiverReport':
      begin(into, start, RECEIVER_REPORT, packet.blocks.length)
      writeUint32(into, start + 4, packet.ssrc)
      return writeBlocks(into, start + 8, packet.blocks)
    case 'description': {
      const cname = packet.cname.slice(0, CNAME_BYTES_MAX)
      begin(into, start, SOURCE_DESCRIPTION, 1)
      writeUint32(into, start + 4, packet.ssrc)
      into[start + 8] = CNAME
      into[start + 9] = cname.length
      for (let index = 0; index < cname.length; index++) into[start + 10 + index] = cname.charCodeAt(index)
      const end = start + 10 + cname.length
      const padded = start + 4 * Math.ceil((end + 1 - start) / 4) // At least one zero ends the list.
      into.fill(0, end, padded)
      return padded
    }
    case 'goodbye':
      begin(into, start, GOODBYE, packet.ssrcs.length)
      for (const [index, ssrc] of packet.ssrcs.entries()) writeUint32(into, start + 4 + 4 * index, ssrc)
      return start + 4 + 4 * packet.ssrcs.length
  }
}

function begin(into: Uint8Array, start: number, type: number, count: number): void {
  into[start] = 0x80 | count
  into[start + 1] = type
}

function writeBlocks(into: Uint8Array, at: number, blocks: readonly ReportBlock[]): number {
  let start = at
  for (const block of blocks) {
    writeUint32(into, start, block.ssrc)
    writeUint32(into, start + 4, (block.fractionLost << 24) | (block.cumulativeLost & 0xffffff))
    writeUint32(into, start + 8, block.extendedHighest)
    writeUint32(into, start + 12, block.jitterTicks)
    writeUint32(into, start + 16, block.lastReport)
    writeUint32(into, start + 20, block.delay)
    start += BLOCK_BYTES
  }
  return start
}
