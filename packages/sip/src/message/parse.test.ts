import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Random } from '@tandem/testing'
import fc from 'fast-check'
import {
  HEAD_BYTES_MAX,
  HEADER_COUNT_MAX,
  HEADER_NAME_CHARS_MAX,
  HEADER_REPEATS_MAX,
  HEADER_VALUE_CHARS_MAX,
  MESSAGE_BYTES_MAX,
  METHOD_CHARS_MAX,
  START_LINE_CHARS_MAX,
  VIA_COUNT_MAX,
} from './limits.ts'
import type { SipMessage } from './message.ts'
import { type ParseFailure, parseMessage } from './parse.ts'
import { printMessage } from './print.ts'
import { encodeUtf8 } from './utf8.ts'
import { validateRequest, validateResponse } from './validate.ts'

const FRAME = [
  'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa',
  'Max-Forwards: 70',
  'From: <sip:a@example.test>;tag=1',
  'To: <sip:b@example.test>',
  'Call-ID: c1@192.0.2.1',
  'CSeq: 1 OPTIONS',
]

/** The bytes of an OPTIONS with further header lines, a body, and perhaps another first line. */
function bytesOf(lines: readonly string[] = [], options: { first?: string; body?: string } = {}): Uint8Array {
  const head = [options.first ?? 'OPTIONS sip:b@example.test SIP/2.0', ...FRAME, ...lines]
  return encodeUtf8(`${head.join('\r\n')}\r\n\r\n${options.body ?? ''}`)
}

function parsed(bytes: Uint8Array): SipMessage {
  const message = parseMessage(bytes)
  assert.ok(message.kind !== 'failure', message.kind === 'failure' ? message.reason : '')
  return message
}

function failed(bytes: Uint8Array): ParseFailure {
  const message = parseMessage(bytes)
  assert.ok(message.kind === 'failure', 'the message must be refused')
  return message
}

/** The status and reason in short. */
function verdict(bytes: Uint8Array): string {
  const message = parseMessage(bytes)
  return message.kind === 'failure' ? `${message.status} ${message.reason}` : message.kind
}

