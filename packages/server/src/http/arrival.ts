/**
 * How long a request may take to arrive (case A12): half a minute for a whole one, so that slow senders hold nothing; a
 * body that is streamed may take hours, as long as it does not stand still. Node's own limit knows no exceptions, which
 * is why it is not used.
 */
import type { IncomingMessage } from 'node:http'

/** How long a whole request may take to arrive, in milliseconds: cuts off slow senders. */
export const REQUEST_MS_MAX = 30_000
/** How long the sender of a streamed body may send nothing: the longest hiccup of a mobile network, and some more. */
export const STREAM_STILL_MS_MAX = 60_000

/** How timers are made; a test has its own. */
export type StartTimer = (run: () => void, ms: number) => () => void

/** The arrival of one request. */
export class Arrival {
  readonly #raw: IncomingMessage
  readonly #late: () => void
  readonly #start: StartTimer
  #stop: (() => void) | undefined

  /** `late` is called once, when the time of an ordinary body is over. */
  constructor(raw: IncomingMessage, late: () => void, start: StartTimer = startTimer) {
    this.#raw = raw
    this.#late = late
    this.#start = start
    if (!hasBody(raw)) return
    this.waitForRest()
    const over = (): void => this.stopWaiting()
    raw.once('end', over)
    raw.once('close', over)
  }

  /** The next piece of a stream is waited for; when it does not come in time, the connection ends. */
  waitForPiece(): void {
    this.#wait(STREAM_STILL_MS_MAX, () => this.#raw.destroy(new Error('The sender of a body stood still.')))
  }

  /** The body is not waited for: it is ours to go on. */
  stopWaiting(): void {
    this.#stop?.()
    this.#stop = undefined
  }

  /** What is left of the body has to come in the time of an ordinary one. */
  waitForRest(): void {
    this.stopWaiting()
    if (!this.#raw.readableEnded && !this.#raw.destroyed) this.#wait(REQUEST_MS_MAX, this.#late)
  }

  #wait(ms: number, over: () => void): void {
    this.stopWaiting()
    this.#stop = this.#start(() => {
      this.#stop = undefined
      over()
    }, ms)
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function startTimer(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms)
  timer.unref()
  return () => clearTimeout(timer)
}
