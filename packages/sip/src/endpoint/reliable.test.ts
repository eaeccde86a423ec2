import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RELIABLE_WAITING_MAX } from '../dialog/reliable.ts'
import type { SipCallId } from '../endpoint-api.ts'
import type { SipMessage } from '../message/message.ts'
import { description, Net, type Party } from './network.test.ts'
import { alone, inShort, offering, raw, replyTo } from './stranger.test.ts'

/** A call on its way between two endpoints, with everything that they send. */
function calling(options: { offer?: boolean; headers?: [string, string][] } = {}): {
  net: Net
  a: Party
  b: Party
  call: SipCallId
  callB: () => SipCallId
  sent: SipMessage[]
} {
  const net = new Net()
  const [a, b] = [net.party('ada'), net.party('bob')]
  const sent: SipMessage[] = []
  net.lose = (message) => {
    sent.push(message)
    return false
  }
  let callB = 0
  b.react = (output) => {
    if (output.kind === 'invited') callB = output.call
  }
  const started = a.endpoint.invite(0, {
    uri: 'sip:bob@10.0.0.2',
    from: '<sip:ada@10.0.0.1>',
    to: '<sip:bob@10.0.0.2>',
    destination: b.destination(),
    headers: options.headers ?? [],
    ...(options.offer === false ? {} : { offer: description(4_000) }),
  })
  a.act(started.outputs)
  net.run(100)
  return { net, a, b, call: started.id, callB: () => callB, sent }
}

/** bob, called by eve, who insists on reliable 1xx; what he sends comes in `heard`. */
function insisted(fields: Record<string, string> = { Require: '100rel' }): ReturnType<typeof alone> & {
  call: () => SipCallId
  rack: (rseqPlus?: number, cseq?: number, method?: string) => string
  prack: (rack: string, number: number, sdpPort?: number) => void
} {
  const parts = alone()
  const { net, bob, eve, heard } = parts
  let call = 0
  bob.react = (output) => {
    if (output.kind === 'invited') call = output.call
  }
  net.inject(offering(raw('INVITE', fields), 4_000), eve, bob)
  const last = (): SipMessage | undefined => heard.findLast((message) => message.headers.has('RSeq'))
  const rack = (plus = 0, cseq = 1, method = 'INVITE'): string =>
    `${Number(last()?.headers.get('RSeq')) + plus} ${cseq} ${method}`
  const prack = (value: string, number: number, sdpPort?: number): void => {
    const to = last()?.headers.get('To') ?? ''
    const via = `SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKp${number}`
    const request = raw('PRACK', {
      RAck: value,
      CSeq: `${number} PRACK`,
      To: to,
      Via: via,
      Contact: undefined,
    })
    net.inject(sdpPort === undefined ? request : offering(request, sdpPort), eve, bob)
  }
  return { ...parts, call: () => call, rack, prack }
}

