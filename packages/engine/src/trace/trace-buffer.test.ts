import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Headers, NO_BODY, type SipMessage } from '@tandem/sip'
import { TRACE_MESSAGES_MAX, TraceBuffer } from './trace-buffer.ts'

function message(callId: string, method = 'INVITE', cseq = 1): SipMessage {
  const headers = new Headers([
    ['Call-ID', callId],
    ['CSeq', `${cseq} ${method}`],
  ])
  return { kind: 'request', method, uri: 'sip:x', headers, body: NO_BODY }
}

function cseqs(buffer: TraceBuffer, sessionId: string): (string | undefined)[] {
  return buffer.of(sessionId).messages.map((kept) => kept.message.headers.get('CSeq'))
}

describe('the ring of SIP messages', () => {
  it('keeps the messages of a call, also those from before its leg was known, in order', () => {
    const buffer = new TraceBuffer(10)
    buffer.note(1, 'in', message('a', 'INVITE', 1))
    buffer.note(2, 'in', message('b', 'INVITE', 1))
    buffer.bind('a', { leg: 'leg-1', sessionId: 's', orgId: 'acme' })
    buffer.note(3, 'out', message('a', 'BYE', 2))
    assert.deepEqual(cseqs(buffer, 's'), ['1 INVITE', '2 BYE'])
    const { messages, orgId } = buffer.of('s')
    assert.equal(orgId, 'acme')
    assert.deepEqual(
      messages.map(({ at, direction, leg }) => [at, direction, leg]),
      [
        [1, 'in', 'leg-1'],
        [3, 'out', 'leg-1'],
      ],
    )
    assert.deepEqual(buffer.of('other').messages, [])
  })

  it('is as large as its limit, and forgets the oldest one past it', () => {
    const buffer = new TraceBuffer(3)
    for (let cseq = 1; cseq <= 3; cseq++) buffer.note(cseq, 'in', message('a', 'INFO', cseq))
    buffer.bind('a', { leg: 'leg-1', sessionId: 's', orgId: 'acme' })
    assert.equal(buffer.size, 3)
    assert.deepEqual(cseqs(buffer, 's'), ['1 INFO', '2 INFO', '3 INFO'])
    buffer.note(4, 'in', message('a', 'INFO', 4))
    assert.equal(buffer.size, 3)
    assert.deepEqual(cseqs(buffer, 's'), ['2 INFO', '3 INFO', '4 INFO'])
  })

  it('forgets a call with its last message', () => {
    const buffer = new TraceBuffer(2)
    buffer.note(1, 'in', message('a'))
    buffer.bind('a', { leg: 'leg-1', sessionId: 's', orgId: 'acme' })
    buffer.note(2, 'in', message('b'))
    assert.equal(buffer.dialogs, 2)
    buffer.note(3, 'in', message('b'))
    assert.equal(buffer.dialogs, 1)
    assert.deepEqual(buffer.of('s').messages, [])
    buffer.note(4, 'in', message('a'))
    assert.deepEqual(buffer.of('s').messages, [], 'the same Call-ID again is unknown')
  })

  it('shows the messages of a leg in every session that it was part of', () => {
    const buffer = new TraceBuffer(5)
    buffer.note(1, 'in', message('a'))
    buffer.bind('a', { leg: 'leg-1', sessionId: 's', orgId: 'acme' })
    buffer.moved('leg-1', 't')
    buffer.moved('leg-1', 't')
    buffer.moved('leg-9', 't')
    assert.equal(cseqs(buffer, 's').length, 1)
    assert.equal(cseqs(buffer, 't').length, 1)
  })

  it('keeps nothing of what is no call, nor anything at all at a limit of 0', () => {
    const buffer = new TraceBuffer(5)
    for (const method of ['REGISTER', 'OPTIONS', 'SUBSCRIBE', 'PUBLISH'])
      buffer.note(1, 'in', message('a', method))
    assert.equal(buffer.size, 0)
    const none = new TraceBuffer(0)
    none.note(1, 'in', message('a'))
    none.bind('a', { leg: 'leg-1', sessionId: 's', orgId: 'acme' })
    assert.equal(none.size + none.dialogs, 0)
    assert.equal(TRACE_MESSAGES_MAX, 20_000)
  })
})
