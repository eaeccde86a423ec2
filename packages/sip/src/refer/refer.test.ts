import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Headers } from '../message/headers.ts'
import { IDENTIFIER_CHARS_MAX } from '../message/limits.ts'
import { NO_BODY, type SipRequest, type SipResponse } from '../message/message.ts'
import { encodeUtf8 } from '../message/utf8.ts'
import { REDIRECT_TARGETS_MAX, redirectTargets } from './redirect.ts'
import { parseReferTo } from './refer-to.ts'
import { parseReplaces, printReplaces } from './replaces.ts'
import { sipfrag, statusOfSipfrag } from './sipfrag.ts'

function request(fields: readonly (readonly [string, string])[]): SipRequest {
  return { kind: 'request', method: 'REFER', uri: 'sip:b@x', headers: new Headers(fields), body: NO_BODY }
}
const refer = (value: string): ReturnType<typeof parseReferTo> => parseReferTo(request([['Refer-To', value]]))

describe('parseReferTo (RFC 3515 §2.1)', () => {
  it('reads a plain target, with and without angle brackets and a name', () => {
    const bob = { uri: 'sip:bob@example.test', user: 'bob', host: 'example.test' }
    for (const value of [
      'sip:bob@example.test',
      '<sip:bob@example.test>',
      '"Bob > B" <sip:bob@example.test>',
      '<sip:bob@example.test>;x=1',
    ])
      assert.deepEqual(refer(value), bob, value)
    assert.deepEqual(refer('<sip:example.test>'), { uri: 'sip:example.test', host: 'example.test' })
    assert.deepEqual(refer('<sip:bob@example.test:5070;transport=tcp>'), {
      uri: 'sip:bob@example.test:5070;transport=tcp',
      user: 'bob',
      host: 'example.test',
    })
    assert.deepEqual(refer('<tel:+1-201-555-0123>'), {
      uri: 'tel:+12015550123',
      user: '+12015550123',
      host: '',
    })
  })

  it('reads the Replaces of an attended transfer, escaped as it should be and as phones do it (RFC 5589 §7)', () => {
    const replaces = { callId: 'a84b@10.0.0.1', toTag: 'x1', fromTag: 'y2', earlyOnly: false }
    for (const value of [
      '<sip:bob@h?Replaces=a84b%4010.0.0.1%3Bto-tag%3Dx1%3Bfrom-tag%3Dy2>',
      '<sip:bob@h?replaces=a84b%4010.0.0.1%3bto-tag%3dx1%3bfrom-tag%3dy2&Require=replaces>',
      '<sip:bob@h?Replaces=a84b@10.0.0.1;to-tag=x1;from-tag=y2>',
      '"Bob" <sip:bob@h?Subject=hi&Replaces=a84b%4010.0.0.1%3Bfrom-tag%3Dy2%3Bto-tag%3Dx1>',
    ])
      assert.deepEqual(refer(value), { uri: 'sip:bob@h', user: 'bob', host: 'h', replaces }, value)
    assert.equal(
      refer('<sip:bob@h?Replaces=c%3Bto-tag%3D1%3Bfrom-tag%3D2%3Bearly-only>')?.replaces?.earlyOnly,
      true,
    )
    assert.equal(refer('<sip:wh?at@h>')?.user, 'wh?at', 'a user part may hold a question mark')
  })

  it('says which method is asked for, and takes it out of the URI', () => {
    assert.deepEqual(refer('<sip:bob@h;method=bye;transport=udp>'), {
      uri: 'sip:bob@h;transport=udp',
      user: 'bob',
      host: 'h',
      method: 'BYE',
    })
  })

  it('names nobody when it is missing, malformed or there twice', () => {
    assert.equal(parseReferTo(request([])), undefined)
    assert.equal(
      parseReferTo(
        request([
          ['Refer-To', '<sip:a@h>'],
          ['Refer-To', '<sip:b@h>'],
        ]),
      ),
      undefined,
    )
    for (const value of [
      '',
      'bob',
      '<sip:bob@h',
      '<sip:@h>',
      '<http://x>',
      '<mailto:a@b>',
      'sip:bob@h?Replaces=c%3Bto-tag%3D1%3Bfrom-tag%3D2', // Bare, a question mark must not stand (RFC 3261 §20).
      '<sip:bob@h?Replaces>',
      '<sip:bob@h?Replaces=c>',
      '<sip:bob@h?Replaces=c%3Bto-tag%3D1>',
      '<sip:bob@h?Replaces=c%3Bto-tag%3D1%3Bfrom-tag%3D2%3>',
      '<sip:bob@h?Replaces=c%3Bto-tag%3D1%3Bfrom-tag%3D2%ff>',
      '<sip:bob@h?Replaces=c%3Bto-tag%3D1%3Bfrom-tag%3D2&Replaces=c%3Bto-tag%3D1%3Bfrom-tag%3D2>',
    ])
      assert.equal(refer(value), undefined, value)
  })

  it('takes any text without a throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abz019 \t@;:=?&%"<>,\\-_.!~é') }), (text) => {
        refer(text)
        refer(`<sip:a@b?Replaces=${text}>`)
        parseReplaces(request([['Replaces', text]]))
      }),
      { seed: 7, numRuns: 1_000 },
    )
  })
})

