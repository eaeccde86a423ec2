import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EndpointOutput } from '../endpoint-api.ts'
import { description, Net, type Party } from './network.test.ts'

/** A callee that rings at once and answers after a second. */
function answers(party: Party, options: { afterMs?: number } = {}): void {
  let call = 0
  party.react = (output) => {
    if (output.kind !== 'invited') return
    call = output.call
    party.act(party.endpoint.progress(party.now, call, 180))
    if (options.afterMs === undefined) party.act(party.endpoint.accept(party.now, call, description(5_000)))
  }
}

/** The call ids that a party was told of, by the kind of news. */
function callOf(party: Party): { id: number } {
  const seen = { id: 0 }
  const before = party.react
  party.react = (output, self) => {
    if (output.kind === 'invited') seen.id = output.call
    before(output, self)
  }
  return seen
}

/** Two parties with an answered call. */
function talking(): { net: Net; a: Party; b: Party; callA: number; callB: number } {
  const net = new Net()
  const a = net.party('ada')
  const b = net.party('bob')
  answers(b)
  const seen = callOf(b)
  const callA = a.call(b)
  net.run(1_000)
  assert.equal(a.heard.at(-1), '20 accepted sdp=5000')
  net.trace.length = 0
  a.heard.length = 0
  b.heard.length = 0
  return { net, a, b, callA, callB: seen.id }
}

