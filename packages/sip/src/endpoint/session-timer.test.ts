import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SESSION_SECONDS_MIN } from '../dialog/session-timer.ts'
import type { EndpointOptions } from '../endpoint-api.ts'
import type { SipMessage } from '../message/message.ts'
import { description, Net, type Party } from './network.test.ts'
import { alone, inShort, offering, raw, replyTo } from './stranger.test.ts'

/** The fields of RFC 4028 in a message, in short. */
function timing(message: SipMessage | undefined): string {
  const { headers } = message ?? raw('X')
  const parts = ['Session-Expires', 'Min-SE', 'Require', 'Unsupported'].flatMap((name) =>
    headers.all(name).map((value) => `${name}: ${value}`),
  )
  return parts.join(' ')
}

interface Talk {
  readonly net: Net
  readonly a: Party
  readonly b: Party
  readonly call: number
  /** Everything that went over the wire since the call was answered. */
  readonly sent: SipMessage[]
}

/** An answered call; `change` alters messages on their way, as a peer that knows less would have sent them. */
function talking(
  aOptions: Partial<EndpointOptions>,
  bOptions: Partial<EndpointOptions>,
  change: (message: SipMessage, from: string) => void = () => {},
): Talk {
  const net = new Net()
  const [a, b] = [net.party('ada', aOptions), net.party('bob', bOptions)]
  const sent: SipMessage[] = []
  net.lose = (message, from) => {
    change(message, from)
    sent.push(message)
    return false
  }
  b.react = (output) => {
    if (output.kind === 'invited') b.act(b.endpoint.accept(b.now, output.call, description(5_000)))
    if (output.kind === 'offered') b.act(b.endpoint.answerOffer(b.now, output.call, description(5_000)))
  }
  const call = a.call(b)
  net.run(1_000)
  assert.equal(a.heard.at(-1), '20 accepted sdp=5000')
  net.trace.length = 0
  a.heard.length = 0
  b.heard.length = 0
  return { net, a, b, call, sent }
}

/** Makes bob a phone that knows neither session timers nor UPDATE. */
function oldPhone(message: SipMessage, from: string): void {
  for (const name of ['Session-Expires', 'Min-SE', 'Supported']) message.headers.delete(name)
  if (from === 'bob' && message.headers.has('Allow')) message.headers.set('Allow', 'INVITE, ACK, BYE, CANCEL')
}

