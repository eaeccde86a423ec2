/**
 * What HTTP tells whoever follows requests from program to program. The one implementation is `otel.ts`, which is loaded
 * only when a collector is configured; without it there is no tracer and nothing of this runs.
 */

/** One request on its way. */
export interface RequestSpan {
  /** Does work of the request; what the work asks the calls becomes a span below this one. */
  run<T>(work: () => T): T
  /** The answer has left, or the client has gone. Safe to call once only. */
  end(answer: RequestAnswer): void
}

/** What is told of an answer: ids and codes, nothing of whom it was about. */
export interface RequestAnswer {
  /** Operation id; `none` when no route matched. */
  readonly operation: string
  /** Path template, e.g. `/v1/telephony/calls/{callId}`; undefined when no route matched. */
  readonly route: string | undefined
  readonly status: number
  readonly trackingId: string
}

/** Begins the spans of requests. */
export interface RequestTracer {
  /** `headers` may carry a `traceparent` (W3C Trace Context), which the span then goes on from. */
  begin(method: string, headers: Readonly<Record<string, string | string[] | undefined>>): RequestSpan
}
