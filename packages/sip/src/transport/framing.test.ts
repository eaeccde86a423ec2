import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Random } from '@tandem/testing'
import { HEAD_BYTES_MAX, MESSAGE_BYTES_MAX } from '../message/limits.ts'
import { decodeUtf8, encodeUtf8 } from '../message/utf8.ts'
import { type FramerOutput, PINGS_MAX, StreamFramer } from './framing.ts'

function message(callId: string, body = '', length: string | null = String(body.length)): string {
  const lines = ['MESSAGE sip:b@h SIP/2.0', 'Via: SIP/2.0/TCP h;branch=z9hG4bKa', `Call-ID: ${callId}`]
  if (length !== null) lines.push(`Content-Length: ${length}`)
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

function brief(output: FramerOutput): string {
  if (output.kind === 'ping') return 'ping'
  if (output.kind === 'failed') return `${output.failure.status} ${output.failure.reason}`
  return `${output.message.headers.get('Call-ID')}:${decodeUtf8(output.message.body)}`
}

/** What comes out when the chunks go in one after the other. */
function run(...chunks: string[]): string[] {
  const framer = new StreamFramer()
  return chunks.flatMap((chunk) => framer.push(encodeUtf8(chunk))).map(brief)
}

describe('StreamFramer', () => {
  it('cuts messages out of a stream, whatever the chunks (RFC 3261 §18.3)', () => {
    const stream = `${message('1', 'one')}\r\n${message('2')}\r\n\r\n${message('3', '\r\n\r\n')}${message('4')}`
    assert.deepEqual(run(stream), ['1:one', '2:', 'ping', '3:\r\n\r\n', '4:'])
    assert.deepEqual(run(...stream), ['1:one', '2:', 'ping', '3:\r\n\r\n', '4:'])
    for (let seed = 0; seed < 200; seed++) {
      const random = new Random(seed)
      const chunks: string[] = []
      for (let at = 0; at < stream.length; ) {
        const size = 1 + random.below(120)
        chunks.push(stream.slice(at, at + size))
        at += size
      }
      assert.deepEqual(run(...chunks), ['1:one', '2:', 'ping', '3:\r\n\r\n', '4:'], `seed ${seed}`)
    }
  })

  it('takes a thousand messages in one chunk (attack case S19)', () => {
    assert.equal(run(message('x').repeat(1_000)).length, 1_000)
  })

  it('reports a ping once a chunk, and takes a pong for nothing (RFC 5626 §3.5.1)', () => {
    assert.deepEqual(run('\r\n\r\n'), ['ping'])
    assert.deepEqual(run('\r\n\r\n\r\n\r\n\r\n\r\n'), ['ping'])
    assert.deepEqual(run('\r', '\n\r', '\n'), ['ping'])
    assert.deepEqual(run('\r\n', message('1')), ['1:'])
    const framer = new StreamFramer()
    framer.push(encodeUtf8('\r\n'))
    assert.equal(framer.heldBytes, 0)
    framer.push(encodeUtf8('INVITE'))
    assert.equal(framer.heldBytes, 6)
  })

  it('ends a stream of nothing but pings, counted anew after each message', () => {
    const framer = new StreamFramer()
    for (let turn = 0; turn < 2; turn++) {
      framer.push(encodeUtf8('\r\n\r\n'.repeat(PINGS_MAX)))
      assert.deepEqual(framer.push(encodeUtf8(message('1'))).map(brief), ['1:'])
    }
    framer.push(encodeUtf8('\r\n\r\n'.repeat(PINGS_MAX)))
    assert.equal(framer.failed, false)
    assert.deepEqual(framer.push(encodeUtf8('\r\n\r\n')).map(brief), ['ping', '400 Endless Keep-Alives'])
    assert.deepEqual(framer.push(encodeUtf8(message('1'))), [])
  })

  it('gives up where a message has no readable length (attack case S19)', () => {
    assert.deepEqual(run(message('1', 'x', null), message('2')), ['400 Missing Content-Length'])
    assert.deepEqual(run(message('1', '', '-1'), message('2')), ['400 Malformed Content-Length'])
    assert.deepEqual(run(message('1', '', '99999999999999999999')), ['513 Message Too Large'])
    assert.deepEqual(run('GET / HTTP/1.1\r\n\r\n', message('2')), ['400 Malformed Version'])
  })

  it('saves enough of what failed to answer it', () => {
    const [output] = new StreamFramer().push(encodeUtf8(message('1', '', '-1')))
    assert.ok(output?.kind === 'failed')
    assert.equal(output.failure.request?.headers.get('Call-ID'), '1')
  })

  it('holds no more than one message: at the limits and one past them', () => {
    const head = message('1', '', '00000').length
    const fits = MESSAGE_BYTES_MAX - head
    const atLimit = new StreamFramer().push(encodeUtf8(message('1', 'b'.repeat(fits))))
    assert.equal(atLimit[0]?.kind, 'message')
    assert.deepEqual(run(message('1', '', String(fits + 1))), ['513 Message Too Large'])

    const framer = new StreamFramer()
    assert.deepEqual(framer.push(encodeUtf8('x'.repeat(HEAD_BYTES_MAX))), [])
    assert.deepEqual(framer.push(encodeUtf8('x')).map(brief), ['400 Headers Too Large'])
    assert.equal(framer.heldBytes, 0)
  })

  it('does not keep the chunk that it was given', () => {
    const framer = new StreamFramer()
    const chunk = Uint8Array.from(encodeUtf8(message('1', 'body')))
    const [output] = framer.push(chunk)
    chunk.fill(0)
    assert.equal(output && brief(output), '1:body')
  })
})