describe('Endpoint, session timers', () => {
  it('asks for its interval, and the callee refreshes at half of it by UPDATE (RFC 4028 §7.1, §9, §10)', () => {
    const { net, a, b, sent } = talking({ sessionExpiresSeconds: 1_800 }, {})
    assert.equal(timing(sent[0]), 'Session-Expires: 1800 Min-SE: 90')
    assert.equal(sent[0]?.headers.get('Supported'), '100rel, timer')
    assert.equal(timing(sent[2]), 'Session-Expires: 1800;refresher=uas')
    net.run(2_000_000)
    assert.deepEqual(net.trace, [
      '900010 bob>ada UPDATE',
      '900020 ada>bob 200 UPDATE',
      '1800030 bob>ada UPDATE',
      '1800040 ada>bob 200 UPDATE',
    ])
    assert.equal(
      timing(sent.find((message) => 'method' in message && message.method === 'UPDATE')),
      'Session-Expires: 1800;refresher=uac Min-SE: 90',
    )
    assert.equal(timing(sent.at(-1)), 'Session-Expires: 1800;refresher=uac Require: timer')
    assert.deepEqual([...a.heard, ...b.heard], [], 'nobody is bothered with it')
  })

  it('ends the call when the refreshes stay out, 32 s or a third of the interval before its end (RFC 4028 §10)', () => {
    for (const [seconds, afterMs] of [
      [90, 60_000],
      [1_800, 1_768_000],
    ] as const) {
      const { net, a, b } = talking({ sessionExpiresSeconds: seconds }, {})
      net.lose = (_message, from) => from === 'bob'
      net.run(afterMs + 19)
      assert.deepEqual(a.heard, [], `${seconds} s`)
      net.run(afterMs + 20)
      assert.deepEqual(a.heard, [`${afterMs + 20} ended timeout`])
      net.run(3_000_000)
      const ended = b.heard.find((line) => line.includes('ended'))
      assert.ok(ended?.endsWith('timeout'), ended)
      assert.equal(net.alive, 0)
    }
  })

  it('ends the call at once when a refresh meets 481, and after 32 s when it meets silence (RFC 4028 §10)', () => {
    const gone = talking({}, { sessionExpiresSeconds: 1_800 })
    gone.net.lose = () => true
    gone.a.act(gone.a.endpoint.end(gone.a.now, gone.call))
    gone.net.run(800_000) // The BYE is lost, so that bob knows nothing of it.
    gone.net.lose = () => false
    gone.net.run(1_000_000)
    assert.deepEqual(gone.b.heard, ['900030 ended gone'])
    const silent = talking({}, { sessionExpiresSeconds: 1_800 })
    silent.net.lose = () => true
    silent.net.run(1_000_000)
    assert.deepEqual(silent.b.heard, ['932010 ended timeout'])
  })

  it('refreshes a phone that knows no timers and no UPDATE by a re-INVITE with the same description (RFC 4028 §7.4)', () => {
    const { net, a, b } = talking({ sessionExpiresSeconds: 600 }, {}, oldPhone)
    net.run(301_000)
    assert.deepEqual(net.trace, [
      '300020 ada>bob INVITE sdp=4000',
      '300030 bob>ada 100 INVITE',
      '300030 bob>ada 200 INVITE sdp=5000',
      '300040 ada>bob ACK',
    ])
    assert.deepEqual(b.heard, ['300030 offered sdp=4000'])
    assert.deepEqual(a.heard, [], 'an answer that says nothing new is not told')
  })

  it('tells its user of an answer to a refresh that says something new', () => {
    const { net, a, b } = talking({ sessionExpiresSeconds: 600 }, {}, oldPhone)
    b.react = (output) => {
      if (output.kind === 'offered') b.act(b.endpoint.answerOffer(b.now, output.call, description(5_002)))
    }
    net.run(301_000)
    assert.deepEqual(a.heard, ['300040 answered sdp=5002'])
    net.run(601_000)
    assert.deepEqual(a.heard, ['300040 answered sdp=5002'])
  })

  it('keeps the call with a phone that knows no timers and refuses the re-INVITE: it is there', () => {
    const { net, a, b } = talking({ sessionExpiresSeconds: 600 }, {}, oldPhone)
    b.react = (output) => {
      if (output.kind === 'offered') b.act(b.endpoint.rejectOffer(b.now, output.call, 488))
    }
    net.run(3_000_000)
    assert.deepEqual(a.heard, [])
    assert.equal(b.heard.length, 9, 'one refresh each 300 s')
  })

  it('offers the description that holds by then, and waits while an offer is open', () => {
    const { net, a, b, call } = talking({ sessionExpiresSeconds: 600 }, {}, oldPhone)
    a.act(a.endpoint.offer(a.now, call, description(4_007)))
    net.run(2_000)
    net.trace.length = 0
    net.run(301_050)
    assert.deepEqual(net.trace.slice(0, 1), ['301020 ada>bob INVITE sdp=4007'])
    b.react = () => {} // The next offer stays open for 30 s.
    net.run(601_000)
    net.trace.length = 0
    a.act(a.endpoint.offer(a.now, call, description(4_008)))
    net.run(602_000)
    assert.deepEqual(net.trace, ['601000 ada>bob INVITE sdp=4008', '601010 bob>ada 100 INVITE'])
    assert.deepEqual(a.heard, ['1020 answered sdp=5000'])
  })

  it('keeps the timer of a peer when it asks for none itself, refreshing when it is told to (RFC 4028 §9)', () => {
    const { net, bob, eve, heard } = alone()
    bob.react = (output) => {
      if (output.kind === 'invited') bob.act(bob.endpoint.accept(bob.now, output.call, description(5_000)))
    }
    const fields = { Supported: 'timer', 'Session-Expires': '100;refresher=uas', Allow: 'UPDATE' }
    net.inject(offering(raw('INVITE', fields), 4_000), eve, bob)
    assert.equal(timing(heard[1]), 'Session-Expires: 100;refresher=uas')
    const to = heard[1]?.headers.get('To') ?? ''
    net.inject(raw('ACK', { To: to, Via: 'SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKack' }), eve, bob)
    net.run(50_001)
    assert.deepEqual(inShort(heard.slice(2)), ['UPDATE'])
    net.run(200_000)
    assert.deepEqual(bob.heard.slice(2), ['68000 ended timeout'], 'nobody has answered it: RFC 4028 §10')
  })

  it('answers a refresh without an offer itself, and starts the interval anew (RFC 4028 §9, RFC 3311)', () => {
    const { net, bob, eve, heard } = alone()
    bob.react = (output) => {
      if (output.kind === 'invited') bob.act(bob.endpoint.accept(bob.now, output.call, description(5_000)))
    }
    const timer = { Supported: 'timer', 'Session-Expires': '90;refresher=uac' }
    net.inject(offering(raw('INVITE', timer), 4_000), eve, bob)
    assert.equal(timing(heard[1]), 'Session-Expires: 90;refresher=uac Require: timer')
    const to = heard[1]?.headers.get('To') ?? ''
    net.inject(raw('ACK', { To: to, Via: 'SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKack' }), eve, bob)
    net.run(50_000)
    const via = 'SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKu'
    net.inject(raw('UPDATE', { ...timer, CSeq: '2 UPDATE', To: to, Via: via }), eve, bob)
    assert.equal(timing(heard.at(-1)), 'Session-Expires: 90;refresher=uac Require: timer')
    net.run(109_999)
    assert.deepEqual(bob.heard.slice(2), [])
    net.run(200_000)
    assert.deepEqual(bob.heard.slice(2), ['110000 ended timeout'])
  })

  it('answers 422 to an interval that is too small, at the limit and one below (RFC 4028 §6, §9)', () => {
    for (const [seconds, fields, expected] of [
      [SESSION_SECONDS_MIN, { Supported: 'timer' }, '100 INVITE'],
      [SESSION_SECONDS_MIN - 1, { Supported: 'timer' }, '422 INVITE'],
      [SESSION_SECONDS_MIN - 1, {}, '100 INVITE'], // A proxy wrote it: its phone would not understand a 422 (§8.1).
    ] as const) {
      const { net, bob, eve, heard } = alone()
      net.inject(raw('INVITE', { ...fields, 'Session-Expires': String(seconds) }), eve, bob)
      assert.deepEqual(inShort(heard), [expected], `${seconds}`)
      if (expected === '422 INVITE') assert.equal(timing(heard[0]), 'Min-SE: 90')
      if (expected === '422 INVITE') assert.equal(net.alive, 0)
    }
  })

  it('answers 422 inside a call too', () => {
    const { net, a, call } = talking({ sessionExpiresSeconds: 600 }, {}, (message, from) => {
      if (
        from === 'ada' &&
        'method' in message &&
        message.headers.get('CSeq') !== '1 INVITE' &&
        message.headers.has('Session-Expires')
      )
        message.headers.set('Session-Expires', '60')
    })
    a.act(a.endpoint.offer(a.now, call, description(4_001)))
    net.run(2_000)
    assert.deepEqual(net.trace.slice(0, 2), ['1000 ada>bob INVITE sdp=4001', '1010 bob>ada 422 INVITE'])
    assert.deepEqual(a.heard, ['1020 offerFailed 422'])
  })

  it('tries once more with the interval that a 422 asks for, as a new request of the same call (RFC 4028 §7.3)', () => {
    const { net, bob, eve, heard } = alone({ sessionExpiresSeconds: 100 })
    bob.call(eve)
    const tooSmall = (message: SipMessage, least: string): SipMessage => {
      const reply = replyTo(message, 422, 'x')
      reply.headers.append('Min-SE', least)
      return reply
    }
    const first = heard[0] as SipMessage // The INVITE that was just sent.
    net.inject(tooSmall(first, '300'), eve, bob)
    const second = heard.at(-1) as SipMessage // The second one.
    assert.equal(timing(second), 'Session-Expires: 300 Min-SE: 300')
    assert.equal(second.headers.get('CSeq'), '2 INVITE')
    for (const name of ['Call-ID', 'From', 'To'])
      assert.equal(second.headers.get(name), first.headers.get(name))
    net.inject(tooSmall(second, '600'), eve, bob)
    assert.deepEqual(bob.heard, ['0 rejected 422'])
    bob.call(eve)
    net.inject(tooSmall(heard.at(-1) as SipMessage, '50'), eve, bob)
    assert.equal(
      bob.heard.at(-1),
      '0 rejected 422',
      'a 422 that asks for less than was offered is not tried again',
    )
    net.run(100_000)
    assert.equal(net.alive, 0)
  })

  it('lets a challenge and a 422 follow on each other', () => {
    const { net, bob, eve, heard } = alone({ sessionExpiresSeconds: 100 })
    bob.call(eve, { credentials: { username: 'bob', password: 'x' } })
    const challenged = (): void => {
      const reply = replyTo(heard.at(-1) as SipMessage, 401, 'x') // The last INVITE.
      reply.headers.append('WWW-Authenticate', 'Digest realm="r", nonce="n"')
      net.inject(reply, eve, bob)
    }
    challenged()
    const reply = replyTo(heard.at(-1) as SipMessage, 422, 'x') // The second INVITE.
    reply.headers.append('Min-SE', '200')
    net.inject(reply, eve, bob)
    challenged()
    const last = heard.at(-1)
    assert.equal(`${last?.headers.get('CSeq')} ${last?.headers.has('Authorization')}`, '4 INVITE true')
    challenged()
    assert.deepEqual(bob.heard, ['0 rejected 401'])
  })

  it('takes an interval of a few seconds in a 2xx for the least that may be (RFC 4028 §4)', () => {
    const { net, bob, eve, heard } = alone({ sessionExpiresSeconds: 100 })
    bob.call(eve)
    const reply = replyTo(heard[0] as SipMessage, 200, 'x', 6_000)
    reply.headers.append('Session-Expires', '1;refresher=uac').append('Allow', 'UPDATE')
    net.inject(reply, eve, bob)
    heard.length = 0
    net.run(44_999)
    assert.deepEqual(inShort(heard), [])
    net.run(45_000)
    assert.deepEqual(inShort(heard), ['UPDATE'])
  })

  it('goes over to re-INVITE when the UPDATE that a peer named is refused with 405', () => {
    const { net, a, b } = talking({ sessionExpiresSeconds: 600 }, {}, (message) => {
      for (const name of ['Session-Expires', 'Supported']) message.headers.delete(name)
    })
    const lose = net.lose
    net.lose = (message, from, to) => {
      if ('method' in message && message.method === 'UPDATE') {
        const refused = replyTo(message, 405, 'x')
        refused.headers.set('To', message.headers.get('To') ?? '')
        net.inject(refused, b, a)
        return true
      }
      return lose(message, from, to)
    }
    net.run(310_000)
    assert.deepEqual(net.trace.slice(0, 2), ['300020 ada>bob UPDATE', '300020 ada>bob INVITE sdp=4000'])
  })
})
