/**
 * One listener's stream: what the hub puts in, the connection takes out at its own pace. What waits is bounded; a listener
 * that does not keep up is sent away with a comment, and resumes from the last id that it has read.
 */
import { Readable } from 'node:stream'
import { closingFrame } from './event-frame.ts'

/** Most bytes that wait beyond what the connection itself has taken: some 60 events. */
export const WAITING_BYTES_MAX: number = 64 * 1_024

/** The frames for one listener. */
export class EventStream extends Readable {
  #onDrained: (() => void) | undefined
  #hasEnded = false

  constructor() {
    super({ highWaterMark: 1 }) // It is pushed to, never asked; more would only count as not yet enough.
  }

  /** Whether nothing more goes in. */
  get hasEnded(): boolean {
    return this.#hasEnded || this.destroyed
  }

  /** Puts a frame in; false when that was one too many, and the stream has ended. */
  send(frame: Buffer): boolean {
    if (this.hasEnded) return false
    if (this.readableLength > WAITING_BYTES_MAX) {
      this.endWith('too slow; connect again to resume after the last id')
      return false
    }
    this.push(frame)
    return true
  }

  /** Says why and ends. What waits still goes out, if the other side takes it. */
  endWith(why: string): void {
    if (this.hasEnded) return
    this.#hasEnded = true
    this.push(closingFrame(why))
    this.push(null)
    this.#onDrained?.()
  }

  /** Resolves when nothing waits any more, or nothing can. */
  async drained(): Promise<void> {
    if (this.hasEnded || this.readableLength === 0) return
    await new Promise<void>((resolve) => {
      this.#onDrained = resolve
    })
    this.#onDrained = undefined
  }

  override _read(): void {
    // Frames come when something happens.
  }

  override read(sizeBytes?: number): unknown {
    const bytes: unknown = super.read(sizeBytes)
    if (this.readableLength === 0) this.#onDrained?.()
    return bytes
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#onDrained?.()
    done(error)
  }
}
