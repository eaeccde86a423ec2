import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WebexClient } from './client.ts'
import { InvalidArgument, NoDownloadLink, WebexApiError } from './error/webex-error.ts'
import { FakeServer, type Reply } from './fake-server.test.ts'

const BASE = 'https://pbx.example.test/v1'

function set(replies: readonly Reply[]): { server: FakeServer; client: WebexClient } {
  const server = new FakeServer(replies)
  return { server, client: new WebexClient(server.options()) }
}

describe('what goes over the wire', () => {
  const cases: readonly {
    readonly name: string
    readonly call: (client: WebexClient) => Promise<unknown>
    readonly reply: Reply
    readonly want: readonly [method: string, path: string, body: unknown]
    readonly result: unknown
  }[] = [
    {
      name: 'people.me',
      call: (c) => c.people.me(),
      reply: { status: 200, json: { id: 'p' } },
      want: ['GET', '/people/me', undefined],
      result: { id: 'p' },
    },
    {
      name: 'convergedRecordings.list',
      call: (c) =>
        c.convergedRecordings
          .list({ from: new Date(0), to: '2026-02-03', topic: 'a b', max: 100, status: undefined })
          .toArray(),
      reply: { status: 200, json: { items: [{ id: 'r' }] } },
      want: [
        'GET',
        '/convergedRecordings?from=1970-01-01T00%3A00%3A00.000Z&to=2026-02-03&topic=a+b&max=100',
        undefined,
      ],
      result: [{ id: 'r' }],
    },
    {
      name: 'convergedRecordings.get',
      call: (c) => c.convergedRecordings.get('r'),
      reply: { status: 200, json: { id: 'r' } },
      want: ['GET', '/convergedRecordings/r', undefined],
      result: { id: 'r' },
    },
    {
      name: 'convergedRecordings.getMetadata',
      call: (c) => c.convergedRecordings.getMetadata('r', { showAllTypes: true }),
      reply: { status: 200, json: { id: 'r' } },
      want: ['GET', '/convergedRecordings/r/metadata?showAllTypes=true', undefined],
      result: { id: 'r' },
    },
    {
      name: 'convergedRecordings.getMetadata after a 204',
      call: (c) => c.convergedRecordings.getMetadata('r'),
      reply: { status: 204 },
      want: ['GET', '/convergedRecordings/r/metadata', undefined],
      result: undefined,
    },
  ]
  for (const { name, call, reply, want, result } of cases)
    it(name, async () => {
      const { server, client } = set([reply])
      assert.deepEqual(await call(client), result)
      const [sent] = server.sent
      assert.deepEqual([sent?.method, sent?.url, sent?.body], [want[0], `${BASE}${want[1]}`, want[2]])
    })

  it('refuses what the server would refuse, and sends nothing', async () => {
    const { server, client } = set([])
    for (const max of [0, 101, 1.5])
      assert.throws(() => client.convergedRecordings.list({ max }), InvalidArgument)
    assert.ok(client.convergedRecordings.list({ max: 1 }))
    assert.equal(server.sent.length, 0)
  })
})

describe('downloadAudio', () => {
  const link = 'https://files.example.test/media/r/audio?exp=1&sig=s3cr3t'
  const details = { id: 'r', temporaryDirectDownloadLinks: { audioDownloadLink: link, expiration: '' } }

  it('asks for the details, then fetches the link without token or API headers', async () => {
    const { server, client } = set([
      { status: 200, json: details },
      { status: 206, text: 'MP3', headers: { 'content-range': 'bytes 0-2/9' } },
    ])
    const audio = await client.convergedRecordings.downloadAudio('r', {
      range: { start: 0, end: 2 },
      timezone: 'UTC',
      headers: { 'X-Api': '1' },
    })
    assert.equal(await new Response(audio.stream).text(), 'MP3')
    assert.equal(audio.status, 206)
    assert.equal(audio.headers.get('content-range'), 'bytes 0-2/9')
    assert.deepEqual(server.sent[1], {
      method: 'GET',
      url: link,
      headers: { range: 'bytes=0-2' },
      body: undefined,
      redirect: 'follow',
    })
  })

  it('sends no token even to a link on the server itself, which may be relative', async () => {
    const { server, client } = set([{ status: 200, text: 'MP3' }])
    await client.convergedRecordings.downloadAudio({
      ...details,
      temporaryDirectDownloadLinks: { audioDownloadLink: '/media/r' },
    } as never)
    assert.deepEqual([server.sent[0]?.url, server.sent[0]?.headers], ['https://pbx.example.test/media/r', {}])
  })

  it('keeps the signature out of hooks and errors', async () => {
    const server = new FakeServer([{ status: 410, json: { message: 'The link has expired' } }])
    const seen: unknown[] = []
    const client = new WebexClient(server.options({ hooks: { onRequest: (facts) => seen.push(facts) } }))
    await assert.rejects(client.convergedRecordings.downloadAudio(details as never), (error) => {
      assert.ok(error instanceof WebexApiError)
      assert.equal(error.description, 'The link has expired')
      assert.ok(!JSON.stringify([error, error.message, seen]).includes('s3cr3t'))
      return true
    })
  })

  it('says when the caller is given no link, or one that is no web address', async () => {
    const { client } = set([{ status: 200, json: { id: 'r' } }])
    await assert.rejects(client.convergedRecordings.downloadAudio('r'), NoDownloadLink)
    const odd = {
      ...details,
      temporaryDirectDownloadLinks: { audioDownloadLink: 'file:///etc/passwd' },
    } as never
    await assert.rejects(client.convergedRecordings.downloadAudio(odd), NoDownloadLink)
    for (const range of [{ start: -1 }, { start: 5, end: 4 }, { start: 0.5 }])
      await assert.rejects(client.convergedRecordings.downloadAudio('r', { range }), InvalidArgument)
  })
})
