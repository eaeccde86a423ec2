/**
 * The HTTP application: puts every operation on the path that the route table gives it, in front of it the checks in
 * the contract's order, behind it the contract's error body (README §1, §4). Paths come from the table alone, so a
 * handler that the table does not know cannot be reached.
 *
 * It owns no state: `buildApp` may be called many times in one process, and a test drives it with `inject`.
 */
import type { ServerOptions } from 'node:http'
import type { Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import type { Logger } from '@tandem/base'
import { ERRORS, type OperationId, ROUTES, type Route } from '@tandem/contract'
import { StorageFault } from '@tandem/recordings'
import { StoreError } from '@tandem/store'
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RouteHandlerMethod,
} from 'fastify'
import type { Chaos } from '../limits/chaos.ts'
import { keepRoom } from '../limits/full-house.ts'
import type { Gate } from '../limits/gate.ts'
import { closeWhenNotTaken } from '../limits/slow-reader.ts'
import type { Counters } from '../observe/counters.ts'
import type { RequestTracer } from '../observe/request-tracer.ts'
import { Arrival } from './arrival.ts'
import { BODY_BYTES_MAX } from './body.ts'
import { admit, type Exchange, trackingIdOf } from './exchange.ts'
import { errorBody, Failure } from './failure.ts'
import { type Health, serveLiveness, serveReadiness } from './health/health.ts'
import { type Answered, goLive, type Tell } from './live-answer.ts'
import { serveFiles } from './media/file.ts'
import { storageFailure } from './media/storage-failure.ts'
import { OPEN_ROUTES } from './oauth/open-routes.ts'
import { serveOpenApi } from './openapi/document.ts'
import { serveReference, serveReferenceScript } from './openapi/reference.ts'
import type { ApiAnswer, ApiRequest, Operation, Services } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { openMeetingRecording, showMeetingRecording } from './pages/meeting-pages.ts'
import { Query } from './query.ts'
import { acceptBodies, acceptStreams, mediaType } from './request-body.ts'
import { NO_COMPILERS, serializerOf } from './serializer.ts'
import { completeSetup, showSetup } from './setup/setup.ts'

/** Largest request line and header fields together, in bytes; ours have under 2 KiB. */
export const HEADER_BYTES_MAX: number = 16 * 1_024
/** Most open connections; each idle one costs about 10 KiB. Case A12 holds 10,000. */
export const CONNECTIONS_MAX = 12_000
/** How long the header fields may take to arrive, in milliseconds. Of bodies see `arrival.ts`. */
const HEADERS_MS_MAX = 10_000
/** How often connections are looked at for header fields that do not come. */
const CHECK_MS = 5_000
/** How long a connection may stay idle between requests. */
const IDLE_MS_MAX = 65_000
/** Longest path parameter that is decoded: ids have under 100 characters, but any text may be one. */
const PARAMETER_CHARS_MAX = 2_048

const JSON_TYPE = 'application/json;charset=UTF-8'

