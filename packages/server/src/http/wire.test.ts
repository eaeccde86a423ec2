/** How requests and answers look on the wire, whatever the operation (contract README §1, §4; cases A07, A12). */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { type CallerName, openTestApi, type TestApi } from '../testing/api.ts'
import { BODY_BYTES_MAX } from './body.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(() => {
  api.answer = (command) =>
    command.kind === 'list'
      ? { kind: 'calls', calls: [] }
      : command.kind === 'dial'
        ? { kind: 'placed', callId: 'callhalf-2:0', callSessionId: '5b0c7f2e-6c1d-4e0f-9a53-0d5f6e1b8c77' }
        : { kind: 'done' }
})

const DIAL = '/v1/telephony/calls/dial'
const post = (url: string, payload: string | Buffer | undefined, type?: string): InjectOptions => ({
  method: 'POST',
  url,
  ...(payload === undefined ? {} : { payload }),
  headers: type === undefined ? {} : { 'content-type': type },
})

describe('the order of checks (contract README §4)', () => {
  const cases: [CallerName, InjectOptions, number][] = [
    ['none', { url: '/v1/nowhere' }, 401],
    ['owner', { url: '/v1/nowhere' }, 404],
    ['none', { url: '/nowhere' }, 404],
    ['none', { method: 'DELETE', url: '/v1/telephony/calls' }, 401],
    ['scopeless', { method: 'DELETE', url: '/v1/telephony/calls' }, 405],
    ['scopeless', post(DIAL, 'not json', 'text/plain'), 403],
    ['owner', post(DIAL, 'not json', 'text/plain'), 415],
    ['owner', post(DIAL, 'not json', 'application/json'), 400],
    ['owner', { url: '/v1/telephony/calls/%ZZ' }, 404],
    ['none', { url: '/v1/telephony/calls/%ZZ' }, 401],
    ['owner', { url: '/v1/telephony/calls/dial' }, 405],
    ['owner', { url: '/v1/telephony/calls//' }, 404],
    ['owner', { url: '/V1/telephony/calls' }, 404],
    ['owner', { url: '/v1/telephony/Calls' }, 404],
    ['owner', { url: '/v1/telephony/calls/' }, 200],
    ['owner', { method: 'HEAD', url: '/v1/telephony/calls' }, 200],
    ['owner', post(`${DIAL}/`, '{"destination":"1"}', 'application/json'), 201],
  ]
  for (const [caller, request, status] of cases)
    it(`${request.method ?? 'GET'} ${request.url} as ${caller} is ${status}`, async () => {
      const answer = await api.send(caller, request)
      assert.equal(answer.statusCode, status, answer.body)
    })

  it('names the methods of a known path in Allow', async () => {
    const answer = await api.send('owner', { method: 'PUT', url: '/v1/convergedRecordings' })
    assert.equal(answer.statusCode, 405)
    assert.equal(answer.headers['allow'], 'GET, HEAD')
  })
})