describe('parseMessage', () => {
  it('reads a request with its body (RFC 3261 §7.1)', () => {
    const message = parsed(bytesOf(['c: text/plain', 'Content-Length: 4'], { body: 'body and more' }))
    assert.ok(message.kind === 'request')
    assert.equal(message.method, 'OPTIONS')
    assert.equal(message.uri, 'sip:b@example.test')
    assert.equal(message.headers.get('Content-Type'), 'text/plain')
    assert.equal(new TextDecoder().decode(message.body), 'body')
  })

  it('reads a response, also without a reason (RFC 3261 §7.2)', () => {
    const message = parsed(bytesOf([], { first: 'SIP/2.0 183 Session Progress' }))
    assert.ok(message.kind === 'response')
    assert.deepEqual([message.status, message.reason], [183, 'Session Progress'])
    const bare = parsed(bytesOf([], { first: 'sip/2.0 100 ' }))
    assert.equal(bare.kind === 'response' && bare.reason, '')
  })

  it('takes a datagram to its end when Content-Length is missing (RFC 3261 §18.3)', () => {
    assert.equal(parsed(bytesOf([], { body: 'all of it' })).body.length, 9)
    assert.equal(parsed(bytesOf(['l: 0'], { body: 'none' })).body.length, 0)
  })

  it('skips empty lines before the message (RFC 3261 §7.5)', () => {
    assert.equal(verdict(encodeUtf8(`\r\n\r\n${new TextDecoder().decode(bytesOf())}`)), 'request')
  })

  it('unfolds values and trims them (RFC 3261 §7.3.1)', () => {
    const { headers } = parsed(bytesOf(['Subject :\r\n I know\r\n\t you are there  ', 'X-Empty:']))
    assert.equal(headers.get('Subject'), 'I know you are there')
    assert.equal(headers.get('X-Empty'), '')
  })

  it('splits comma lists, but not inside quotes and brackets (RFC 3261 §7.3.1)', () => {
    const { headers } = parsed(
      bytesOf([
        'm: "A, \\"B" <sip:a,b@h>;x="1,2",<sip:c@h>',
        'k: replaces, ,timer',
        'Authorization: Digest a=1, b=2',
      ]),
    )
    assert.deepEqual(headers.all('Contact'), ['"A, \\"B" <sip:a,b@h>;x="1,2"', '<sip:c@h>'])
    assert.deepEqual(headers.all('Supported'), ['replaces', 'timer'])
    assert.deepEqual(headers.all('Authorization'), ['Digest a=1, b=2'])
  })

  it('keeps an empty list as present: no formats are not any formats', () => {
    assert.deepEqual(parsed(bytesOf(['Accept:'])).headers.all('Accept'), [''])
  })

  it('gives each fault its status', () => {
    assert.equal(verdict(bytesOf([], { first: 'OPTIONS sip:b@h SIP/3.0' })), '505 Version Not Supported')
    assert.equal(verdict(bytesOf([], { first: 'OPTIONS sip:b@h HTTP/1.1' })), '400 Malformed Version')
    assert.equal(verdict(bytesOf([], { first: 'OPT{ONS sip:b@h SIP/2.0' })), '400 Malformed Method')
    assert.equal(verdict(bytesOf([], { first: 'OPTIONS  sip:b@h SIP/2.0' })), '400 Malformed Request Line')
    assert.equal(verdict(bytesOf([], { first: 'OPTIONS' })), '400 Malformed Start Line')
    assert.equal(verdict(bytesOf([], { first: 'SIP/2.0 700 No' })), '400 Malformed Status Line')
    assert.equal(verdict(bytesOf([], { first: 'SIP/2.0 099 No' })), '400 Malformed Status Line')
    assert.equal(verdict(bytesOf(['no colon here'])), '400 Header Line Without Colon')
    assert.equal(verdict(bytesOf([': no name'])), '400 Malformed Header Name')
    assert.equal(verdict(bytesOf(['Digest username="x": y'])), '400 Malformed Header Name')
    assert.equal(verdict(bytesOf(['To: <sip:c@h>'])), '400 Header Must Not Be Repeated')
    assert.equal(verdict(bytesOf(['t: <sip:c@h>'])), '400 Header Must Not Be Repeated')
    assert.equal(verdict(bytesOf(['Contact: "open'])), 'request') // One element: the value's own parser judges it.
    assert.equal(verdict(bytesOf(['Contact: "open, <sip:h>'])), '400 Malformed Header List')
    assert.equal(verdict(bytesOf(['Route: <sip:a>,,<sip:b>'])), '400 Malformed Header List')
    assert.equal(verdict(bytesOf(['Content-Length: 1'])), '400 Body Shorter Than Content-Length')
    assert.equal(verdict(bytesOf(['Content-Length: -1'])), '400 Malformed Content-Length')
    assert.equal(verdict(encodeUtf8('OPTIONS sip:b@h SIP/2.0\r\nVia: x\r\n')), '400 Missing End Of Headers')
    assert.equal(verdict(new Uint8Array(0)), '400 Missing End Of Headers')
  })

  it('takes no bare line end and no control character, but for a quoted pair', () => {
    for (const line of [
      'X: a\nY: b',
      'X: a\rY: b',
      'X: \u0000',
      'X: \u001b[31m',
      'X: \u007f',
      'X: \\\\\u0001',
    ])
      assert.equal(verdict(bytesOf([line])), '400 Control Character In Headers', JSON.stringify(line))
    assert.equal(verdict(bytesOf(['X: "\\\u0000"', 'Y: \ta', 'Z: Jürgen'])), 'request')
  })

  it('answers what it can of a faulty request, and never an ACK or a response', () => {
    const { request } = failed(bytesOf(['Content-Length: -1', 'v: SIP/2.0/UDP h2, SIP/2.0/UDP h3']))
    assert.deepEqual(request && [...request.headers].map(([name]) => name), [
      'Via',
      'From',
      'To',
      'Call-ID',
      'CSeq',
      'Via',
      'Via',
    ])
    assert.equal(failed(bytesOf(['broken'], { first: 'ACK sip:b@h SIP/2.0' })).request, undefined)
    assert.equal(failed(bytesOf(['broken'], { first: 'SIP/2.0 200 OK' })).request, undefined)
    assert.equal(failed(encodeUtf8('INVITE sip:h SIP/2.0\r\nVia: ;;\r\nbroken\r\n\r\n')).request, undefined)
  })
})

