import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAuth, printChallenge, printCredentials } from './auth-header.ts'
import { DELTA_SECONDS_MAX, parseContactList, parseDeltaSeconds } from './contact.ts'
import { CSEQ_MAX, parseCSeq, printCSeq } from './cseq.ts'
import { isSipDate } from './date.ts'
import { isIpv4, isIpv6 } from './host.ts'
import { PARAMETER_COUNT_MAX } from './limits.ts'
import { parseNameAddr, printNameAddr, tagOf } from './name-addr.ts'
import { quote, unquote } from './scanner.ts'
import { isTransactionBranch, parseVia, printVia } from './via.ts'

describe('parseNameAddr', () => {
  it('reads the forms of RFC 3261 §20.10', () => {
    const brief = (text: string): unknown => {
      const value = parseNameAddr(text)
      return value && [value.displayName, value.uriText, Object.fromEntries(value.params)]
    }
    assert.deepEqual(
      brief('"Ada \\"A\\" L, <x>" <sip:101@example.test;lr>;tag=1;+sip.instance="<urn:uuid:1>"'),
      ['Ada "A" L, <x>', 'sip:101@example.test;lr', { tag: '1', '+sip.instance': '"<urn:uuid:1>"' }],
    )
    assert.deepEqual(brief('A. G. Bell <sip:a@example.test> ; Tag = x'), [
      'A. G. Bell',
      'sip:a@example.test',
      { tag: 'x' },
    ])
    assert.deepEqual(brief('caller<sip:a@example.test>'), ['caller', 'sip:a@example.test', {}])
    assert.deepEqual(brief('sip:a@example.test;tag=887s'), ['', 'sip:a@example.test', { tag: '887s' }])
    assert.deepEqual(brief('Jürgen <sip:a@example.test>'), ['Jürgen', 'sip:a@example.test', {}])
  })

  it('gives a parameter without brackets to the header, with brackets to the URI (RFC 4475 §3.3.12, §3.3.13)', () => {
    const bare = parseNameAddr('sip:+1@gw1.example.net;unknownparam')
    const bracketed = parseNameAddr('<sip:+1@gw1.example.net;unknownparam>')
    assert.ok(bare?.uri.kind === 'sip' && bracketed?.uri.kind === 'sip')
    assert.deepEqual([bare.params.size, bare.uri.params.size], [1, 0])
    assert.deepEqual([bracketed.params.size, bracketed.uri.params.size], [0, 1])
  })

  it('refuses open quotes, open brackets, spaces inside brackets, bare commas and repeated parameters', () => {
    for (const text of [
      '',
      '"Mr. J. User <sip:j@example.test>',
      'Bell, Alexander <sip:a@example.test>',
      '< sip:a@example.test>',
      '<sip:a@example.test',
      '<sip:a@example.test>;tag=1;TAG=2',
      '<sip:a@example.test> trailing',
      '<sip:a@example.test>;=x',
      '<sip:a@example.test>;tag=',
      'sip:a@example.test?Route=x',
      '"a" "b" <sip:a@example.test>',
    ])
      assert.equal(parseNameAddr(text), undefined, text)
  })

  it('takes 32 parameters and not 33', () => {
    const text = (count: number): string =>
      `<sip:h>${Array.from({ length: count }, (_, index) => `;p${index}=1`).join('')}`
    assert.equal(parseNameAddr(text(PARAMETER_COUNT_MAX))?.params.size, PARAMETER_COUNT_MAX)
    assert.equal(parseNameAddr(text(PARAMETER_COUNT_MAX + 1)), undefined)
  })

  it('is written with brackets and quotes, and read back the same', () => {
    const text = printNameAddr({
      displayName: 'a "b" \\ c',
      uri: 'sip:x@example.test',
      params: new Map([['tag', 't']]),
    })
    assert.equal(text, '"a \\"b\\" \\\\ c" <sip:x@example.test>;tag=t')
    assert.equal(parseNameAddr(text)?.displayName, 'a "b" \\ c')
    assert.equal(tagOf(text), 't')
    assert.equal(tagOf('sip:x@example.test'), undefined)
  })

  it('quotes whatever text it is given without breaking out (attack case S14)', () => {
    for (const text of ['"><script>', 'a\r\nX: y', '\u001b[31m', '=cmd()', '\\', '"'])
      assert.ok(parseNameAddr(printNameAddr({ displayName: text, uri: 'sip:h' })) !== undefined, text)
    assert.equal(unquote(quote('a\\"b')), 'a\\"b')
  })
})

