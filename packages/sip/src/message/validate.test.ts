import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Headers } from './headers.ts'
import { IDENTIFIER_CHARS_MAX } from './limits.ts'
import { NO_BODY, type SipRequest, type SipResponse } from './message.ts'
import { refusalOf } from './refusal.ts'
import { encodeUtf8 } from './utf8.ts'
import { type Abilities, validateRequest, validateResponse } from './validate.ts'

type Changes = Readonly<Record<string, string | readonly string[] | undefined>>

/** A request that is right, but for the changes: a value, several, or undefined to leave the header out. */
function request(
  method: string,
  changes: Changes = {},
  rest: { uri?: string; body?: string } = {},
): SipRequest {
  const fields: Record<string, string | readonly string[] | undefined> = {
    Via: 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa',
    'Max-Forwards': '70',
    From: '<sip:a@example.test>;tag=1',
    To: '<sip:b@example.test>',
    'Call-ID': 'c1@192.0.2.1',
    CSeq: `1 ${method}`,
    Contact: '<sip:a@192.0.2.1>',
    ...changes,
  }
  const headers = new Headers()
  for (const [name, value] of Object.entries(fields))
    for (const one of value === undefined ? [] : [value].flat()) headers.append(name, one)
  const body = rest.body === undefined ? NO_BODY : encodeUtf8(rest.body)
  return { kind: 'request', method, uri: rest.uri ?? 'sip:b@example.test', headers, body }
}

/** The verdict in short: status, reason and the headers that the answer must carry. */
function verdict(message: SipRequest, abilities?: Abilities): string {
  const refusal = validateRequest(message, abilities)
  if (refusal === undefined) return 'fine'
  const headers = (refusal.headers ?? []).map(([name, value]) => ` ${name}: ${value}`).join('')
  return `${refusal.status} ${refusal.reason}${headers}`
}

