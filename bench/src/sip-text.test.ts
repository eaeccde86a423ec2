import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  answering,
  audioPort,
  authorization,
  field,
  parseSip,
  describe as sdp,
  tagIn,
  uriIn,
  writeSip,
} from './sip-text.ts'

describe('SIP on plain text, for the phones of the load', () => {
  it('reads back what it writes, and keeps the order of repeated fields (RFC 3261 §7.3.1)', () => {
    const body = sdp('127.0.0.1', 4_000, 1, 'sendonly')
    const headers = [
      ['Via', 'SIP/2.0/UDP a;branch=1'],
      ['v', 'SIP/2.0/UDP b;branch=2'],
      ['To', '"A; b" <sip:a@b>;tag=x1'],
    ] as const
    const read = parseSip(writeSip('INVITE sip:a@b SIP/2.0', headers, body))
    assert.ok(read !== undefined)
    assert.deepEqual([read.method, read.uri, read.body], ['INVITE', 'sip:a@b', body])
    assert.deepEqual(read.headers.get('via'), ['SIP/2.0/UDP a;branch=1', 'SIP/2.0/UDP b;branch=2'])
    assert.deepEqual([tagIn(field(read, 'to')), uriIn(field(read, 'to'))], ['x1', 'sip:a@b'])
    assert.deepEqual([audioPort(read.body), answering(read.body)], [4_000, 'recvonly'])
    assert.equal(parseSip('\r\n\r\n')?.status, undefined)
    assert.equal(parseSip('SIP/2.0 486 Busy Here\r\n\r\n')?.status, 486)
    assert.equal(parseSip('jaK'), undefined)
  })

  it('answers a challenge by the formula of RFC 2617 §3.2.2 and RFC 7616 §3.4.1', () => {
    for (const [named, hash] of [
      ['MD5', 'md5'],
      ['SHA-256', 'sha256'],
    ] as const) {
      const text = authorization(`Digest realm="r", nonce="n", algorithm=${named}, qop="auth"`, {
        method: 'REGISTER',
        uri: 'sip:r',
        user: 'u',
        password: 'p',
      })
      const digest = (part: string): string => createHash(hash).update(part).digest('hex')
      const cnonce = /cnonce="([^"]+)"/.exec(text)?.[1]
      const expected = digest(`${digest('u:r:p')}:n:00000001:${cnonce}:auth:${digest('REGISTER:sip:r')}`)
      assert.equal(/response="([^"]+)"/.exec(text)?.[1], expected)
    }
  })
})
