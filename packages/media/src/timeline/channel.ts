/**
 * One channel of a recording: the sum of the streams that speak on its side.
 *
 * Several legs may be heard at once (a conference, a barge-in, an announcement); each keeps a window and clocks of its
 * own, and what does not fit into 16 bits saturates. A stream that has left goes when its last sample was given out.
 */
import type { JournalEntry } from '../journal/entry.ts'
import { StreamVoice } from './stream-voice.ts'

/** Streams of one side at a time; one more is not heard until another has left. */
export const STREAMS_MAX = 64

type Joined = Extract<JournalEntry, { kind: 'joined' }>
type Left = Extract<JournalEntry, { kind: 'left' }>

/** Left or right. */
export class Channel {
  readonly #voices = new Map<number, StreamVoice>()
  readonly #gone = new Set<number>()
  #base: number

  /** `base` is the first position that counts. */
  constructor(base: number) {
    this.#base = base
  }

  /** Learns what payload types of a stream mean from now on. */
  join(entry: Joined): void {
    const stream = entry.stream ?? 0
    this.#gone.delete(stream)
    this.#voiceOf(stream)?.join(entry)
  }

  /** A stream has spoken its last. In version 1 all are stream 0, which may be joined again. */
  leave(entry: Left): void {
    if (entry.stream !== undefined && this.#voices.has(entry.stream)) this.#gone.add(entry.stream)
  }

  /** Takes a packet of a stream that arrived at position `arrival`. What cannot be used is passed over. */
  packet(stream: number, arrival: number, packet: Uint8Array): void {
    this.#voiceOf(stream)?.packet(arrival, packet)
  }

  /** Adds the samples from `from` up to `to` to those in `into`. */
  add(from: number, to: number, into: Int16Array, offset: number): void {
    for (const voice of this.#voices.values()) voice.add(from, to, into, offset)
  }

  /** Forgets everything before `position`. */
  advance(position: number): void {
    this.#base = position
    for (const [stream, voice] of this.#voices) {
      if (this.#gone.has(stream) && voice.end <= position) {
        this.#voices.delete(stream)
        this.#gone.delete(stream)
      } else voice.advance(position)
    }
  }

  #voiceOf(stream: number): StreamVoice | undefined {
    const known = this.#voices.get(stream)
    if (known !== undefined || this.#voices.size >= STREAMS_MAX) return known
    const voice = new StreamVoice(this.#base)
    this.#voices.set(stream, voice)
    return voice
  }
}
