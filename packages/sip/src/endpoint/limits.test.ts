import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UNANSWERED_MS_MAX } from '../dialog/incoming-call.ts'
import { OFFERS_MAX, TRIES_MAX } from '../dialog/offer-queue.ts'
import { FORKS_MAX } from '../dialog/outgoing-call.ts'
import { REINVITE_MS_MAX } from '../dialog/own-offers.ts'
import type { SipMessage } from '../message/message.ts'
import { CALLS_MAX, type Load, RESERVE, refuseInside, refuseOutside, TRANSACTIONS_MAX } from './admission.ts'
import { description, Net } from './network.test.ts'
import { alone, inShort, raw, replyTo } from './stranger.test.ts'

describe('Endpoint, limits', () => {
  it('answers 503 with Retry-After past its calls, and keeps nothing of them (flood of INVITEs)', () => {
    const { net, bob, eve, heard } = alone({ callsMax: 3 })
    for (let i = 0; i < 20; i++)
      net.inject(
        raw('INVITE', { 'Call-ID': `c${i}`, Via: `SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK${i}` }),
        eve,
        bob,
      )
    assert.deepEqual(bob.endpoint.counts, { calls: 3, transactions: 3 })
    assert.equal(inShort(heard).filter((line) => line === '503 INVITE').length, 17)
    assert.ok(heard.at(-1)?.headers.has('Retry-After'))
    const own = bob.endpoint.invite(0, {
      uri: 'sip:x@10.0.0.9',
      from: '<sip:bob@10.0.0.1>',
      to: '<sip:x@10.0.0.9>',
      destination: eve.destination(),
    })
    assert.deepEqual(own.outputs, [{ kind: 'rejected', call: own.id, status: 503 }])
  })

  it('keeps a reserve of transactions for what is in progress', () => {
    const transactionsMax = 20
    const { net, bob, eve } = alone({ transactionsMax })
    for (let i = 0; i < 40; i++)
      net.inject(
        raw('MESSAGE', { 'Call-ID': `c${i}`, Via: `SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK${i}` }),
        eve,
        bob,
      )
    assert.equal(bob.endpoint.counts.transactions, transactionsMax * (1 - RESERVE))
    net.run(100_000)
    assert.equal(net.alive, 0, 'requests that nobody answered are forgotten in time')
  })

  it('has room for its transactions and calls when nobody says otherwise, and for no more', () => {
    const load: Load = { calls: 0, callsMax: CALLS_MAX, transactions: 0, transactionsMax: TRANSACTIONS_MAX }
    const open = TRANSACTIONS_MAX * (1 - RESERVE)
    for (const [full, status, refuse, request] of [
      [{ transactions: open - 1 }, undefined, refuseOutside, raw('MESSAGE')],
      [{ transactions: open }, 503, refuseOutside, raw('MESSAGE')],
      [{ transactions: TRANSACTIONS_MAX - 1 }, undefined, refuseInside, raw('BYE')],
      [{ transactions: TRANSACTIONS_MAX }, 503, refuseInside, raw('BYE')],
      [{ calls: CALLS_MAX - 1 }, undefined, refuseOutside, raw('INVITE')],
      [{ calls: CALLS_MAX }, 503, refuseOutside, raw('INVITE')],
    ] as const)
      assert.equal(refuse(request, { ...load, ...full })?.status, status, JSON.stringify(full))
  })

  it('takes as many calls as its default says, and answers 503 to one more', () => {
    const { bob, eve } = alone()
    const flow = {
      id: 'f',
      transport: 'udp',
      local: eve.destination().address,
      remote: { host: '10.0.0.9', port: 5060 },
    } as const
    const kinds = (i: number): string[] =>
      bob.endpoint
        .receive(
          0,
          raw('INVITE', { 'Call-ID': `c${i}`, Via: `SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK${i}` }),
          flow,
        )
        .map((output) => (output.kind === 'transmit' ? (inShort([output.message])[0] ?? '') : output.kind))
    for (let i = 1; i < CALLS_MAX; i++) kinds(i)
    assert.deepEqual(kinds(CALLS_MAX), ['100 INVITE', 'invited'])
    assert.deepEqual(kinds(CALLS_MAX + 1), ['503 INVITE', 'refused'])
    assert.equal(bob.endpoint.counts.calls, CALLS_MAX)
  })

  it('is left with nothing when a TCP peer sends INVITEs and is gone (case S08)', () => {
    const { net, bob, eve } = alone()
    const act = bob.act.bind(bob)
    bob.react = (output) => {
      if (output.kind === 'invited') bob.act(bob.endpoint.reject(bob.now, output.call, 486))
    }
    bob.act = (outputs) => {
      act(outputs)
      for (const output of outputs)
        if (output.kind === 'transmit') bob.act(bob.endpoint.sendFailed(bob.now, output.message))
    }
    for (let i = 0; i < 10; i++)
      net.inject(
        raw('INVITE', { 'Call-ID': `c${i}`, Via: `SIP/2.0/TCP 10.0.0.9;branch=z9hG4bK${i}` }),
        eve,
        bob,
        'tcp',
      )
    net.run(100_000)
    assert.equal(net.alive, 0)
  })
})

