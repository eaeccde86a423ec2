import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WebexClient } from '../client.ts'
import { ConnectionFailed, InvalidArgument, UnreadableResponse } from '../error/webex-error.ts'
import { FakeServer } from '../fake-server.test.ts'
import { proveRefused, proveWire } from '../wire-table.test.ts'

const DONE = { status: 204 } as const

describe('tandem: what only a Tandem server has', () => {
  proveWire([
    {
      name: 'trace',
      call: (c) => c.tandem.trace('s/1='),
      reply: { status: 200, json: { callSessionId: 's/1=', messages: [] } },
      want: ['GET', '/tandem/v1/calls/s%2F1%3D/trace'],
      result: { callSessionId: 's/1=', messages: [] },
    },
    {
      name: 'setHoldMusic',
      call: (c) => c.tandem.setHoldMusic('l/1', 'a'),
      reply: DONE,
      want: ['PUT', '/tandem/v1/locations/l%2F1/holdMusic', { announcementId: 'a' }],
    },
    {
      name: 'setHoldMusic back to the built-in one',
      call: (c) => c.tandem.setHoldMusic('l', null),
      reply: DONE,
      want: ['PUT', '/tandem/v1/locations/l/holdMusic', { announcementId: null }],
    },
    {
      name: 'announcements.list',
      call: (c) => c.tandem.announcements.list(),
      reply: { status: 200, json: { items: [{ id: 'a' }] } },
      want: ['GET', '/tandem/v1/announcements'],
      result: [{ id: 'a' }],
    },
    {
      name: 'announcements.delete',
      call: (c) => c.tandem.announcements.delete('a/1'),
      reply: DONE,
      want: ['DELETE', '/tandem/v1/announcements/a%2F1'],
    },
    {
      name: 'voicemail.list',
      call: (c) => c.tandem.voicemail.list(),
      reply: { status: 200, json: { items: [{ id: 'v', heard: false }] } },
      want: ['GET', '/tandem/v1/voicemail'],
      result: [{ id: 'v', heard: false }],
    },
    {
      name: 'voicemail.getAudio',
      call: (c) => c.tandem.voicemail.getAudio('v/1').then(({ stream }) => new Response(stream).text()),
      reply: { status: 200, text: 'RIFF' },
      want: ['GET', '/tandem/v1/voicemail/v%2F1/audio'],
      result: 'RIFF',
    },
    {
      name: 'voicemail.delete',
      call: (c) => c.tandem.voicemail.delete('v'),
      reply: DONE,
      want: ['DELETE', '/tandem/v1/voicemail/v'],
    },
    {
      name: 'callRecords.export',
      call: (c) =>
        c.tandem.callRecords
          .export({ from: new Date(0), to: '2026-02-03', format: 'csv' })
          .then(({ stream }) => new Response(stream).text()),
      reply: { status: 200, text: 'a,b\r\n' },
      want: ['GET', '/tandem/v1/callRecords?from=1970-01-01T00%3A00%3A00.000Z&to=2026-02-03&format=csv'],
      result: 'a,b\r\n',
    },
  ])
  proveRefused({
    'a trace of nothing': (c) => c.tandem.trace(''),
    'a sound without a name': (c) => c.tandem.announcements.upload('', new Uint8Array(1)),
    'a sound without a byte': (c) => c.tandem.announcements.upload('x', new Uint8Array(0)),
  })

  it('keeps a prefix before /v1, and refuses a base that does not end so', async () => {
    const server = new FakeServer([{ status: 200, json: { items: [] } }])
    const at = (baseUrl: string): WebexClient => new WebexClient(server.options({ baseUrl }))
    await at('https://pbx.example.test/phones/v1/').tandem.voicemail.list()
    assert.equal(server.sent[0]?.url, 'https://pbx.example.test/phones/tandem/v1/voicemail')
    await assert.rejects(at('https://pbx.example.test/api/v2').tandem.voicemail.list(), InvalidArgument)
    assert.equal(server.sent.length, 1)
  })

  it('uploads a sound as it is, with its kind', async () => {
    const bytes = new Uint8Array([1, 2, 3])
    const blob = new Blob([bytes], { type: 'audio/mpeg' })
    const reply = { status: 201, json: { id: 'a' } }
    const server = new FakeServer([reply, reply, reply])
    const { announcements } = new WebexClient(server.options()).tandem
    assert.deepEqual(await announcements.upload('On hold & more', bytes), { id: 'a' })
    await announcements.upload('b', blob)
    await announcements.upload('c', blob, { contentType: 'audio/x-wav' })
    assert.deepEqual(
      server.sent.map(({ method, url, body, headers }) => [method, url, body, headers['content-type']]),
      [
        [
          'POST',
          'https://pbx.example.test/tandem/v1/announcements?name=On+hold+%26+more',
          bytes,
          'audio/wav',
        ],
        ['POST', 'https://pbx.example.test/tandem/v1/announcements?name=b', blob, 'audio/mpeg'],
        ['POST', 'https://pbx.example.test/tandem/v1/announcements?name=c', blob, 'audio/x-wav'],
      ],
    )
  })
})

