import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WebexClient } from './client.ts'
import { BadRequest, InvalidArgument, NoDownloadLink } from './error/webex-error.ts'
import { FakeServer, type Reply } from './fake-server.test.ts'
import { RECORDING_IDS_MAX } from './recording-requests.ts'
import { proveRefused, proveWire } from './wire-table.test.ts'

const DONE = { status: 204 } as const
const NONE: Reply = { status: 200, json: { items: [] } }
const IDS = Array.from({ length: RECORDING_IDS_MAX + 1 }, (_, n) => `r${n}`)

function set(replies: readonly Reply[]): { server: FakeServer; client: WebexClient } {
  const server = new FakeServer(replies)
  return { server, client: new WebexClient(server.options()) }
}

describe('convergedRecordings (converged-recordings §3 to §9)', () => {
  proveWire([
    {
      name: 'listForAdmin',
      call: (c) =>
        c.convergedRecordings
          .listForAdmin({ status: 'purged', ownerId: 'o', ownerEmail: 'a@x', format: 'MP4', max: 100 })
          .toArray(),
      reply: { status: 200, json: { items: [{ id: 'r' }] } },
      want: [
        'GET',
        '/v1/admin/convergedRecordings?status=purged&ownerId=o&ownerEmail=a%40x&format=MP4&max=100',
      ],
      result: [{ id: 'r' }],
    },
    {
      name: 'listForCompliance, the same',
      call: (c) => c.convergedRecordings.listForCompliance({ topic: 'a' }).toArray(),
      reply: NONE,
      want: ['GET', '/v1/admin/convergedRecordings?topic=a'],
      result: [],
    },
    {
      name: 'delete without a word',
      call: (c) => c.convergedRecordings.delete('r/1'),
      reply: DONE,
      want: ['DELETE', '/v1/convergedRecordings/r%2F1'],
    },
    {
      name: 'delete with a comment of 255 characters, however many units they take',
      call: (c) => c.convergedRecordings.delete('r', { reason: 'audit', comment: '🕯'.repeat(255) }),
      reply: DONE,
      want: ['DELETE', '/v1/convergedRecordings/r', { reason: 'audit', comment: '🕯'.repeat(255) }],
    },
    {
      name: 'reassign of all of an owner',
      call: (c) => c.convergedRecordings.reassign({ reassignOwnerEmail: 'n@x', ownerEmail: 'o@x' }),
      reply: DONE,
      want: ['POST', '/v1/convergedRecordings/reassign', { reassignOwnerEmail: 'n@x', ownerEmail: 'o@x' }],
    },
    {
      name: 'reassign by id of the owner, in the contract’s spelling',
      call: (c) =>
        c.convergedRecordings.reassign({ reassignOwnerEmail: 'n@x', ownerId: 'o', recordingIds: ['r', 'r'] }),
      reply: DONE,
      want: [
        'POST',
        '/v1/convergedRecordings/reassign',
        { reassignOwnerEmail: 'n@x', ownerID: 'o', recordingIds: ['r'] },
      ],
    },
    ...(
      [
        ['softDelete', 'trashAll'],
        ['restore', 'restoreAll'],
        ['purge', 'purgeAll'],
      ] as const
    ).flatMap(([name, flag]) => [
      {
        name,
        call: (c: WebexClient) => c.convergedRecordings[name]({ recordingIds: ['r', 's'] }),
        reply: DONE,
        want: ['POST', `/v1/convergedRecordings/${name}`, { recordingIds: ['r', 's'] }] as const,
      },
      {
        name: `${name} of everything of an owner`,
        call: (c: WebexClient) => c.convergedRecordings[name]({ all: true, ownerEmail: 'o@x' }),
        reply: DONE,
        want: ['POST', `/v1/convergedRecordings/${name}`, { [flag]: true, ownerEmail: 'o@x' }] as const,
      },
      {
        name: `${name} of everything of one’s own`,
        call: (c: WebexClient) => c.convergedRecordings[name]({ all: true }),
        reply: DONE,
        want: ['POST', `/v1/convergedRecordings/${name}`, { [flag]: true }] as const,
      },
    ]),
  ])
  proveRefused({
    'a comment of 256 characters': (c) => c.convergedRecordings.delete('r', { comment: 'x'.repeat(256) }),
    'a recording without an id': (c) => c.convergedRecordings.delete(''),
    'a move of nothing': (c) => c.convergedRecordings.softDelete({ recordingIds: [] }),
    'a move of an empty id': (c) => c.convergedRecordings.softDelete({ recordingIds: [''] }),
    'more than 100 ids': (c) => c.convergedRecordings.purge({ recordingIds: IDS }),
    'ids and all': (c) => c.convergedRecordings.purge({ recordingIds: ['r'], all: true } as never),
    'ids of an owner': (c) =>
      c.convergedRecordings.purge({ recordingIds: ['r'], ownerEmail: 'o@x' } as never),
    'a reassignment of nothing': (c) => c.convergedRecordings.reassign({ reassignOwnerEmail: 'n' } as never),
    'a reassignment to nobody': (c) =>
      c.convergedRecordings.reassign({ reassignOwnerEmail: '', ownerEmail: 'o@x' }),
    'two ways to name an owner': (c) =>
      c.convergedRecordings.reassign({ reassignOwnerEmail: 'n', ownerEmail: 'o', ownerId: 'o' } as never),
  })

  it('takes 100 different ids at once, and with chunk as many commands as it needs (sdk-surface §2)', async () => {
    const { server, client } = set([DONE, DONE, DONE])
    await client.convergedRecordings.softDelete({ recordingIds: [...IDS.slice(1), 'r1'] })
    await client.convergedRecordings.softDelete({ recordingIds: IDS }, { chunk: true })
    assert.deepEqual(
      server.sent.map(({ body }) => (body as { recordingIds: string[] }).recordingIds.length),
      [100, 100, 1],
    )
  })

  it('stops at the first command that is refused', async () => {
    const { server, client } = set([{ status: 400, json: { message: 'x' } }])
    await assert.rejects(
      client.convergedRecordings.restore({ recordingIds: IDS }, { chunk: true }),
      BadRequest,
    )
    assert.equal(server.sent.length, 1)
  })
})

