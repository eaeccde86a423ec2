import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import { type Flow, Headers, NO_BODY, printMessage, type SipMessage } from '@tandem/sip'
import { CONNECT_MS_MAX, Connection, IDLE_MS_MAX, MESSAGE_MS_MAX, UNSENT_BYTES_MAX } from './connection.ts'
import { REFUSALS_PER_SECOND_MAX, RefusalBudget } from './refusal.ts'
import { openTcp } from './tcp.ts'
import type { Intake } from './transports.ts'

const FLOW: Flow = {
  id: 'f',
  transport: 'tcp',
  local: { host: '127.0.0.1', port: 5060 },
  remote: { host: '127.0.0.1', port: 1 },
}
const DESTINATION = { transport: 'tcp', address: { host: '127.0.0.1', port: 1 } } as const

function message(bodyBytes = 0): SipMessage {
  const headers = new Headers([
    ['Via', 'SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKabc'],
    ['From', '<sip:a@example.test>;tag=1'],
    ['To', '<sip:b@example.test>'],
    ['Call-ID', 'c'],
    ['CSeq', '1 OPTIONS'],
  ])
  const body = bodyBytes === 0 ? NO_BODY : new Uint8Array(bodyBytes)
  return { kind: 'request', method: 'OPTIONS', uri: 'sip:b@example.test', headers, body }
}

class Book implements Intake {
  readonly counts: Intake['counts'] = {
    received: 0,
    sent: 0,
    malformed: 0,
    sendFailures: 0,
    refusedConnections: 0,
    closedConnections: 0,
    handlerErrors: 0,
  }
  readonly logger = SILENT
  failed = 0

  take(): void {
    this.counts.received += 1
  }

  fail(): void {
    this.failed += 1
  }

  closed(): void {}
}

/** A connection over a stream that never drains, with its owner's book. */
function connection(options: { incoming: boolean }): {
  connection: Connection
  stream: PassThrough
  book: Book
} {
  const book = new Book()
  const stream = new PassThrough({ highWaterMark: 1 })
  const owner = { intake: book, refusals: new RefusalBudget(), gone() {} }
  const socket = stream as unknown as net.Socket // All that a connection uses of a socket is a duplex stream.
  return { connection: new Connection({ socket, flow: FLOW, owner, ...options }), stream, book }
}

describe('a TCP connection', () => {
  it('is closed when its first message is not there in time (S19), and not a moment before', () => {
    const { connection: slow, stream } = connection({ incoming: true })
    const start = performance.now()
    slow.check(start + MESSAGE_MS_MAX - 50)
    assert.ok(!stream.destroyed)
    slow.check(start + MESSAGE_MS_MAX + 50)
    assert.ok(stream.destroyed)
  })

  it('is closed when a message begun is not finished in time (S19)', () => {
    const { connection: slow, stream, book } = connection({ incoming: true })
    stream.emit('data', Buffer.from(printMessage(message())))
    assert.equal(book.counts.received, 1)
    const start = performance.now()
    slow.check(start + 10 * MESSAGE_MS_MAX)
    assert.ok(!stream.destroyed, 'idle is not slow')
    stream.emit('data', Buffer.from('OPTIONS sip:x'))
    stream.emit('data', Buffer.from('@y'))
    slow.check(performance.now() + MESSAGE_MS_MAX + 50)
    assert.ok(stream.destroyed)
  })

  it('is closed when nothing has passed for longer than a registration lasts', () => {
    const { connection: idle, stream } = connection({ incoming: true })
    stream.emit('data', Buffer.from(printMessage(message())))
    idle.check(performance.now() + IDLE_MS_MAX - 50)
    assert.ok(!stream.destroyed)
    idle.check(performance.now() + IDLE_MS_MAX + 50)
    assert.ok(stream.destroyed)
  })

  it('gives up a connect that nobody answers, and reports what waited for it', async () => {
    const { connection: calling, stream, book } = connection({ incoming: false })
    stream.cork() // What is sent before the connect is through waits in the socket.
    calling.send(DESTINATION, message(), printMessage(message()))
    calling.check(performance.now() + CONNECT_MS_MAX + 50)
    await once(stream, 'close')
    assert.equal(book.failed, 1)
  })

  it('is closed when its peer does not read: the limit is kept, one past it ends it', async () => {
    const { connection: deaf, stream, book } = connection({ incoming: true })
    stream.pause()
    stream.cork()
    const bytes = new Uint8Array(UNSENT_BYTES_MAX)
    deaf.send(DESTINATION, message(), bytes)
    assert.ok(!stream.destroyed)
    deaf.send(DESTINATION, message(), new Uint8Array(1))
    assert.ok(stream.destroyed)
    await once(stream, 'close')
    assert.equal(book.failed, 2)
  })
})

describe('a TCP listener', () => {
  it('takes connections up to its limits and resets those beyond, in all and from one source', async () => {
    for (const limits of [
      { connectionsMax: 3, connectionsPerSourceMax: 9 },
      { connectionsMax: 9, connectionsPerSourceMax: 3 },
    ]) {
      const book = new Book()
      const tcp = await openTcp({ transport: 'tcp', host: '127.0.0.1', port: 0 }, book, limits)
      const sockets = Array.from({ length: 4 }, () => net.connect(tcp.address.port, '127.0.0.1'))
      await Promise.any(sockets.map((socket) => once(socket, 'close').catch(() => undefined)))
      assert.equal(book.counts.refusedConnections, 1)
      assert.equal(tcp.connections, 3)
      for (const socket of sockets) socket.destroy()
      await tcp.close()
      assert.equal(tcp.connections, 0)
    }
  })
})

describe('the budget of refusals', () => {
  it('lets its limit pass in each second and not one more (P7)', () => {
    let ms = 5_000
    const budget = new RefusalBudget(() => ms)
    const passed = (): number =>
      Array.from({ length: REFUSALS_PER_SECOND_MAX + 10 }, () => budget.allows()).filter(Boolean).length
    assert.equal(passed(), REFUSALS_PER_SECOND_MAX)
    ms += 1_000
    assert.equal(passed(), REFUSALS_PER_SECOND_MAX)
  })
})
