import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ha1Of } from '../auth/digest.ts'
import { DigestGuard } from '../auth/guard.ts'
import { Headers } from '../message/headers.ts'
import type { SipMessage, SipRequest } from '../message/message.ts'
import { encodeUtf8 } from '../message/utf8.ts'
import { briefMessage, description, Net, seededCrypto } from './network.test.ts'
import { alone, inShort, raw, replyTo } from './stranger.test.ts'

describe('Endpoint, requests out of place', () => {
  it('answers 481 to BYE, CANCEL, INFO and NOTIFY that belong to nothing (RFC 3261 §9.2, §12.2.2, case S16)', () => {
    const { net, bob, eve, heard } = alone()
    for (const method of ['BYE', 'CANCEL', 'INFO', 'NOTIFY', 'UPDATE']) net.inject(raw(method), eve, bob)
    net.inject(
      raw('NOTIFY', { To: '<sip:bob@10.0.0.1>;tag=none', 'Message-Account': 'x'.repeat(600) }),
      eve,
      bob,
    )
    assert.deepEqual(inShort(heard), [
      '481 BYE',
      '481 CANCEL',
      '481 INFO',
      '481 NOTIFY',
      '481 UPDATE',
      '481 NOTIFY',
    ])
    assert.equal(net.alive, 0, 'none of them left anything behind')
  })

  it('drops stray ACKs and responses, and never answers them (RFC 3261 §17.1.1.2)', () => {
    const { net, bob, eve, heard } = alone()
    net.inject(raw('ACK'), eve, bob)
    net.inject(replyTo(raw('INVITE'), 200, 'x'), eve, bob)
    assert.deepEqual(heard, [])
    assert.deepEqual(bob.heard, ['0 refused stray ACK', '0 refused stray response'])
  })

  it('answers 482 to a copy that came by another way (RFC 3261 §8.2.2.2)', () => {
    const { net, bob, eve, heard } = alone()
    net.inject(raw('MESSAGE'), eve, bob)
    net.inject(raw('MESSAGE', { Via: 'SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKx2' }), eve, bob)
    assert.deepEqual(inShort(heard), ['482 MESSAGE'])
  })

  it('answers 420 to an extension it does not know, and takes those that its user knows (RFC 3261 §8.2.2.3)', () => {
    const { net, bob, eve, heard } = alone()
    net.inject(raw('INVITE', { Require: 'replaces' }), eve, bob)
    assert.equal(heard[0]?.headers.get('Unsupported'), 'replaces')
    assert.equal(net.alive, 0)
    for (const tag of ['100rel', 'timer', 'replaces']) {
      const able = alone({ extensions: ['replaces'] })
      able.net.inject(raw('INVITE', { Require: tag }), able.eve, able.bob)
      assert.deepEqual(inShort(able.heard), ['100 INVITE'], tag)
    }
  })

  it('answers 488 to a description that it cannot read (cases S06, S12)', () => {
    const { net, bob, eve, heard } = alone()
    net.inject(
      { ...raw('INVITE', { 'Content-Type': 'application/sdp' }), body: encodeUtf8('v=0\r\nno') },
      eve,
      bob,
    )
    assert.deepEqual(inShort(heard), ['488 INVITE'])
    assert.equal(net.alive, 0)
  })

  it('tells where a request came from, and answers there (RFC 3261 §18.2.1, RFC 3581)', () => {
    const { net, bob, eve, heard } = alone()
    net.inject(raw('INVITE', { Via: 'SIP/2.0/UDP 192.168.0.7:5070;branch=z9hG4bKn;rport' }), eve, bob)
    const via = heard[0]?.headers.get('Via') ?? ''
    assert.match(via, /received=10\.0\.0\.9/)
    assert.match(via, /rport=5060/)
  })

  it('serves the clients of RFC 2543, whose branches name nothing (RFC 3261 §17.2.3)', () => {
    const { net, bob, eve, heard } = alone()
    const via = { Via: 'SIP/2.0/UDP 10.0.0.9:5060' }
    bob.react = (output) => {
      if (output.kind === 'invited') bob.act(bob.endpoint.reject(bob.now, output.call, 486))
    }
    net.inject(raw('INVITE', via), eve, bob)
    net.inject(raw('INVITE', via), eve, bob)
    const tag = /tag=(\w+)$/.exec(heard[1]?.headers.get('To') ?? '')?.[1]
    net.inject(raw('ACK', { ...via, To: `<sip:bob@10.0.0.1>;tag=${tag}`, Contact: undefined }), eve, bob)
    net.run(10_000)
    assert.deepEqual(inShort(heard), ['100 INVITE', '486 INVITE', '486 INVITE'])
    assert.equal(net.alive, 0)
  })

  it('finds the INVITE of a CANCEL whose sent-by a NAT has moved, but not by another branch (RFC 3261 §9.2)', () => {
    const { net, bob, eve, heard } = alone()
    net.inject(raw('INVITE'), eve, bob)
    const moved = (branch: string): SipRequest =>
      raw('CANCEL', { Via: `SIP/2.0/UDP 10.0.0.77:5060;branch=${branch}`, Contact: undefined })
    net.inject(moved('z9hG4bKother'), eve, bob)
    net.inject(moved('z9hG4bKx1'), eve, bob)
    assert.deepEqual(inShort(heard), ['100 INVITE', '481 CANCEL', '200 CANCEL', '487 INVITE'])
    net.run(100_000)
    assert.equal(net.alive, 0)
  })

  it('answers 500 to a request of the dialog that is out of order (RFC 3261 §12.2.2)', () => {
    const { net, bob, eve, heard } = alone()
    bob.react = (output) => {
      if (output.kind === 'invited') bob.act(bob.endpoint.accept(bob.now, output.call, description(5_000)))
    }
    net.inject(raw('INVITE', { CSeq: '9 INVITE' }), eve, bob)
    const to = heard[1]?.headers.get('To') ?? ''
    net.inject(raw('INFO', { CSeq: '8 INFO', To: to, Via: 'SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKi' }), eve, bob)
    assert.equal(inShort(heard).at(-1), '500 INFO')
  })

  it('answers 500 with Retry-After to a second INVITE while the first is open (RFC 3261 §14.2)', () => {
    const { net, bob, eve, heard } = alone()
    bob.react = (output) => {
      if (output.kind === 'invited') bob.act(bob.endpoint.progress(bob.now, output.call, 180))
    }
    net.inject(raw('INVITE'), eve, bob)
    const to = heard[1]?.headers.get('To') ?? ''
    net.inject(
      raw('INVITE', { CSeq: '2 INVITE', To: to, Via: 'SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKi' }),
      eve,
      bob,
    )
    assert.equal(inShort(heard).at(-1), '500 INVITE')
    assert.ok(heard.at(-1)?.headers.has('Retry-After'))
  })
})