describe('Endpoint, reliable 1xx as callee (RFC 3262 §3)', () => {
  it('sends early media reliably to whom can take it, and holds the 2xx back until the PRACK', () => {
    const { net, a, b, callB, sent } = calling()
    b.act(b.endpoint.progress(b.now, callB(), 180))
    b.act(b.endpoint.progress(b.now, callB(), 183, { answer: description(5_000) }))
    b.act(b.endpoint.accept(b.now, callB(), description(5_000)))
    b.act(b.endpoint.accept(b.now, callB(), description(5_009)))
    b.act(b.endpoint.progress(b.now, callB(), 182))
    net.run(100_000)
    assert.deepEqual(net.trace, [
      '0 ada>bob INVITE sdp=4000',
      '10 bob>ada 100 INVITE',
      '100 bob>ada 180 INVITE',
      '100 bob>ada 183 INVITE sdp=5000',
      '110 ada>bob PRACK',
      '120 bob>ada 200 PRACK',
      '120 bob>ada 200 INVITE sdp=5000',
      '130 ada>bob ACK',
    ])
    assert.deepEqual(a.heard, ['110 progressed 180', '110 progressed 183 sdp=5000', '130 accepted sdp=5000'])
    assert.equal(sent[2]?.headers.has('RSeq'), false, 'a 1xx without an answer goes as ever')
    assert.equal(sent[3]?.headers.get('Require'), '100rel')
    assert.equal(sent[4]?.headers.get('RAck'), `${sent[3]?.headers.get('RSeq')} 1 INVITE`)
    assert.equal(sent[3]?.headers.all('Allow').join(), 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK')
  })

  it('repeats a 1xx at doubling intervals, and refuses the call with 504 when no PRACK comes', () => {
    const { net, b, callB, a } = calling()
    net.lose = (message) => 'method' in message && message.method === 'PRACK'
    b.act(b.endpoint.progress(b.now, callB(), 183, { answer: description(5_000) }))
    b.act(b.endpoint.accept(b.now, callB(), description(5_000)))
    net.run(200_000)
    const times = net.trace.filter((line) => line.includes(' 183 ')).map((line) => Number(line.split(' ')[0]))
    assert.deepEqual(times, [100, 600, 1_600, 3_600, 7_600, 15_600, 31_600])
    assert.deepEqual(b.heard, ['10 invited sdp=4000', '32100 cancelled'])
    assert.deepEqual(a.heard, ['110 progressed 183 sdp=5000', '32110 rejected 504'], 'copies are told once')
    assert.equal(net.alive, 0)
  })

  it('offers anew, quietly, what differs from the answer that was final (RFC 6337 §3.1.1)', () => {
    const { net, a, b, callB } = calling()
    a.react = (output) => {
      if (output.kind === 'offered') a.act(a.endpoint.answerOffer(a.now, output.call, description(4_000)))
    }
    b.act(b.endpoint.progress(b.now, callB(), 183, { answer: description(5_000) }))
    b.act(b.endpoint.progress(b.now, callB(), 183, { answer: description(5_001) }))
    net.run(1_000)
    b.act(b.endpoint.accept(b.now, callB(), description(5_002)))
    net.run(2_000)
    assert.deepEqual(net.trace.slice(3), [
      '100 bob>ada 183 INVITE',
      '110 ada>bob PRACK',
      '120 bob>ada 200 PRACK',
      '1000 bob>ada 200 INVITE sdp=5000',
      '1010 ada>bob ACK',
      '1020 bob>ada INVITE sdp=5002',
      '1030 ada>bob 100 INVITE',
      '1030 ada>bob 200 INVITE sdp=4000',
      '1040 bob>ada ACK',
    ])
    assert.deepEqual(b.heard.slice(1), ['1020 acknowledged'])
  })

  it('sends all of them reliably to whom insists, one at a time and numbered in order', () => {
    const { net, bob, heard, call, rack, prack } = insisted()
    bob.act(bob.endpoint.progress(0, call(), 180))
    bob.act(bob.endpoint.progress(0, call(), 182))
    assert.deepEqual(inShort(heard), ['100 INVITE', '180 INVITE'])
    const first = Number(heard[1]?.headers.get('RSeq'))
    prack(rack(), 2)
    assert.deepEqual(inShort(heard.slice(2)), ['200 PRACK', '182 INVITE'])
    assert.equal(Number(heard.at(-1)?.headers.get('RSeq')), first + 1)
    bob.act(bob.endpoint.accept(0, call(), description(5_000)))
    assert.equal(inShort(heard).at(-1), '200 INVITE sdp=5000', 'only an answer is waited for')
    heard.length = 0
    net.run(499)
    assert.deepEqual(heard, [])
    net.run(600)
    assert.deepEqual(inShort(heard), ['200 INVITE sdp=5000'], 'the 1xx is not repeated after the 2xx')
  })

  it('still answers the PRACK of its last 1xx after the 2xx', () => {
    const { bob, heard, call, rack, prack } = insisted()
    bob.act(bob.endpoint.progress(0, call(), 180))
    bob.act(bob.endpoint.accept(0, call(), description(5_000)))
    prack(rack(), 2)
    assert.equal(inShort(heard).at(-1), '200 PRACK')
    prack(rack(), 3)
    assert.equal(inShort(heard).at(-1), '481 PRACK')
  })

  it('answers 481 to a PRACK that matches nothing, and goes on waiting', () => {
    const { net, bob, heard, call, rack, prack } = insisted()
    bob.act(bob.endpoint.progress(0, call(), 183, { answer: description(5_000) }))
    const wrong = [rack(1), rack(-1), rack(0, 2), rack(0, 1, 'UPDATE'), '', 'x 1 INVITE', '1 1']
    for (const [index, value] of wrong.entries()) prack(value, index + 2)
    assert.deepEqual(
      inShort(heard.slice(2)),
      wrong.map(() => '481 PRACK'),
    )
    heard.length = 0
    net.run(500)
    assert.deepEqual(inShort(heard), ['183 INVITE sdp=5000'])
    prack(rack(), 20)
    prack(rack(), 21)
    assert.deepEqual(inShort(heard.slice(1)), ['200 PRACK', '481 PRACK'])
  })

  it('refuses an offer in a PRACK with 488, but takes the acknowledgement', () => {
    const { net, bob, heard, call, rack, prack } = insisted()
    bob.act(bob.endpoint.progress(0, call(), 183, { answer: description(5_000) }))
    bob.act(bob.endpoint.accept(0, call(), description(5_000)))
    prack(rack(), 2, 4_001)
    assert.deepEqual(inShort(heard.slice(2)), ['488 PRACK', '200 INVITE sdp=5000'])
    net.run(100_000)
    assert.equal(net.alive, 0)
  })

  it('gives up the held 2xx when the caller cancels or its own user ends the call', () => {
    for (const how of ['CANCEL', 'end', 'reject'] as const) {
      const { net, bob, eve, heard, call } = insisted()
      bob.act(bob.endpoint.progress(0, call(), 183, { answer: description(5_000) }))
      bob.act(bob.endpoint.accept(0, call(), description(5_000)))
      heard.length = 0
      if (how === 'end') bob.act(bob.endpoint.end(0, call()))
      else if (how === 'CANCEL') net.inject(raw('CANCEL'), eve, bob)
      else bob.act(bob.endpoint.reject(0, call(), 486))
      assert.match(inShort(heard).at(-1) ?? '', /^4(80|87|86) INVITE$/, how)
      net.run(100_000)
      assert.equal(net.alive, 0)
    }
  })

  it('repeats a reliable 1xx each minute under a number of its own (RFC 3261 §13.3.1.1)', () => {
    const { net, bob, heard, call, rack, prack } = insisted()
    bob.act(bob.endpoint.progress(0, call(), 183, { answer: description(5_000) }))
    prack(rack(), 2)
    const first = Number(heard[1]?.headers.get('RSeq'))
    heard.length = 0
    net.run(60_000)
    assert.deepEqual(inShort(heard), ['183 INVITE'])
    assert.equal(Number(heard[0]?.headers.get('RSeq')), first + 1)
  })

  it('keeps the answer out of a 1xx to an INVITE without an offer: there it would be one', () => {
    const { net, b, callB, a } = calling({ offer: false })
    b.act(b.endpoint.progress(b.now, callB(), 183, { answer: description(5_000) }))
    net.run(1_000)
    assert.deepEqual(a.heard, ['110 progressed 183'])
    assert.equal(net.trace.at(-1), '100 bob>ada 183 INVITE')
  })

  it('lets as many wait as its limit, and drops one more', () => {
    const { bob, heard, call, rack, prack } = insisted()
    for (let i = 0; i < RELIABLE_WAITING_MAX + 2; i++) bob.act(bob.endpoint.progress(0, call(), 180))
    let count = 1
    for (let number = 2; number < 2 * RELIABLE_WAITING_MAX; number++) {
      const before = heard.length
      prack(rack(), number)
      if (inShort(heard.slice(before)).includes('180 INVITE')) count++
    }
    assert.equal(count, RELIABLE_WAITING_MAX + 1)
  })
})

describe('Endpoint, reliable 1xx as caller (RFC 3262 §4)', () => {
  /** Eve's reliable 1xx to bob's INVITE. */
  function reliable(
    invite: SipMessage,
    status: number,
    rseq: string,
    sdpPort?: number,
    tag = 'x',
  ): SipMessage {
    const reply = replyTo(invite, status, tag, sdpPort)
    reply.headers.append('Require', '100rel').append('RSeq', rseq)
    return reply
  }

  it('acknowledges each once and in order, and tells copies and early ones to nobody', () => {
    const { net, bob, eve, heard } = alone()
    bob.call(eve)
    const invite = heard[0] as SipMessage // The INVITE that was just sent.
    for (const [status, rseq] of [
      [180, '7'],
      [180, '7'],
      [183, '9'],
      [182, '8'],
      [180, '7'],
      [183, '9'],
    ] as const)
      net.inject(reliable(invite, status, rseq, status === 183 ? 6_000 : undefined), eve, bob)
    assert.deepEqual(
      heard.slice(1).map((message) => message.headers.get('RAck')),
      ['7 1 INVITE', '8 1 INVITE', '9 1 INVITE'],
    )
    assert.deepEqual(bob.heard, ['0 progressed 180', '0 progressed 182', '0 progressed 183 sdp=6000'])
  })

  it('numbers each fork by itself', () => {
    const { net, bob, eve, heard } = alone()
    bob.call(eve)
    const invite = heard[0] as SipMessage // The INVITE that was just sent.
    net.inject(reliable(invite, 180, '7', undefined, 'one'), eve, bob)
    net.inject(reliable(invite, 180, '3', undefined, 'two'), eve, bob)
    assert.deepEqual(
      heard.slice(1).map((message) => message.headers.get('RAck')),
      ['7 1 INVITE', '3 1 INVITE'],
    )
  })

  it('takes one whose number is none for a plain 1xx, and answers no offer in a PRACK: it does not ask for it', () => {
    const { net, bob, eve, heard } = alone()
    bob.call(eve)
    const invite = heard[0] as SipMessage // The INVITE that was just sent.
    for (const rseq of ['', 'x', '0', '2147483648']) net.inject(reliable(invite, 180, rseq), eve, bob)
    assert.equal(heard.length, 1)
    assert.equal(bob.heard.length, 4)
    const started = bob.endpoint.invite(0, {
      uri: 'sip:eve@10.0.0.9',
      from: '<sip:bob@10.0.0.1>',
      to: '<sip:eve@10.0.0.9>',
      destination: eve.destination(),
    })
    bob.act(started.outputs)
    const second = heard.at(-1) as SipMessage // The second INVITE.
    assert.equal(second.headers.get('Supported'), 'timer')
    net.inject(reliable(second, 183, '7', 6_000), eve, bob)
    assert.equal(heard.length, 2)
  })

  it('takes the answer of a reliable 1xx when the 2xx has none, and comes to rest', () => {
    const { net, bob, eve, heard } = alone()
    const call = bob.call(eve)
    const invite = heard[0] as SipMessage // The INVITE that was just sent.
    net.inject(reliable(invite, 183, '7', 6_000), eve, bob)
    net.inject(replyTo(invite, 200, 'x'), eve, bob)
    assert.deepEqual(bob.heard, ['0 progressed 183 sdp=6000', '0 accepted sdp=6000'])
    bob.act(bob.endpoint.end(0, call))
    const cseqs = heard.filter((message) => 'method' in message).map((message) => message.headers.get('CSeq'))
    assert.deepEqual(cseqs, ['1 INVITE', '2 PRACK', '1 ACK', '3 BYE'])
    net.run(100_000)
    assert.equal(net.alive, 0)
  })

  it('answers 481 to a PRACK of the callee: nothing of ours waits for one', () => {
    const { net, bob, eve, heard } = alone()
    bob.call(eve)
    const invite = heard[0] as SipMessage // The INVITE that was just sent.
    net.inject(replyTo(invite, 180, 'x'), eve, bob)
    const [from, to] = [`${invite.headers.get('To')};tag=x`, invite.headers.get('From') ?? '']
    const callId = invite.headers.get('Call-ID') ?? ''
    net.inject(raw('PRACK', { RAck: '1 1 INVITE', From: from, To: to, 'Call-ID': callId }), eve, bob)
    assert.equal(inShort(heard).at(-1), '481 PRACK')
  })
})
