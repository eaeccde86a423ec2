/**
 * What the calls thread and a media worker say to each other: plain data over a message port, in batches.
 */
import type { Instant, LogFields, WallTime } from '@tandem/base'
import type { MediaCommand, MediaEvent, MediaLegId, RecordingId } from '@tandem/media'
import type { OpenOrder } from '../journal/journal-writer.ts'
import type { PortRange } from './port-pool.ts'

/** What a worker thread is started with. */
export interface MediaWorkerData {
  readonly worker: number
  readonly range: PortRange
  readonly journalFolder: string
  /** Absent: no clips but the prompts. */
  readonly clipsFolder?: string
  readonly wallOffsetMs: number
  /** Rings to and from each other worker. */
  readonly rings: readonly {
    readonly peer: number
    readonly outgoing: SharedArrayBuffer
    readonly incoming: SharedArrayBuffer
  }[]
}

/** To a worker. */
export type WorkerOrder =
  /** Everything that concerns one leg, and what attaches it to a recording. */
  | { readonly kind: 'command'; readonly command: MediaCommand }
  /** Joins `leg` to a leg of the worker `peer`, over this channel of the ring between the two. */
  | {
      readonly kind: 'bridgeAcross'
      readonly leg: MediaLegId
      readonly peer: number
      readonly channel: number
    }
  /** Takes a leg of the worker `peer` into a room here, over this channel; or changes how it takes part. */
  | {
      readonly kind: 'mixAcross'
      readonly leg: MediaLegId
      readonly peer: number
      readonly channel: number
      readonly room: string
      readonly speaks: boolean
      readonly hears: boolean
      readonly group?: string
    }
  /** Takes such a leg out again. */
  | { readonly kind: 'leaveAcross'; readonly leg: MediaLegId }
  | { readonly kind: 'open'; readonly order: OpenOrder }
  | {
      readonly kind: 'close'
      readonly recording: RecordingId
      readonly facts: string
      readonly wallAt: WallTime
    }
  | { readonly kind: 'abandon'; readonly recording: RecordingId }
  | { readonly kind: 'pause'; readonly recording: RecordingId; readonly at: Instant }
  | { readonly kind: 'resume'; readonly recording: RecordingId; readonly at: Instant }
  | {
      readonly kind: 'note'
      readonly recording: RecordingId
      readonly at: Instant
      readonly note: string
    }
  | { readonly kind: 'counts'; readonly id: number }
  /** Sync the journal, close everything, answer `finished`. */
  | { readonly kind: 'finish' }

/** What a worker counts. */
export interface MediaWorkerCounts {
  readonly legs: number
  readonly ports: number
  readonly rooms: number
  readonly learning: number
  readonly recordings: number
  readonly ringDrops: number
  readonly dropped: Readonly<Record<string, number>>
}

/** From a worker. */
export type WorkerReport =
  /** Its first ports are bound. */
  | { readonly kind: 'ready' }
  /** It cannot start, in a sentence. */
  | { readonly kind: 'unable'; readonly why: string }
  | { readonly kind: 'events'; readonly events: readonly MediaEvent[] }
  | { readonly kind: 'retired'; readonly segment: string }
  | { readonly kind: 'counts'; readonly id: number; readonly counts: MediaWorkerCounts }
  | {
      readonly kind: 'log'
      readonly level: 'debug' | 'info' | 'warn' | 'error'
      readonly message: string
      readonly fields: LogFields
    }
  | { readonly kind: 'finished' }