describe('parseVia', () => {
  it('reads a hop with white space in odd places (RFC 4475 §3.1.1.1)', () => {
    assert.deepEqual(
      parseVia('SIP  / 2.0 /UDP    [2001:DB8::9] : 5070 ; branch= z9hG4bK30239 ;rport;Received=192.0.2.1'),
      {
        transport: 'UDP',
        host: '2001:db8::9',
        port: 5070,
        params: new Map([
          ['branch', 'z9hG4bK30239'],
          ['rport', ''],
          ['received', '192.0.2.1'],
        ]),
      },
    )
  })

  it('writes what it read, unknown transports and later versions too', () => {
    for (const text of [
      'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa;rport',
      'SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en',
      'SIP/7.0/TCP [::1]:5062;received=::1',
    ]) {
      const via = parseVia(text)
      assert.equal(via && printVia(via), text)
    }
  })

  it('refuses broken hops', () => {
    for (const text of [
      '',
      'SIP/2.0/UDP',
      'SIP/2.0 192.0.2.1',
      'SIP/2.0/UDP 192.0.2.15;;,;,,',
      'SIP/2.0/UDP 192.0.2.1:99999',
      'SIP/2.0/UDP 192.0.2.1;branch=a;branch=b',
      'SIP/2.0/UDP 192.0.2.1;rport=99999',
      'SIP/2.0/UDP 192.0.2.1 x',
    ])
      assert.equal(parseVia(text), undefined, text)
  })

  it('tells a transaction branch from that of RFC 2543 (RFC 4475 §3.2.1)', () => {
    assert.deepEqual(['z9hG4bKx', 'Z9HG4BKx', 'z9hG4bK', 'abc', undefined].map(isTransactionBranch), [
      true,
      true,
      false,
      false,
      false,
    ])
  })
})

describe('parseCSeq', () => {
  it('reads numbers below 2^31 (RFC 3261 §8.1.1.5)', () => {
    assert.deepEqual(parseCSeq('0009  INVITE'), { number: 9, method: 'INVITE' })
    assert.equal(parseCSeq(`${CSEQ_MAX} BYE`)?.number, CSEQ_MAX)
    for (const text of [
      `${CSEQ_MAX + 1} BYE`,
      '36893488147419103232 BYE',
      '-1 BYE',
      '1',
      '1 ',
      'BYE',
      '1 A B',
      '1.5 A',
    ])
      assert.equal(parseCSeq(text), undefined, text)
    assert.equal(printCSeq({ number: 7, method: 'ACK' }), '7 ACK')
  })
})

describe('parseContactList', () => {
  it('reads the star, q and expires (RFC 3261 §20.10)', () => {
    assert.equal(parseContactList(['*']), '*')
    const list = parseContactList([
      '<sip:a@h>;q=0.5;expires=60',
      'sip:b@h',
      '<sip:c@h>;expires=soon',
      '<sip:d@h>;expires=280297596632815',
    ])
    assert.ok(Array.isArray(list))
    assert.deepEqual(
      list.map(({ q, expiresS }) => [q, expiresS]),
      [
        [0.5, 60],
        [1, undefined],
        [1, 3_600],
        [1, DELTA_SECONDS_MAX],
      ],
    )
    assert.deepEqual(parseContactList([]), [])
  })

  it('fails as a whole for a bad address or q', () => {
    for (const value of ['<sip:a@h>;q=1.5', '<sip:a@h>;q=.5', 'nobody', '*;q=1'])
      assert.equal(parseContactList(['<sip:ok@h>', value]), undefined, value)
    assert.deepEqual(['0', '4294967296', 'x', ''].map(parseDeltaSeconds), [
      0,
      DELTA_SECONDS_MAX,
      undefined,
      undefined,
    ])
  })
})