describe('Endpoint, placing and taking calls', () => {
  it('places, rings, answers and hangs up (RFC 3261 §13, §15)', () => {
    const net = new Net()
    const a = net.party('ada')
    const b = net.party('bob')
    const call = callOf(b)
    const id = a.call(b)
    net.run(1_000)
    b.act(b.endpoint.progress(b.now, call.id, 180))
    net.run(2_000)
    b.act(b.endpoint.accept(b.now, call.id, description(5_000)))
    net.run(3_000)
    a.act(a.endpoint.end(a.now, id))
    net.run(100_000)
    assert.deepEqual(net.trace, [
      '0 ada>bob INVITE sdp=4000',
      '10 bob>ada 100 INVITE',
      '1000 bob>ada 180 INVITE',
      '2000 bob>ada 200 INVITE sdp=5000',
      '2010 ada>bob ACK',
      '3000 ada>bob BYE',
      '3010 bob>ada 200 BYE',
    ])
    assert.deepEqual(a.heard, ['1010 progressed 180', '2010 accepted sdp=5000'])
    assert.deepEqual(b.heard, ['10 invited sdp=4000', '2020 acknowledged', '3010 ended bye'])
    assert.equal(net.alive, 0)
  })

  it('carries early media on its early dialog (RFC 3261 §13.2.1)', () => {
    const net = new Net()
    const [a, b] = [net.party('ada'), net.party('bob')]
    const call = callOf(b)
    a.call(b)
    net.run(100)
    b.act(b.endpoint.progress(b.now, call.id, 183, { answer: description(5_000) }))
    net.run(200)
    assert.deepEqual(a.heard, ['110 progressed 183 sdp=5000'])
  })

  it('takes a delayed offer, and answers it in the ACK (RFC 3261 §13.2.1)', () => {
    const net = new Net()
    const [a, b] = [net.party('ada'), net.party('bob')]
    answers(b)
    a.react = (output) => {
      if (output.kind === 'accepted') a.act(a.endpoint.acknowledge(a.now, output.call, description(4_444)))
    }
    const id = a.endpoint.invite(0, {
      uri: 'sip:bob@10.0.0.2',
      from: '<sip:ada@10.0.0.1>',
      to: '<sip:bob@10.0.0.2>',
      destination: b.destination(),
    })
    a.act(id.outputs)
    net.run(1_000)
    assert.deepEqual(a.heard, ['20 progressed 180', '20 accepted offer sdp=5000'])
    assert.deepEqual(b.heard, ['10 invited', '30 acknowledged sdp=4444'])
  })

  it('gives up ringing with CANCEL and says 408 (RFC 3261 §9.1)', () => {
    const net = new Net()
    const [a, b] = [net.party('ada'), net.party('bob')]
    a.call(b, { ringMsMax: 5_000 })
    net.run(200_000)
    assert.deepEqual(net.trace, [
      '0 ada>bob INVITE sdp=4000',
      '10 bob>ada 100 INVITE',
      '5000 ada>bob CANCEL',
      '5010 bob>ada 200 CANCEL',
      '5010 bob>ada 487 INVITE',
      '5020 ada>bob ACK',
    ])
    assert.deepEqual(a.heard, ['5020 rejected 408'])
    assert.deepEqual(b.heard, ['10 invited sdp=4000', '5010 cancelled'])
    assert.equal(net.alive, 0)
  })

  it('says why in the Reason of CANCEL, BYE and a refusal (RFC 3326)', () => {
    const reason = 'SIP;cause=200;text="Call completed elsewhere"'
    const reasonOf = (outputs: readonly EndpointOutput[]): string | undefined => {
      const sent = outputs.find((output) => output.kind === 'transmit')
      return sent?.message.headers.get('Reason')
    }
    const ringing = new Net()
    const [a, b] = [ringing.party('ada'), ringing.party('bob')]
    const incoming = callOf(b)
    const id = a.call(b)
    ringing.run(1_000)
    assert.equal(reasonOf(b.endpoint.end(b.now, incoming.id, { reason })), reason)
    assert.equal(reasonOf(a.endpoint.end(a.now, id, { reason })), reason)
    const answered = talking()
    assert.equal(reasonOf(answered.a.endpoint.end(answered.a.now, answered.callA, { reason })), reason)
  })

  it('holds CANCEL back until a 1xx has come (RFC 3261 §9.1)', () => {
    const net = new Net()
    const [a, b] = [net.party('ada'), net.party('bob')]
    const id = a.call(b)
    a.act(a.endpoint.end(a.now, id))
    a.act(a.endpoint.end(a.now, id))
    net.run(200_000)
    assert.deepEqual(net.trace.slice(0, 4), [
      '0 ada>bob INVITE sdp=4000',
      '10 bob>ada 100 INVITE',
      '20 ada>bob CANCEL',
      '30 bob>ada 200 CANCEL',
    ])
    assert.deepEqual(a.heard, [], 'a call that its user ended says nothing more')
    assert.equal(net.alive, 0)
  })

  it('acknowledges and hangs up a 2xx that crosses its CANCEL (RFC 3261 §9.1, §15)', () => {
    const net = new Net()
    const [a, b] = [net.party('ada'), net.party('bob')]
    const call = callOf(b)
    const id = a.call(b)
    net.run(1_000)
    a.act(a.endpoint.end(a.now, id))
    b.act(b.endpoint.accept(b.now, call.id, description(5_000)))
    net.run(200_000)
    assert.deepEqual(net.trace, [
      '0 ada>bob INVITE sdp=4000',
      '10 bob>ada 100 INVITE',
      '1000 ada>bob CANCEL',
      '1000 bob>ada 200 INVITE sdp=5000',
      '1010 bob>ada 200 CANCEL',
      '1010 ada>bob ACK',
      '1010 ada>bob BYE',
      '1020 bob>ada 200 BYE',
    ])
    assert.deepEqual(a.heard, [])
    assert.deepEqual(b.heard, ['10 invited sdp=4000', '1020 acknowledged', '1020 ended bye'])
    assert.equal(net.alive, 0)
  })

  it('repeats its 2xx until the ACK, then gives up with BYE (RFC 3261 §13.3.1.4)', () => {
    const net = new Net()
    const [a, b] = [net.party('ada'), net.party('bob')]
    answers(b)
    net.lose = (message) => message.kind === 'request' && message.method === 'ACK'
    a.call(b)
    net.run(200_000)
    const answersSent = net.trace.filter((line) => line.includes('200 INVITE'))
    assert.deepEqual(
      answersSent.map((line) => line.split(' ')[0]),
      ['10', '510', '1510', '3510', '7510', '11510', '15510', '19510', '23510', '27510', '31510'],
    )
    assert.equal(net.trace.filter((line) => line.includes('ACK')).length, answersSent.length)
    assert.deepEqual(b.heard, ['10 invited sdp=4000', '32010 ended noAck'])
    assert.equal(a.heard.at(-1), '32020 ended bye')
    assert.equal(net.alive, 0)
  })

  it('waits for the ACK before it hangs up a call that it answered (RFC 3261 §15)', () => {
    const net = new Net()
    const [a, b] = [net.party('ada'), net.party('bob')]
    const call = callOf(b)
    a.call(b)
    net.run(100)
    b.act(b.endpoint.accept(b.now, call.id, description(5_000)))
    b.act(b.endpoint.end(b.now, call.id))
    net.run(100_000)
    assert.deepEqual(net.trace.slice(2), [
      '100 bob>ada 200 INVITE sdp=5000',
      '110 ada>bob ACK',
      '120 bob>ada BYE',
      '130 ada>bob 200 BYE',
    ])
    assert.equal(net.alive, 0)
  })

  it('is told 408 when nobody answers and 503 when there is no way (RFC 3261 §8.1.3.1)', () => {
    const net = new Net()
    const [a, b] = [net.party('ada'), net.party('bob')]
    net.lose = () => true
    a.call(b)
    net.run(100_000)
    assert.deepEqual(a.heard, ['32000 rejected 408'])
    const { outputs } = a.endpoint.invite(a.now, {
      uri: 'sip:bob@10.0.0.2',
      from: '<sip:ada@10.0.0.1>',
      to: '<sip:bob@10.0.0.2>',
      destination: b.destination(),
    })
    for (const output of outputs)
      if (output.kind === 'transmit') a.act(a.endpoint.sendFailed(a.now, output.message))
    assert.equal(a.heard.at(-1), '100000 rejected 503')
    assert.equal(net.alive, 0)
  })

  it('crosses BYE with BYE and comes to rest (RFC 3261 §15.1.2)', () => {
    const { net, a, b, callA, callB } = talking()
    a.act(a.endpoint.end(a.now, callA))
    b.act(b.endpoint.end(b.now, callB))
    net.run(100_000)
    assert.equal(net.alive, 0)
    assert.deepEqual(
      [...a.heard, ...b.heard].filter((line) => !line.includes('refused')),
      [],
    )
  })

  it('passes requests inside the dialog to its user, and answers OPTIONS itself (RFC 3261 §12.2.2)', () => {
    const { net, a, b, callA } = talking()
    b.react = (output) => {
      if (output.kind === 'callRequest') b.act(b.endpoint.respond(b.now, output.transaction, 200))
    }
    a.act(a.endpoint.requestInCall(a.now, callA, { method: 'INFO' }).outputs)
    a.act(a.endpoint.requestInCall(a.now, callA, { method: 'OPTIONS' }).outputs)
    net.run(2_000)
    assert.deepEqual(b.heard, ['1010 callRequest INFO'])
    assert.deepEqual(a.heard, ['1020 callResponse 200', '1020 callResponse 200'])
  })
})

