/**
 * Attack cases that broke other stacks, as our parsers meet them; the numbers are those of our list of attack cases.
 * What matters is that each gets an answer of the right kind. How long the worst message takes is measured in
 * `conformance`, since a clock has no place here.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseSdp } from '../sdp/parse-sdp.ts'
import { parseAuth } from './auth-header.ts'
import { parseNameAddr } from './name-addr.ts'
import { parseMessage } from './parse.ts'
import { printMessage } from './print.ts'
import { encodeUtf8 } from './utf8.ts'
import { validateRequest } from './validate.ts'

interface Parts {
  readonly method?: string
  readonly uri?: string
  readonly cseq?: string
  readonly callId?: string
  readonly from?: string
  readonly branch?: string
  readonly lines?: readonly string[]
  readonly body?: string
}

function bytesOf(parts: Parts): Uint8Array {
  const method = parts.method ?? 'INVITE'
  const lines = [
    `${method} ${parts.uri ?? 'sip:b@example.test'} SIP/2.0`,
    `Via: SIP/2.0/UDP 192.0.2.1;branch=${parts.branch ?? 'z9hG4bKa'}`,
    `From: ${parts.from ?? '<sip:a@example.test>;tag=1'}`,
    'To: <sip:b@example.test>',
    `Call-ID: ${parts.callId ?? 'c1'}`,
    `CSeq: ${parts.cseq ?? `1 ${method}`}`,
    'Contact: <sip:a@192.0.2.1>',
    ...(parts.lines ?? []),
  ]
  return encodeUtf8(`${lines.join('\r\n')}\r\n\r\n${parts.body ?? ''}`)
}

/** The status that the request is answered with; 0 when it may go on. */
function statusOf(bytes: Uint8Array): number {
  const message = parseMessage(bytes)
  if (message.kind === 'failure') return message.status
  return message.kind === 'request' ? (validateRequest(message)?.status ?? 0) : 0
}

const SDP =
  'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'

function isRefused(sdp: string): boolean {
  return 'kind' in parseSdp(sdp)
}

it('S03: a CSeq method of 1,700 characters', () => {
  assert.equal(statusOf(bytesOf({ cseq: `1 ${'A'.repeat(1_700)}` })), 400)
  assert.equal(statusOf(bytesOf({ method: 'A'.repeat(1_700) })), 414)
})

it('S04: multipart with a broken boundary; line ends without CR', () => {
  const lines = ['Content-Type: multipart/mixed;boundary=++', 'MIME-Version: 1.0']
  assert.equal(statusOf(bytesOf({ lines, body: '--+\r\nbroken' })), 415)
  const text = new TextDecoder().decode(bytesOf({ lines })).replaceAll('\r\n', '\n')
  assert.equal(statusOf(encodeUtf8(text)), 400)
})

it('S05: fifty long Accept headers in a SUBSCRIBE', () => {
  const lines = Array.from({ length: 50 }, (_, index) => `Accept: application/${'x'.repeat(200)}${index}`)
  assert.equal(statusOf(bytesOf({ method: 'SUBSCRIBE', lines })), 400)
})

it('S06: a NUL byte in a=fmtp', () => {
  assert.ok(!isRefused(SDP))
  assert.ok(isRefused(`${SDP}a=fmtp:0 \0x\r\n`))
})

it('S07: a payload type of 4294967296, and the ones around the limit', () => {
  for (const type of ['4294967296', '128', '-1', '1e3', ''])
    assert.ok(
      isRefused(SDP.replace('RTP/AVP 0', `RTP/AVP 0 ${type}x`.replace(/x$/, type === '' ? 'x' : ''))),
      type,
    )
  assert.ok(!isRefused(SDP.replace('RTP/AVP 0', 'RTP/AVP 0 127')))
  assert.ok(isRefused(`${SDP}a=rtpmap:4294967296 PCMU/8000\r\n`))
  assert.ok(isRefused(`${SDP}a=fmtp:4294967296 x\r\n`))
})

it('S09: a branch and a tag of 260 characters', () => {
  assert.equal(statusOf(bytesOf({ branch: `z9hG4bK${'b'.repeat(253)}` })), 400)
  assert.equal(statusOf(bytesOf({ from: `<sip:a@example.test>;tag=${'t'.repeat(260)}` })), 400)
})

it('S12: a media type of 1,024 characters, an address of 512 digits', () => {
  assert.ok(isRefused(SDP.replace('audio', 'a'.repeat(1_024))))
  assert.ok(isRefused(SDP.replace('audio', 'a'.repeat(33))))
  assert.ok(isRefused(SDP.replace('c=IN IP4 192.0.2.1', `c=IN IP4 ${'1'.repeat(512)}`)))
})

it('S13: a request line past 1,024 characters, a Call-ID of 4,096', () => {
  assert.equal(statusOf(bytesOf({ uri: `sip:${'b'.repeat(1_100)}@example.test` })), 414)
  assert.equal(statusOf(bytesOf({ callId: 'c'.repeat(4_096) })), 400)
})

const TEXTS = [
  '<script>alert(1)</script>',
  '=cmd()|calc',
  "'; DROP TABLE recordings; --",
  '@SUM(1+1)',
  '"onload="x',
]

it('S14, S15: markup, formulas and SQL are text like any other, and come out as they went in', () => {
  for (const text of TEXTS) {
    const quoted = text.replaceAll('"', '\\"')
    const from = `"${quoted}" <sip:a@example.test>;tag=1`
    const bytes = bytesOf({ from, lines: [`User-Agent: ${text}`] })
    assert.equal(statusOf(bytes), 0, text)
    const message = parseMessage(bytes)
    assert.ok(message.kind === 'request')
    assert.equal(message.headers.get('User-Agent'), text)
    assert.equal(parseNameAddr(message.headers.get('From') ?? '')?.displayName, text)
    const again = parseMessage(printMessage(message))
    assert.ok(again.kind === 'request')
    assert.equal(again.headers.get('User-Agent'), text)
    assert.equal(again.headers.get('From'), from)
    assert.equal(parseAuth(`Digest username="${quoted}"`)?.params.get('username'), text)
    const description = parseSdp(SDP.replace('s=-', `s=${text}`))
    assert.equal('kind' in description ? undefined : description.name, text)
  }
})

it('S14: escape sequences of terminals and smuggled lines are refused', () => {
  assert.equal(statusOf(bytesOf({ lines: ['User-Agent: \u001b[2J'] })), 400)
  assert.equal(statusOf(bytesOf({ lines: ['User-Agent: a\nVia: SIP/2.0/UDP evil'] })), 400)
})

it('S17: a header line without a name', () => {
  assert.equal(statusOf(bytesOf({ lines: ['Digest username="a", realm="b"'] })), 400)
})
