import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PhoneError } from '../phone-error.ts'
import { dialledUri, identityOf } from './identity.ts'

const ADDRESSES = { own: { host: '10.0.0.7', port: 5062 }, proxy: { host: '10.0.0.1', port: 5060 } }
const OPTIONS = { user: 'ada', password: 'x', domain: 'example.test', proxy: ADDRESSES.proxy }

describe('identityOf', () => {
  it('names the transport in the Contact unless it is UDP (RFC 3261 §19.1.1)', () => {
    assert.equal(identityOf(OPTIONS, ADDRESSES).contactUri, 'sip:ada@10.0.0.7:5062')
    const tcp = identityOf({ ...OPTIONS, proxy: { ...ADDRESSES.proxy, transport: 'tcp' } }, ADDRESSES)
    assert.equal(tcp.contactUri, 'sip:ada@10.0.0.7:5062;transport=tcp')
    assert.deepEqual(tcp.destination, { transport: 'tcp', address: ADDRESSES.proxy })
  })

  it('quotes the display name (RFC 3261 §25.1)', () => {
    assert.equal(identityOf(OPTIONS, ADDRESSES).from, '<sip:ada@example.test>')
    const { from } = identityOf({ ...OPTIONS, name: 'Ada "A"' }, ADDRESSES)
    assert.equal(from, String.raw`"Ada \"A\"" <sip:ada@example.test>`)
  })
})

describe('dialledUri', () => {
  for (const [dialled, uri] of [
    ['102', 'sip:102@example.test'],
    [' +431 ', 'sip:+431@example.test'],
    ['*68#', 'sip:*68%23@example.test'],
    ['ben@other.test', 'sip:ben@other.test'],
    ['sip:ben@other.test:5070;transport=tcp', 'sip:ben@other.test:5070;transport=tcp'],
  ] as const)
    it(`calls ${uri} for ${dialled}`, () => assert.equal(dialledUri(dialled, 'example.test'), uri))

  it('refuses what names nobody', () => {
    for (const nothing of ['', ' ', 'a b', 'sip:', '<x>'])
      assert.throws(() => dialledUri(nothing, 'example.test'), PhoneError)
  })
})
