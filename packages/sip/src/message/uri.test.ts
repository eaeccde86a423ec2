import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PARAMETER_COUNT_MAX, URI_CHARS_MAX } from './limits.ts'
import { parseUri, printUri, sameUri, type Uri } from './uri.ts'

function parsed(text: string): Uri {
  const uri = parseUri(text)
  assert.ok(uri !== undefined, `${text} must parse`)
  return uri
}

describe('parseUri', () => {
  it('takes a SIP URI apart (RFC 3261 §19.1.1)', () => {
    assert.deepEqual(
      parsed(
        'sips:al%69ce;day=tuesday:se%20cret@Atlanta.Example.Test:5061;transport=TCP;lr?subject=pro%26j&a=',
      ),
      {
        kind: 'sip',
        secure: true,
        user: 'alice;day=tuesday',
        password: 'se cret',
        host: 'atlanta.example.test',
        port: 5061,
        params: new Map([
          ['transport', 'TCP'],
          ['lr', ''],
        ]),
        headers: new Map([
          ['subject', 'pro&j'],
          ['a', ''],
        ]),
      },
    )
  })

  it('reads IPv6 references without their brackets, and writes them with', () => {
    const uri = parsed('sip:bob@[2001:DB8::1]:5070')
    assert.equal(uri.kind === 'sip' && uri.host, '2001:db8::1')
    assert.equal(printUri(uri), 'sip:bob@[2001:db8::1]:5070')
  })

  it('reads tel URIs without visual separators (RFC 3966 §3), and keeps other schemes as they are', () => {
    const tel = parsed('tel:+1-(201)-555.0123;ext=7')
    assert.deepEqual(tel, { kind: 'tel', number: '+12015550123', params: new Map([['ext', '7']]) })
    assert.equal(printUri(tel), 'tel:+12015550123;ext=7')
    assert.deepEqual(parsed('isbn:2983792873'), { kind: 'other', scheme: 'isbn', text: 'isbn:2983792873' })
  })

  it('writes back what it read, with the escapes that are needed (RFC 3261 §19.1.2)', () => {
    for (const text of [
      'sip:example.test',
      'sip:alice@example.test',
      'sip:sips%3Auser%40example.com@example.net',
      'sip:%00%00@host5.example.com',
      'sip:J%C3%BCrgen:p%23w@[::1];maddr=[::2];x=%3D?to=a%20b&q=',
      'tel:911',
      'mailto:bob@example.test',
    ])
      assert.equal(printUri(parsed(text)), text)
  })

  it('refuses what is no URI, and never throws', () => {
    for (const text of [
      '',
      'sip:',
      'alice@example.test',
      'sip:@example.test',
      'sip:a@b@c',
      'sip:a b@example.test',
      'sip:al%zzice@example.test',
      'sip:al%e9ice@example.test',
      'sip:a@example.test:0',
      'sip:a@example.test:65536',
      'sip:a@example.test:',
      'sip:a@[2001:db8::1',
      'sip:a@[1:2:3]',
      'sip:a@example.test;lr;lr',
      'sip:a@example.test;transport=',
      'sip:a@example.test;',
      'sip:a@example.test?x',
      'sip:a@exam\u00e9ple.test',
      ' sip:a@example.test',
      '<sip:a@example.test>',
      'tel:',
      'tel:12x',
      'x y:z',
    ])
      assert.equal(parseUri(text), undefined, text)
  })

  it('takes a URI and its parameters up to their limits and no further', () => {
    const fill = (length: number): string => `sip:${'a'.repeat(length - 15)}@host.local`.padEnd(length, 'l')
    assert.ok(parseUri(fill(URI_CHARS_MAX)) !== undefined)
    assert.equal(parseUri(fill(URI_CHARS_MAX + 1)), undefined)
    const params = (count: number): string =>
      `sip:h${Array.from({ length: count }, (_, index) => `;p${index}`).join('')}`
    assert.ok(parseUri(params(PARAMETER_COUNT_MAX)) !== undefined)
    assert.equal(parseUri(params(PARAMETER_COUNT_MAX + 1)), undefined)
  })
})

describe('sameUri', () => {
  const same = [
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtlanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;newparam=5'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    ['tel:+1-201-5550123', 'tel:+12015550123'],
  ] as const
  const different = [
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtlanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:a@h', 'sips:a@h'],
    ['sip:a@h', 'sip:a:b@h'],
  ] as const

  it('compares as the examples of RFC 3261 §19.1.4 say, both ways round', () => {
    for (const [a, b] of same) {
      assert.ok(sameUri(parsed(a), parsed(b)), `${a} = ${b}`)
      assert.ok(sameUri(parsed(b), parsed(a)), `${b} = ${a}`)
    }
    for (const [a, b] of different) {
      assert.ok(!sameUri(parsed(a), parsed(b)), `${a} != ${b}`)
      assert.ok(!sameUri(parsed(b), parsed(a)), `${b} != ${a}`)
    }
  })
})
