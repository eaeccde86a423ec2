/** One POST over real sockets of the loopback; only its time is a test's (contract, webhooks §8). */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, beforeEach, describe, it, mock } from 'node:test'
import { makeCertificate, NO_OPENSSL } from '../testing/make-certificate.ts'
import { HttpPoster, type PostOutcome, type PostRequest } from './post.ts'
import { readTarget } from './target-url.ts'

describe('a POST to a webhook (webhooks §8)', () => {
  let poster: HttpPoster
  const folder = mkdtempSync(join(tmpdir(), 'tandem-post-'))
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  beforeEach(() => {
    poster = new HttpPoster()
  })
  after(() => rmSync(folder, { recursive: true, force: true }))
  afterEach(async () => {
    mock.timers.reset()
    poster.close()
    for (const socket of sockets) socket.destroy()
    await Promise.all(servers.splice(0).map((server) => once(server.close(), 'close')))
  })

  const portOf = async (server: Server): Promise<number> => {
    servers.push(server.listen(0, '127.0.0.1'))
    server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})))
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const serve = (listener: RequestListener): Promise<number> => portOf(createServer(listener))
  const requestTo = (url: string): PostRequest => {
    const target = readTarget(url)
    assert.ok(typeof target !== 'string')
    const addresses = [{ address: '127.0.0.1', family: 4 }] as const
    return { target, addresses, headers: { 'webhook-id': 'msg_1' }, body: Buffer.from('{"a":"ä"}') }
  }
  const post = (url: string): Promise<PostOutcome> => poster.post(requestTo(url))

  it('goes to the judged address under the name of the target, with path, query and exactly its bytes', async () => {
    let seen: unknown
    const port = await serve((request, response) => {
      const pieces: Buffer[] = []
      request.on('data', (piece: Buffer) => pieces.push(piece))
      request.on('end', () => {
        const { method, url, headers } = request
        seen = [method, url, headers.host, headers['webhook-id'], headers['content-length']]
        response.writeHead(Buffer.concat(pieces).toString() === '{"a":"ä"}' ? 204 : 400).end()
      })
    })
    const outcome = await post(`http://never-looked-up.invalid:${port}/hook?x=1`)
    assert.deepEqual(outcome, { kind: 'answered', status: 204 })
    assert.deepEqual(seen, ['POST', '/hook?x=1', `never-looked-up.invalid:${port}`, 'msg_1', '10'])
  })

  for (const status of [301, 302, 303, 307, 308])
    it(`takes ${status} as it is: nobody goes where it points`, async () => {
      let followed = 0
      const inside = await serve((_, response) => {
        followed++
        response.end()
      })
      const port = await serve((_, response) =>
        response.writeHead(status, { location: `http://127.0.0.1:${inside}/` }).end(),
      )
      assert.deepEqual(await post(`http://a.test:${port}/`), { kind: 'answered', status })
      await post(`http://a.test:${port}/`)
      assert.equal(followed, 0)
    })

  it('reads Retry-After as seconds or as a date, and nothing else', async () => {
    let header = '120'
    const port = await serve((_, response) => response.writeHead(503, { 'retry-after': header }).end())
    const seconds = async (): Promise<number | undefined> => {
      const outcome = await post(`http://a.test:${port}/`)
      return outcome.kind === 'answered' ? outcome.retryAfterSeconds : -1
    }
    assert.equal(await seconds(), 120)
    header = new Date(Date.now() + 60_000).toUTCString()
    const left = (await seconds()) ?? 0
    assert.ok(left > 30 && left <= 61)
    header = new Date(0).toUTCString()
    assert.equal(await seconds(), 0)
    header = 'soon'
    assert.equal(await seconds(), undefined)
  })

  it('is over after ten seconds, whether the target is silent or stops in its headers', async () => {
    for (const text of ['', 'HTTP/1.1 200 OK\r\nx-slow: 1\r\n']) {
      const arrived = Promise.withResolvers<void>()
      const closed = Promise.withResolvers<void>()
      const port = await portOf(
        createSocketServer((socket) => {
          socket.on('close', () => closed.resolve()).write(text)
          socket.once('data', () => arrived.resolve())
        }),
      )
      mock.timers.enable({ apis: ['setTimeout'] })
      let outcome: PostOutcome | undefined
      const posting = post(`http://a.test:${port}/`).then((result) => {
        outcome = result
      })
      await arrived.promise
      mock.timers.tick(9_900)
      await new Promise((resolve) => setImmediate(resolve))
      assert.equal(outcome, undefined)
      mock.timers.tick(100)
      await posting
      assert.deepEqual(outcome, { kind: 'failed', error: 'timeout' })
      await closed.promise
      mock.timers.reset()
    }
  })

  it('has its status from an answer without end, and lets go of its connection', async () => {
    const closed = Promise.withResolvers<void>()
    let sent = 0
    const port = await serve((_, response) => {
      const piece = Buffer.alloc(16_384)
      const more = (): void => {
        sent += piece.byteLength
        if (!response.destroyed) response.write(piece, () => setImmediate(more))
      }
      response.on('close', () => closed.resolve()).writeHead(200)
      more()
    })
    assert.deepEqual(await post(`http://a.test:${port}/`), { kind: 'answered', status: 200 })
    await closed.promise
    assert.ok(sent < 32 * 1_048_576, `${sent} bytes were taken: what sockets hold, and no more`)
  })

  it('has its status from an answer that never ends in silence, and lets go of its connection after two seconds', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    const closed = Promise.withResolvers<void>()
    const port = await serve((_, response) => {
      response.on('close', () => closed.resolve()).writeHead(202)
      response.write('a')
    })
    assert.deepEqual(await post(`http://a.test:${port}/`), { kind: 'answered', status: 202 })
    mock.timers.tick(2_000)
    await closed.promise
  })

  it('tells a reset, a refusal, nonsense and a change of protocol apart from answers', async () => {
    const reset = await portOf(
      createSocketServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
    )
    assert.deepEqual(await post(`http://a.test:${reset}/`), { kind: 'failed', error: 'reset' })
    const nonsense = await portOf(
      createSocketServer((socket) => socket.once('data', () => socket.end('hello\r\n\r\n'))),
    )
    assert.deepEqual(await post(`http://a.test:${nonsense}/`), { kind: 'failed', error: 'reset' })
    const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'
    const other = await portOf(
      createSocketServer((socket) => socket.once('data', () => socket.write(upgrade))),
    )
    assert.deepEqual(await post(`http://a.test:${other}/`), { kind: 'failed', error: 'reset' })
    const gone = createSocketServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const { port } = gone.address() as AddressInfo
    await once(gone.close(), 'close')
    assert.deepEqual(await post(`http://a.test:${port}/`), { kind: 'failed', error: 'refused' })
  })

  it('is refused over TLS by a certificate that nobody vouches for; no byte of it is sent', {
    skip: NO_OPENSSL,
  }, async () => {
    const { key, certificate } = makeCertificate(folder, 'localhost')
    let requests = 0
    const port = await portOf(
      createSecureServer({ key: readFileSync(key), cert: readFileSync(certificate) }, () => requests++),
    )
    assert.deepEqual(await post(`https://localhost:${port}/`), { kind: 'failed', error: 'tls' })
    assert.equal(requests, 0)
  })

  it('uses a connection again, and makes a new one when the target had closed it meanwhile', async () => {
    let connections = 0
    let dies = false
    const server = createServer((request, response) => {
      if (dies) {
        dies = false
        request.socket.resetAndDestroy()
      } else response.end()
    })
    server.on('connection', () => connections++)
    const port = await portOf(server)
    const url = `http://a.test:${port}/`
    const freed = async (): Promise<void> => {
      for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
    await post(url)
    await freed()
    await post(url)
    await freed()
    assert.equal(connections, 1)
    dies = true
    assert.deepEqual(await post(url), { kind: 'answered', status: 200 })
    assert.equal(connections, 2)
  })
})