describe('validateRequest', () => {
  it('lets well-formed requests go on', () => {
    for (const method of ['INVITE', 'ACK', 'BYE', 'REGISTER', 'OPTIONS', 'CANCEL', 'NEWMETHOD'])
      assert.equal(verdict(request(method)), 'fine', method)
    assert.equal(
      verdict(request('INVITE', { 'Content-Type': 'Application/SDP ; x=y' }, { body: 'v=0' })),
      'fine',
    )
    assert.equal(verdict(request('INVITE', {}, { uri: 'tel:+1201' })), 'fine')
  })

  it('misses the headers that every request has (RFC 3261 §8.1.1)', () => {
    for (const name of ['Via', 'From', 'To', 'Call-ID', 'CSeq'])
      assert.equal(verdict(request('BYE', { [name]: undefined })), `400 Missing ${name}`)
    assert.equal(verdict(request('INVITE', { Contact: undefined })), '400 Missing Contact')
    assert.equal(verdict(request('INVITE', { Contact: undefined, Via: 'SIP/2.0/UDP h' })), 'fine') // RFC 2543.
    assert.equal(verdict(request('BYE', { Contact: undefined, 'Max-Forwards': undefined })), 'fine')
  })

  it('reads every structured value', () => {
    const cases: readonly (readonly [Changes, string])[] = [
      [{ Via: ['SIP/2.0/UDP h', 'SIP/2.0/UDP ;;'] }, '400 Malformed Via'],
      [{ From: '"open <sip:a@h>' }, '400 Malformed From'],
      [{ To: 'Watson, T <sip:b@h>' }, '400 Malformed To'],
      [{ From: '<sip:a@h>;tag="x y"' }, '400 Malformed From Tag'],
      [{ 'Call-ID': 'a b' }, '400 Malformed Call-ID'],
      [{ 'Call-ID': 'a@b@c' }, '400 Malformed Call-ID'],
      [{ 'Call-ID': '' }, '400 Malformed Call-ID'],
      [{ CSeq: '2147483648 INVITE' }, '400 Malformed CSeq'],
      [{ CSeq: '1 BYE' }, '400 CSeq Method Does Not Match'],
      [{ 'Max-Forwards': '256' }, '400 Malformed Max-Forwards'],
      [{ 'Max-Forwards': 'x' }, '400 Malformed Max-Forwards'],
      [{ Expires: 'soon' }, '400 Malformed Expires'],
      [{ Date: 'yesterday' }, '400 Malformed Date'],
      [{ Route: 'tel:1' }, '400 Malformed Route'],
      [{ Contact: '*' }, '400 Malformed Contact'],
      [{ Contact: ['<sip:a@h>', '<sip:b@h>'] }, '400 More Than One Contact'],
      [{ Contact: '<mailto:a@h>' }, '400 Contact Is Not A SIP Address'],
    ]
    for (const [changes, expected] of cases) assert.equal(verdict(request('INVITE', changes)), expected)
    assert.equal(verdict(request('INVITE', { 'Max-Forwards': '255', Expires: '9'.repeat(100) })), 'fine')
  })

  it('holds branch, tags and Call-ID to 255 characters (attack cases S09 and S13)', () => {
    const long = (length: number): string => 'x'.repeat(length)
    const at = IDENTIFIER_CHARS_MAX
    const cases: readonly (readonly [(length: number) => Changes, string])[] = [
      [(length) => ({ Via: `SIP/2.0/UDP h;branch=${long(length)}` }), '400 Branch Too Long'],
      [(length) => ({ From: `<sip:a@h>;tag=${long(length)}` }), '400 From Tag Too Long'],
      [(length) => ({ To: `<sip:a@h>;tag=${long(length)}` }), '400 To Tag Too Long'],
      [(length) => ({ 'Call-ID': long(length) }), '400 Call-ID Too Long'],
    ]
    for (const [changes, expected] of cases) {
      assert.equal(verdict(request('BYE', changes(at))), 'fine')
      assert.equal(verdict(request('BYE', changes(at + 1))), expected)
    }
  })

  it('judges the Request-URI (RFC 3261 §8.2.2.1, §19.1.1)', () => {
    assert.equal(verdict(request('INVITE', {}, { uri: '<sip:b@h>' })), '400 Malformed Request-URI')
    assert.equal(verdict(request('INVITE', {}, { uri: 'http://h/' })), '416 Unsupported URI Scheme')
    assert.equal(verdict(request('INVITE', {}, { uri: 'sip:b@h?Route=x' })), '400 Headers In Request-URI')
  })

  it('names what it does not support (RFC 3261 §8.2.2.3), but not to ACK and CANCEL', () => {
    const changes = { Require: ['100rel', 'Replaces'] }
    assert.equal(
      verdict(request('INVITE', changes)),
      '420 Bad Extension Unsupported: 100rel Unsupported: Replaces',
    )
    assert.equal(
      verdict(request('INVITE', changes), { extensions: ['replaces'] }),
      '420 Bad Extension Unsupported: 100rel',
    )
    for (const method of ['ACK', 'CANCEL']) assert.equal(verdict(request(method, changes)), 'fine')
  })

  it('ends loops (RFC 3261 §16.3)', () => {
    assert.equal(verdict(request('INVITE', { 'Max-Forwards': '0' })), '483 Too Many Hops')
    assert.equal(verdict(request('INVITE', { 'Max-Forwards': '1' })), 'fine')
  })

  it('takes SDP only where a session is described (RFC 3261 §8.2.3; attack case S04)', () => {
    const body = { body: '--x' }
    const multipart = { 'Content-Type': 'multipart/mixed;boundary=x' }
    assert.equal(
      verdict(request('INVITE', multipart, body)),
      '415 Unsupported Media Type Accept: application/sdp',
    )
    assert.equal(verdict(request('MESSAGE', multipart, body)), 'fine')
    assert.equal(
      verdict(
        request('INVITE', { ...multipart, 'Content-Disposition': 'session; Handling = optional' }, body),
      ),
      'fine',
    )
    assert.equal(verdict(request('INVITE', {}, body)), '400 Body Without Content-Type')
    const zipped = { 'Content-Type': 'application/sdp', 'Content-Encoding': 'gzip' }
    assert.equal(
      verdict(request('INVITE', zipped, body)),
      '415 Unsupported Content-Encoding Accept-Encoding: identity',
    )
    assert.equal(verdict(request('INVITE', { Accept: 'text/plain' })), '406 Not Acceptable')
    assert.equal(verdict(request('INVITE', { Accept: ['text/plain', 'application/SDP;q=0.5'] })), 'fine')
    assert.equal(verdict(request('INVITE', { Accept: '*/*' })), 'fine')
  })

  it('lets a REGISTER fetch, bind and clear (RFC 3261 §10.2.2, §10.3)', () => {
    assert.equal(verdict(request('REGISTER', { Contact: undefined })), 'fine')
    assert.equal(verdict(request('REGISTER', { Contact: ['<sip:a@h>', '<sip:b@h>'] })), 'fine')
    assert.equal(verdict(request('REGISTER', { Contact: '*', Expires: '0' })), 'fine')
    assert.equal(verdict(request('REGISTER', { Contact: '*' })), '400 Malformed Contact')
    assert.equal(
      verdict(request('REGISTER', { Contact: ['*', '<sip:a@h>'], Expires: '0' })),
      '400 Malformed Contact',
    )
    assert.equal(verdict(request('REGISTER', { To: '<isbn:2983792873>' })), '400 To Is Not A SIP Address')
  })
})

