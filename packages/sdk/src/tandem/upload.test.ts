/** Uploads against a server that keeps what arrived, loses connections and starts anew (import guide, "Uploads"). */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WebexClient } from '../client.ts'
import { BadRequest, InvalidArgument, ServerError, WebexError } from '../error/webex-error.ts'
import { FakeServer } from '../fake-server.test.ts'
import type { ClientClock } from '../options.ts'
import type { RecordingImport } from '../wire.ts'
import type { MediaSource } from './pieces.ts'
import { FRUITLESS_MAX, PIECE_BYTES, type UploadProgress } from './upload.ts'

const ATTEMPT_MS = 1_000_000
const MEDIA = Uint8Array.from({ length: 2 * PIECE_BYTES + 5 }, (_, at) => at % 251)

/** What the server does with the next piece: takes all of it, or so many bytes and then breaks off, or answers. */
type Fate = 'take' | { readonly take: number } | { readonly status: number } | { readonly lose: number }

/** A server with one import. */
class ImportServer extends FakeServer {
  received: Uint8Array = new Uint8Array(0)
  state: RecordingImport['state'] = 'waiting'
  sizeBytes: number | undefined = undefined
  fates: Fate[] = []
  /** How often it says that it is checking, once all is there. */
  checks = 0
  ranges: (string | undefined)[] = []
  /** The refusal with which the import ends. */
  failsBy = 0

  constructor() {
    super([])
  }

  client(): WebexClient {
    // Reading a Blob takes real time, in which no attempt may run out of its own.
    const { clock } = this
    const after: ClientClock['after'] = (ms, run) => (ms === ATTEMPT_MS ? () => {} : clock.after(ms, run))
    return new WebexClient({
      ...this.options({ timeoutMs: ATTEMPT_MS, clock: { ...clock, after } }),
      fetch: (url, init) => this.#answer(url, init),
    })
  }

  #view(): Response {
    const { state, sizeBytes } = this
    if (state === 'checking' && this.checks-- <= 0) this.state = 'done'
    const receivedBytes = this.received.length
    return Response.json({ id: 'i', state: this.state, receivedBytes, sizeBytes, recordingId: 'r' })
  }

  async #answer(url: string, init: RequestInit): Promise<Response> {
    assert.ok(url.startsWith('https://pbx.example.test/tandem/v1/imports'), url)
    if (init.method === 'POST') {
      this.sizeBytes = (JSON.parse(String(init.body)) as { sizeBytes?: number }).sizeBytes
      return this.#view()
    }
    if (init.method === 'GET') return this.#view()
    const fate = this.fates.shift() ?? 'take'
    const range = new Headers(init.headers).get('content-range') ?? undefined
    this.ranges.push(range)
    const body = new Uint8Array(await new Response(init.body ?? null).arrayBuffer())
    const [, offset = this.received.length] = /^bytes (\d+)-/.exec(range ?? '')?.map(Number) ?? []
    assert.equal(offset, this.received.length, 'a piece begins where the last one ended')
    if (typeof fate === 'object' && 'status' in fate && fate.status === this.failsBy) this.state = 'failed'
    if (typeof fate === 'object' && 'status' in fate)
      return Response.json({ message: 'no', trackingId: 't' }, { status: fate.status })
    const taken = typeof fate === 'object' && 'take' in fate ? body.subarray(0, fate.take) : body
    this.received = Buffer.concat([this.received, taken])
    if (typeof fate === 'object' && 'lose' in fate) this.received = this.received.subarray(0, fate.lose)
    if (typeof fate === 'object') throw new TypeError('the connection broke')
    const total = Number(/\/(\d+)$/.exec(range ?? '')?.[1])
    this.state = this.received.length === total ? (this.checks > 0 ? 'checking' : 'done') : 'receiving'
    return this.#view()
  }
}

async function* stream(from = 0, pieceBytes = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = from; at < MEDIA.length; at += pieceBytes) yield MEDIA.subarray(at, at + pieceBytes)
}

const SOURCES: Readonly<Record<string, () => MediaSource>> = {
  'a Blob': () => new Blob([MEDIA]),
  bytes: () => MEDIA,
  'a stream': () => stream(),
  'a function': () => (offset) => stream(offset),
}

