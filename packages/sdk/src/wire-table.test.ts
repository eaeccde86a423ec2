/**
 * How the resources' tests are written: a row says what is called, what is answered, and what must have gone out. It is
 * a test file itself so that nothing of it is ever published.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { WebexClient } from './client.ts'
import { InvalidArgument } from './error/webex-error.ts'
import { FakeServer, type Reply } from './fake-server.test.ts'

const ORIGIN = 'https://pbx.example.test'

/** One method: its request exactly, and what it gives for the answer. */
export interface WireRow {
  readonly name: string
  readonly call: (client: WebexClient) => Promise<unknown>
  readonly reply: Reply
  readonly want: readonly [method: string, path: string, body?: unknown]
  readonly result?: unknown
}

/** Runs each row against a server of its own. */
export function proveWire(rows: readonly WireRow[]): void {
  for (const { name, call, reply, want, result } of rows)
    it(name, async () => {
      const server = new FakeServer([reply])
      assert.deepEqual(await call(new WebexClient(server.options())), result)
      assert.equal(server.sent.length, 1)
      const [sent] = server.sent
      const [method, path, body] = want
      assert.deepEqual([sent?.method, sent?.url, sent?.body], [method, `${ORIGIN}${path}`, plain(body)])
      const type = body === undefined ? undefined : 'application/json;charset=utf-8'
      assert.equal(sent?.headers['content-type'], type)
    })
}

/** Calls that must fail before anything is sent. */
export function proveRefused(
  calls: Readonly<Record<string, (client: WebexClient) => Promise<unknown>>>,
): void {
  for (const [name, call] of Object.entries(calls))
    it(`refuses ${name}, and sends nothing`, async () => {
      const server = new FakeServer([])
      await assert.rejects(call(new WebexClient(server.options())), InvalidArgument)
      assert.deepEqual(server.sent, [])
    })
}

/** A body as JSON has it: what is undefined is not there. */
function plain(body: unknown): unknown {
  return body === undefined ? undefined : JSON.parse(JSON.stringify(body))
}

proveWire([
  {
    name: 'a row proves method, address, body, type of the body and result',
    call: (c) => c.request('POST', '/x', { query: { a: 1 }, body: { b: 2 } }).then(({ body }) => body),
    reply: { status: 200, json: { c: 3 } },
    want: ['POST', '/v1/x?a=1', { b: 2 }],
    result: { c: 3 },
  },
])
