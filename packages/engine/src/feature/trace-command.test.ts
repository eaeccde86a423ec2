import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeUtf8, Headers } from '@tandem/sip'
import type { TracedMessage } from '../commands.ts'
import { linesOf, Mask, titleOf } from '../trace/redact.ts'
import { actorOf, crypto, World } from '../world.test.ts'

function traced(world: World, callSessionId: string): readonly TracedMessage[] {
  const result = world.command({ kind: 'trace', callSessionId })
  assert.ok(result?.kind === 'trace', JSON.stringify(result))
  assert.equal(result.orgId, 'acme')
  return result.messages
}

/** 101 calls 102; both talk, and one hangs up. */
function finished(): { world: World; callSessionId: string } {
  const world = new World()
  const [caller, callee] = world.registered('u101', 'u102')
  caller?.invite('102')
  world.run(500)
  const callSessionId = world.list('acme-101')[0]?.callSessionId ?? ''
  callee?.ring()
  callee?.answer()
  world.run(500)
  world.command({ kind: 'transmitDtmf', actor: actorOf('acme-101'), dtmf: '4111' })
  caller?.hangUp()
  world.run(60_000)
  world.assertAtRest()
  return { world, callSessionId }
}

describe('the trace of a conversation', () => {
  it('is its ladder, leg by leg, also after its end', () => {
    const { world, callSessionId } = finished()
    const messages = traced(world, callSessionId)
    const legs = [...new Set(messages.map(({ leg }) => leg))]
    assert.equal(legs.length, 2)
    const ladder = (leg: string | undefined): string[] =>
      messages.filter((each) => each.leg === leg).map(({ direction, title }) => `${direction} ${title}`)
    assert.deepEqual(ladder(legs[0]), [
      'in INVITE',
      'out 100 Trying INVITE',
      'out 401 Unauthorized INVITE',
      'in INVITE', // It has overtaken the ACK on the way.
      'out 100 Trying INVITE',
      'in ACK',
      'out 180 Ringing INVITE',
      'out 200 OK INVITE',
      'in ACK',
      'in BYE',
      'out 200 OK BYE',
    ])
    assert.deepEqual(ladder(legs[1]), [
      'out INVITE',
      'in 100 Trying INVITE',
      'in 180 Ringing INVITE',
      'in 200 OK INVITE',
      'out ACK',
      'out BYE',
      'in 200 OK BYE',
    ])
    const times = messages.map(({ at }) => at)
    assert.deepEqual(times, times.toSorted())
  })

  it('names nobody: no user, no name, no address, no number, no Call-ID; the same one has the same number', () => {
    const { world, callSessionId } = finished()
    const messages = traced(world, callSessionId)
    const all = messages.flatMap(({ lines, title }) => [title, ...lines]).join('\n')
    const people = all.replaceAll('a=rtpmap:101 ', '')
    assert.doesNotMatch(people, /u101|u102|\b10[12]\b|acme|198\.51|192\.0\.2|secret|nonce|@\w+\.test|4111/)
    const from = messages.map(({ lines }) => lines.find((line) => line.startsWith('From:')))
    assert.match(from[0] ?? '', /^From: <sip:user-\d+@host-\d+>;tag=/)
    const users = new Set(from.slice(0, 3).map((line) => /user-\d+/.exec(line ?? '')?.[0]))
    assert.equal(users.size, 1)
    assert.match(all, /^CSeq: \d+ INVITE$/m)
    assert.match(all, /^a=rtpmap:0 PCMU\/8000$/m)
    assert.match(all, /^a=sendrecv$/m)
    assert.match(all, /^Call-ID: [0-9a-f]{8}$/m)
  })

  it('is not known of a conversation that never was, or of which nothing is kept', () => {
    const { world } = finished()
    const command = { kind: 'trace', callSessionId: '00000000-0000-4000-8000-000000000000' } as const
    assert.deepEqual(world.command(command), { kind: 'refused', error: 'session_not_found' })
    const none = new World({ limits: { traceMessagesMax: 0 } })
    const [caller] = none.registered('u101')
    caller?.invite('102')
    none.run(500)
    const callSessionId = none.records[0]?.callSessionId ?? none.list('acme-101')[0]?.callSessionId ?? ''
    assert.deepEqual(none.command({ kind: 'trace', callSessionId }), {
      kind: 'refused',
      error: 'session_not_found',
    })
  })
})

describe('a message as an operator sees it', () => {
  it('shows nothing that a phone may have made up', () => {
    const headers = new Headers([
      ['From', '"Ada Lovelace" <sip:ada@example.test;ada=1>;tag=x;ada=2'],
      ['To', 'Ada Lovelace'],
      ['Contact', '<mailto:ada@example.test>'],
      ['Refer-To', '<tel:+4930123456>'],
      ['Call-ID', 'ada@example.test'],
      ['CSeq', '7 ADA'],
      ['Supported', '"Ada"'],
      ['Reason', 'SIP;cause=200;text="Ada"'],
      ['Subject', 'Ada'],
      ['X-Ada', 'Ada'],
      ['Content-Type', 'text/plain'],
    ])
    const body = encodeUtf8('Ada')
    const request = { kind: 'request', method: 'ada', uri: 'sip:ada@example.test', headers, body } as const
    const response = { kind: 'response', status: 299, reason: 'Ada', headers, body } as const
    const mask = new Mask((text) => crypto(1).hash('sha256', text))
    assert.equal(titleOf(request), 'OTHER')
    assert.equal(titleOf(response), '299 ADA')
    const lines = linesOf(request, mask)
    assert.doesNotMatch(
      lines.filter((line) => !line.startsWith('CSeq')).join('\n'),
      /ada|lovelace|example|4930/i,
    )
    assert.deepEqual(lines.slice(0, 1), ['OTHER sip:user-1@host-1'])
    assert.ok(lines.includes('Reason: SIP;cause=200'))
    assert.ok(lines.includes('Refer-To: <tel:user-2>'))
    assert.ok(lines.includes('(3 bytes not shown)'))
  })

  it('shows a description by its media lines alone, and a broken one not at all', () => {
    const text =
      'v=0\r\no=ada 1 1 IN IP4 192.0.2.7\r\ns=Ada\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=x-ada:1\r\na=sendonly\r\n'
    const of = (body: string): readonly string[] => {
      const headers = new Headers([['Content-Type', 'application/sdp']])
      const mask = new Mask((hashed) => hashed)
      return linesOf(
        { kind: 'response', status: 200, reason: 'OK', headers, body: encodeUtf8(body) },
        mask,
      ).slice(1)
    }
    assert.deepEqual(of(text), [
      'm=audio 4000 RTP/AVP',
      'c=host-1',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 TELEPHONE-EVENT/8000',
      'a=sendonly',
    ])
    assert.deepEqual(of('Ada'), ['(a description that cannot be read)'])
  })
})