describe('parseAuth', () => {
  it('reads challenges and credentials of any scheme', () => {
    const value = parseAuth(
      'Digest realm="a \\"b\\", c" , nonce="n",stale=TRUE, qop="auth,auth-int",algorithm=SHA-256',
    )
    assert.equal(value?.scheme, 'Digest')
    assert.deepEqual(Object.fromEntries(value.params), {
      realm: 'a "b", c',
      nonce: 'n',
      stale: 'TRUE',
      qop: 'auth,auth-int',
      algorithm: 'SHA-256',
    })
    assert.deepEqual(parseAuth('NoOneKnowsThisScheme opaque-data=here')?.params.get('opaque-data'), 'here')
  })

  it('writes qop quoted in challenges and bare in credentials (RFC 3261 §25.1)', () => {
    const params = new Map([
      ['realm', 'x'],
      ['qop', 'auth'],
      ['nc', '00000001'],
      ['algorithm', 'MD5'],
    ])
    assert.equal(
      printChallenge({ scheme: 'Digest', params }),
      'Digest realm="x", qop="auth", nc=00000001, algorithm=MD5',
    )
    assert.equal(
      printCredentials({ scheme: 'Digest', params }),
      'Digest realm="x", qop=auth, nc=00000001, algorithm=MD5',
    )
  })

  it('refuses what is malformed, repeated or endless', () => {
    const many = (count: number): string =>
      `Digest ${Array.from({ length: count }, (_, index) => `p${index}=1`).join(',')}`
    for (const text of [
      '',
      'Digest',
      'Digest realm',
      'Digest realm="x',
      'Digest a=1, A=2',
      'Digest a=1 b=2',
      'Digest a=1,',
      many(PARAMETER_COUNT_MAX + 1),
      `Digest username="${'u'.repeat(1_024)}"`,
    ])
      assert.equal(parseAuth(text), undefined, text.slice(0, 40))
    assert.ok(parseAuth(many(PARAMETER_COUNT_MAX)) !== undefined)
    assert.ok(parseAuth(`Digest username="${'u'.repeat(1_022)}"`) !== undefined)
  })
})

describe('addresses and dates', () => {
  it('tell IPv4, IPv6 and names apart', () => {
    for (const text of ['192.0.2.1', '0.0.0.0', '255.255.255.255']) assert.ok(isIpv4(text), text)
    for (const text of ['256.0.0.1', '1.2.3', '1.2.3.4.5', 'a.b.c.d', '1..2.3', ''])
      assert.ok(!isIpv4(text), text)
    for (const text of [
      '::',
      '::1',
      '2001:db8::1',
      '1:2:3:4:5:6:7:8',
      '::ffff:192.0.2.1',
      '1:2:3:4:5:6:192.0.2.1',
    ])
      assert.ok(isIpv6(text), text)
    for (const text of [
      '',
      ':',
      ':::',
      '1::2::3',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      'g::',
      '12345::',
      '1:2:3:4:5:6:7::8:9',
      'fe80::1%eth0',
    ])
      assert.ok(!isIpv6(text), text)
  })

  it('take dates in GMT only (RFC 3261 §20.17)', () => {
    assert.ok(isSipDate('Sat, 15 Oct 2005 04:44:56 GMT'))
    assert.ok(!isSipDate('Fri, 01 Jan 2010 16:00:00 EST'))
  })
})
