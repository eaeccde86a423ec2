import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SipMessage } from '../message/message.ts'
import { encodeUtf8 } from '../message/utf8.ts'
import { description, Net, type Party } from './network.test.ts'
import { alone, inShort, offering, raw, replyTo } from './stranger.test.ts'

/** A party that answers calls and offers at once. */
function willing(party: Party): void {
  party.react = (output) => {
    if (output.kind === 'invited')
      party.act(party.endpoint.accept(party.now, output.call, description(5_000)))
    if (output.kind === 'offered')
      party.act(party.endpoint.answerOffer(party.now, output.call, description(5_001)))
  }
}

describe('Endpoint, peers that misbehave', () => {
  it('fails cleanly, or goes on, when early media cannot be read (case S18)', () => {
    for (const [sdpPort, news] of [
      [6_000, 'accepted sdp=6000'],
      [undefined, 'rejected 488'],
    ] as const) {
      const { net, bob, eve, heard } = alone()
      const call = bob.call(eve)
      const invite = heard[0] as SipMessage // The INVITE that was just sent.
      for (const text of ['v=0\r\nm=audio 99999 RTP/AVP 0\r\n', 'no']) {
        const early = replyTo(invite, 183, 'x', 6_001)
        net.inject({ ...early, body: encodeUtf8(text) }, eve, bob)
      }
      net.inject(replyTo(invite, 200, 'x', sdpPort), eve, bob)
      assert.deepEqual(bob.heard, ['0 progressed 183', '0 progressed 183', `0 ${news}`])
      bob.act(bob.endpoint.end(0, call))
      net.run(100_000)
      assert.ok(inShort(heard).includes('BYE'))
      assert.equal(net.alive, 0)
    }
  })

  it('takes the first of two final answers, and hangs up or ignores the other (RFC 3261 §13.2.2.4, §17.1.1.2)', () => {
    for (const [statuses, heardOf, sent] of [
      [[200, 486], ['accepted sdp=6000'], ['ACK']],
      [[486, 200], ['rejected 486'], ['ACK']],
      [[200, 200], ['accepted sdp=6000'], ['ACK', 'ACK']],
    ] as const) {
      const { net, bob, eve, heard } = alone()
      const call = bob.call(eve)
      const invite = heard[0] as SipMessage // The INVITE that was just sent.
      for (const status of statuses)
        net.inject(replyTo(invite, status, 'x', status === 200 ? 6_000 : undefined), eve, bob)
      assert.deepEqual(
        bob.heard.map((line) => line.slice(2)),
        heardOf,
        String(statuses),
      )
      assert.deepEqual(inShort(heard.slice(1)), sent)
      bob.act(bob.endpoint.end(0, call))
      net.run(100_000)
      assert.equal(net.alive, 0)
    }
  })

  it('keeps up with a re-INVITE every 100 ms, and comes to rest after it (case S23)', () => {
    const { net, bob, eve, heard } = alone()
    willing(bob)
    net.inject(offering(raw('INVITE'), 4_000), eve, bob)
    const to = heard.at(-1)?.headers.get('To') ?? ''
    const send = (method: string, number: number, sdpPort?: number): void => {
      const via = `SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK${method}${number}`
      const request = raw(method, { To: to, Via: via, CSeq: `${number} ${method}` })
      net.inject(sdpPort === undefined ? request : offering(request, sdpPort), eve, bob)
    }
    send('ACK', 1)
    for (let number = 2; number < 202; number++) {
      net.run(100 * number)
      send('INVITE', number, 4_000 + number)
      const answered = heard.findLast((message) => message.kind === 'response' && message.status === 200)
      if (number % 3 === 0) send('ACK', Number.parseInt(answered?.headers.get('CSeq') ?? '', 10))
    }
    const statuses = heard.filter((message) => message.kind === 'response').map((message) => message.status)
    assert.ok(statuses.filter((status) => status === 491).length >= 100, 'while an ACK is missing: 491')
    assert.ok(statuses.filter((status) => status === 200).length >= 60)
    assert.ok(bob.endpoint.counts.transactions <= 202)
    send('BYE', 300)
    assert.equal(bob.heard.at(-1), '20100 ended bye')
    net.run(200_000)
    assert.equal(net.alive, 0)
  })

  it('is rid of a phone that answers nothing, in every state of a call', () => {
    for (const state of ['calling', 'ringing', 'talking', 'offering'] as const) {
      const net = new Net()
      const [a, b] = [net.party('ada', { sessionExpiresSeconds: 90 }), net.party('bob')]
      if (state === 'talking' || state === 'offering') willing(b)
      else
        b.react = (output) => {
          if (output.kind === 'invited') b.act(b.endpoint.progress(b.now, output.call, 180))
        }
      net.lose = () => state === 'calling'
      const call = a.call(b)
      net.run(1_000)
      net.lose = () => true
      if (state === 'offering') a.act(a.endpoint.offer(a.now, call, description(4_001)))
      net.run(2_000_000)
      const end = a.heard.at(-1)?.split(' ').slice(1).join(' ')
      assert.equal(end, state === 'calling' || state === 'ringing' ? 'rejected 408' : 'ended timeout', state)
      assert.equal(a.endpoint.counts.calls + a.endpoint.counts.transactions, 0, state)
    }
  })
})
