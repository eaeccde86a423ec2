import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { NotReady } from '../http/health/health.ts'
import { Counters } from '../observe/counters.ts'
import { StartFailure } from '../start-failure.ts'
import { type Management, openManagement, originOf } from './management.ts'

let management: Management
let state: 'ready' | 'draining'
let notReady: NotReady[]

function open(managementPort: number): Promise<Management> {
  const counters = new Counters()
  counters.add('tandem_alarms_total', { kind: 'disk-low' })
  return openManagement({
    config: { managementHost: '127.0.0.1', managementPort },
    counters,
    health: {
      state: () => state,
      notReady: () => notReady,
      gauges: async () => [{ name: 'tandem_ready', help: 'Whether it is', value: 1 }],
    },
  })
}

beforeEach(async () => {
  state = 'ready'
  notReady = []
  management = await open(0)
})
afterEach(() => management.close())

describe('the management port', () => {
  const get = (path: string, init?: RequestInit): Promise<Response> => fetch(`${management.url}${path}`, init)

  it('says whether the process lives and takes work, and which part does not', async () => {
    assert.deepEqual(await (await get('/healthz')).json(), { status: 'ok' })
    const ready = await get('/readyz?from=a-probe')
    assert.deepEqual([ready.status, await ready.json()], [200, { status: 'ready' }])
    notReady = [{ part: 'vault', why: 'it cannot be reached or written' }]
    const failing = await get('/readyz')
    assert.deepEqual([failing.status, await failing.json()], [503, { status: 'failing', notReady }])
    state = 'draining'
    assert.equal(((await (await get('/readyz')).json()) as { status: string }).status, 'draining')
    assert.equal((await get('/healthz')).status, 200)
  })

  it('has counters and gauges', async () => {
    const metrics = await get('/metrics')
    assert.match(String(metrics.headers.get('content-type')), /^text\/plain; version=/)
    const text = await metrics.text()
    assert.match(text, /tandem_alarms_total\{kind="disk-low"\} 1/)
    assert.match(text, /tandem_ready 1/)
  })

  it('has nothing else', async () => {
    assert.equal((await get('/v1/people/me')).status, 404)
    assert.equal((await get('/metrics', { method: 'POST', body: 'x' })).status, 405)
    const head = await get('/readyz', { method: 'HEAD' })
    assert.deepEqual([head.status, await head.text()], [200, ''])
  })

  it('ends a start with one sentence when its port is taken', async () => {
    const port = Number(new URL(management.url).port)
    await assert.rejects(open(port), (error: unknown) => {
      assert.ok(error instanceof StartFailure)
      assert.match(
        error.message,
        new RegExp(`management on 127.0.0.1:${port}: the port is taken.*--management-port`),
      )
      return true
    })
  })
})

it('names an origin that a browser on this machine can open', () => {
  assert.equal(originOf('http', '0.0.0.0', 1), 'http://127.0.0.1:1')
  assert.equal(originOf('https', '::', 2), 'https://[::1]:2')
  assert.equal(originOf('https', 'pbx.local', 3), 'https://pbx.local:3')
})