describe('limits of a message', () => {
  const line = (name: string, length: number): string => `${name}: ${'x'.repeat(length)}`
  const times = (count: number, make: (index: number) => string): string[] =>
    Array.from({ length: count }, (_, index) => make(index))

  it('hold at the limit and one past it', () => {
    const startLine = (length: number): string => `OPTIONS sip:${'h'.repeat(length - 20)} SIP/2.0`
    const cases: readonly (readonly [at: Uint8Array, past: Uint8Array, verdict: string])[] = [
      [
        bytesOf([], { first: startLine(START_LINE_CHARS_MAX) }),
        bytesOf([], { first: startLine(START_LINE_CHARS_MAX + 1) }),
        '414 Request-URI Too Long',
      ],
      [
        bytesOf([], { first: `${'M'.repeat(METHOD_CHARS_MAX)} sip:h SIP/2.0` }),
        bytesOf([], { first: `${'M'.repeat(METHOD_CHARS_MAX + 1)} sip:h SIP/2.0` }),
        '400 Malformed Method',
      ],
      [
        bytesOf([`${'N'.repeat(HEADER_NAME_CHARS_MAX)}: x`]),
        bytesOf([`${'N'.repeat(HEADER_NAME_CHARS_MAX + 1)}: x`]),
        '400 Header Name Too Long',
      ],
      [
        bytesOf([line('Identity', HEADER_VALUE_CHARS_MAX)]),
        bytesOf([line('Identity', HEADER_VALUE_CHARS_MAX + 1)]),
        '400 Header Value Too Long',
      ],
      [
        bytesOf(times(HEADER_REPEATS_MAX, (index) => `X-A: ${index}`)),
        bytesOf(times(HEADER_REPEATS_MAX + 1, (index) => `X-A: ${index}`)),
        '400 Header Repeated Too Often',
      ],
      [
        bytesOf(times(VIA_COUNT_MAX - 1, () => 'v: SIP/2.0/UDP h')),
        bytesOf(times(VIA_COUNT_MAX, () => 'v: SIP/2.0/UDP h')),
        '400 Header Repeated Too Often',
      ],
      [
        bytesOf(times(HEADER_COUNT_MAX - FRAME.length, (index) => `X${index}: a`)),
        bytesOf(times(HEADER_COUNT_MAX - FRAME.length + 1, (index) => `X${index}: a`)),
        '400 Too Many Headers',
      ],
      [headOf(HEAD_BYTES_MAX), headOf(HEAD_BYTES_MAX + 1), '400 Headers Too Large'],
      [
        bytesOf([], { body: 'b'.repeat(MESSAGE_BYTES_MAX - bytesOf().length) }),
        bytesOf([], { body: 'b'.repeat(MESSAGE_BYTES_MAX + 1 - bytesOf().length) }),
        '513 Message Too Large',
      ],
    ]
    for (const [at, past, expected] of cases) {
      assert.equal(verdict(at), 'request', expected)
      assert.equal(verdict(past), expected)
    }
  })

  /** A head of exactly `bytes` bytes, its final CRLF CRLF not counted. */
  function headOf(bytes: number): Uint8Array {
    const filler = ['X-A', 'X-B', 'X-C', 'X-D'].map((name) => line(name, 8_000))
    const missing = bytes - (bytesOf([...filler, 'X-E: ']).length - 4)
    return bytesOf([...filler, line('X-E', missing)])
  }
})

describe('parseMessage and printMessage, at random', () => {
  /** Nothing that is printed may differ from what was read: RFC 4475 and the fields of this test alike. */
  function assertStable(bytes: Uint8Array): void {
    const message = parseMessage(bytes)
    if (message.kind === 'failure') return
    const printed = printMessage(message)
    const again = parseMessage(printed)
    assert.ok(again.kind !== 'failure', 'what was printed must parse')
    assert.deepEqual(printMessage(again), printed)
    if (message.kind === 'request') validateRequest(message)
    else validateResponse(message)
  }

  it('reads back what it prints', () => {
    const value = fc.string({
      unit: fc.constantFrom(
        'a',
        'B',
        '7',
        ' ',
        ',',
        ';',
        '=',
        '"',
        '\\',
        '<',
        '>',
        '@',
        ':',
        'ü',
        '\u{1f600}',
      ),
    })
    const name = fc.constantFrom('Contact', 'v', 'Allow', 'k', 'X-Foo', 'Subject', 'Warning', 'c')
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, value), { maxLength: 12 }),
        fc.uint8Array({ maxLength: 40 }),
        (fields, body) => {
          const head = bytesOf(fields.map(([field, text]) => `${field}: ${text}`))
          const whole = new Uint8Array(head.length + body.length)
          whole.set(head)
          whole.set(body, head.length)
          assertStable(whole)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('never throws on a message with bytes changed, lost, doubled or added', () => {
    const original = bytesOf(
      ['Contact: "A" <sip:a@[::1]:5060;lr>;q=0.5', 'Content-Type: application/sdp', 'l: 3'],
      { body: 'v=0' },
    )
    const interesting = [0, 9, 10, 13, 32, 34, 37, 44, 58, 59, 60, 61, 62, 64, 91, 92, 93, 127, 128, 255]
    for (let seed = 0; seed < 3_000; seed++) {
      const random = new Random(seed)
      const bytes = [...original]
      for (let change = random.below(6); change >= 0; change--) {
        const at = random.below(bytes.length)
        const byte = random.chance(0.7) ? random.pick(interesting) : random.below(256)
        const how = random.below(4)
        if (how === 0) bytes[at] = byte
        else if (how === 1) bytes.splice(at, random.below(20))
        else if (how === 2) bytes.splice(at, 0, ...bytes.slice(at, at + random.below(40)))
        else bytes.splice(at, 0, byte)
        if (bytes.length === 0) bytes.push(13)
      }
      try {
        assertStable(Uint8Array.from(bytes))
      } catch (error) {
        assert.fail(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  })
})