describe('validateResponse', () => {
  const response = (changes: Changes = {}): SipResponse => {
    const { headers } = request('INVITE', changes)
    return { kind: 'response', status: 200, reason: 'OK', headers, body: NO_BODY }
  }

  it('drops what is malformed or has gone astray (RFC 3261 §8.1.3.3)', () => {
    assert.equal(validateResponse(response()), undefined)
    assert.equal(
      validateResponse(response({ Via: ['SIP/2.0/UDP h', 'SIP/2.0/UDP i'] })),
      'Response Not For Us',
    )
    assert.equal(validateResponse(response({ Via: undefined })), 'Response Not For Us')
    assert.equal(validateResponse(response({ CSeq: '9292394834772304023312 INVITE' })), 'Malformed CSeq')
    assert.equal(validateResponse(response({ To: '' })), 'Malformed To')
  })
})

describe('refusalOf', () => {
  it('copies what a response must have, and tags To the same way each time (RFC 3261 §8.2.6.2, §8.2.7)', () => {
    const invite = request('INVITE', { Via: ['SIP/2.0/UDP a', 'SIP/2.0/UDP b'], Subject: 'not copied' })
    const answer = refusalOf(invite, {
      status: 420,
      reason: 'Bad Extension',
      headers: [['Unsupported', 'x']],
    })
    assert.deepEqual(
      [...answer.headers].map(([name]) => name),
      ['Via', 'Via', 'From', 'To', 'Call-ID', 'CSeq', 'Unsupported'],
    )
    const to = answer.headers.get('To') ?? ''
    assert.match(to, /^<sip:b@example\.test>;tag=[0-9a-f]{8}$/)
    assert.equal(refusalOf(invite, { status: 420, reason: '' }).headers.get('To'), to)
    const other = request('INVITE', { Via: ['SIP/2.0/UDP a'], 'Call-ID': 'other' })
    assert.notEqual(refusalOf(other, { status: 420, reason: '' }).headers.get('To'), to)
  })

  it('leaves a tag that is there, and a To that is beyond mending', () => {
    for (const to of ['<sip:b@h>;tag=x', '"open <sip:b@h>'])
      assert.equal(refusalOf(request('BYE', { To: to }), { status: 481, reason: '' }).headers.get('To'), to)
  })
})