describe('parseReplaces (RFC 3891 §6.1)', () => {
  const parse = (...values: string[]): ReturnType<typeof parseReplaces> =>
    parseReplaces(request(values.map((value) => ['Replaces', value] as const)))

  it('reads what printReplaces writes', () => {
    for (const earlyOnly of [true, false]) {
      const value = { callId: 'abc@h', toTag: 't', fromTag: 'f', earlyOnly }
      assert.deepEqual(parse(printReplaces(value)), value)
    }
    const spaced = parse('abc ; from-tag = f;x=y ;to-tag=0')
    assert.deepEqual(spaced, { callId: 'abc', toTag: '0', fromTag: 'f', earlyOnly: false })
  })

  it('tells none from malformed, and takes one only', () => {
    assert.equal(parse(), undefined)
    const good = 'c;to-tag=1;from-tag=2'
    for (const value of [
      '',
      'c',
      ';to-tag=1;from-tag=2',
      'c;to-tag=1',
      'c;to-tag;from-tag=2',
      'a@b@c;to-tag=1;from-tag=2',
      `${good};to-tag=3`,
    ])
      assert.equal(parse(value), 'malformed', value)
    assert.equal(parse(good, good), 'malformed')
  })

  it('takes names up to the limit of identifiers, and none longer', () => {
    const long = 'x'.repeat(IDENTIFIER_CHARS_MAX)
    assert.equal(typeof parse(`${long};to-tag=${long};from-tag=${long}`), 'object')
    assert.equal(parse(`${long}x;to-tag=1;from-tag=2`), 'malformed')
    assert.equal(parse(`c;to-tag=${long}x;from-tag=2`), 'malformed')
  })
})

describe('sipfrag (RFC 3515 §2.4.5)', () => {
  it('is a status line with the phrase of the RFC or a given one', () => {
    assert.deepEqual(sipfrag(180), encodeUtf8('SIP/2.0 180 Ringing\r\n'))
    assert.deepEqual(sipfrag(603, 'No\r\nX: y'), encodeUtf8('SIP/2.0 603 No X: y\r\n'))
    assert.deepEqual(sipfrag(299), encodeUtf8('SIP/2.0 299 OK\r\n'))
  })

  it('is read back, and nothing else is', () => {
    assert.equal(statusOfSipfrag(sipfrag(486)), 486)
    assert.equal(statusOfSipfrag(encodeUtf8('SIP/2.0 200\r\n')), 200)
    for (const text of ['', 'SIP/2.0 99 x', 'SIP/2.0 700 x', 'SIP/2.0 2000 x', 'INVITE sip:a@b SIP/2.0'])
      assert.equal(statusOfSipfrag(encodeUtf8(text)), undefined, text)
  })
})

describe('redirectTargets (RFC 3261 §8.1.3.4)', () => {
  function response(status: number, contacts: readonly string[]): SipResponse {
    const headers = new Headers(contacts.map((contact) => ['Contact', contact] as const))
    return { kind: 'response', status, reason: '', headers, body: NO_BODY }
  }

  it('gives the contacts of a 3xx, best first, once each, and leaves out what is no address', () => {
    const contacts = [
      '<sip:a@h>;q=0.5',
      'sip:b@h',
      '<sip:c@h>;q=0.9',
      '<sip:a@h>',
      '*',
      '<',
      '<http://h>',
      '<tel:+1>;q=0.1',
    ]
    assert.deepEqual(redirectTargets(response(302, contacts)), [
      { uri: 'sip:b@h', q: 1 },
      { uri: 'sip:c@h', q: 0.9 },
      { uri: 'sip:a@h', q: 0.5 },
      { uri: 'tel:+1', q: 0.1 },
    ])
    for (const status of [200, 299, 400]) assert.deepEqual(redirectTargets(response(status, contacts)), [])
  })

  it('gives as many as its limit', () => {
    const contacts = Array.from({ length: REDIRECT_TARGETS_MAX + 1 }, (_, i) => `<sip:u${i}@h>`)
    assert.equal(redirectTargets(response(300, contacts.slice(1))).length, REDIRECT_TARGETS_MAX)
    assert.equal(redirectTargets(response(300, contacts)).length, REDIRECT_TARGETS_MAX)
  })
})
