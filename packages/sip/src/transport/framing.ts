/**
 * Cuts a stream into messages: RFC 3261 §18.3 (Content-Length is a must), keep-alive pings of RFC 5626 §3.5.1.
 *
 * Contract: give `push` every chunk as it comes, in order. A failure is the framer's last word: answer its request if
 * it has one, and close the connection, because nobody can tell where the next message begins. A message whose headers
 * are merely wrong is not a failure here; `validateRequest` finds it.
 *
 * The work is linear in the bytes, however they are cut, and at most one message is held.
 */
import { findHeadEnd, type Head, parseHead } from '../message/head.ts'
import { HEAD_BYTES_MAX, MESSAGE_BYTES_MAX } from '../message/limits.ts'
import { NO_BODY, type SipMessage } from '../message/message.ts'
import { failure, messageOf, type ParseFailure } from '../message/parse.ts'

/** Most keep-alives without a message between: a phone pings for a day and a half, yet endless CRLF ends. */
export const PINGS_MAX = 4_096

/** What came out of a chunk. `ping` is answered with one CRLF. */
export type FramerOutput =
  | { readonly kind: 'message'; readonly message: SipMessage }
  | { readonly kind: 'ping' }
  | { readonly kind: 'failed'; readonly failure: ParseFailure }

const CR = 13
const LF = 10
const EMPTY = new Uint8Array(0)

/** One direction of one connection. */
export class StreamFramer {
  /** Bytes not yet used; they begin at 0. */
  #buffer: Uint8Array = EMPTY
  #length = 0
  /** Up to here no head ends, so the search goes on from there. */
  #searched = 0
  /** A head that waits for its body, and where that begins. */
  #head: { readonly head: Head; readonly bodyStart: number; readonly bodyLength: number } | undefined
  #pings = 0
  #failed = false

  /** True once a failure came out; further chunks are ignored. */
  get failed(): boolean {
    return this.#failed
  }

  /** How many bytes are held for a message that is not complete: a connection that stays above 0 is slow or hostile. */
  get heldBytes(): number {
    return this.#length < 4 && this.#buffer[0] === CR ? 0 : this.#length // A pong is no message.
  }

  /** Takes a chunk; the chunk may be reused afterwards. */
  push(chunk: Uint8Array): FramerOutput[] {
    const outputs: FramerOutput[] = []
    if (this.#failed) return outputs
    this.#append(chunk)
    let start = 0
    for (;;) {
      const next = this.#take(start, outputs)
      if (next === undefined) break
      start = next
    }
    this.#drop(start)
    return outputs
  }

  /** Takes one thing that begins at `start`, and returns where the next begins; undefined when more bytes are needed. */
  #take(start: number, outputs: FramerOutput[]): number | undefined {
    if (this.#failed) return undefined
    const bytes = this.#buffer.subarray(0, this.#length)
    if (this.#head === undefined) {
      const skipped = this.#takeLineEnds(bytes, start, outputs)
      if (skipped > start || this.#failed) return skipped
      if (!this.#takeHead(bytes, start, outputs)) return undefined
    }
    const waiting = this.#head
    if (waiting === undefined) return undefined
    const end = waiting.bodyStart + waiting.bodyLength
    if (end > this.#length) return undefined
    const body = waiting.bodyLength === 0 ? NO_BODY : bytes.slice(waiting.bodyStart, end)
    outputs.push({ kind: 'message', message: messageOf(waiting.head, body) })
    this.#head = undefined
    this.#searched = 0
    this.#pings = 0
    return end
  }

  /** Skips CRLFs between messages; a double one is a ping, reported once a chunk. */
  #takeLineEnds(bytes: Uint8Array, start: number, outputs: FramerOutput[]): number {
    let at = start
    while (bytes[at] === CR && bytes[at + 1] === LF) {
      const isPing = bytes[at + 2] === CR && bytes[at + 3] === LF
      const mayBecomePing = at + 2 === bytes.length || (bytes[at + 2] === CR && at + 3 === bytes.length)
      if (mayBecomePing) break
      at += isPing ? 4 : 2
      if (!isPing) continue
      if (outputs.at(-1)?.kind !== 'ping') outputs.push({ kind: 'ping' })
      if (++this.#pings > PINGS_MAX)
        this.#fail(outputs, { kind: 'failure', status: 400, reason: 'Endless Keep-Alives' })
      if (this.#failed) break
    }
    if (at > start) this.#searched = 0
    return at
  }

  /** Looks for the end of the head, and keeps the head once it is there. */
  #takeHead(bytes: Uint8Array, start: number, outputs: FramerOutput[]): boolean {
    const end = findHeadEnd(bytes, Math.max(start, this.#searched))
    if (end < 0) {
      this.#searched = Math.max(start, bytes.length - 3)
      if (bytes.length - start <= HEAD_BYTES_MAX) return false
      return this.#refuse(bytes, start, bytes.length, 'Headers Too Large', outputs)
    }
    const head = parseHead(bytes, start, end)
    if (head.kind === 'failure') return this.#refuse(bytes, start, end, head.reason, outputs, head.status)
    const bodyLength = head.contentLength
    if (bodyLength === undefined) return this.#refuse(bytes, start, end, 'Missing Content-Length', outputs)
    if (end + 4 - start + bodyLength > MESSAGE_BYTES_MAX)
      return this.#refuse(bytes, start, end, 'Message Too Large', outputs, 513)
    this.#head = { head, bodyStart: end + 4, bodyLength }
    return true
  }

  #refuse(
    bytes: Uint8Array,
    start: number,
    end: number,
    reason: string,
    outputs: FramerOutput[],
    status = 400,
  ): false {
    this.#fail(outputs, failure(bytes, start, end, status, reason))
    return false
  }

  #fail(outputs: FramerOutput[], cause: ParseFailure): void {
    this.#failed = true
    this.#buffer = EMPTY
    this.#length = 0
    outputs.push({ kind: 'failed', failure: cause })
  }

  #append(chunk: Uint8Array): void {
    const needed = this.#length + chunk.length
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#buffer.length))
      larger.set(this.#buffer.subarray(0, this.#length))
      this.#buffer = larger
    }
    this.#buffer.set(chunk, this.#length)
    this.#length = needed
  }

  /** Forgets what was used, and lets a buffer go that holds nothing. */
  #drop(used: number): void {
    if (used === 0) return
    const rest = Math.max(0, this.#length - used)
    this.#buffer = rest === 0 ? EMPTY : this.#buffer.slice(used, this.#length)
    this.#length = rest
    this.#searched = Math.max(0, this.#searched - used)
    if (this.#head !== undefined) this.#head = { ...this.#head, bodyStart: this.#head.bodyStart - used }
  }
}
