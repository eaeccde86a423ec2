/**
 * What the SDK's tests talk to: a `fetch` that answers from a list, and a clock that stands still until told.
 * It is a test file itself so that nothing of it is ever published.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ClientClock, ClientOptions } from './options.ts'

/** One answer: a response, or how `fetch` itself behaves. */
export type Reply =
  | {
      readonly status: number
      readonly json?: unknown
      readonly text?: string
      readonly headers?: Record<string, string>
    }
  | 'unreachable'
  | 'silent'

/** A request as it went out, with header names in lower case. */
export interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: unknown
  readonly redirect: string | undefined
}

/** Answers each request with the next reply of the list, and keeps what was asked and waited for. */
export class FakeServer {
  readonly sent: Sent[] = []
  /** Every wait that was begun and ended by time, except the time limits of attempts that were answered. */
  readonly waitsMs: number[] = []
  nowMs = Date.UTC(2026, 1, 3, 9, 0, 0)
  readonly #replies: Reply[]

  constructor(replies: readonly Reply[]) {
    this.#replies = [...replies]
  }

  /** Options of a client that talks to this server, in no real time. */
  options(more: ClientOptions = {}): ClientOptions {
    return {
      token: 'secret-token',
      baseUrl: 'https://pbx.example.test/v1',
      fetch: this.fetch,
      clock: this.clock,
      ...more,
    }
  }

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : init.body
    const headers = Object.fromEntries(new Headers(init.headers))
    this.sent.push({ method: init.method ?? 'GET', url, headers, body, redirect: init.redirect })
    const reply = this.#replies.shift()
    assert.ok(reply !== undefined, `no reply left for ${init.method} ${url}`)
    if (reply === 'unreachable') throw new TypeError('fetch failed')
    if (reply === 'silent') return new Promise(() => {})
    const text = reply.text ?? (reply.json === undefined ? null : JSON.stringify(reply.json))
    return new Response(text, { status: reply.status, headers: reply.headers ?? {} })
  }

  /** Time passes only when everything else has come to rest: then the earliest wait ends. */
  readonly clock: ClientClock = {
    now: () => this.nowMs,
    random: () => 0,
    after: (delayMs, run) => {
      const wait = { atMs: this.nowMs + delayMs, delayMs, run }
      this.#waits.push(wait)
      setImmediate(() => this.#letTimePass())
      return () => {
        const index = this.#waits.indexOf(wait)
        if (index >= 0) this.#waits.splice(index, 1)
      }
    },
  }

  readonly #waits: { readonly atMs: number; readonly delayMs: number; readonly run: () => void }[] = []

  #letTimePass(): void {
    this.#waits.sort((a, b) => a.atMs - b.atMs)
    const wait = this.#waits.shift()
    if (wait === undefined) return
    this.nowMs = Math.max(this.nowMs, wait.atMs)
    this.waitsMs.push(wait.delayMs)
    wait.run()
  }
}

it('answers in order and notes what was asked', async () => {
  const server = new FakeServer([{ status: 200, json: { ok: true } }])
  const response = await server.fetch('https://pbx.example.test/', { method: 'GET' })
  assert.deepEqual(await response.json(), { ok: true })
  assert.equal(server.sent[0]?.url, 'https://pbx.example.test/')
})