describe('Endpoint, offers inside a call', () => {
  it('changes the session by re-INVITE (RFC 3261 §14)', () => {
    const { net, a, b, callA } = talking()
    b.react = (output) => {
      if (output.kind === 'offered') b.act(b.endpoint.answerOffer(b.now, output.call, description(5_001)))
    }
    a.act(a.endpoint.offer(a.now, callA, description(4_001)))
    a.act(a.endpoint.offer(a.now, callA, description(4_002)))
    net.run(100_000)
    assert.deepEqual(a.heard, ['1020 answered sdp=5001', '1040 answered sdp=5001'])
    assert.deepEqual(b.heard, ['1010 offered sdp=4001', '1030 offered sdp=4002'])
    assert.deepEqual(net.trace.slice(0, 4), [
      '1000 ada>bob INVITE sdp=4001',
      '1010 bob>ada 100 INVITE',
      '1010 bob>ada 200 INVITE sdp=5001',
      '1020 ada>bob ACK',
    ])
  })

  it('resolves glare: both meet 491, the owner of the Call-ID waits longer (RFC 3261 §14.1)', () => {
    const { net, a, b, callA, callB } = talking()
    for (const party of [a, b])
      party.react = (output) => {
        if (output.kind === 'offered')
          party.act(party.endpoint.answerOffer(party.now, output.call, description(6_000)))
      }
    a.act(a.endpoint.offer(a.now, callA, description(4_001)))
    b.act(b.endpoint.offer(b.now, callB, description(5_001)))
    net.run(10_000)
    assert.equal(net.trace.filter((line) => line.includes('491')).length, 2)
    const again = net.trace
      .filter((line) => line.includes(' INVITE sdp=') && !line.includes('00 INVITE'))
      .slice(2)
    assert.deepEqual(
      again.map((line) => line.split(' ')[1]),
      ['bob>ada', 'ada>bob'],
    )
    const [first, second] = again.map((line) => Number(line.split(' ')[0]))
    assert.ok(first !== undefined && first - 1_020 <= 2_000 && (first - 1_020) % 10 === 0, String(again))
    assert.ok(second !== undefined && second - 1_020 >= 2_100 && second - 1_020 <= 4_000, String(again))
    assert.equal(a.heard.filter((line) => line.includes('answered')).length, 1)
    assert.equal(b.heard.filter((line) => line.includes('answered')).length, 1)
  })

  it('keeps the session when its offer is refused (RFC 3261 §14.1)', () => {
    const { net, a, b, callA, callB } = talking()
    b.react = (output) => {
      if (output.kind === 'offered') b.act(b.endpoint.rejectOffer(b.now, output.call, 488))
    }
    a.act(a.endpoint.offer(a.now, callA, description(4_001)))
    net.run(60_000)
    assert.deepEqual(a.heard, ['1020 offerFailed 488'])
    b.act(b.endpoint.end(b.now, callB))
    net.run(200_000)
    assert.equal(a.heard.at(-1), '60010 ended bye')
    assert.equal(net.alive, 0)
  })

  it('frees both transactions when BYE comes inside a re-INVITE (RFC 3261 §15.1.2)', () => {
    const { net, a, b, callA, callB } = talking()
    a.act(a.endpoint.offer(a.now, callA, description(4_001)))
    net.run(1_500)
    b.act(b.endpoint.end(b.now, callB))
    net.run(100_000)
    assert.equal(a.heard.at(-1), '1510 ended bye')
    assert.equal(net.alive, 0)
  })

  it('takes back a re-INVITE that the peer left unanswered when it hung up (RFC 3261 §9.1, §15)', () => {
    const { net, a, b, callA, callB } = talking()
    a.act(a.endpoint.offer(a.now, callA, description(4_001)))
    net.run(1_500)
    net.lose = (message) => message.kind === 'response' && message.status === 487
    b.act(b.endpoint.end(b.now, callB))
    net.run(2_000)
    assert.deepEqual(
      net.trace.filter((line) => line.includes('ada>bob CANCEL')),
      ['1510 ada>bob CANCEL'],
    )
    net.run(200_000)
    assert.equal(net.alive, 0)
  })

  it('refuses for its user an offer that nobody answers (RFC 3261 §14.2)', () => {
    const { net, a, callA } = talking()
    a.act(a.endpoint.offer(a.now, callA, description(4_001)))
    net.run(60_000)
    assert.deepEqual(a.heard, ['31020 offerFailed 500'])
  })

  it('ends the call on 408 or 481 to a request inside it, but not to a NOTIFY (RFC 3261 §12.2.1.2, RFC 5057 §5.1)', () => {
    const { net, a, b, callA } = talking()
    b.react = (output) => {
      if (output.kind === 'callRequest') b.act(b.endpoint.respond(b.now, output.transaction, 481))
    }
    a.act(a.endpoint.requestInCall(a.now, callA, { method: 'NOTIFY' }).outputs)
    net.run(2_000)
    assert.deepEqual(a.heard, ['1020 callResponse 481'])
    a.act(a.endpoint.requestInCall(a.now, callA, { method: 'INFO' }).outputs)
    net.run(3_000)
    assert.deepEqual(a.heard.slice(1), ['2020 callResponse 481', '2020 ended gone'])
    net.run(100_000)
    assert.equal(net.alive, 0)
  })
})
