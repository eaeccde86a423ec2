/**
 * What a `MediaMachine` speaks to on its hot path: sockets and the journal writer, both implemented in `io`.
 *
 * They are called while a packet is being handled, must not keep the bytes they are handed, and must not call
 * back into the machine.
 */
import type { Instant } from '@tandem/base'
import type { JournalEntry, Side } from '../journal/entry.ts'

/** Where packets go. Only the first `length` bytes of `packet` count. */
export interface PacketSink {
  sendRtp(localPort: number, packet: Uint8Array, length: number, host: string, port: number): void
  /** `localPort` is the RTP port of the pair; the packet leaves from the RTCP socket beside it. */
  sendRtcp(localPort: number, packet: Uint8Array, length: number, host: string, port: number): void
  /** To the worker of the bridged leg, which hands it to `receiveAcross`. */
  sendAcross(ring: number, packet: Uint8Array, length: number): void
}

/** Where the audio of recorded legs goes, as received and before anything is restamped. */
export interface JournalSink {
  packet(
    recording: string,
    side: Side,
    stream: number,
    arrival: Instant,
    packet: Uint8Array,
    length: number,
  ): void
  entry(recording: string, entry: JournalEntry): void
}

/** Why a received packet was dropped. Each reason is counted. */
export type DropReason =
  /** Not RTP or RTCP at all, or lying about its own length. */
  | 'malformed'
  /** No leg has this port. */
  | 'unknownPort'
  /** The source belongs to no leg: a third party, or one not yet learned. */
  | 'unknownSource'
  /** The source of a leg released less than five seconds ago. */
  | 'released'
  /** From the right address, with an SSRC that no leg can be told by yet. */
  | 'unknownSsrc'
  /** A payload type that was not negotiated. */
  | 'payloadType'
  /** Faster than the negotiated codec ever is. */
  | 'overRate'
  /** The peer may not send now: on hold, or not configured yet. */
  | 'notReceiving'