describe('bodies (contract README §1)', () => {
  const fine = '{"destination":"1"}'
  const cases: [string, InjectOptions, number][] = [
    ['JSON with any charset', post(DIAL, fine, 'application/json;charset=utf-8'), 201],
    ['JSON in capitals', post(DIAL, fine, 'Application/JSON; charset=ISO-8859-1'), 201],
    ['no media type', post(DIAL, fine), 415],
    ['a form', post(DIAL, 'destination=1', 'application/x-www-form-urlencoded'), 415],
    ['a media type that only begins like JSON', post(DIAL, fine, 'application/jsonp'), 415],
    ['a media type that is none', post(DIAL, fine, 'nonsense'), 415],
    ['no body', post(DIAL, undefined), 400],
    ['a content type without a body', post(DIAL, undefined, 'application/json;charset=utf-8'), 400],
    ['an empty object', post(DIAL, '{}', 'application/json'), 400],
    ['null', post(DIAL, 'null', 'application/json'), 400],
    ['a list', post(DIAL, '[]', 'application/json'), 400],
    ['text', post(DIAL, '"x"', 'application/json'), 400],
    ['broken JSON', post(DIAL, '{"destination":', 'application/json'), 400],
    ['bytes that are not UTF-8', post(DIAL, Buffer.from([0x7b, 0xff, 0x7d]), 'application/json'), 400],
    ['a number for text', post(DIAL, '{"destination":1}', 'application/json'), 400],
    ['an empty text', post(DIAL, '{"destination":""}', 'application/json'), 400],
    ['a null member', post(DIAL, '{"destination":null}', 'application/json'), 400],
    [
      'null optional members',
      post(DIAL, '{"destination":"1","endpointId":null,"lineOwnerId":null}', 'application/json'),
      201,
    ],
    ['unknown members', post(DIAL, '{"destination":"1","whatever":{"a":[1]}}', 'application/json'), 201],
    ['a prototype', post(DIAL, '{"__proto__":{"destination":"1"}}', 'application/json'), 400],
    [
      'a polluting constructor',
      post(
        DIAL,
        '{"destination":"1","constructor":{"prototype":{"x":1}},"__proto__":{"y":1}}',
        'application/json',
      ),
      201,
    ],
    [
      'duplicate keys, the last one counting',
      post(DIAL, '{"destination":"","destination":"1"}', 'application/json'),
      201,
    ],
    [
      'deep nesting',
      post(DIAL, `{"destination":"1","a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 'application/json'),
      201,
    ],
    ['the largest body', post(DIAL, padded(BODY_BYTES_MAX), 'application/json'), 201],
    ['one byte more', post(DIAL, padded(BODY_BYTES_MAX + 1), 'application/json'), 413],
  ]
  for (const [name, request, status] of cases)
    it(`${name}: ${status}`, async () => {
      const answer = await api.send('owner', request)
      assert.equal(answer.statusCode, status, answer.body)
      assert.equal(({} as Record<string, unknown>)['x'] ?? ({} as Record<string, unknown>)['y'], undefined)
    })

  it('tolerates a content type without a body on GET (wxc_sdk sends one)', async () => {
    const headers = { 'content-type': 'application/json;charset=utf-8' }
    assert.equal((await api.send('owner', { url: '/v1/telephony/calls', headers })).statusCode, 200)
  })

  it('names the field and what is wrong with it', async () => {
    const text = async (payload: string): Promise<string> =>
      (await api.send('owner', post(DIAL, payload, 'application/json'))).json().message
    assert.equal(await text('{}'), 'destination is required')
    assert.match(await text('{"destination":5}'), /^destination must be string/)
    assert.match(
      await text(`{"destination":"${'1'.repeat(513)}"}`),
      /^destination must not have more than 512/,
    )
  })
})

function padded(length: number): string {
  const start = '{"destination":"1","pad":"'
  return `${start}${'x'.repeat(length - start.length - 2)}"}`
}

describe('answers (contract README §1, §4)', () => {
  const get = (headers: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
    api.send('owner', { url: '/v1/telephony/calls', headers })

  it('are JSON with the charset that clients know', async () => {
    const answer = await get()
    assert.equal(answer.headers['content-type'], 'application/json;charset=UTF-8')
    assert.deepEqual(answer.json(), { items: [] })
  })

  it('carry no Content-Type with 204, by which a client knows that there is no body', async () => {
    const answer = await api.send(
      'owner',
      post(
        '/v1/telephony/calls/hangup',
        '{"callId":"Y2lzY29zcGFyazovL3VzL0NBTEwvQkNMRC94"}',
        'application/json',
      ),
    )
    assert.equal(answer.statusCode, 204)
    assert.equal(answer.headers['content-type'], undefined)
    assert.equal(answer.body, '')
  })

  it('echo the tracking id, or make one', async () => {
    assert.equal((await get({ TrackingID: 'SIMPLE_1' })).headers['trackingid'], 'SIMPLE_1')
    for (const headers of [
      {},
      { TrackingID: '' },
      { TrackingID: 'a b' },
      { TrackingID: 'x'.repeat(129) },
    ] as Record<string, string>[])
      assert.match(String((await get(headers)).headers['trackingid']), /^ROUTER_[0-9A-F-]{36}$/)
    assert.equal((await get({ TrackingID: 'x'.repeat(128) })).headers['trackingid'], 'x'.repeat(128))
  })

  it('have the error body on every failure, with the tracking id of the header', async () => {
    const requests: InjectOptions[] = [
      { url: '/v1/nowhere' },
      { url: '/v1/telephony/calls/x' },
      { method: 'PUT', url: '/v1/people/me' },
      { url: '/v1/convergedRecordings?max=0' },
      { url: '/v1/telephony/calls/%ZZ' },
      { url: '/media/x/audio' },
      { url: '/setup/x' },
      post(DIAL, padded(BODY_BYTES_MAX + 1), 'application/json'),
    ]
    for (const caller of ['owner', 'none', 'scopeless'] as const)
      for (const request of requests) {
        const answer = await api.send(caller, {
          ...request,
          headers: { ...request.headers, trackingid: 'T1' },
        })
        const body = answer.json()
        assert.ok(answer.statusCode >= 400 && answer.statusCode < 500)
        assert.equal(answer.headers['content-type'], 'application/json;charset=UTF-8')
        assert.deepEqual(Object.keys(body), ['message', 'errors', 'trackingId'])
        assert.equal(body.errors[0].description, body.message)
        assert.ok(Number.isInteger(body.errors[0].errorCode))
        assert.equal(body.trackingId, 'T1')
        assert.equal(answer.headers['trackingid'], 'T1')
      }
  })

  it('say 401 in the words that clients log', async () => {
    const answer = await api.send('none', { url: '/v1/people/me' })
    assert.equal(
      answer.json().message,
      'The request requires a valid access token set in the Authorization request header.',
    )
  })

  it('refuse a repeated query parameter, whatever its name', async () => {
    for (const url of [
      '/v1/telephony/calls?a=1&a=1',
      '/v1/convergedRecordings?max=1&max=2',
      '/v1/people/me?x&x',
    ])
      assert.equal((await api.send('owner', { url })).statusCode, 400, url)
    assert.equal((await api.send('owner', { url: '/v1/telephony/calls?unknown=1&other=2' })).statusCode, 200)
  })

  it('are 503 with whole seconds to wait when the call engine is gone, 504 when it is silent', async () => {
    const answers = async (message: string): Promise<[number, unknown]> => {
      api.answer = () => Promise.reject(new Error(message))
      const answer = await get()
      return [answer.statusCode, answer.headers['retry-after']]
    }
    assert.deepEqual(await answers('The calls thread has ended'), [503, '5'])
    assert.deepEqual(await answers('The calls thread did not answer a list command within 10000 ms.'), [
      504,
      undefined,
    ])
  })

  it('are 500 without a word of what happened when we are at fault', async () => {
    api.answer = () => ({ kind: 'done' })
    const answer = await get()
    assert.equal(answer.statusCode, 500)
    assert.equal(answer.json().message, 'The server failed to carry out the request')
  })
})

describe('the bare connection (A12)', () => {
  /** Sends bytes to a listening server and gives back all it says. */
  async function raw(text: string): Promise<string> {
    if (api.app.server.address() === null) await api.app.listen({ host: '127.0.0.1', port: 0 })
    const address = api.app.server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const socket = connect(port, '127.0.0.1')
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.write(text)
    await new Promise((resolve) => socket.on('close', resolve).on('error', resolve))
    return Buffer.concat(chunks).toString()
  }

  it('answers what is not HTTP with 400 and the error body', async () => {
    const answer = await raw('NONSENSE\r\n\r\n')
    assert.match(answer, /^HTTP\/1\.1 400 /)
    assert.match(answer, /"errorCode":10105/)
  })

  it('answers header fields beyond 16 KiB with 431', async () => {
    const answer = await raw(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(16_384)}\r\n\r\n`)
    assert.match(answer, /^HTTP\/1\.1 431 /)
  })

  it('answers a URL that breaks the router', async () => {
    const answer = await raw(
      `GET /v1/convergedRecordings/%E0%A4%A HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
    )
    assert.match(answer, /^HTTP\/1\.1 401 /)
  })
})

describe('health', () => {
  it('is open, and readiness follows the server’s state', async () => {
    assert.equal((await api.send('none', { url: '/healthz' })).statusCode, 200)
    assert.equal((await api.send('none', { url: '/readyz' })).statusCode, 200)
    api.state = 'draining'
    const answer = await api.send('none', { url: '/readyz' })
    assert.deepEqual([answer.statusCode, answer.json()], [503, { status: 'draining' }])
    api.state = 'ready'
  })

  it('has no metrics: they are on the management port', async () => {
    const answer = await api.send('none', { url: '/metrics', remoteAddress: '127.0.0.1' })
    assert.equal(answer.statusCode, 404)
  })
})
