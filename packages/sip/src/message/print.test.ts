import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Headers } from './headers.ts'
import { NO_BODY } from './message.ts'
import { printMessage } from './print.ts'
import { decodeUtf8, encodeUtf8, encodeUtf8With } from './utf8.ts'

it('writes one line a value, word lists on one line, and the true Content-Length (RFC 3261 §7.3)', () => {
  const headers = new Headers([
    ['Via', 'SIP/2.0/UDP a'],
    ['Via', 'SIP/2.0/UDP b'],
    ['Allow', 'INVITE'],
    ['Allow', 'ACK'],
    ['Content-Length', '99'],
    ['Subject', 'Grüße'],
  ])
  const bytes = printMessage({
    kind: 'request',
    method: 'INVITE',
    uri: 'sip:b',
    headers,
    body: encodeUtf8('ü!'),
  })
  assert.equal(
    decodeUtf8(bytes),
    'INVITE sip:b SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nVia: SIP/2.0/UDP b\r\nAllow: INVITE, ACK\r\nSubject: Grüße\r\nContent-Length: 3\r\n\r\nü!',
  )
})

it('writes a message without headers', () => {
  const bytes = printMessage({
    kind: 'response',
    status: 200,
    reason: 'OK',
    headers: new Headers(),
    body: NO_BODY,
  })
  assert.equal(decodeUtf8(bytes), 'SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n')
})

it('lets no line end into the start line', () => {
  const headers = new Headers()
  const evil = 'sip:b SIP/2.0\r\nX: y'
  const request = decodeUtf8(
    printMessage({ kind: 'request', method: 'A', uri: evil, headers, body: NO_BODY }),
  )
  const response = decodeUtf8(
    printMessage({ kind: 'response', status: 500, reason: evil, headers, body: NO_BODY }),
  )
  for (const text of [request, response]) assert.equal(text.split('\r\n').length, 4)
})

it('hands out bytes that later texts do not overwrite, whatever their sizes', () => {
  const sizes = [0, 1, 5_000, 5_461, 5_462, 16_384, 40_000, 3, 7]
  const texts = sizes.map((size, index) => (index % 2 === 0 ? 'ü' : 'a').repeat(size))
  const tail = Uint8Array.of(1, 2, 3)
  const made = texts.map((text) => encodeUtf8With(text, tail))
  for (const [index, bytes] of made.entries()) {
    assert.equal(decodeUtf8(bytes.subarray(0, -3)), texts[index])
    assert.deepEqual([...bytes.subarray(-3)], [1, 2, 3])
  }
})

it('hands out whole texts at the end of a slab, when each character takes more bytes than it seems', () => {
  for (let count = 0; count < 500; count++) {
    const text = 'ü'.repeat(100 + (count % 7))
    assert.equal(decodeUtf8(encodeUtf8(text)), text)
  }
})

it('writes no comma beside an empty word', () => {
  const headers = new Headers(['', 'a', '', 'b'].map((value) => ['Supported', value] as const))
  const bytes = printMessage({ kind: 'response', status: 200, reason: 'OK', headers, body: NO_BODY })
  assert.ok(decodeUtf8(bytes).includes('\r\nSupported: a, b\r\n'))
})
