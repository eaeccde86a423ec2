import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WebexClient } from '../client.ts'
import {
  ConnectionFailed,
  InvalidArgument,
  NotFound,
  RateLimited,
  ServerError,
  TimedOut,
  UnreadableResponse,
} from '../error/webex-error.ts'
import { FakeServer, type Reply } from '../fake-server.test.ts'

const ME = { id: 'me' }
const OK: Reply = { status: 200, json: ME }
const dial = { destination: '102' }

describe('a request', () => {
  it('carries the token, a tracking id, the time zone, and a content type only with a body', async () => {
    const server = new FakeServer([OK, { status: 201, json: { callId: 'c', callSessionId: 's' } }])
    const client = new WebexClient(server.options())
    await client.people.me({
      timezone: 'Asia/Singapore',
      trackingId: 'T1',
      headers: { Authorization: 'no', 'X-More': '1' },
    })
    await client.calls.dial(dial)
    const [get, post] = server.sent
    assert.equal(get?.url, 'https://pbx.example.test/v1/people/me')
    assert.deepEqual(get.headers, {
      accept: 'application/json',
      authorization: 'Bearer secret-token',
      timezone: 'Asia/Singapore',
      trackingid: 'T1',
      'x-more': '1',
    })
    assert.equal(post?.headers['content-type'], 'application/json;charset=utf-8')
    assert.match(
      post.headers['trackingid'] ?? '',
      /^TANDEM_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
    assert.deepEqual(post.body, { destination: '102' })
    assert.equal(post.redirect, 'error')
  })

  it('asks a token function anew for each attempt', async () => {
    const server = new FakeServer([{ status: 503 }, OK])
    let count = 0
    await new WebexClient(server.options({ token: async () => `t${++count}` })).people.me()
    assert.deepEqual(
      server.sent.map((sent) => sent.headers['authorization']),
      ['Bearer t1', 'Bearer t2'],
    )
  })

  it('shows hooks everything but the token', async () => {
    const server = new FakeServer([{ status: 503 }, OK])
    const seen: string[] = []
    const hooks = {
      onRequest: (facts: unknown) => seen.push(`request ${JSON.stringify(facts)}`),
      onResponse: (facts: { status: number }) => seen.push(`response ${facts.status}`),
      onRetry: (facts: { waitMs: number }) => seen.push(`retry ${facts.waitMs}`),
    }
    await new WebexClient(server.options({ hooks })).people.me()
    assert.deepEqual(
      seen.map((line) =>
        line
          .split(' ')
          .slice(0, line.startsWith('request') ? 1 : 2)
          .join(' '),
      ),
      ['request', 'response 503', 'retry 250', 'request', 'response 200'],
    )
    assert.ok(!seen.join().includes('secret-token'))
  })

  it('is unreadable when a success is not JSON', async () => {
    const server = new FakeServer([{ status: 200, text: '<html>' }])
    await assert.rejects(new WebexClient(server.options()).people.me(), UnreadableResponse)
  })

  it('takes the token from the environment, and says so when there is none', () => {
    const before = process.env['WEBEX_ACCESS_TOKEN']
    try {
      delete process.env['WEBEX_ACCESS_TOKEN']
      assert.throws(() => new WebexClient(), { name: 'InvalidArgument', message: /WEBEX_ACCESS_TOKEN/ })
      process.env['WEBEX_ACCESS_TOKEN'] = 'x'
      assert.ok(new WebexClient())
    } finally {
      if (before === undefined) delete process.env['WEBEX_ACCESS_TOKEN']
      else process.env['WEBEX_ACCESS_TOKEN'] = before
    }
  })

  it('refuses a base URL without the path of the API, and limits that are none', () => {
    for (const baseUrl of [
      'pbx',
      'ftp://pbx/v1',
      'https://pbx.example.test',
      'https://pbx.example.test/v1?x=1',
    ])
      assert.throws(() => new WebexClient({ token: 't', baseUrl }), InvalidArgument, baseUrl)
    assert.throws(() => new WebexClient({ token: 't', concurrency: 0 }), InvalidArgument)
    assert.ok(new WebexClient({ token: 't', baseUrl: 'https://pbx.example.test/v1/', concurrency: 1 }))
  })

  it('takes no path for a part of the host name, and sends no token then', async () => {
    const server = new FakeServer([])
    const client = new WebexClient(server.options({ baseUrl: 'https://pbx.example.test/v1' }))
    await assert.rejects(async () => client.request('GET', '.evil.test/x' as '/'), InvalidArgument)
    assert.equal(server.sent.length, 0)
  })
})

describe('retries', () => {
  const cases: readonly {
    readonly name: string
    readonly replies: readonly Reply[]
    readonly waitsMs: readonly number[]
    readonly command?: boolean
    readonly error?: new (...args: never[]) => Error
  }[] = [
    {
      name: 'wait as long as a 429 asks, in seconds',
      replies: [{ status: 429, headers: { 'retry-after': '7' } }, OK],
      waitsMs: [7_000],
    },
    {
      name: 'wait until the date that a 429 names',
      replies: [{ status: 429, headers: { 'retry-after': 'Tue, 03 Feb 2026 09:00:12 GMT' } }, OK],
      waitsMs: [12_000],
    },
    {
      name: 'wait five seconds when a 429 names no time or nonsense',
      replies: [{ status: 429 }, { status: 429, headers: { 'retry-after': 'soon' } }, OK],
      waitsMs: [5_000, 5_000],
    },
    {
      name: 'cut a wait to a minute',
      replies: [{ status: 429, headers: { 'retry-after': '61' } }, OK],
      waitsMs: [60_000],
    },
    {
      name: 'wait a whole minute when asked to',
      replies: [{ status: 429, headers: { 'retry-after': '60' } }, OK],
      waitsMs: [60_000],
    },
    {
      name: 'do not wait for a date that has passed',
      replies: [{ status: 429, headers: { 'retry-after': 'Tue, 03 Feb 2026 08:00:00 GMT' } }, OK],
      waitsMs: [0],
    },
    {
      name: 'end after five attempts',
      replies: Array(5).fill({ status: 429, headers: { 'retry-after': '1' } }),
      waitsMs: [1_000, 1_000, 1_000, 1_000],
      error: RateLimited,
    },
    {
      name: 'double the wait after 502, 503, 504 and a lost connection',
      replies: [{ status: 502 }, { status: 503 }, { status: 504 }, 'unreachable', OK],
      waitsMs: [250, 500, 1_000, 2_000],
    },
    {
      name: 'wait for a lock only as long as the server says',
      replies: [{ status: 423, headers: { 'retry-after': '3' } }, OK],
      waitsMs: [3_000],
    },
    { name: 'do not touch a 500', replies: [{ status: 500 }], waitsMs: [], error: ServerError },
    {
      name: 'do not touch a 404',
      replies: [{ status: 404, json: { message: 'Call not found' } }],
      waitsMs: [],
      error: NotFound,
    },
    {
      name: 'repeat a command after a 429, which says that nothing was done',
      command: true,
      replies: [{ status: 429, headers: { 'retry-after': '2' } }, OK],
      waitsMs: [2_000],
    },
    {
      name: 'never send a command again after 503',
      command: true,
      replies: [{ status: 503, headers: { 'retry-after': '1' } }],
      waitsMs: [],
      error: ServerError,
    },
    {
      name: 'never send a command again after 502',
      command: true,
      replies: [{ status: 502 }],
      waitsMs: [],
      error: ServerError,
    },
    {
      name: 'never send a command again after 504',
      command: true,
      replies: [{ status: 504 }],
      waitsMs: [],
      error: ServerError,
    },
    {
      name: 'never send a command again after a lost connection',
      command: true,
      replies: ['unreachable'],
      waitsMs: [],
      error: ConnectionFailed,
    },
    {
      name: 'never send a command again after a time-out',
      command: true,
      replies: ['silent'],
      waitsMs: [30_000],
      error: TimedOut,
    },
    { name: 'give each attempt its own time', replies: ['silent', OK], waitsMs: [30_000, 250] },
  ]
  for (const { name, replies, waitsMs, command, error } of cases)
    it(name, async () => {
      const server = new FakeServer(replies)
      const client = new WebexClient(server.options())
      const work = command === true ? client.calls.dial(dial) : client.people.me()
      if (error === undefined) assert.deepEqual(await work, ME)
      else await assert.rejects(work, error)
      assert.deepEqual(server.waitsMs, waitsMs)
      assert.equal(server.sent.length, replies.length)
    })

  it('stop where the total time would be passed, and not a millisecond before', async () => {
    const limited: Reply = { status: 429, headers: { 'retry-after': '10' } }
    const exact = new FakeServer([limited, limited, OK])
    await new WebexClient(exact.options({ retry: { totalMsMax: 20_000 } })).people.me()
    const past = new FakeServer([limited, limited])
    await assert.rejects(
      new WebexClient(past.options({ retry: { totalMsMax: 19_999 } })).people.me(),
      RateLimited,
    )
  })

  it('can be switched off', async () => {
    const server = new FakeServer([{ status: 429 }])
    await assert.rejects(new WebexClient(server.options({ retry: false })).people.me(), RateLimited)
  })

  it('keep one tracking id and mark each attempt', async () => {
    const server = new FakeServer([{ status: 503 }, { status: 503 }, OK])
    await new WebexClient(server.options()).people.me({ trackingId: 'T' })
    assert.deepEqual(
      server.sent.map((sent) => sent.headers['trackingid']),
      ['T', 'T_2', 'T_3'],
    )
  })

  it('hold no place while they wait', async () => {
    const server = new FakeServer([{ status: 429 }, OK, OK])
    const client = new WebexClient(server.options({ concurrency: 1 }))
    const order: string[] = []
    const first = client.people.me({ trackingId: 'first' }).then(() => order.push('first'))
    const second = client.people.me({ trackingId: 'second' }).then(() => order.push('second'))
    await Promise.all([first, second])
    assert.deepEqual(order, ['second', 'first'])
  })
})

describe('places and signals', () => {
  it('never has more requests under way than places', async () => {
    let underWay = 0
    let most = 0
    const fetch = async (): Promise<Response> => {
      most = Math.max(most, ++underWay)
      await new Promise(setImmediate)
      underWay -= 1
      return Response.json(ME)
    }
    const client = new WebexClient({ token: 't', concurrency: 3, fetch })
    await Promise.all(Array.from({ length: 20 }, () => client.people.me()))
    assert.equal(most, 3)
  })

  it('ends a request under way, a wait for a place and a wait for a retry with the reason of the signal', async () => {
    const reason = new Error('enough')
    const flying = new FakeServer(['silent'])
    const client = new WebexClient(
      flying.options({ concurrency: 1, timeoutMs: 1e9, clock: { ...flying.clock, after: () => () => {} } }),
    )
    const controller = new AbortController()
    const works = [
      client.people.me({ signal: controller.signal }),
      client.people.me({ signal: controller.signal }),
    ]
    setImmediate(() => controller.abort(reason))
    for (const work of works) await assert.rejects(work, reason)

    const waiting = new FakeServer([{ status: 429 }])
    const late = new AbortController()
    const hooks = { onRetry: () => late.abort(reason) }
    await assert.rejects(
      new WebexClient(waiting.options({ hooks })).people.me({ signal: late.signal }),
      reason,
    )
    await assert.rejects(client.people.me({ signal: AbortSignal.abort(reason) }), reason)
  })

  it('gives the place back after a failure', async () => {
    const server = new FakeServer(['unreachable', OK])
    const client = new WebexClient(server.options({ concurrency: 1, retry: false }))
    await assert.rejects(client.people.me(), ConnectionFailed)
    assert.deepEqual(await client.people.me(), ME)
  })
})