/** What the application is made of. */
export interface AppOptions {
  readonly services: Services
  readonly health: Health
  readonly counters: Counters
  readonly logger: Logger
  /** Speaks https with this certificate; plain http when absent. */
  readonly tls?: SecureContextOptions
  /** Follows requests; absent unless a collector is configured. */
  readonly tracer?: RequestTracer
  /** Holds callers to their limits; none are held where it is absent. */
  readonly gate?: Gate
  /** Simulated trouble that the operator has asked for. */
  readonly chaos?: Chaos
  /** Addresses or networks of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly string[]
}

/** Builds the application; the caller listens, or injects. */
export function buildApp(options: AppOptions): FastifyInstance {
  const { services } = options
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: 0, // `Arrival` bounds it.
    keepAliveTimeout: IDLE_MS_MAX,
    ...serverOptions(options.tls),
    trustProxy: options.trustedProxies === undefined ? false : [...options.trustedProxies],
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: false,
    routerOptions: {
      ignoreTrailingSlash: true,
      maxParamLength: PARAMETER_CHARS_MAX,
      querystringParser: () => ({}), // `Query` reads it, strictly.
    },
    schemaController: { compilersFactory: NO_COMPILERS },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => void answerUnroutable(error, request, reply, options),
  })
  keepRoom(app.server, CONNECTIONS_MAX)
  app.decorateRequest('exchange')
  app.addHook('onRequest', async (request, reply) => {
    begin(request, reply)
    const { exchange } = request // Of all that is Fastify's, a live answer keeps nothing.
    reply.raw.once('close', () => exchange.visit?.leave())
    closeWhenNotTaken(reply.raw)
    const span = options.tracer?.begin(request.method, request.headers)
    if (span !== undefined) request.exchange.span = span
    await admit(request, services, options.gate)
    await options.chaos?.strike(request, reply)
  })
  app.addHook('onResponse', async ({ exchange }, reply) => {
    if (exchange.isLive !== true)
      count(exchange, { status: reply.statusCode, ms: reply.elapsedTime }, options)
  })
  const tell: Tell = (exchange, answered) => count(exchange, answered, options)
  app.setErrorHandler((error: FastifyError | Failure, request, reply) =>
    sendFailure(failureOf(error, request, options.logger), request, reply),
  )
  app.setNotFoundHandler(() => {
    throw new Failure('not_found')
  })
  acceptBodies(app)
  for (const operation of OPERATIONS)
    if (operation.takes !== 'stream') addOperation(app, operation, services, tell)
  app.register(async (streams) => {
    acceptStreams(streams)
    for (const operation of OPERATIONS)
      if (operation.takes === 'stream') addOperation(streams, operation, services, tell)
  })
  addRoute(app, 'getRecordingFile', serveFiles(services))
  addRoute(app, 'showMeetingRecording', showMeetingRecording(services))
  addRoute(app, 'openMeetingRecording', openMeetingRecording(services))
  addRoute(app, 'showSetup', (request, reply) => showSetup(request, reply, services))
  addRoute(app, 'completeSetup', (request, reply) => completeSetup(request, reply, services))
  for (const [id, handler] of Object.entries(OPEN_ROUTES)) addRoute(app, id as OperationId, handler(services))
  addRoute(app, 'getLiveness', serveLiveness)
  addRoute(app, 'getReadiness', serveReadiness(options.health))
  addRoute(app, 'getOpenApi', serveOpenApi(services))
  addRoute(app, 'showApiReference', serveReference)
  addRoute(app, 'getApiReferenceScript', serveReferenceScript())
  return app
}

/** How Node's own server is made. Its type says plain http in both cases: nothing here differs between them. */
function serverOptions(tls: SecureContextOptions | undefined): { http: ServerOptions } {
  const limits = {
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: HEADERS_MS_MAX,
    connectionsCheckingInterval: CHECK_MS,
  }
  if (tls === undefined) return { http: limits }
  return { https: { ...limits, ...tls } } as unknown as { http: ServerOptions }
}

function begin(request: FastifyRequest, reply: FastifyReply): void {
  const trackingId = trackingIdOf(request.headers['trackingid'])
  const arrival = new Arrival(request.raw, () => answerLateRequest(request, reply))
  request.exchange = { trackingId, arrival }
  reply.header('trackingid', trackingId)
}

function addRoute(
  app: FastifyInstance,
  id: OperationId,
  handler: RouteHandlerMethod,
  bodyLimit: number = BODY_BYTES_MAX,
): void {
  const route: Route = ROUTES[id]
  app.route({
    // HEAD has the very handler of GET; the one that Fastify would add says a length of 0 for a file.
    method: route.method === 'GET' ? ['GET', 'HEAD'] : route.method,
    url: route.path.replace(/\{(\w+)\}/g, ':$1'),
    bodyLimit,
    handler,
  })
}

function addOperation(app: FastifyInstance, operation: Operation, services: Services, tell: Tell): void {
  const { success } = ROUTES[operation.id]
  const handler: RouteHandlerMethod = async (request, reply) => {
    const run = (): Promise<ApiAnswer> => operation.run(apiRequest(request), services)
    const { span } = request.exchange
    const answer = await (span === undefined ? run() : span.run(run))
    reply.code(answer.status ?? success)
    if (answer.headers !== undefined) reply.headers(answer.headers)
    if (answer.live !== undefined) return goLive(request, reply, answer.live, tell)
    if (answer.file !== undefined) return sendFile(request, reply, answer.file)
    if (answer.body === undefined) return reply.send()
    if (operation.answer !== undefined) reply.serializer(await serializerOf(operation.answer))
    return reply.header('content-type', JSON_TYPE).send(answer.body)
  }
  addRoute(app, operation.id, handler, operation.bodyBytesMax)
}

function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: NonNullable<ApiAnswer['file']>,
): FastifyReply {
  const { content, contentType } = file
  reply.header('content-type', contentType).header('x-content-type-options', 'nosniff')
  if (content instanceof Uint8Array)
    return reply.send(Buffer.from(content.buffer, content.byteOffset, content.length))
  if (request.method !== 'HEAD') return reply.send(content)
  content.destroy()
  return reply.send()
}