describe('Endpoint, forks and challenges', () => {
  it('acknowledges and hangs up every answer but the first (RFC 3261 §13.2.2.4)', () => {
    const { net, bob, eve, heard } = alone()
    const { outputs, id } = bob.endpoint.invite(0, {
      uri: 'sip:eve@10.0.0.9',
      from: '<sip:bob@10.0.0.1>',
      to: '<sip:eve@10.0.0.9>',
      destination: eve.destination(),
      offer: description(4_000),
    })
    bob.act(outputs)
    const invite = heard[0] as SipMessage // The INVITE that was just sent.
    net.inject(replyTo(invite, 183, 'one', 6_001), eve, bob)
    net.inject(replyTo(invite, 180, 'two'), eve, bob)
    net.inject(replyTo(invite, 200, 'two', 6_002), eve, bob)
    net.inject(replyTo(invite, 200, 'one', 6_001), eve, bob)
    net.inject(replyTo(invite, 200, 'two', 6_002), eve, bob)
    net.inject(replyTo(invite, 200, 'one', 6_001), eve, bob)
    assert.deepEqual(bob.heard, ['0 progressed 183 sdp=6001', '0 progressed 180', '0 accepted sdp=6002'])
    assert.deepEqual(
      heard.slice(1).map((message) => `${briefMessage(message)} ${'uri' in message ? message.uri : ''}`),
      [
        'ACK sip:two@10.0.0.9',
        'ACK sip:one@10.0.0.9',
        'BYE sip:one@10.0.0.9',
        'ACK sip:two@10.0.0.9',
        'ACK sip:one@10.0.0.9',
      ],
    )
    bob.act(bob.endpoint.end(bob.now, id))
    net.run(100_000)
    assert.equal(net.alive, 0)
  })

  it('answers a challenge once, with the same Call-ID and the next CSeq (RFC 3261 §22.2)', () => {
    const net = new Net()
    const [a, b] = [net.party('ada'), net.party('bob')]
    const crypto = seededCrypto(3)
    const guard = new DigestGuard(crypto)
    const stored = ha1Of(crypto, { username: 'ada', realm: 'example.test', password: 'secret' })
    b.react = (output) => {
      if (output.kind === 'invited') {
        const verdict = guard.check(b.now, output.request, () => stored)
        const headers = guard
          .challenge(b.now, 'example.test')
          .map((value) => ['Proxy-Authenticate', value] as const)
        if (verdict.kind === 'ok') b.act(b.endpoint.accept(b.now, output.call, description(5_000)))
        else b.act(b.endpoint.reject(b.now, output.call, 407, { headers }))
      } else if (output.kind === 'request') {
        const verdict = guard.check(b.now, output.request, () => stored)
        const headers = guard
          .challenge(b.now, 'example.test')
          .map((value) => ['WWW-Authenticate', value] as const)
        b.act(b.endpoint.respond(b.now, output.transaction, verdict.kind === 'ok' ? 200 : 401, { headers }))
      }
    }
    a.call(b, { credentials: { username: 'ada', password: 'secret' } })
    a.call(b, { credentials: { username: 'ada', password: 'wrong' } })
    a.call(b)
    const register = {
      method: 'REGISTER',
      uri: 'sip:10.0.0.2',
      destination: b.destination(),
      headers: new Headers(),
    }
    a.act(a.endpoint.send(0, { ...register, credentials: { username: 'ada', password: 'secret' } }).outputs)
    net.run(1_000)
    assert.deepEqual(a.heard.map((line) => line.replace(/^\d+ /, '')).toSorted(), [
      'accepted sdp=5000',
      'rejected 407',
      'rejected 407',
      'response 200',
    ])
  })

  /** What becomes of an offer in a call to a peer that lets re-INVITEs pass under this password only. */
  function reoffered(options: { password: string; credentials: boolean; method: 401 | 407 }): {
    net: Net
    heard: string[]
  } {
    const net = new Net()
    const [a, b] = [net.party('ada'), net.party('bob')]
    const crypto = seededCrypto(3)
    const guard = new DigestGuard(crypto)
    const stored = ha1Of(crypto, { username: 'ada', realm: 'example.test', password: 'secret' })
    b.react = (output) => {
      if (output.kind === 'invited') b.act(b.endpoint.accept(b.now, output.call, description(5_000)))
      if (output.kind === 'offered') b.act(b.endpoint.answerOffer(b.now, output.call, description(5_001)))
    }
    const { password, method } = options
    const credentials = { username: 'ada', password }
    const call = a.call(b, options.credentials ? { credentials } : {})
    net.run(1_000)
    net.lose = (message, from) => {
      if (message.kind !== 'request' || message.method !== 'INVITE' || from !== 'ada') return false
      if (guard.check(b.now, message, () => stored).kind === 'ok') return false
      const challenge = replyTo(message, method, 'proxy')
      challenge.headers.set('To', message.headers.get('To') ?? '')
      const name = method === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate'
      for (const value of guard.challenge(b.now, 'example.test')) challenge.headers.append(name, value)
      net.inject(challenge, b, a)
      return true
    }
    net.trace.length = 0
    a.heard.length = 0
    a.act(a.endpoint.offer(a.now, call, description(4_001)))
    net.run(10_000)
    a.act(a.endpoint.end(a.now, call))
    net.run(100_000)
    assert.equal(net.alive, 0)
    return { net, heard: a.heard }
  }

  for (const method of [401, 407] as const)
    it(`answers the challenge of a re-INVITE with ${method} by the call's credentials (RFC 3261 §22.2)`, () => {
      const { net, heard } = reoffered({ password: 'secret', credentials: true, method })
      assert.deepEqual(heard, ['1020 answered sdp=5001'])
      assert.deepEqual(
        net.trace.filter((line) => line.includes('INVITE sdp') || line.endsWith('ACK')),
        [
          '1000 ada>bob INVITE sdp=4001',
          '1000 ada>bob ACK',
          '1000 ada>bob INVITE sdp=4001',
          '1010 bob>ada 200 INVITE sdp=5001',
          '1020 ada>bob ACK',
        ],
      )
    })

  it('gives up an offer whose challenge it cannot answer, after one try at most (RFC 3261 §22.2)', () => {
    const wrong = reoffered({ password: 'wrong', credentials: true, method: 407 })
    assert.deepEqual(wrong.heard, ['1000 offerFailed 407'])
    assert.equal(wrong.net.trace.filter((line) => line.endsWith('INVITE sdp=4001')).length, 2)
    const none = reoffered({ password: '', credentials: false, method: 401 })
    assert.deepEqual(none.heard, ['1000 offerFailed 401'])
    assert.equal(none.net.trace.filter((line) => line.endsWith('INVITE sdp=4001')).length, 1)
  })

  it('falls back to UDP when a large request finds no TCP (RFC 3261 §18.1.1)', () => {
    const net = new Net()
    const [a, b] = [net.party('ada'), net.party('bob')]
    const ways: string[] = []
    const act = a.act.bind(a)
    a.act = (outputs) => {
      for (const output of outputs) {
        if (output.kind !== 'transmit') act([output])
        else {
          const via = output.message.headers.get('Via')?.slice(8, 11) ?? ''
          ways.push(`${output.destination.transport} ${via} ${briefMessage(output.message)}`)
          if (output.destination.transport === 'tcp') a.act(a.endpoint.sendFailed(a.now, output.message))
          else act([output])
        }
      }
    }
    a.call(b, { headers: [['Subject', 'x'.repeat(1_300)]], ringMsMax: 1_000 })
    net.run(100_000)
    assert.deepEqual(ways, [
      'tcp TCP INVITE sdp=4000',
      'udp UDP INVITE sdp=4000',
      'udp UDP CANCEL',
      'udp UDP ACK',
    ])
    assert.equal(net.alive, 0)
  })
})
