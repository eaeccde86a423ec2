/**
 * What a journal holds besides packets: streams joining and leaving, pauses, notes, gaps, the end.
 *
 * Entries are journaled as JSON inside sealed blocks. Times are instants of the worker's monotonic clock; the
 * opening and the closing pair one with wall time.
 */
import type { Instant, WallTime } from '@tandem/base'
import type { AudioCodec } from '../port.ts'

/** Which channel: 0 is left, the owner; 1 is right, the other side. */
export type Side = 0 | 1

/** One entry of a recording's journal. */
export type JournalEntry =
  /** From `at` on packets of that stream have this format, and are added to the other streams of the side. Repeated when a format changes or a segment continues. */
  | {
      readonly kind: 'joined'
      readonly side: Side
      /** The leg that speaks, or what is played into the call. */
      readonly leg: string
      /** 32 random bits that its packets carry; absent in journals of version 1, which means 0. */
      readonly stream?: number
      readonly codec: AudioCodec
      readonly payloadType: number
      readonly dtmfPayloadType?: number
      readonly cnPayloadType?: number
      readonly clockRateHz: number
      readonly at: Instant
    }
  | {
      readonly kind: 'left'
      readonly side: Side
      readonly leg: string
      readonly stream?: number
      readonly at: Instant
    }
  | { readonly kind: 'pause'; readonly at: Instant }
  | { readonly kind: 'resume'; readonly at: Instant }
  /** JSON for the metadata document. */
  | { readonly kind: 'note'; readonly json: string; readonly at: Instant }
  | { readonly kind: 'closed'; readonly facts: string; readonly at: Instant; readonly wallAt: WallTime }
  /** Packets were lost by us, not by the network, for about `ms` until `at`. */
  | { readonly kind: 'gap'; readonly at: Instant; readonly ms: number }

/** How a recording begins in a segment; `continues` when an earlier segment holds its beginning. */
export interface JournalOpening {
  /** JSON of the engine, unread here. */
  readonly facts: string
  readonly wallAt: WallTime
  readonly instantAt: Instant
  readonly continues: boolean
}

/** One thing read from a segment, in the order it was written. */
export type ReadItem =
  | { readonly kind: 'opening'; readonly recordingId: string; readonly opening: JournalOpening }
  | {
      readonly kind: 'packet'
      readonly recordingId: string
      readonly side: Side
      /** Of the streams of one side; 0 in journals of version 1. */
      readonly stream: number
      readonly arrival: Instant
      readonly packet: Uint8Array
    }
  | { readonly kind: 'entry'; readonly recordingId: string; readonly entry: JournalEntry }
