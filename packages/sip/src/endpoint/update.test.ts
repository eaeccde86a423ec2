import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SipCallId } from '../endpoint-api.ts'
import type { SipMessage } from '../message/message.ts'
import { description, Net, type Party } from './network.test.ts'
import { alone, inShort, offering, raw, replyTo } from './stranger.test.ts'

/** Two parties with an answered call, or one that still rings. */
function calling(options: { answered: boolean }): {
  net: Net
  a: Party
  b: Party
  callA: SipCallId
  callB: SipCallId
  sent: SipMessage[]
} {
  const net = new Net()
  const [a, b] = [net.party('ada'), net.party('bob', { allowEvents: ['talk', 'Hold'] })]
  const sent: SipMessage[] = []
  net.lose = (message) => {
    sent.push(message)
    return false
  }
  let callB = 0
  b.react = (output) => {
    if (output.kind !== 'invited') return
    callB = output.call
    b.act(b.endpoint.progress(b.now, callB, 180))
    if (options.answered) b.act(b.endpoint.accept(b.now, callB, description(5_000)))
  }
  const callA = a.call(b)
  net.run(1_000)
  net.trace.length = 0
  sent.length = 0
  a.heard.length = 0
  b.heard.length = 0
  return { net, a, b, callA, callB, sent }
}

/** bob with an answered call of eve, and a way for eve to send requests in it. */
function inCall(): ReturnType<typeof alone> & {
  call: () => SipCallId
  send: (method: string, number: number, sdpPort?: number) => void
} {
  const parts = alone()
  const { net, bob, eve, heard } = parts
  let call = 0
  bob.react = (output) => {
    if (output.kind !== 'invited') return
    call = output.call
    bob.act(bob.endpoint.accept(bob.now, call, description(5_000)))
  }
  net.inject(offering(raw('INVITE', { Allow: 'UPDATE' }), 4_000), eve, bob)
  const to = heard.at(-1)?.headers.get('To') ?? ''
  const send = (method: string, number: number, sdpPort?: number): void => {
    const via = `SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK${method}${number}`
    const request = raw(method, { To: to, Via: via, CSeq: `${number} ${method}` })
    net.inject(sdpPort === undefined ? request : offering(request, sdpPort), eve, bob)
  }
  send('ACK', 1)
  heard.length = 0
  return { ...parts, call: () => call, send }
}

