/**
 * Spans for a collector of OpenTelemetry: one for each request, going on from the client's `traceparent` (W3C Trace
 * Context), and below it one for each command to a call. Loaded only when a collector is configured.
 *
 * A span has the operation, the route's template, the status and the tracking id: no path with its ids, no query, no
 * header, no name. Spans are sent in the background, some hundred at a time; when the collector is slow or gone the
 * queue stays at its limit and further spans are dropped, so that nobody waits for it.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
} from '@opentelemetry/sdk-trace-base'
import type { CallCommands } from '@tandem/engine'
import type { RequestAnswer, RequestSpan, RequestTracer } from './request-tracer.ts'

/** Spans that wait for the collector at most, about 2 MB. */
const QUEUE_MAX = 2_048
/** Spans of one message to the collector. */
const BATCH_MAX = 512
/** How long the collector may take. */
const EXPORT_MS_MAX = 5_000
/** How long spans are gathered before they are sent. */
const GATHER_MS = 2_000
/** How long a stop waits for the last ones. */
const CLOSE_MS_MAX = 1_000

/** Tracing that is on. */
export interface Tracing extends RequestTracer {
  /** The calls with a span for each command. */
  traced(calls: CallCommands): CallCommands
  /** Sends what waits, for a second at most. */
  close(): Promise<void>
}

/** Begins to send spans to a collector, e.g. `http://127.0.0.1:4318/v1/traces`. Never fails for want of a collector. */
export function openTracing(url: string): Tracing {
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_MS_MAX })
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'tandem' }),
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanProcessors: [
      new BatchSpanProcessor(exporter, {
        maxQueueSize: QUEUE_MAX,
        maxExportBatchSize: BATCH_MAX,
        scheduledDelayMillis: GATHER_MS,
        exportTimeoutMillis: EXPORT_MS_MAX,
      }),
    ],
  })
  const tracer = provider.getTracer('tandem')
  const current = new AsyncLocalStorage<Context>()
  return {
    begin(method, headers) {
      const parent = parentOf(headers['traceparent'])
      const span = tracer.startSpan(method, { kind: SpanKind.SERVER }, parent)
      return requestSpan(span, method, current)
    },
    traced: (calls) => ({
      async run(command) {
        const span = tracer.startSpan(`call ${command.kind}`, {}, current.getStore() ?? ROOT_CONTEXT)
        try {
          const result = await calls.run(command)
          if (result.kind === 'refused') span.setAttribute('tandem.refused', result.error)
          return result
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR })
          throw error
        } finally {
          span.end()
        }
      },
    }),
    async close() {
      const late = Promise.withResolvers<void>()
      const timer = setTimeout(late.resolve, CLOSE_MS_MAX)
      await Promise.race([provider.shutdown().catch(() => {}), late.promise]) // The collector may be gone.
      clearTimeout(timer)
    },
  }
}

function requestSpan(span: Span, method: string, current: AsyncLocalStorage<Context>): RequestSpan {
  return {
    run: (work) => current.run(trace.setSpan(ROOT_CONTEXT, span), work),
    end({ operation, route, status, trackingId }: RequestAnswer) {
      span.updateName(route === undefined ? method : `${method} ${route}`)
      span.setAttributes({
        'http.request.method': method,
        'http.response.status_code': status,
        'tandem.operation': operation,
        'tandem.tracking_id': trackingId,
        ...(route === undefined ? {} : { 'http.route': route }),
      })
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    },
  }
}

/** What a `traceparent` of version 00 says (W3C Trace Context §3.2); a root when it says nothing that can be read. */
function parentOf(header: string | string[] | undefined): Context {
  const [, traceId, spanId, flags] =
    /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/.exec(
      typeof header === 'string' ? header : '',
    ) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT
  const sampled = (Number.parseInt(flags, 16) & TraceFlags.SAMPLED) !== 0
  const parent: SpanContext = {
    traceId,
    spanId,
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  }
  return trace.setSpanContext(ROOT_CONTEXT, parent)
}