describe('imports.upload', () => {
  for (const [name, source] of Object.entries(SOURCES))
    it(`sends ${name} in pieces, goes on where the connection broke, and waits for the check`, async () => {
      const server = new ImportServer()
      server.sizeBytes = MEDIA.length
      server.fates = ['take', { take: 70_001 }, { take: 0 }, { status: 503 }, { status: 409 }]
      server.checks = 2
      const seen: UploadProgress[] = []
      const ended = await server
        .client()
        .tandem.imports.upload('i', source(), { onProgress: (progress) => seen.push(progress) })
      assert.equal(ended.state, 'done')
      assert.deepEqual(Buffer.compare(server.received, MEDIA), 0)
      assert.equal(server.ranges.at(-1), `bytes ${PIECE_BYTES + 70_001}-${MEDIA.length - 1}/${MEDIA.length}`)
      assert.deepEqual(seen.at(-1), { receivedBytes: MEDIA.length, sizeBytes: MEDIA.length })
    })

  it('goes on from what the server has of an earlier upload', async () => {
    const server = new ImportServer()
    server.received = MEDIA.subarray(0, PIECE_BYTES + 3)
    server.state = 'receiving'
    for (const source of [new Blob([MEDIA]), stream()]) {
      server.received = MEDIA.subarray(0, PIECE_BYTES + 3)
      server.state = 'receiving'
      const options = source instanceof Blob ? {} : { sizeBytes: MEDIA.length }
      await server.client().tandem.imports.upload('i', source, options)
      assert.deepEqual(Buffer.compare(server.received, MEDIA), 0)
    }
  })

  it('sends again what a restart of the server has lost, where the source can go back', async () => {
    const server = new ImportServer()
    server.fates = ['take', { lose: 10 }]
    await server.client().tandem.imports.upload('i', (offset) => stream(offset), { sizeBytes: MEDIA.length })
    assert.deepEqual(Buffer.compare(server.received, MEDIA), 0)

    const stuck = new ImportServer()
    stuck.fates = ['take', { lose: 10 }]
    await assert.rejects(
      stuck.client().tandem.imports.upload('i', stream(), { sizeBytes: MEDIA.length }),
      (error) => error instanceof WebexError && /cannot go back/.test(error.message),
    )
  })

  it('only says that this was all when everything is there already', async () => {
    const server = new ImportServer()
    server.received = MEDIA
    server.state = 'receiving'
    assert.equal((await server.client().tandem.imports.upload('i', MEDIA)).state, 'done')
    assert.deepEqual(server.ranges, [`bytes */${MEDIA.length}`])
  })

  it('gives up after attempts that bring it no further, and at once when it is refused', async () => {
    const server = new ImportServer()
    server.fates = Array.from({ length: FRUITLESS_MAX + 1 }, () => ({ status: 503 }))
    await assert.rejects(server.client().tandem.imports.upload('i', MEDIA), ServerError)
    assert.equal(server.ranges.length, FRUITLESS_MAX + 1)

    const refused = new ImportServer()
    refused.fates = [{ status: 400 }]
    await assert.rejects(refused.client().tandem.imports.upload('i', MEDIA), BadRequest)
    assert.equal(refused.ranges.length, 1)
  })

  it('gives the import that tells why, when its media cannot be read', async () => {
    const server = new ImportServer()
    server.fates = [{ status: 400 }]
    server.failsBy = 400
    assert.equal((await server.client().tandem.imports.upload('i', MEDIA)).state, 'failed')
  })

  it('begins anew to count where there is some progress', async () => {
    const server = new ImportServer()
    const slow = Array.from({ length: FRUITLESS_MAX }, (): Fate => ({ status: 503 }))
    server.fates = [...slow, 'take', ...slow]
    await server.client().tandem.imports.upload('i', MEDIA)
    assert.deepEqual(Buffer.compare(server.received, MEDIA), 0)
  })

  it('gives an import that is over as it is, and sends nothing', async () => {
    const server = new ImportServer()
    server.state = 'failed'
    assert.equal((await server.client().tandem.imports.upload('i', MEDIA)).state, 'failed')
    assert.deepEqual(server.ranges, [])
  })

  it('refuses media without a length, without a byte, or shorter than it should be', async () => {
    const server = new ImportServer()
    const { imports } = server.client().tandem
    await assert.rejects(imports.upload('i', stream()), /give sizeBytes/)
    await assert.rejects(imports.upload('i', new Blob([])), InvalidArgument)
    await assert.rejects(imports.upload('i', 'x' as never), InvalidArgument)
    await assert.rejects(
      imports.upload('i', stream(), { sizeBytes: MEDIA.length + 1 }),
      /ends at byte \d+, although it should have/,
    )
  })
})

describe('imports.run', () => {
  it('says how long the media is, and uploads nothing that is there already', async () => {
    const server = new ImportServer()
    const done = await server.client().tandem.imports.run({ topic: 't' }, new Blob([MEDIA]))
    assert.deepEqual([done.state, server.sizeBytes], ['done', MEDIA.length])

    const again = new ImportServer()
    again.state = 'duplicate'
    const known = await again.client().tandem.imports.run({ topic: 't', sha256: 'ab' }, MEDIA)
    assert.deepEqual([known.state, again.ranges], ['duplicate', []])
  })
})
