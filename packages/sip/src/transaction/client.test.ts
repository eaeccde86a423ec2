import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Instant, NEVER } from '@tandem/base'
import { at, Random } from '@tandem/testing'
import { type ClientOutput, InviteClientTransaction } from './invite-client.ts'
import { requestOf, responseOf } from './messages.test.ts'
import { NonInviteClientTransaction } from './non-invite-client.ts'

type Client = InviteClientTransaction | NonInviteClientTransaction

/** A transaction whose first tick, at 0 ms, is done. */
function started(method: string, options: { reliable?: boolean } = {}): Client {
  const reliable = options.reliable ?? false
  const request = requestOf(method)
  const tx =
    method === 'INVITE'
      ? new InviteClientTransaction(at(0), request, { reliable })
      : new NonInviteClientTransaction(at(0), request, { reliable })
  assert.deepEqual(run(tx, 0), [`0 send ${method}`])
  return tx
}

/** Ticks at each deadline up to `ms`, and says in short what came out and when. */
function run(tx: Client, ms: number): string[] {
  const log: string[] = []
  while (tx.deadline <= ms) {
    const now = tx.deadline
    log.push(...tx.tick(now).map((output) => brief(now, output)))
    assert.ok(tx.deadline > now, 'a tick at the deadline moves the deadline')
  }
  return log
}

function receive(tx: Client, ms: number, status: number): string[] {
  return tx.receive(at(ms), responseOf(status)).map((output) => brief(at(ms), output))
}

function brief(now: Instant, output: ClientOutput): string {
  if (output.kind === 'send') return `${now} send ${output.request.method}`
  return output.kind === 'response' ? `${now} up ${output.response.status}` : `${now} ended ${output.why}`
}

describe('InviteClientTransaction', () => {
  it('resends on Timer A and gives up on Timer B (RFC 3261 §17.1.1.2)', () => {
    assert.deepEqual(run(started('INVITE'), 60_000), [
      '500 send INVITE',
      '1500 send INVITE',
      '3500 send INVITE',
      '7500 send INVITE',
      '15500 send INVITE',
      '31500 send INVITE',
      '32000 ended timeout',
    ])
  })

  it('stops resending at the first provisional response', () => {
    const tx = started('INVITE')
    assert.deepEqual(receive(tx, 100, 180), ['100 up 180'])
    assert.equal(tx.deadline, NEVER)
  })

  it('passes a rejection up once and repeats only the ACK (RFC 3261 §17.1.1.3)', () => {
    const tx = started('INVITE')
    assert.deepEqual(receive(tx, 100, 486), ['100 send ACK', '100 up 486'])
    assert.deepEqual(receive(tx, 600, 486), ['600 send ACK'])
    assert.deepEqual(receive(tx, 700, 200), [])
    assert.deepEqual(run(tx, 60_000), ['32100 ended done'])
  })

  it('makes the ACK of a rejection from the INVITE and the To of the response (RFC 3261 §17.1.1.3)', () => {
    const [sent] = started('INVITE').receive(at(10), responseOf(486))
    assert.ok(sent?.kind === 'send')
    assert.deepEqual(
      [...sent.request.headers].map(([name, value]) => `${name}: ${value}`),
      [
        'Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1',
        'From: <sip:ada@example.test>;tag=a',
        'Call-ID: c1',
        'To: <sip:bob@example.test>;tag=b',
        'CSeq: 7 ACK',
        'Max-Forwards: 70',
        'Route: <sip:edge.example.test;lr>',
      ],
    )
  })

  it('passes every 2xx up until Timer M (RFC 6026 §7.2)', () => {
    const tx = started('INVITE')
    assert.deepEqual(receive(tx, 100, 200), ['100 up 200'])
    assert.deepEqual(receive(tx, 900, 200), ['900 up 200'])
    assert.deepEqual(receive(tx, 950, 486), [])
    assert.deepEqual(run(tx, 60_000), ['32100 ended done'])
  })

  it('sends nothing twice over a reliable transport', () => {
    assert.deepEqual(run(started('INVITE', { reliable: true }), 60_000), ['32000 ended timeout'])
    const rejected = receive(started('INVITE', { reliable: true }), 100, 486)
    assert.deepEqual(rejected, ['100 send ACK', '100 up 486', '100 ended done'])
  })
})

describe('NonInviteClientTransaction', () => {
  it('resends on Timer E up to T2 and gives up on Timer F (RFC 3261 §17.1.2.2)', () => {
    assert.deepEqual(run(started('BYE'), 60_000), [
      '500 send BYE',
      '1500 send BYE',
      '3500 send BYE',
      '7500 send BYE',
      '11500 send BYE',
      '15500 send BYE',
      '19500 send BYE',
      '23500 send BYE',
      '27500 send BYE',
      '31500 send BYE',
      '32000 ended timeout',
    ])
  })

  it('resends every T2 after a provisional response, and still gives up (RFC 3261 §17.1.2.2)', () => {
    const tx = started('BYE')
    assert.deepEqual(receive(tx, 20_000, 100), ['20000 up 100'])
    assert.deepEqual(run(tx, 60_000), ['24000 send BYE', '28000 send BYE', '32000 ended timeout'])
  })

  it('passes one final response up, and soaks up its copies for T4 (RFC 3261 §17.1.2.2)', () => {
    const tx = started('BYE')
    assert.deepEqual(receive(tx, 100, 200), ['100 up 200'])
    assert.deepEqual(receive(tx, 200, 200), [])
    assert.deepEqual(run(tx, 60_000), ['5100 ended done'])
    assert.deepEqual(receive(started('BYE', { reliable: true }), 100, 200), ['100 up 200', '100 ended done'])
  })
})

describe('client transactions', () => {
  it('end at most once and are silent after, whatever the order of inputs', () => {
    for (let seed = 0; seed < 1_000; seed++) {
      const random = new Random(seed)
      const tx = started(random.pick(['INVITE', 'BYE']), { reliable: random.pick([true, false]) })
      let ended = false
      for (let now = 0, step = 0; step < 50; step++, now += random.below(8_000)) {
        const input = random.pick(['tick', 'receive', 'sendFailed'])
        const outputs =
          input === 'tick'
            ? tx.tick(at(now))
            : input === 'receive'
              ? tx.receive(at(now), responseOf(random.pick([100, 180, 200, 302, 486, 603])))
              : tx.sendFailed()
        assert.ok(!ended || outputs.length === 0, `seed ${seed}: spoke after the end`)
        ended ||= outputs.some((output) => output.kind === 'ended')
      }
    }
  })
})
