/**
 * The management port: `/healthz`, `/readyz` and `/metrics` for the operator's own monitoring, in plain HTTP, without a
 * token and apart from the API (decision 0022). It answers before the API does and until the very end, so that a drain
 * can be watched.
 */
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { Config } from '../config/settings.ts'
import { ALIVE, HEALTH_TYPE, type Health, type HealthAnswer, readiness } from '../http/health/health.ts'
import type { Counters } from '../observe/counters.ts'
import { renderMetrics } from '../observe/metrics.ts'
import { StartFailure } from '../start-failure.ts'

/** Most open connections: a few scrapers; more is somebody else. */
const CONNECTIONS_MAX = 100
/** How long a request may take to arrive, in milliseconds. */
const REQUEST_MS_MAX = 5_000
const HEADER_BYTES_MAX = 8 * 1_024

/** The open port. */
export interface Management {
  /** Origin that reaches it from this machine, e.g. `http://127.0.0.1:8081`. */
  readonly url: string
  close(): Promise<void>
}

/** What it is opened with. */
export interface ManagementOptions {
  readonly config: Pick<Config, 'managementHost' | 'managementPort'>
  readonly health: Health
  readonly counters: Counters
}

/** Opens it. Throws `StartFailure`. */
export async function openManagement(options: ManagementOptions): Promise<Management> {
  const { managementHost: host, managementPort: port } = options.config
  const limits = { maxHeaderSize: HEADER_BYTES_MAX, requestTimeout: REQUEST_MS_MAX }
  const server = createServer(limits, (request, response) => {
    request.resume()
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
      return
    }
    answer(request.url ?? '/', response, options).catch(() => response.destroy())
  })
  server.maxConnections = CONNECTIONS_MAX
  await listen(server, host, port)
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: originOf('http', host, bound),
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

/** An origin for this machine; whatever is bound to all addresses is named by one that a browser here can open. */
export function originOf(scheme: 'http' | 'https', host: string, port: number): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `${scheme}://${name.includes(':') ? `[${name}]` : name}:${port}`
}

/** Why a port could not be opened, and which flag changes that. `name` as in `--http-port`. */
export function listenFailure(error: unknown, name: 'http' | 'management'): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  if (code === 'EADDRINUSE')
    return `the port is taken; stop the program that has it or choose another with --${name}-port`
  if (code === 'EACCES') return `the port needs more rights; choose one above 1023 with --${name}-port`
  return `the system says ${code}; choose an address of this machine with --${name}-host`
}

async function answer(url: string, response: ServerResponse, options: ManagementOptions): Promise<void> {
  switch (url.split('?', 1)[0]) {
    case '/healthz':
      sendHealth(response, ALIVE)
      break
    case '/readyz':
      sendHealth(response, readiness(options.health))
      break
    case '/metrics': {
      const { contentType, text } = await renderMetrics(options.counters, await options.health.gauges())
      response.writeHead(200, { 'content-type': contentType }).end(text)
      break
    }
    default:
      response.writeHead(404).end()
  }
}

function sendHealth(response: ServerResponse, { code, body }: HealthAnswer): void {
  response.writeHead(code, { 'content-type': HEALTH_TYPE, 'cache-control': 'no-store' }).end(body)
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject)
  server.listen({ host, port }, listening.resolve)
  try {
    await listening.promise
  } catch (error) {
    const why = listenFailure(error, 'management')
    throw new StartFailure(`Cannot listen for management on ${host}:${port}: ${why}.`)
  }
}
