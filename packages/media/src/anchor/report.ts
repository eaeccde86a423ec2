/**
 * The RTCP of a leg: the sender or receiver report that we send with our CNAME, RFC 3550 §6.4 and §6.5.1, and what the
 * peer's reports say of how it hears us.
 *
 * It goes on while a leg is held, which also keeps its NAT open and shows that we are there.
 */
import type { Instant } from '@tandem/base'
import type { LegStatistics } from '../port.ts'
import { type ReportBlock, type RtcpPacket, writeRtcp } from '../rtcp/rtcp-packet.ts'
import { CLOCK_RATE_HZ, type MediaLeg } from './media-leg.ts'

/** A sender or receiver report of a peer. */
export type PeerReport = Extract<RtcpPacket, { kind: 'senderReport' | 'receiverReport' }>

const DELAY_UNITS_PER_SECOND = 65_536
/** A round trip longer than this is a report that speaks of something else. */
const ROUND_TRIP_MS_MAX = 60_000

/** Where the peer takes RTCP: where its own came from, else beside its RTP; undefined when nowhere. */
export function reportAddress(leg: MediaLeg): { readonly host: string; readonly port: number } | undefined {
  const { remote, source } = leg
  if (remote === undefined || remote.rtcpPort === 0 || leg.format === undefined) return undefined
  if (leg.rtcpHost !== undefined) return { host: leg.rtcpHost, port: leg.rtcpPort }
  // Behind a NAT the SDP's address is of no use; the port after the RTP port is the best guess.
  if (source === undefined || source.host === remote.host) return { host: remote.host, port: remote.rtcpPort }
  return source.port < 65_535 ? { host: source.host, port: source.port + 1 } : undefined
}

/** Writes the compound into `into` and returns its length. A leg that has not been sent to gets a receiver report. */
export function writeReport(now: Instant, leg: MediaLeg, into: Uint8Array): number {
  const { ssrc } = leg.clock
  const blocks = reportBlocks(now, leg)
  const sent = leg.octetsSent !== leg.octetsSentAtReport
  leg.octetsSentAtReport = leg.octetsSent
  const report: RtcpPacket = sent
    ? {
        kind: 'senderReport',
        ssrc,
        // No wall clock here: RFC 3550 §6.4.1 allows time since an arbitrary beginning.
        ntpSeconds: Math.floor(now / 1000),
        ntpFraction: Math.floor(((now % 1000) / 1000) * 2 ** 32) >>> 0,
        timestamp: leg.clock.timestampAt(now),
        packets: leg.packetsSent,
        octets: leg.octetsSent,
        blocks,
      }
    : { kind: 'receiverReport', ssrc, blocks }
  const cname = ssrc.toString(16).padStart(8, '0') // Random, and lasting as long as the leg: RFC 7022 §4.2.
  return writeRtcp(into, [report, { kind: 'description', ssrc, cname }])
}

/** Takes the peer's report: what it says of us, and when it spoke, for our next one. */
export function takeReport(now: Instant, leg: MediaLeg, report: PeerReport): void {
  if (report.kind === 'senderReport') {
    leg.lastReport = ((report.ntpSeconds << 16) | (report.ntpFraction >>> 16)) >>> 0
    leg.lastReportAt = now
  }
  for (const block of report.blocks) {
    if (block.ssrc !== leg.clock.ssrc) continue
    leg.remoteLost = Math.max(0, block.cumulativeLost) // Copies make it negative; nothing is lost then.
    leg.remoteJitterMs = (1000 * block.jitterTicks) / CLOCK_RATE_HZ
    const trip = roundTripMs(now, block)
    if (trip !== undefined) leg.roundTripMs = trip
  }
}

/** What is known of a leg's quality, for the call detail record. */
export function statisticsOf(leg: MediaLeg): LegStatistics {
  const { reception, remoteLost, remoteJitterMs, roundTripMs } = leg
  return {
    packetsReceived: reception.packetsReceived,
    packetsLost: reception.packetsLost,
    jitterMs: reception.jitterMs,
    packetsSent: leg.packetsSent,
    ...(remoteLost === undefined ? {} : { remote: { packetsLost: remoteLost, jitterMs: remoteJitterMs } }),
    ...(roundTripMs === undefined ? {} : { roundTripMs }),
  }
}

/** Now, less when our report left, less how long the peer held its answer: RFC 3550 §6.4.1. */
function roundTripMs(now: Instant, block: ReportBlock): number | undefined {
  if (block.lastReport === 0) return undefined // It has had no sender report of ours.
  const units =
    ((Math.floor((now / 1000) * DELAY_UNITS_PER_SECOND) >>> 0) - block.lastReport - block.delay) | 0
  const ms = (1000 * units) / DELAY_UNITS_PER_SECOND
  return Math.abs(ms) > ROUND_TRIP_MS_MAX ? undefined : Math.max(0, ms)
}

function reportBlocks(now: Instant, leg: MediaLeg): ReportBlock[] {
  const { reception } = leg
  if (reception.ssrc === -1) return []
  const delay = leg.lastReport === 0 ? 0 : ((now - leg.lastReportAt) / 1000) * DELAY_UNITS_PER_SECOND
  return [
    {
      ssrc: reception.ssrc,
      fractionLost: reception.takeFractionLost(),
      cumulativeLost: reception.cumulativeLost,
      extendedHighest: reception.extendedHighest,
      jitterTicks: reception.jitterTicks,
      lastReport: leg.lastReport,
      delay: Math.floor(delay) >>> 0,
    },
  ]
}
