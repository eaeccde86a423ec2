import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Headers } from '../message/headers.ts'
import { NO_BODY, type SipRequest } from '../message/message.ts'
import type { Flow, TransportName } from './flow.ts'
import { defaultPort, pickTransport, receivedVia, responseDestination, UDP_BYTES_MAX } from './via.ts'

function flow(transport: TransportName, host = '203.0.113.9', port = 40_000): Flow {
  return { id: 'f1', transport, local: { host: '192.0.2.250', port: 5060 }, remote: { host, port } }
}

function request(...vias: string[]): SipRequest {
  const headers = new Headers(vias.map((via) => ['Via', via] as const))
  return { kind: 'request', method: 'OPTIONS', uri: 'sip:h', headers, body: NO_BODY }
}

/** The top Via after `receivedVia`, and where the response goes. */
function route(via: string, from: Flow): [top: string | undefined, to: string | undefined] {
  const message = request(via, 'SIP/2.0/UDP second')
  assert.ok(receivedVia(message, from))
  assert.equal(message.headers.all('Via')[1], 'SIP/2.0/UDP second')
  const response = {
    kind: 'response',
    status: 200,
    reason: 'OK',
    headers: message.headers,
    body: NO_BODY,
  } as const
  const to = responseDestination(response, from)
  return [
    message.headers.get('Via'),
    to && `${to.transport} ${to.address.host} ${to.address.port} ${to.flowId}`,
  ]
}

describe('receivedVia and responseDestination', () => {
  it('answer to the source port when rport is asked for (RFC 3581 §4)', () => {
    assert.deepEqual(route('SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKa;rport', flow('udp')), [
      'SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKa;rport=40000;received=203.0.113.9',
      'udp 203.0.113.9 40000 f1',
    ])
  })

  it('note the source when sent-by is another, and answer to the sent-by port (RFC 3261 §18.2.1, §18.2.2)', () => {
    assert.deepEqual(route('SIP/2.0/UDP phone.example.test:5070;branch=z9hG4bKa', flow('udp')), [
      'SIP/2.0/UDP phone.example.test:5070;branch=z9hG4bKa;received=203.0.113.9',
      'udp 203.0.113.9 5070 f1',
    ])
    assert.equal(route('SIP/2.0/UDP phone.example.test', flow('udp'))[1], 'udp 203.0.113.9 5060 f1')
  })

  it('leave a Via alone that tells the truth', () => {
    const via = 'SIP/2.0/UDP 203.0.113.9:5070;branch=z9hG4bKa'
    assert.deepEqual(route(via, flow('udp')), [via, 'udp 203.0.113.9 5070 f1'])
  })

  it('believe no received, rport or maddr that the sender wrote: answers go to the source alone', () => {
    const via = 'SIP/2.0/UDP 203.0.113.9:5070;received=198.51.100.66;maddr=198.51.100.66;rport=9'
    assert.equal(route(via, flow('udp'))[1], 'udp 203.0.113.9 40000 f1')
    assert.equal(
      route('SIP/2.0/UDP 203.0.113.9;received=198.51.100.66', flow('udp'))[1],
      'udp 203.0.113.9 5060 f1',
    )
  })

  it('prefer the connection, and fall back to the sent-by port (RFC 3261 §18.2.2)', () => {
    assert.equal(route('SIP/2.0/TCP 10.0.0.5:5080;rport', flow('tcp'))[1], 'tcp 203.0.113.9 5080 f1')
    assert.equal(route('SIP/2.0/TLS 10.0.0.5', flow('tls'))[1], 'tls 203.0.113.9 5061 f1')
  })

  it('work for IPv6, with and without brackets', () => {
    const [top, to] = route('SIP/2.0/UDP [2001:db8::5]:5060;rport', flow('udp', '2001:db8::9'))
    assert.equal(top, 'SIP/2.0/UDP [2001:db8::5]:5060;rport=40000;received=2001:db8::9')
    assert.equal(to, 'udp 2001:db8::9 40000 f1')
    const headers = new Headers([['Via', 'SIP/2.0/UDP [2001:db8::5];received=[2001:db8::9]']])
    const response = { kind: 'response', status: 200, reason: '', headers, body: NO_BODY } as const
    assert.equal(responseDestination(response, flow('udp'))?.address.host, '2001:db8::9')
  })

  it('say so when there is no readable Via', () => {
    assert.equal(receivedVia(request(), flow('udp')), false)
    assert.equal(receivedVia(request('SIP/2.0/UDP ;;'), flow('udp')), false)
    const response = {
      kind: 'response',
      status: 200,
      reason: '',
      headers: new Headers(),
      body: NO_BODY,
    } as const
    assert.equal(responseDestination(response, flow('udp')), undefined)
  })
})

it('pickTransport takes TCP above 1,300 bytes (RFC 3261 §18.1.1)', () => {
  assert.deepEqual([UDP_BYTES_MAX, UDP_BYTES_MAX + 1].map(pickTransport), ['udp', 'tcp'])
  assert.deepEqual(
    (['udp', 'tcp', 'tls', 'ws', 'wss'] as const).map(defaultPort),
    [5060, 5060, 5061, 80, 443],
  )
})
