import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Instant, NEVER } from '@tandem/base'
import { at, Random } from '@tandem/testing'
import { InviteServerTransaction, type ServerOutput } from './invite-server.ts'
import { requestOf, responseOf } from './messages.test.ts'
import { NonInviteServerTransaction } from './non-invite-server.ts'

type Server = InviteServerTransaction | NonInviteServerTransaction

function brief(now: Instant, outputs: readonly ServerOutput[]): string[] {
  return outputs.map((output) => {
    if (output.kind === 'send') return `${now} send ${output.response.status}`
    return output.kind === 'acknowledged' ? `${now} acknowledged` : `${now} ended ${output.why}`
  })
}

function run(tx: Server, ms: number): string[] {
  const log: string[] = []
  while (tx.deadline <= ms) {
    const now = tx.deadline
    log.push(...brief(now, tx.tick(now)))
    assert.ok(tx.deadline > now, 'a tick at the deadline moves the deadline')
  }
  return log
}

function respond(tx: Server, ms: number, status: number): string[] {
  return brief(at(ms), tx.respond(at(ms), responseOf(status)))
}

function receive(tx: Server, ms: number, method: string): string[] {
  return brief(at(ms), tx.receive(at(ms), requestOf(method)))
}

describe('InviteServerTransaction', () => {
  it('repeats its provisional response to a copy of the INVITE (RFC 3261 §17.2.1)', () => {
    const tx = new InviteServerTransaction({ reliable: false })
    assert.deepEqual(receive(tx, 0, 'INVITE'), [])
    assert.deepEqual(respond(tx, 0, 180), ['0 send 180'])
    assert.deepEqual(receive(tx, 500, 'INVITE'), ['500 send 180'])
    assert.equal(tx.deadline, NEVER)
  })

  it('repeats a rejection on Timer G up to T2 and gives up on Timer H (RFC 3261 §17.2.1)', () => {
    const tx = new InviteServerTransaction({ reliable: false })
    assert.deepEqual(respond(tx, 0, 486), ['0 send 486'])
    assert.deepEqual(run(tx, 60_000), [
      '500 send 486',
      '1500 send 486',
      '3500 send 486',
      '7500 send 486',
      '11500 send 486',
      '15500 send 486',
      '19500 send 486',
      '23500 send 486',
      '27500 send 486',
      '31500 send 486',
      '32000 ended timeout',
    ])
  })

  it('soaks up copies of the ACK for T4, and over TCP not at all (RFC 3261 §17.2.1)', () => {
    const tx = new InviteServerTransaction({ reliable: false })
    respond(tx, 0, 486)
    assert.deepEqual(receive(tx, 100, 'ACK'), [])
    assert.deepEqual(receive(tx, 200, 'INVITE'), [])
    assert.deepEqual(run(tx, 60_000), ['5100 ended done'])

    const tcp = new InviteServerTransaction({ reliable: true })
    respond(tcp, 0, 486)
    assert.deepEqual(receive(tcp, 100, 'ACK'), ['100 ended done'])
  })

  it('absorbs copies of the INVITE after a 2xx until Timer L, and passes an ACK on (RFC 6026 §7.1)', () => {
    const tx = new InviteServerTransaction({ reliable: false })
    assert.deepEqual(respond(tx, 0, 200), ['0 send 200'])
    assert.deepEqual(receive(tx, 100, 'INVITE'), [])
    assert.deepEqual(respond(tx, 500, 200), ['500 send 200'])
    assert.deepEqual(respond(tx, 600, 486), [])
    assert.deepEqual(receive(tx, 700, 'ACK'), ['700 acknowledged'])
    assert.deepEqual(tx.sendFailed(), [])
    assert.deepEqual(run(tx, 60_000), ['32000 ended done'])
  })
})

describe('NonInviteServerTransaction', () => {
  it('repeats its final response to copies until Timer J (RFC 3261 §17.2.2)', () => {
    const tx = new NonInviteServerTransaction(at(0), { reliable: false })
    assert.deepEqual(receive(tx, 10, 'BYE'), [])
    assert.deepEqual(respond(tx, 100, 200), ['100 send 200'])
    assert.deepEqual(respond(tx, 150, 500), [])
    assert.deepEqual(receive(tx, 500, 'BYE'), ['500 send 200'])
    assert.deepEqual(run(tx, 60_000), ['32100 ended done'])
  })

  it('ends at once over TCP, and by itself when nobody answers (RFC 4320 §4)', () => {
    const tcp = new NonInviteServerTransaction(at(0), { reliable: true })
    assert.deepEqual(respond(tcp, 100, 200), ['100 send 200', '100 ended done'])
    assert.deepEqual(run(new NonInviteServerTransaction(at(0), { reliable: false }), 60_000), [
      '32000 ended timeout',
    ])
  })
})

describe('server transactions', () => {
  it('end at most once and are silent after, whatever the order of inputs', () => {
    for (let seed = 0; seed < 1_000; seed++) {
      const random = new Random(seed)
      const reliable = random.chance(0.5)
      const invite = random.chance(0.5)
      const tx = invite
        ? new InviteServerTransaction({ reliable })
        : new NonInviteServerTransaction(at(0), { reliable })
      let ended = false
      for (let now = 0, step = 0; step < 50; step++, now += random.below(8_000)) {
        const outputs = random.pick([
          () => tx.tick(at(now)),
          () => tx.respond(at(now), responseOf(random.pick([100, 180, 200, 486]))),
          () => tx.receive(at(now), requestOf(invite ? random.pick(['INVITE', 'ACK']) : 'BYE')),
          () => tx.sendFailed(),
        ])()
        assert.ok(!ended || outputs.length === 0, `seed ${seed}: spoke after the end`)
        ended ||= outputs.some((output) => output.kind === 'ended')
      }
    }
  })
})