describe('callRecords.list', () => {
  /** A client whose server sends these pieces; `ended` says whether the body was let go. */
  function set(pieces: readonly Uint8Array[], end: 'closes' | 'breaks' | 'stays' = 'closes') {
    const server = new FakeServer([])
    const state = { cancelled: false }
    const rest = [...pieces]
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = rest.shift()
        if (piece !== undefined) controller.enqueue(piece)
        else if (end === 'closes') controller.close()
        else if (end === 'breaks') controller.error(new Error('reset'))
      },
      cancel() {
        state.cancelled = true
      },
    })
    const fetch = async (): Promise<Response> => new Response(stream, { status: 200 })
    return { client: new WebexClient(server.options({ fetch })), state }
  }
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const all = async (client: WebexClient): Promise<unknown[]> => {
    const records: unknown[] = []
    for await (const record of client.tandem.callRecords.list()) records.push(record)
    return records
  }

  it('reads records whatever the pieces they come in, cut inside a character too', async () => {
    const text = bytes('{"a":"ü"}\n\n{"b":2}\n{"c":3}')
    for (let size = 1; size <= text.length; size++) {
      const pieces: Uint8Array[] = []
      for (let at = 0; at < text.length; at += size) pieces.push(text.subarray(at, at + size))
      assert.deepEqual(await all(set(pieces).client), [{ a: 'ü' }, { b: 2 }, { c: 3 }])
    }
    assert.deepEqual(await all(set([]).client), [])
  })

  it('fails when the records break off, after those that came whole', async () => {
    const { client } = set([bytes('{"a":1}\n{"b"')])
    const records = client.tandem.callRecords.list()
    assert.deepEqual((await records.next()).value, { a: 1 })
    await assert.rejects(records.next(), UnreadableResponse)
    await assert.rejects(all(set([bytes('{"a":1}\n')], 'breaks').client), ConnectionFailed)
  })

  it('keeps 4,194,304 characters of an unfinished record, and not one more', async () => {
    const begun = (chars: number): Uint8Array => bytes(`"${'x'.repeat(chars - 1)}`)
    const [record] = await all(set([begun(4_194_304), bytes('"\n')]).client)
    assert.equal((record as string).length, 4_194_303)
    await assert.rejects(all(set([begun(4_194_305), bytes('"\n')]).client), UnreadableResponse)
  })

  it('lets the connection go when the listener stops, and when the signal says so', async () => {
    const stopped = set([bytes('{"a":1}\n')], 'stays')
    for await (const _ of stopped.client.tandem.callRecords.list()) break
    assert.equal(stopped.state.cancelled, true)

    const aborted = set([bytes('{"a":1}\n')], 'stays')
    const controller = new AbortController()
    const records = aborted.client.tandem.callRecords.list({}, { signal: controller.signal })
    await records.next()
    const waiting = records.next()
    controller.abort(new Error('enough'))
    await assert.rejects(waiting, /enough/)
    assert.equal(aborted.state.cancelled, true)
  })
})