describe('Endpoint, UPDATE (RFC 3311)', () => {
  it('sends new identities without an offer, in a call and in one that rings, from both sides', () => {
    for (const answered of [true, false]) {
      const { net, a, b, callA, callB, sent } = calling({ answered })
      const named = '"Eve" <sip:eve@h>'
      a.act(a.endpoint.update(a.now, callA, [['P-Asserted-Identity', named]]))
      net.run(2_000)
      b.act(b.endpoint.update(b.now, callB, [['P-Asserted-Identity', named]]))
      net.run(3_000)
      assert.deepEqual(net.trace, [
        '1000 ada>bob UPDATE',
        '1010 bob>ada 200 UPDATE',
        '2000 bob>ada UPDATE',
        '2010 ada>bob 200 UPDATE',
      ])
      assert.equal(sent[0]?.headers.get('P-Asserted-Identity'), named)
      assert.deepEqual([...a.heard, ...b.heard], [], 'the endpoints see to it themselves')
      a.act(a.endpoint.end(a.now, callA))
      net.run(200_000)
      assert.equal(net.alive, 0)
    }
  })

  it('waits for the ACK of its 200: an UPDATE that overtook it would meet no dialog', () => {
    const { net, bob, eve, heard } = alone()
    bob.react = (output) => {
      if (output.kind !== 'invited') return
      bob.act(bob.endpoint.accept(bob.now, output.call, description(5_000)))
      bob.act(bob.endpoint.update(bob.now, output.call, [['X-Name', 'old']]))
      bob.act(bob.endpoint.update(bob.now, output.call, [['X-Name', 'new']]))
    }
    net.inject(offering(raw('INVITE', { Allow: 'UPDATE' }), 4_000), eve, bob)
    net.run(100)
    assert.equal(heard.filter((message) => message.kind === 'request').length, 0)
    const to = heard.at(-1)?.headers.get('To') ?? ''
    net.inject(raw('ACK', { To: to, CSeq: '1 ACK' }), eve, bob)
    net.run(100)
    const updates = heard.filter((message) => message.kind === 'request' && message.method === 'UPDATE')
    assert.deepEqual(
      updates.map((message) => message.headers.get('X-Name')),
      ['new'],
    )
  })

  it('sends nothing to a peer that takes no UPDATE, to a call that is over, or before there is a dialog', () => {
    const { net, bob, eve, heard } = alone()
    const call = bob.call(eve)
    const update = (id: SipCallId): void => bob.act(bob.endpoint.update(0, id, [['X-A', 'b']]))
    update(call)
    net.inject(replyTo(heard[0] as SipMessage, 200, 'x', 6_000), eve, bob)
    update(call)
    bob.act(bob.endpoint.end(0, call))
    update(call)
    update(99)
    assert.deepEqual(inShort(heard), ['INVITE sdp=4000', 'ACK', 'BYE'])
  })

  it('loses the call with one that meets 481, and not with any other refusal', () => {
    for (const [status, heard] of [
      [481, ['1010 ended gone']],
      [408, ['1010 ended timeout']],
      [500, []],
      [405, []],
    ] as const) {
      const { net, a, callA } = calling({ answered: true })
      net.lose = (message) => {
        if (message.kind === 'response' && message.headers.get('CSeq')?.endsWith('UPDATE') === true)
          Object.assign(message, { status })
        return false
      }
      a.act(a.endpoint.update(a.now, callA, []))
      net.run(2_000)
      assert.deepEqual(
        a.heard.map((line) => line.replace('1020', '1010')),
        heard,
      )
    }
  })

  it('answers 500 with Retry-After to any UPDATE while another is open (§5.2)', () => {
    const { bob, heard, call, send } = inCall()
    send('UPDATE', 2, 4_001)
    send('UPDATE', 3, 4_002)
    send('UPDATE', 4)
    assert.deepEqual(inShort(heard), ['500 UPDATE', '500 UPDATE'])
    for (const response of heard) assert.match(response.headers.get('Retry-After') ?? '', /^(?:[1-9]|10)$/)
    bob.act(bob.endpoint.answerOffer(0, call(), description(5_001)))
    send('UPDATE', 5)
    assert.deepEqual(inShort(heard.slice(2)), ['200 UPDATE sdp=5001', '200 UPDATE'])
  })

  it('answers 500 to an offer while one of the peer is open, but takes an UPDATE without one in a re-INVITE (§5.2)', () => {
    const { heard, send } = inCall()
    send('INVITE', 2, 4_001)
    send('UPDATE', 3, 4_002)
    send('UPDATE', 4)
    assert.deepEqual(inShort(heard), ['100 INVITE', '500 UPDATE', '200 UPDATE'])
  })

  it('answers 491 to an offer while one of its own is open (§5.2)', () => {
    const { bob, heard, call, send } = inCall()
    bob.act(bob.endpoint.offer(0, call(), description(5_001)))
    send('UPDATE', 2, 4_001)
    send('UPDATE', 3)
    assert.deepEqual(inShort(heard), ['INVITE sdp=5001', '491 UPDATE', '200 UPDATE'])
  })

  it('answers 500 to an early offer of the caller and 491 to one of the callee, whose own is open', () => {
    const { net, bob, eve, heard } = alone()
    bob.react = (output) => {
      if (output.kind === 'invited') bob.act(bob.endpoint.progress(bob.now, output.call, 180))
    }
    net.inject(offering(raw('INVITE'), 4_000), eve, bob)
    const to = heard.at(-1)?.headers.get('To') ?? ''
    net.inject(
      offering(raw('UPDATE', { To: to, CSeq: '2 UPDATE', Via: 'SIP/2.0/UDP h;branch=z9hG4bKu' }), 4_001),
      eve,
      bob,
    )
    assert.equal(inShort(heard).at(-1), '500 UPDATE')
    assert.ok(heard.at(-1)?.headers.has('Retry-After'))
    bob.call(eve)
    const invite = heard.at(-1) as SipMessage // The INVITE that was just sent.
    net.inject(replyTo(invite, 180, 'x'), eve, bob)
    const names = {
      From: `${invite.headers.get('To')};tag=x`,
      To: invite.headers.get('From') ?? '',
      'Call-ID': invite.headers.get('Call-ID') ?? '',
    }
    net.inject(offering(raw('UPDATE', names), 4_001), eve, bob)
    assert.equal(inShort(heard).at(-1), '491 UPDATE')
  })
})

