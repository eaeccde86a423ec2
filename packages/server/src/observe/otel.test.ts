import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import type { CallCommand } from '@tandem/engine'
import { openTracing } from './otel.ts'

interface SentSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly status: { readonly code: number }
  readonly attributes: readonly {
    readonly key: string
    readonly value: { readonly stringValue?: string; readonly intValue?: number }
  }[]
}

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const HANGUP = { kind: 'hangup', callId: 'canary-call' } as unknown as CallCommand // No more of it is read.

describe('spans', () => {
  let collector: Server
  let url: string
  let bodies: string[]
  before(async () => {
    collector = createServer((request, response) => {
      let text = ''
      request.on('data', (piece) => {
        text += piece
      })
      request.on('end', () => {
        bodies.push(text)
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      })
    })
    await new Promise<void>((done) => collector.listen(0, '127.0.0.1', done))
    url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`
  })
  after(() => collector.close())

  const sent = (): SentSpan[] =>
    bodies.flatMap((body) =>
      (
        JSON.parse(body) as {
          resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[]
        }
      ).resourceSpans.flatMap((resource) => resource.scopeSpans.flatMap((scope) => scope.spans)),
    )

  it('go on from the client’s trace, and have one below for each command to a call', async () => {
    bodies = []
    const tracing = openTracing(url)
    const calls = tracing.traced({ run: async () => ({ kind: 'refused', error: 'call_not_found' }) })
    const span = tracing.begin('POST', {
      traceparent: `00-${TRACE}-${PARENT}-01`,
      authorization: 'canary-token',
    })
    await span.run(async () => {
      await Promise.resolve() // What the work awaits stays the request's.
      await calls.run(HANGUP)
    })
    span.end({ operation: 'hangup', route: '/v1/telephony/calls/hangup', status: 404, trackingId: 'T-1' })
    await tracing.close()

    const [command, request] = sent()
    assert.ok(command !== undefined && request !== undefined)
    assert.deepEqual(
      [request.name, request.traceId, request.parentSpanId],
      ['POST /v1/telephony/calls/hangup', TRACE, PARENT],
    )
    assert.deepEqual(
      Object.fromEntries(
        request.attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]),
      ),
      {
        'http.request.method': 'POST',
        'http.response.status_code': 404,
        'http.route': '/v1/telephony/calls/hangup',
        'tandem.operation': 'hangup',
        'tandem.tracking_id': 'T-1',
      },
    )
    assert.deepEqual(
      [command.name, command.traceId, command.parentSpanId],
      ['call hangup', TRACE, request.spanId],
    )
    assert.ok(!bodies.join('').includes('canary'), 'no id, header or token leaves with a span')
  })

  it('begin a trace of their own when the header says nothing that can be read', async () => {
    bodies = []
    const tracing = openTracing(url)
    for (const traceparent of [
      '',
      'rubbish',
      `00-${'0'.repeat(32)}-${PARENT}-01`,
      `ff-${TRACE}-${PARENT}-01`,
    ])
      tracing
        .begin('GET', { traceparent })
        .end({ operation: 'none', route: undefined, status: 500, trackingId: 'T' })
    tracing.begin('GET', { traceparent: `00-${TRACE}-${PARENT}-00` }).end({
      ...{ operation: 'none', route: undefined, status: 200, trackingId: 'not sampled by the client' },
    })
    await tracing.close()
    assert.equal(sent().length, 4)
    for (const span of sent()) {
      assert.equal(span.parentSpanId ?? '', '')
      assert.notEqual(span.traceId, TRACE)
      assert.deepEqual([span.name, span.status.code], ['GET', 2])
    }
  })

  it('cost nothing when no collector is there: nobody waits, and a stop takes a second at most', async () => {
    const tracing = openTracing('http://127.0.0.1:1/v1/traces')
    const calls = tracing.traced({ run: async () => ({ kind: 'done' }) as never })
    for (let count = 0; count < 5_000; count++) {
      const span = tracing.begin('GET', {})
      await span.run(() => calls.run(HANGUP))
      span.end({ operation: 'none', route: undefined, status: 200, trackingId: 'T' })
    }
    const startedAt = performance.now()
    await tracing.close()
    assert.ok(performance.now() - startedAt < 3_000)
  })
})
