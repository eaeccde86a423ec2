import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import { after, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import {
  type Destination,
  type Flow,
  Headers,
  NO_BODY,
  pickTransport,
  printMessage,
  type SipMessage,
  type SipRequest,
} from '@tandem/sip'
import { StartError } from '../start-error.ts'
import { type ListenAddress, openTransports, type SipTransports } from './transports.ts'

const UDP: ListenAddress = { transport: 'udp', host: '127.0.0.1', port: 0 }
const TCP: ListenAddress = { transport: 'tcp', host: '127.0.0.1', port: 0 }

/** Transports with queues to wait on. */
async function opened(
  listen: readonly ListenAddress[],
  onMessage?: (message: SipMessage) => void,
): Promise<Ear> {
  const ear = new Ear()
  ear.transports = await openTransports({
    listen,
    logger: SILENT,
    onMessage(message, flow) {
      onMessage?.(message)
      ear.messages.put({ message, flow })
    },
    onFailure(message, destination) {
      assert.ok(!ear.sending, 'a failure never comes before send has returned')
      ear.failures.put({ message, destination })
    },
    onFlowClosed: (flow) => ear.closed.put(flow),
  })
  ears.push(ear)
  return ear
}

/** What came, in order, for tests that wait. */
class Queue<T> {
  readonly #items: T[] = []
  readonly #waiting: ((item: T) => void)[] = []

  put(item: T): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#items.push(item)
    else next(item)
  }

  take(): Promise<T> {
    const item = this.#items.shift()
    return item === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(item)
  }
}

class Ear {
  sending = false
  transports!: SipTransports
  readonly messages = new Queue<{ message: SipMessage; flow: Flow }>()
  readonly failures = new Queue<{ message: SipMessage; destination: Destination }>()
  readonly closed = new Queue<Flow>()

  port(transport: 'udp' | 'tcp'): number {
    return this.transports.addresses.find((address) => address.transport === transport)?.port ?? 0
  }
}

const ears: Ear[] = []
after(() => Promise.all(ears.map((ear) => ear.transports.close())))

function options(callId: string, bodyBytes = 0): SipRequest {
  const body = bodyBytes === 0 ? NO_BODY : new Uint8Array(bodyBytes).fill(97)
  const headers = new Headers([
    ['Via', 'SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKabc;rport'],
    ['Max-Forwards', '70'],
    ['From', '<sip:a@example.test>;tag=1'],
    ['To', '<sip:b@example.test>'],
    ['Call-ID', callId],
    ['CSeq', '1 OPTIONS'],
  ])
  return { kind: 'request', method: 'OPTIONS', uri: 'sip:b@example.test', headers, body }
}

