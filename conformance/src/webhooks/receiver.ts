/**
 * A target that behaves badly on purpose: by seed it answers 500, resets the connection or says nothing at all, a few times
 * for each delivery, before it takes it. What it takes it has checked: the signature of Webex over the bytes, and that of
 * Standard Webhooks with the public library of that specification.
 */
import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Random } from '@tandem/testing'
import { Webhook } from 'standardwebhooks'

/** How often a delivery is refused before it is taken, at most. */
export interface Temper {
  readonly refusalsMax: number
  /** Out of a hundred attempts, those that fail. */
  readonly failuresPercent: number
  /** Out of a thousand failures, those that are silence until the sender gives up. */
  readonly silencePerMille: number
}

/** An event that was taken. */
export interface Taken {
  readonly n: number
  /** The call that it is about. */
  readonly key: string
  /** Unix milliseconds. */
  readonly at: number
}

/** The target. */
export class Receiver {
  readonly #server: Server
  readonly #random: Random
  readonly #temper: Temper
  readonly #secret: string
  readonly #refused = new Map<string, number>()
  readonly #idOf = new Map<number, string>()
  /** Events that were taken, each once, in the order in which they came. */
  readonly taken: Taken[] = []
  /** When each event was refused for the first time. */
  readonly refusedAt = new Map<number, number>()
  readonly #known = new Set<number>()
  /** What must never be: a bad signature, a second id of one event. */
  readonly faults: string[] = []
  attempts = 0
  again = 0

  constructor(options: { readonly secret: string; readonly random: Random; readonly temper: Temper }) {
    this.#secret = options.secret
    this.#random = options.random
    this.#temper = options.temper
    this.#server = createServer((request, response) => void this.#receive(request, response))
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Uint8Array[] = []
    try {
      for await (const piece of request) pieces.push(piece as Uint8Array) // No encoding is set.
    } catch {
      return // The sender was killed.
    }
    const bytes = Buffer.concat(pieces)
    this.attempts++
    const id = String(request.headers['webhook-id'])
    this.#check(request, bytes)
    const { data } = JSON.parse(bytes.toString()) as { data: { n: number; callId: string } }
    const refused = this.#refused.get(id) ?? 0
    const { refusalsMax, failuresPercent, silencePerMille } = this.#temper
    if (refused < refusalsMax && this.#random.below(100) < failuresPercent) {
      this.#refused.set(id, refused + 1)
      if (!this.refusedAt.has(data.n)) this.refusedAt.set(data.n, Date.now())
      if (this.#random.below(1_000) < silencePerMille) return // The sender gives up by itself.
      if (this.#random.below(2) === 0) request.socket.destroy()
      else response.writeHead(500).end('not now')
      return
    }
    const known = this.#idOf.get(data.n)
    if (known !== undefined && known !== id) this.faults.push(`event ${data.n} came as ${known} and ${id}`)
    this.#idOf.set(data.n, id)
    if (this.#known.has(data.n)) this.again++
    else {
      this.#known.add(data.n)
      this.taken.push({ n: data.n, key: data.callId, at: Date.now() })
    }
    response.writeHead(204).end()
  }

  #check({ headers }: IncomingMessage, bytes: Buffer): void {
    const spark = createHmac('sha1', this.#secret).update(bytes).digest('hex')
    if (headers['x-spark-signature'] !== spark) this.faults.push('X-Spark-Signature does not fit')
    try {
      new Webhook(this.#secret).verify(bytes, headers as Record<string, string>)
    } catch (error) {
      this.faults.push(`Standard Webhooks: ${String(error)}`)
    }
  }
}
