/**
 * One POST of a delivery (contract, webhooks §8): connected to an address that was judged before, over when the status is
 * there or ten seconds have passed. Redirects are not followed, and nothing that the target says beside its status and
 * `Retry-After` is kept.
 */
import { Agent, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps, Agent as SecureAgent } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { ResolvedAddress } from './resolve-target.ts'
import type { Target } from './target-url.ts'

/** How long the whole exchange may take. */
export const POST_MS_MAX = 10_000
/** How much of an answer is read so that its connection can be used again. */
const ANSWER_BYTES_MAX = 65_536
/** How long an answer's body may keep its connection. */
const ANSWER_MS_MAX = 2_000
/** Idle connections: in all, and how long each. */
const IDLE_SOCKETS_MAX = 256
const IDLE_MS_MAX = 15_000

/** What is sent. */
export interface PostRequest {
  readonly target: Target
  /** Judged; never empty. */
  readonly addresses: readonly ResolvedAddress[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Why there was no answer. */
export type PostFault = 'timeout' | 'refused' | 'reset' | 'tls' | 'unreachable' | 'unresolved' | 'forbidden'

/** What came of it. */
export type PostOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterSeconds?: number }
  | { readonly kind: 'failed'; readonly error: PostFault }

/** Sends. Never throws. */
export type Post = (request: PostRequest) => Promise<PostOutcome>

/** Sends over HTTP, keeping connections for the next time. */
export class HttpPoster {
  readonly #timeoutMs: number
  readonly #agent: Agent
  readonly #secureAgent: SecureAgent

  constructor(options: { readonly timeoutMs?: number } = {}) {
    this.#timeoutMs = options.timeoutMs ?? POST_MS_MAX
    const keeping = { keepAlive: true, maxFreeSockets: IDLE_SOCKETS_MAX, timeout: IDLE_MS_MAX }
    this.#agent = new Agent(keeping)
    this.#secureAgent = new SecureAgent({ ...keeping, maxCachedSessions: IDLE_SOCKETS_MAX })
  }

  /** Sends once; a kept connection that the target had closed meanwhile is not the target's fault and is made anew. */
  readonly post: Post = async (request) => {
    const until = performance.now() + this.#timeoutMs
    const first = await this.#send(request, until, false)
    if (first.kind !== 'stale') return first
    const second = await this.#send(request, until, true)
    return second.kind === 'stale' ? { kind: 'failed', error: 'reset' } : second
  }

  /** Closes every connection, those in use too. */
  close(): void {
    this.#agent.destroy()
    this.#secureAgent.destroy()
  }

  #send(
    { target, addresses, headers, body }: PostRequest,
    until: number,
    fresh: boolean,
  ): Promise<PostOutcome | { readonly kind: 'stale' }> {
    const { promise, resolve } = Promise.withResolvers<PostOutcome | { readonly kind: 'stale' }>()
    const agent = target.secure ? this.#secureAgent : this.#agent
    const sent = (target.secure ? requestHttps : requestHttp)({
      method: 'POST',
      host: target.host,
      port: target.port,
      path: target.url.pathname + target.url.search,
      agent: fresh ? false : agent,
      lookup: pinned(addresses),
      headers: {
        ...headers,
        host: target.url.host,
        'content-length': body.byteLength,
        accept: '*/*',
        'user-agent': 'Tandem-Webhooks/1',
      },
    })
    const timer = setTimeout(
      () => {
        resolve({ kind: 'failed', error: 'timeout' })
        sent.destroy()
      },
      Math.max(1, until - performance.now()),
    )
    sent.on('response', (answer) => {
      clearTimeout(timer)
      drop(answer)
      const retryAfterSeconds = secondsOf(answer.headers['retry-after'])
      const status = answer.statusCode ?? 0
      resolve({
        kind: 'answered',
        status,
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      })
    })
    // A proxy's answer to CONNECT or an upgrade is none.
    sent.on('upgrade', (_answer, socket) => {
      socket.destroy()
      resolve({ kind: 'failed', error: 'reset' })
    })
    sent.on('error', (error) => {
      clearTimeout(timer)
      const fault = faultOf(error)
      resolve(fault === 'reset' && sent.reusedSocket ? { kind: 'stale' } : { kind: 'failed', error: fault })
    })
    sent.end(body)
    return promise
  }
}

/** Whatever is asked, these are the addresses; none is looked up a second time. */
function pinned(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses
    if (first === undefined) return callback(new Error('No address'), '', 4)
    if (options.all === true) callback(null, [...addresses])
    else callback(null, first.address, first.family)
  }
}

/** Reads an answer away; a long or slow one costs its connection. */
function drop(answer: IncomingMessage): void {
  let bytes = 0
  const timer = setTimeout(() => answer.destroy(), ANSWER_MS_MAX)
  answer.on('data', (piece: Uint8Array) => {
    bytes += piece.byteLength
    if (bytes > ANSWER_BYTES_MAX) answer.destroy()
  })
  answer.on('close', () => clearTimeout(timer))
  answer.on('error', () => {}) // Its status is known; that is all that counts.
}

/** Whole seconds of `Retry-After`; an HTTP date is read as well. */
function secondsOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header.trim())) return Number(header)
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1_000))
}

function faultOf(error: Error): PostFault {
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ECONNREFUSED') return 'refused'
  if (code === 'ETIMEDOUT') return 'timeout'
  if (['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EMFILE'].includes(code)) return 'unreachable'
  if (/CERT|TLS|SSL|SELF_SIGNED|EPROTO|VERIFY|ALTNAME/.test(code)) return 'tls'
  return 'reset'
}