function to(transport: 'udp' | 'tcp', port: number, host = '127.0.0.1'): Destination {
  return { transport, address: { host, port } }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

describe('openTransports', () => {
  it('carries a message over UDP and names the flow it came by', async () => {
    const [a, b] = [await opened([UDP]), await opened([UDP])]
    a.transports.send(to('udp', b.port('udp')), options('udp-1'))
    const { message, flow } = await b.messages.take()
    assert.equal(message.headers.get('Call-ID'), 'udp-1')
    assert.equal(flow.remote.port, a.port('udp'))
    b.transports.send({ ...to('udp', flow.remote.port), flowId: flow.id }, options('udp-2'))
    assert.equal((await a.messages.take()).message.headers.get('Call-ID'), 'udp-2')
  })

  it('carries what is too large for UDP over TCP (RFC 3261 §18.1.1)', async () => {
    const [a, b] = [await opened([UDP, TCP]), await opened([UDP, TCP])]
    const large = options('large', 40_000)
    const transport = pickTransport(printMessage(large).length)
    assert.equal(transport, 'tcp')
    a.transports.send(to(transport, b.port('tcp')), large)
    const { message, flow } = await b.messages.take()
    assert.equal(message.body.length, 40_000)
    assert.equal(flow.transport, 'tcp')
  })

  it('reuses the connection that a request came by (RFC 5626 §5.3)', async () => {
    const [a, b] = [await opened([TCP]), await opened([TCP])]
    a.transports.send(to('tcp', b.port('tcp')), options('first'))
    const { flow } = await b.messages.take()
    b.transports.send({ transport: 'tcp', address: flow.remote, flowId: flow.id }, options('back'))
    assert.equal((await a.messages.take()).message.headers.get('Call-ID'), 'back')
    a.transports.send(to('tcp', b.port('tcp')), options('second'))
    assert.equal((await b.messages.take()).flow.id, flow.id)
    assert.deepEqual([a.transports.connections, b.transports.connections], [1, 1])
  })

  it('speaks IPv6 over both transports', async () => {
    const listen: ListenAddress[] = [
      { transport: 'udp', host: '::1', port: 0 },
      { transport: 'tcp', host: '::1', port: 0 },
    ]
    const [a, b] = [await opened([UDP, TCP, ...listen]), await opened(listen)]
    a.transports.send(to('udp', b.port('udp'), '::1'), options('v6-udp'))
    assert.equal((await b.messages.take()).flow.remote.host, '::1')
    a.transports.send(to('tcp', b.port('tcp'), '::1'), options('v6-tcp'))
    assert.equal((await b.messages.take()).flow.remote.host, '::1')
  })

  it('names a taken port in one sentence and opens nothing', async () => {
    const a = await opened([UDP, TCP])
    for (const transport of ['udp', 'tcp'] as const) {
      const port = a.port(transport)
      const other: ListenAddress = transport === 'udp' ? TCP : UDP
      await assert.rejects(opened([other, { transport, host: '127.0.0.1', port }]), (error: unknown) => {
        assert.ok(error instanceof StartError)
        assert.match(
          error.message,
          new RegExp(`over ${transport.toUpperCase()} on 127.0.0.1:${port}: the port is taken`),
        )
        return true
      })
    }
  })

  it('survives garbage, answers what it can with 400 and goes on (P6)', async () => {
    const a = await opened([UDP])
    const raw = dgram.createSocket('udp4')
    const send = (data: string | Uint8Array): void => raw.send(data, a.port('udp'), '127.0.0.1')
    send(new Uint8Array(0))
    send(Buffer.from([0xff, 0, 1, 2, 3]))
    send('GET / HTTP/1.1\r\n\r\n')
    send(
      'OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 10.9.8.7:5999;rport;branch=z9hG4bK1\r\nCall-ID: g\r\nCSeq: 1 OPTIONS\r\n' +
        'From: <sip:a@b>;tag=1\r\nTo: <sip:b@c>\r\n: no name\r\n\r\n',
    )
    const [answer] = (await once(raw, 'message')) as [Buffer]
    assert.match(text(answer), /^SIP\/2\.0 400 /)
    send(printMessage(options('good')))
    assert.equal((await a.messages.take()).message.headers.get('Call-ID'), 'good')
    assert.equal(a.transports.counts.malformed, 3)
    raw.close()
  })

  it('survives a handler that throws: one message costs at most itself', async () => {
    const a = await opened([UDP], (message) => {
      if (message.headers.get('Call-ID') === 'bad') throw new Error('a bug of ours')
    })
    const b = await opened([UDP])
    b.transports.send(to('udp', a.port('udp')), options('bad'))
    b.transports.send(to('udp', a.port('udp')), options('good'))
    assert.equal((await a.messages.take()).message.headers.get('Call-ID'), 'good')
    assert.equal(a.transports.counts.handlerErrors, 1)
  })

  it('swallows keep-alives over UDP and answers pings over TCP (RFC 5626 §3.5.1)', async () => {
    const a = await opened([UDP, TCP])
    const raw = dgram.createSocket('udp4')
    raw.send('\r\n\r\n', a.port('udp'), '127.0.0.1')
    raw.send(printMessage(options('after')), a.port('udp'), '127.0.0.1')
    await a.messages.take()
    assert.equal(a.transports.counts.malformed, 0)
    raw.close()
    const socket = net.connect(a.port('tcp'), '127.0.0.1')
    socket.write('\r\n\r\n')
    const [pong] = (await once(socket, 'data')) as [Buffer]
    assert.equal(text(pong), '\r\n')
    socket.destroy()
  })

  it('reports what cannot be sent: a refused connection, an oversized datagram, a missing transport', async () => {
    const a = await opened([UDP, TCP])
    const nobody = await opened([TCP])
    const port = nobody.port('tcp')
    await nobody.transports.close()
    a.sending = true
    a.transports.send(to('tcp', port), options('refused'))
    a.transports.send(to('udp', a.port('udp')), options('huge', 65_600))
    a.transports.send(to('udp', 5060, '::1'), options('no-v6'))
    a.sending = false
    const failed = [await a.failures.take(), await a.failures.take(), await a.failures.take()]
    const ids = failed.map(({ message }) => message.headers.get('Call-ID')).sort()
    assert.deepEqual(ids, ['huge', 'no-v6', 'refused'])
    assert.equal(a.transports.connections, 0)
  })

  it('leaves no connection behind when peers send an INVITE and break off (S08)', async () => {
    const a = await opened([TCP])
    for (let round = 0; round < 20; round++) {
      const socket = net.connect(a.port('tcp'), '127.0.0.1')
      socket.write(printMessage(options(`s08-${round}`)))
      const { flow } = await a.messages.take()
      socket.resetAndDestroy()
      assert.equal((await a.closed.take()).id, flow.id)
    }
    assert.equal(a.transports.connections, 0)
  })

  it('closes a stream whose framing is lost (S19)', async () => {
    const a = await opened([TCP])
    for (const length of ['', 'Content-Length: -1\r\n', 'Content-Length: 99999999\r\n']) {
      const socket = net.connect(a.port('tcp'), '127.0.0.1')
      socket.on('error', () => {})
      const head = text(printMessage(options('s19'))).replace(/Content-Length: 0\r\n/, length)
      socket.write(head)
      socket.resume()
      await once(socket, 'close')
    }
    assert.equal(a.transports.connections, 0)
  })

  it('takes a thousand messages in one segment, in order (S19)', async () => {
    const a = await opened([TCP])
    const socket = net.connect(a.port('tcp'), '127.0.0.1')
    socket.write(Buffer.concat(Array.from({ length: 1_000 }, (_, i) => printMessage(options(`m${i}`)))))
    for (let i = 0; i < 1_000; i++) {
      assert.equal((await a.messages.take()).message.headers.get('Call-ID'), `m${i}`)
    }
    socket.destroy()
  })
})
