/**
 * One listener's stream: what the hub puts in goes straight to the connection, with nothing between that would cost memory
 * for each of a thousand listeners. What the connection has not taken is bounded; a listener that does not keep up is sent
 * away with a comment, and resumes from the last id that it has read.
 */
import type { Writable } from 'node:stream'
import { closingFrame } from './event-frame.ts'

/** Most bytes that may wait for a listener: some 60 events. */
export const WAITING_BYTES_MAX: number = 64 * 1_024

/** Where frames go: the answer itself, and in tests any stream. */
export type Outlet = Pick<
  Writable,
  'destroyed' | 'writableLength' | 'writableNeedDrain' | 'write' | 'end' | 'destroy' | 'once' | 'on'
>

/** The frames for one listener. */
export class EventStream {
  readonly #onClosed: () => void
  #outlet: Outlet | undefined
  /** What was put in before there was an outlet: the first frame. */
  #early: Buffer[] | undefined = []
  #hasEnded = false
  #hasClosed = false
  #onDrained: (() => void) | undefined

  /** `onClosed` is called once, when the connection has gone or the stream was let go of. */
  constructor(onClosed: () => void) {
    this.#onClosed = onClosed
  }

  /** Whether nothing more goes in. */
  get hasEnded(): boolean {
    return this.#hasEnded || this.#hasClosed
  }

  /** Begins to flow; called once. An outlet that has gone meanwhile closes the stream. */
  flowInto(outlet: Outlet): void {
    const early = this.#early ?? []
    this.#early = undefined
    if (this.#hasClosed || outlet.destroyed) {
      outlet.destroy()
      this.destroy()
      return
    }
    this.#outlet = outlet
    outlet.once('close', () => this.destroy())
    outlet.on('error', ignore)
    for (const frame of early) outlet.write(frame)
    if (this.#hasEnded) outlet.end()
  }

  /** Puts a frame in; false when that was one too many, and the stream has ended. */
  send(frame: Buffer): boolean {
    if (this.hasEnded) return false
    if ((this.#outlet?.writableLength ?? 0) > WAITING_BYTES_MAX) {
      this.endWith('too slow; connect again to resume after the last id')
      return false
    }
    this.#put(frame)
    return true
  }

  /** Says why and ends. What waits still goes out, if the other side takes it. */
  endWith(why: string): void {
    if (this.hasEnded) return
    this.#hasEnded = true
    this.#put(closingFrame(why))
    this.#outlet?.end()
    this.#onDrained?.()
  }

  /** Lets go of the stream and of its connection. */
  destroy(): void {
    if (this.#hasClosed) return
    this.#hasClosed = true
    this.#early = undefined
    if (this.#outlet?.destroyed === false) this.#outlet.destroy()
    this.#onDrained?.()
    this.#onClosed()
  }

  /** Resolves when the connection takes more, or nothing goes in any more. */
  async drained(): Promise<void> {
    const outlet = this.#outlet
    if (this.hasEnded || outlet === undefined || !outlet.writableNeedDrain) return
    await new Promise<void>((resolve) => {
      this.#onDrained = resolve
      outlet.once('drain', resolve)
    })
    this.#onDrained = undefined
  }

  #put(frame: Buffer): void {
    if (this.#outlet === undefined) this.#early?.push(frame)
    else if (!this.#outlet.destroyed) this.#outlet.write(frame)
  }
}

/** A connection that fails closes, and that is listened to. */
function ignore(): void {}
