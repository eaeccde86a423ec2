import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nodeCrypto, open, seal } from './crypto.ts'

const key = new Uint8Array(32).fill(7)
const nonce = new Uint8Array(12).fill(1)
const aad = new Uint8Array([1, 2, 3])
const text = new TextEncoder().encode('twenty milliseconds of audio')

describe('nodeCrypto', () => {
  it('hashes as RFC 1321 and FIPS 180-4 show', () => {
    assert.equal(nodeCrypto.hash('md5', 'abc'), '900150983cd24fb0d6963f7d28e17f72')
    assert.equal(
      nodeCrypto.hash('sha256', 'abc'),
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })

  it('makes the HMAC of RFC 4231 test case 2', () => {
    assert.equal(
      nodeCrypto.hmac(new TextEncoder().encode('Jefe'), 'what do ya want for nothing?'),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    )
  })

  it('never hands out the same bytes twice, across pages of its pool', () => {
    const seen = new Set<string>()
    for (let i = 0; i < 2_000; i++) seen.add(Buffer.from(nodeCrypto.randomBytes(16)).toString('hex'))
    assert.equal(seen.size, 2_000)
    assert.equal(nodeCrypto.randomBytes(10_000).length, 10_000)
  })
})

describe('seal and open', () => {
  it('gives back what was sealed', () => {
    const sealed = seal(key, nonce, aad, text)
    assert.equal(sealed.length, text.length + 16)
    assert.deepEqual(open(key, nonce, aad, sealed), text)
  })

  it('refuses a flip of any single bit, another key and other attached data', () => {
    const sealed = seal(key, nonce, aad, text)
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const bent = sealed.slice()
      bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      assert.equal(open(key, nonce, aad, bent), undefined)
    }
    assert.equal(open(new Uint8Array(32), nonce, aad, sealed), undefined)
    assert.equal(open(key, nonce, new Uint8Array([1, 2]), sealed), undefined)
    assert.equal(open(key, nonce, aad, sealed.subarray(0, 10)), undefined)
  })
})