describe('Endpoint, what it knows of a call', () => {
  it('tells what the peer takes, by its last Allow and Allow-Events in the dialog', () => {
    const { net, a, b, callA, callB } = calling({ answered: false })
    const own = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'UPDATE', 'PRACK']
    assert.deepEqual(a.endpoint.describe(callA)?.allow, own)
    assert.deepEqual(a.endpoint.describe(callA)?.allowEvents, ['talk', 'hold'])
    assert.deepEqual(b.endpoint.describe(callB)?.allowEvents, [])
    net.lose = (message, from) => {
      if (from === 'bob') message.headers.delete('Allow-Events').set('Allow', 'INVITE')
      return false
    }
    b.act(b.endpoint.accept(b.now, callB, description(5_000)))
    net.run(2_000)
    assert.deepEqual(a.endpoint.describe(callA)?.allow, ['INVITE'])
    assert.deepEqual(a.endpoint.describe(callA)?.allowEvents, ['talk', 'hold'])
    assert.equal(a.endpoint.describe(99), undefined)
  })

  it('finds the call that a Replaces names by our side of its tags, early and answered, not one that was ended (RFC 3891 §3)', () => {
    for (const answered of [true, false]) {
      const { a, b, callA, callB } = calling({ answered })
      for (const [party, call] of [
        [a, callA],
        [b, callB],
      ] as const) {
        const {
          callId,
          localTag,
          remoteTag = '',
        } = party.endpoint.describe(call) ?? { callId: '', localTag: '' }
        assert.equal(party.endpoint.findCall({ callId, localTag, remoteTag }), call)
        assert.equal(party.endpoint.findCall({ callId, localTag: remoteTag, remoteTag: localTag }), undefined)
        assert.equal(party.endpoint.findCall({ callId, localTag, remoteTag: 'x' }), undefined)
        assert.equal(party.endpoint.findCall({ callId: 'x', localTag, remoteTag }), undefined)
        party.act(party.endpoint.end(party.now, call))
        assert.equal(party.endpoint.findCall({ callId, localTag, remoteTag }), undefined)
      }
    }
  })

  it('sends its INVITE with the hops it was given, and answers 483 when none is left (RFC 3261 §8.1.1.6, §16.3)', () => {
    const { net, bob, eve, heard } = alone()
    bob.call(eve)
    bob.call(eve, { maxForwards: 12 })
    assert.deepEqual(
      heard.map((message) => message.headers.get('Max-Forwards')),
      ['70', '12'],
    )
    heard.length = 0
    net.inject(raw('INVITE', { 'Max-Forwards': '0' }), eve, bob)
    net.inject(raw('INVITE', { 'Max-Forwards': '1', 'Call-ID': 'raw2' }), eve, bob)
    assert.deepEqual(inShort(heard), ['483 INVITE', '100 INVITE'])
  })

  it('adds the header fields of the user to a re-INVITE', () => {
    const { net, a, callA, sent } = calling({ answered: true })
    const headers = [['Call-Info', '<sip:h>;answer-after=0']] as const
    a.act(a.endpoint.offer(a.now, callA, description(4_001), { headers }))
    net.run(1_010)
    assert.equal(sent[0]?.headers.get('Call-Info'), '<sip:h>;answer-after=0')
  })
})