function apiRequest(request: FastifyRequest): ApiRequest {
  const { caller, params } = request.exchange
  if (caller === undefined || params === undefined) throw new Failure('unauthorized') // Denied by default.
  const search = (request.raw.url ?? '').split('?').slice(1).join('?')
  const timezone = request.headers['timezone']
  return {
    caller,
    params,
    query: new Query(search),
    body: request.body ?? {},
    contentType: mediaType(request),
    timezone: typeof timezone === 'string' ? timezone : undefined,
    headers: singleHeaders(request),
    isHead: request.method === 'HEAD',
    trackingId: request.exchange.trackingId,
  }
}

/** Header fields that came once; those that may come several times are nobody's parameter. */
function singleHeaders(request: FastifyRequest): Readonly<Record<string, string | undefined>> {
  return request.headers as Record<string, string | undefined> // Node joins repeated fields; only set-cookie is a list.
}

function failureOf(error: FastifyError | Failure, request: FastifyRequest, logger: Logger): Failure {
  if (error instanceof Failure) return error
  const { code, statusCode = 500 } = error as Partial<FastifyError>
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new Failure('body_too_large')
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new Failure('unsupported_media_type')
  if (statusCode >= 400 && statusCode < 500) return new Failure('invalid_request')
  const { trackingId, operation } = request.exchange
  if (error instanceof StorageFault) {
    logger.error('The store of recordings failed a request', { trackingId, operation, kind: error.kind })
    return storageFailure(error)
  }
  if (error instanceof StoreError) {
    logger.error('The database failed a request', { trackingId, operation, code: error.code })
    return new Failure('overloaded', 'The server cannot reach its data; retry later')
  }
  // The text of an unexpected error may quote the request, so the log gets where it came from and not what it says.
  const where =
    error instanceof Error ? `${error.name} ${error.stack?.split('\n    at ').slice(1, 6).join(' < ')}` : ''
  logger.error('A request failed by a fault of ours', { trackingId, operation, where })
  return new Failure('internal')
}

function sendFailure(failure: Failure, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  for (const name of ['content-length', 'content-range', 'etag', 'last-modified', 'content-disposition'])
    reply.removeHeader(name) // Whatever a half-made answer had set.
  return reply
    .code(failure.status)
    .headers(failure.headers)
    .header('content-type', JSON_TYPE)
    .serializer((body: unknown) => JSON.stringify(body))
    .send(errorBody(failure, request.exchange.trackingId))
}

/** A path that the router cannot even read: a broken escape. The token still comes first. */
async function answerUnroutable(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
  options: AppOptions,
): Promise<void> {
  begin(request, reply)
  try {
    await admit(request, options.services, options.gate)
    await sendFailure(new Failure('not_found'), request, reply)
  } catch (failure) {
    const thrown = failure instanceof Failure ? failure : error
    await sendFailure(failureOf(thrown, request, options.logger), request, reply)
  }
}

/** The body did not come in time. After the head of an answer nothing more can be said. */
function answerLateRequest(request: FastifyRequest, reply: FastifyReply): void {
  const { socket } = request.raw
  if (reply.raw.headersSent || !socket.writable) request.raw.destroy()
  else answerBrokenRequest(Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket)
}

/** What is not HTTP, or too much or too slow of it: one last answer on the bare socket. */
function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  // Who does not speak TLS on a port of TLS cannot read an answer either.
  if (error.code === 'ECONNRESET' || /^ERR_(SSL|TLS)_/.test(error.code ?? '') || !socket.writable) {
    socket.destroy()
    return
  }
  const name =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'headers_too_large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'request_timeout'
        : 'invalid_request'
  const trackingId = trackingIdOf(undefined)
  const body = JSON.stringify(errorBody(new Failure(name), trackingId))
  const { status } = ERRORS[name]
  socket.end(
    `HTTP/1.1 ${status} Error\r\ncontent-type: ${JSON_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\ntrackingid: ${trackingId}\r\nconnection: close\r\n\r\n${body}`,
  )
}

function count(exchange: Exchange, { status, ms }: Answered, options: AppOptions): void {
  const { operation = 'none', span, trackingId } = exchange
  const route = operation === 'none' ? undefined : ROUTES[operation].path
  span?.end({ operation, route, status, trackingId })
  options.counters.add('tandem_http_requests_total', { operation, status: String(status) })
  options.counters.add('tandem_http_request_seconds_total', { operation }, ms / 1_000)
  options.logger.debug('Answered', { operation, status, ms: Math.round(ms), trackingId })
}