describe('listForAdmin with splitRange (sdk-surface §2)', () => {
  const rangesOf = (server: FakeServer): (readonly [string | null, string | null])[] =>
    server.sent.map(({ url }) => {
      const { searchParams } = new URL(url)
      assert.equal(searchParams.get('splitRange'), null)
      return [searchParams.get('from'), searchParams.get('to')] as const
    })

  it('asks for 30 days at a time, newest first, without gap or overlap, and pages through each', async () => {
    const { server, client } = set([
      { status: 200, json: { items: [3] }, headers: { Link: '<?cursor=a>; rel="next"' } },
      { status: 200, json: { items: [2] } },
      { status: 200, json: { items: [1] } },
    ])
    const query = { from: '2026-01-01T00:00:00Z', to: new Date('2026-02-01T00:00:00Z'), splitRange: true }
    assert.deepEqual(await client.convergedRecordings.listForAdmin(query).toArray(), [3, 2, 1])
    assert.deepEqual(rangesOf(server), [
      ['2026-01-02T00:00:00.000Z', '2026-02-01T00:00:00.000Z'],
      [null, null],
      ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'],
    ])
  })

  it('asks once for exactly 30 days, up to now when nothing else is said', async () => {
    const { server, client } = set([NONE])
    const from = new Date(server.nowMs - 30 * 86_400_000)
    await client.convergedRecordings.listForAdmin({ from, splitRange: true }).toArray()
    assert.deepEqual(rangesOf(server), [[from.toISOString(), new Date(server.nowMs).toISOString()]])
  })

  it('refuses times that depend on a zone, and ends before their beginning', () => {
    const { client } = set([])
    for (const from of [undefined, '2026-01-01', '2026-01-01T00:00:00', 'T?Z', new Date(Number.NaN)])
      assert.throws(
        () => client.convergedRecordings.listForAdmin({ from, splitRange: true }),
        InvalidArgument,
      )
    const query = { from: new Date(2), to: new Date(1), splitRange: true }
    assert.throws(() => client.convergedRecordings.listForAdmin(query), InvalidArgument)
  })
})

describe('files of a recording (converged-recordings §5)', () => {
  const links = {
    audioDownloadLink: 'https://files.example.test/audio',
    recordingDownloadLink: 'https://files.example.test/video',
    transcriptDownloadLink: 'https://files.example.test/transcript',
  }
  const details = { id: 'r', temporaryDirectDownloadLinks: links } as never

  it('are fetched over their own links', async () => {
    const { server, client } = set(Array(5).fill({ status: 200, text: 'x' }))
    await client.convergedRecordings.downloadAudio(details)
    await client.convergedRecordings.downloadRecording(details)
    await client.convergedRecordings.downloadTranscript(details)
    await client.recordings.download(details)
    await client.recordings.download(details, 'audio')
    assert.deepEqual(
      server.sent.map(({ url, headers }) => [url.slice(27), headers]),
      [
        ['audio', {}],
        ['video', {}],
        ['transcript', {}],
        ['video', {}],
        ['audio', {}],
      ],
    )
  })

  it('say which one is not there', async () => {
    const { client } = set([{ status: 200, json: { id: 'r' } }])
    const none = {
      name: NoDownloadLink.name,
      message: /recording r has no transcript link .*or it has no tr/,
    }
    await assert.rejects(client.convergedRecordings.downloadTranscript('r'), none)
    await assert.rejects(client.recordings.download({ id: 'r' } as never, 'transcript'), none)
    await assert.rejects(client.recordings.download('r', 'notes' as never), InvalidArgument)
  })
})