describe('Endpoint, limits of one call', () => {
  /** A call of ours to eve, who forks; what bob says of it comes in `bob.heard`. */
  function forked(): ReturnType<typeof alone> & {
    readonly id: number
    answer(status: number, tag: string): void
  } {
    const parts = alone()
    const { net, bob, eve, heard } = parts
    const id = bob.call(eve)
    const invite = heard[0] as SipMessage // The INVITE that was just sent.
    const answer = (status: number, tag: string): void => {
      heard.length = 0
      net.inject(replyTo(invite, status, tag, 6_000), eve, bob)
    }
    return { ...parts, id, answer }
  }

  /** What becomes of an INFO in the early dialog `tag`. */
  function info({ bob, heard, id }: ReturnType<typeof forked>, tag: string): string | undefined {
    heard.length = 0
    bob.act(bob.endpoint.requestInCall(bob.now, id, { method: 'INFO', dialog: tag }).outputs)
    return inShort(heard)[0] ?? bob.heard.at(-1)
  }

  it('keeps as many early dialogs as its limit, and none for one phone more (RFC 3261 §13.2.2.4)', () => {
    const call = forked()
    for (let i = 1; i <= FORKS_MAX + 1; i++) call.answer(180, `t${i}`)
    assert.equal(call.bob.heard.length, FORKS_MAX + 1, 'its ringing is told all the same')
    assert.equal(info(call, `t${FORKS_MAX}`), 'INFO')
    assert.equal(info(call, `t${FORKS_MAX + 1}`), '0 callResponse 481')
  })

  it('takes the answer of a phone past the limit in the place of one that only rings', () => {
    const call = forked()
    for (let i = 1; i <= FORKS_MAX; i++) call.answer(180, `t${i}`)
    call.answer(200, 'late')
    assert.equal(call.bob.heard.at(-1), '0 accepted sdp=6000')
    assert.deepEqual(inShort(call.heard), ['ACK'])
    call.answer(200, 'later')
    assert.deepEqual(inShort(call.heard), ['ACK', 'BYE'])
    call.bob.act(call.bob.endpoint.end(0, call.id))
    call.net.run(100_000)
    assert.equal(call.net.alive, 0)
  })

  it('hangs up as many further answers as its limit, and leaves one more to itself', () => {
    const call = forked()
    for (let i = 1; i <= FORKS_MAX; i++) call.answer(200, `t${i}`)
    assert.deepEqual(inShort(call.heard), ['ACK', 'BYE'])
    call.answer(200, 'over')
    assert.deepEqual(inShort(call.heard), [])
    call.answer(200, 't1')
    assert.deepEqual(inShort(call.heard), ['ACK'], 'the winner has kept its place')
  })

  it('keeps the answer that its user is still thinking about, however many phones ring and answer', () => {
    const { net, bob, eve, heard } = alone()
    const { outputs, id } = bob.endpoint.invite(0, {
      uri: 'sip:eve@10.0.0.9',
      from: '<sip:bob@10.0.0.1>',
      to: '<sip:eve@10.0.0.9>',
      destination: eve.destination(),
    })
    bob.act(outputs)
    const invite = heard[0] as SipMessage // The INVITE that was just sent.
    net.inject(replyTo(invite, 200, 'first', 6_000), eve, bob)
    for (let i = 0; i <= FORKS_MAX; i++) net.inject(replyTo(invite, 200, `t${i}`, 6_000), eve, bob)
    heard.length = 0
    bob.act(bob.endpoint.acknowledge(0, id, description(4_000)))
    net.inject(replyTo(invite, 200, 'first', 6_000), eve, bob)
    assert.deepEqual(inShort(heard), ['ACK sdp=4000', 'ACK sdp=4000'])
  })

  it('gives up a call whose 2xx has no To tag: there is no dialog to be in (RFC 3261 §12.1.2)', () => {
    const { net, bob, eve, heard } = alone()
    bob.call(eve)
    const bare = replyTo(heard[0] as SipMessage, 200, 'x', 6_000) // The INVITE that was just sent.
    bare.headers.set('To', bare.headers.get('To')?.replace(';tag=x', '') ?? '')
    net.inject(bare, eve, bob)
    net.inject(bare, eve, bob)
    assert.deepEqual(bob.heard, ['0 rejected 502'])
    const second = bob.call(eve)
    const again = replyTo(heard.at(-1) as SipMessage, 200, 'x', 6_000) // The second INVITE.
    again.headers.set('To', bare.headers.get('To') ?? '')
    bob.act(bob.endpoint.end(0, second))
    net.inject(again, eve, bob)
    assert.deepEqual(bob.heard, ['0 rejected 502'], 'nothing is said of a call that its user has ended')
    net.run(100_000)
    assert.equal(net.alive, 0)
  })

  it('lets offers wait up to its limit, and refuses one more with 491', () => {
    const net = new Net()
    const [a, b] = [net.party('ada'), net.party('bob')]
    b.react = (output) => {
      if (output.kind === 'invited') b.act(b.endpoint.accept(b.now, output.call, description(5_000)))
      if (output.kind === 'offered') b.act(b.endpoint.answerOffer(b.now, output.call, description(5_001)))
    }
    const call = a.call(b)
    net.run(1_000)
    a.heard.length = 0
    const offer = (): void => a.act(a.endpoint.offer(a.now, call, description(4_001)))
    for (let i = 0; i <= OFFERS_MAX; i++) offer() // The first is on its way at once.
    assert.equal(a.heard.length, 0)
    offer()
    assert.deepEqual(a.heard, ['1000 offerFailed 491'])
    net.run(10_000)
    assert.equal(a.heard.filter((line) => line.endsWith('answered sdp=5001')).length, OFFERS_MAX + 1)
  })

  /** The trace of two offers to a peer that meets the first `count` re-INVITEs with 491. */
  function glare(count: number): { tries: number; heard: string[] } {
    const net = new Net()
    const [a, b] = [net.party('ada'), net.party('bob')]
    let left = count
    b.react = (output) => {
      if (output.kind === 'invited') b.act(b.endpoint.accept(b.now, output.call, description(5_000)))
      if (output.kind !== 'offered') return
      if (left-- > 0) b.act(b.endpoint.rejectOffer(b.now, output.call, 491))
      else b.act(b.endpoint.answerOffer(b.now, output.call, description(5_001)))
    }
    const call = a.call(b)
    net.run(1_000)
    net.trace.length = 0
    a.heard.length = 0
    a.act(a.endpoint.offer(a.now, call, description(4_001)))
    a.act(a.endpoint.offer(a.now, call, description(4_002)))
    net.run(60_000)
    const tries = net.trace.filter((line) => line.endsWith('ada>bob INVITE sdp=4001')).length
    return { tries, heard: a.heard.map((line) => line.replace(/^\d+ /, '')) }
  }

  it('tries an offer that meets 491 as often as its limit, then says so and goes on (RFC 3261 §14.1)', () => {
    const answered = 'answered sdp=5001'
    assert.deepEqual(glare(TRIES_MAX - 1), { tries: TRIES_MAX, heard: [answered, answered] })
    assert.deepEqual(glare(TRIES_MAX), { tries: TRIES_MAX, heard: ['offerFailed 491', answered] })
    const next = glare(2 * TRIES_MAX - 1)
    assert.deepEqual(
      next,
      { tries: TRIES_MAX, heard: ['offerFailed 491', answered] },
      'the next starts afresh',
    )
  })

  it('takes back a re-INVITE that stays without a final response for its limit, not before (RFC 3261 §9.1)', () => {
    const net = new Net()
    const [a, b] = [net.party('ada'), net.party('bob')]
    b.react = (output) => {
      if (output.kind === 'invited') b.act(b.endpoint.accept(b.now, output.call, description(5_000)))
    }
    const call = a.call(b)
    net.run(1_000)
    net.lose = (message) => message.kind === 'response' && message.status === 500
    a.heard.length = 0
    a.act(a.endpoint.offer(a.now, call, description(4_001)))
    const cancelled = (): boolean => net.trace.some((line) => line.endsWith('ada>bob CANCEL'))
    net.run(1_000 + REINVITE_MS_MAX - 1)
    assert.equal(cancelled(), false)
    net.run(1_000 + REINVITE_MS_MAX)
    assert.equal(cancelled(), true)
    net.run(200_000)
    assert.equal(a.heard[0]?.split(' ').slice(1).join(' '), 'ended timeout')
  })

  it('answers 480 to an INVITE that its user has left alone for a quarter of an hour, not before', () => {
    const { net, bob, eve, heard } = alone()
    net.inject(raw('INVITE'), eve, bob)
    net.run(UNANSWERED_MS_MAX - 1)
    assert.deepEqual(inShort(heard), ['100 INVITE'])
    net.run(UNANSWERED_MS_MAX)
    assert.deepEqual(inShort(heard), ['100 INVITE', '480 INVITE'])
    assert.deepEqual(bob.heard.slice(1), [`${UNANSWERED_MS_MAX} cancelled`])
    net.run(UNANSWERED_MS_MAX + 100_000)
    assert.equal(net.alive, 0)
  })

  it('can be answered in the last millisecond of that time', () => {
    const { net, bob, eve, heard } = alone()
    let call = 0
    bob.react = (output) => {
      if (output.kind === 'invited') call = output.call
    }
    net.inject(raw('INVITE'), eve, bob)
    net.run(UNANSWERED_MS_MAX - 1)
    bob.act(bob.endpoint.accept(bob.now, call, description(5_000)))
    net.run(UNANSWERED_MS_MAX + 400)
    assert.deepEqual(inShort(heard), ['100 INVITE', '200 INVITE sdp=5000'])
  })
})
