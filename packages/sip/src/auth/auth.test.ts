import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededCrypto } from '../endpoint/network.test.ts'
import { parseAuth } from '../message/auth-header.ts'
import { Headers } from '../message/headers.ts'
import { NO_BODY, type SipRequest, type SipResponse } from '../message/message.ts'
import { answerChallenge } from './answer.ts'
import { digestResponse, type Ha1, ha1Of } from './digest.ts'
import { DigestGuard } from './guard.ts'
import { NONCE_MS_MAX, NONCES_MAX, Nonces } from './nonce.ts'

const crypto = seededCrypto(7)
const ada = { username: 'ada', password: 'secret' }
const stored = ha1Of(crypto, { ...ada, realm: 'example.test' })

function lookup(realm: string, username: string): Ha1 | undefined {
  return realm === 'example.test' && username === 'ada' ? stored : undefined
}

function register(fields: readonly (readonly [string, string])[] = [], uri = 'sip:example.test'): SipRequest {
  return { kind: 'request', method: 'REGISTER', uri, headers: new Headers(fields), body: NO_BODY }
}

function challenged(values: readonly string[], status = 401): SipResponse {
  const name = status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate'
  const headers = new Headers(values.map((value) => [name, value] as const))
  return { kind: 'response', status, reason: '', headers, body: NO_BODY }
}

/** The REGISTER with the answer to the guard's challenge, or to one of its two. */
function answered(
  values: readonly string[],
  options: { password?: string; username?: string; status?: number } = {},
): SipRequest {
  const credentials = { username: options.username ?? 'ada', password: options.password ?? 'secret' }
  const response = challenged(values, options.status)
  const field = answerChallenge(crypto, register(), response, { credentials, cnonce: '0a4f113b' })
  assert.ok(field !== undefined)
  return register([field])
}

describe('digestResponse', () => {
  it('gives the values of the example in RFC 7616 §3.9.1', () => {
    const nonce = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v'
    const qop = { nc: '00000001', cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' }
    const ha1 = ha1Of(crypto, {
      username: 'Mufasa',
      realm: 'http-auth@example.org',
      password: 'Circle of Life',
    })
    const input = { method: 'GET', uri: '/dir/index.html', nonce, qop }
    assert.equal(
      digestResponse(crypto, { ...input, algorithm: 'MD5', ha1: ha1.ha1Md5 }),
      '8ca523f5e9506fed4657c9700eebdbec',
    )
    assert.equal(
      digestResponse(crypto, { ...input, algorithm: 'SHA-256', ha1: ha1.ha1Sha256 }),
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    )
  })

  it('gives the value without qop of RFC 2069 as RFC 2617 §3.2.2.1 has it', () => {
    const ha1 = crypto.hash('md5', 'Mufasa:testrealm@host.com:Circle Of Life')
    const input = { algorithm: 'MD5', ha1, method: 'GET', uri: '/dir/index.html' } as const
    assert.equal(
      digestResponse(crypto, { ...input, nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093' }),
      '670fd8c2df070c60b045671b8b24ff02',
    )
  })
})

describe('DigestGuard', () => {
  it('offers MD5 and SHA-256 under one nonce, MD5 first for phones that look no further (RFC 8760 §2.4)', () => {
    const challenges = new DigestGuard(crypto)
      .challenge(0, 'example.test')
      .map((value) => parseAuth(value)?.params)
    assert.deepEqual(
      challenges.map((params) => params?.get('algorithm')),
      ['MD5', 'SHA-256'],
    )
    assert.equal(challenges[0]?.get('nonce'), challenges[1]?.get('nonce'))
    assert.equal(challenges[0]?.get('qop'), 'auth')
  })

  it('leaves SHA-256 out for a phone that stumbles over it', () => {
    const values = new DigestGuard(crypto).challenge(0, 'example.test', { md5Only: true })
    assert.equal(values.length, 1)
    assert.match(values[0] ?? '', /algorithm=MD5/)
  })

  it('lets the right password pass, by either algorithm and either header (RFC 7616 §3.4)', () => {
    const guard = new DigestGuard(crypto)
    const [md5 = '', sha256 = ''] = guard.challenge(0, 'example.test')
    const [, another = ''] = guard.challenge(0, 'example.test')
    const ok = { kind: 'ok', realm: 'example.test', username: 'ada' }
    assert.deepEqual(guard.check(1, answered([sha256, md5]), lookup), ok)
    assert.deepEqual(guard.check(1, answered([another], { status: 407 }), lookup), ok)
  })

  it('says the same of a wrong password, an unknown user and another realm (no enumeration)', () => {
    const guard = new DigestGuard(crypto)
    const here = guard.challenge(0, 'example.test')
    const there = guard.challenge(0, 'other.test')
    assert.equal(guard.check(1, answered(here, { password: 'wrong' }), lookup).kind, 'refused')
    assert.equal(guard.check(1, answered(here, { username: 'nobody' }), lookup).kind, 'refused')
    assert.equal(guard.check(1, answered(there), lookup).kind, 'refused')
    assert.equal(guard.remembered, 0, 'what fails costs no memory')
  })

  it('refuses the digest of another target or another method (RFC 7616 §3.4.6, case S32)', () => {
    const guard = new DigestGuard(crypto)
    const good = answered(guard.challenge(0, 'example.test'))
    assert.equal(guard.check(1, { ...good, uri: 'sip:other.test' }, lookup).kind, 'refused')
    assert.equal(guard.check(1, { ...good, method: 'INVITE' }, lookup).kind, 'refused')
    assert.equal(guard.check(1, good, lookup).kind, 'ok')
  })

  it('takes the domain alone as the digest target, as phones with one fixed digest URI send it', () => {
    const guard = new DigestGuard(crypto)
    const [md5 = ''] = guard.challenge(0, 'example.test')
    const good = answered([md5])
    assert.equal(guard.check(1, { ...good, uri: good.uri.replace('sip:', 'sip:102@') }, lookup).kind, 'ok')
  })

  it('serves each count of a nonce once: a replay is stale (RFC 7616 §5.5, case S32)', () => {
    const guard = new DigestGuard(crypto)
    const request = answered(guard.challenge(0, 'example.test'))
    assert.equal(guard.check(1, request, lookup).kind, 'ok')
    assert.equal(guard.check(2, request, lookup).kind, 'stale')
  })

  it('calls a nonce stale past its time, and one of an earlier run (RFC 7616 §3.3)', () => {
    const guard = new DigestGuard(crypto)
    const request = answered(guard.challenge(0, 'example.test'))
    const late = answered(guard.challenge(0, 'example.test'))
    assert.equal(guard.check(NONCE_MS_MAX, request, lookup).kind, 'ok')
    assert.equal(guard.check(NONCE_MS_MAX + 1, late, lookup).kind, 'stale')
    assert.equal(new DigestGuard(seededCrypto(8)).check(1, late, lookup).kind, 'stale')
    assert.match(guard.challenge(0, 'example.test', { stale: true })[0] ?? '', /stale=true/)
  })

  it('counts nothing against a source that was not given the nonce: its address may be forged', () => {
    const guard = new DigestGuard(crypto)
    const here = guard.challenge(0, 'example.test', { source: '192.0.2.1' })
    const check = (password: string, source: string): string =>
      guard.check(1, answered(here, { password }), lookup, source).kind
    assert.equal(check('wrong', '192.0.2.2'), 'stale')
    assert.equal(check('secret', '192.0.2.2'), 'stale')
    assert.equal(check('wrong', '192.0.2.1'), 'refused')
    assert.equal(check('secret', '192.0.2.1'), 'ok')
  })

  it('asks again when credentials are missing, malformed or not what it offered (case S17)', () => {
    const guard = new DigestGuard(crypto)
    const [value = ''] = answered(guard.challenge(0, 'example.test')).headers.all('Authorization')
    for (const bad of [
      '',
      'Digest',
      'Basic YTpi',
      value.replace('qop=auth', 'qop=auth-int'),
      value.replace('SHA-256', 'SHA-1'),
    ])
      assert.deepEqual(guard.check(1, register([['Authorization', bad]]), lookup), { kind: 'challenge' }, bad)
    assert.deepEqual(guard.check(1, register(), lookup), { kind: 'challenge' })
  })
})

describe('Nonces', () => {
  it('takes counts out of order within its window, each once', () => {
    const nonces = new Nonces(crypto)
    const nonce = nonces.issue(0)
    const served = [3, 1, 2, 3, 1, 40, 8, 9, 8, 2_000, 1_968, 1_969].map((nc) => nonces.use(1, nonce, nc))
    assert.deepEqual(served, [true, true, true, false, false, true, false, true, false, true, false, true])
  })

  it('does not take what it never issued', () => {
    const nonces = new Nonces(crypto)
    const nonce = nonces.issue(0)
    for (const forged of ['', 'x', `1${nonce}`, nonce.slice(0, -1), `${nonce}0`, 'a.b.c'.repeat(100)])
      assert.equal(nonces.use(1, forged, 1), false, forged)
  })

  it('remembers no more than its limit, and serves none of those it had to forget', () => {
    const noncesMax = 100
    const nonces = new Nonces(crypto, { noncesMax })
    const first = nonces.issue(0)
    assert.equal(nonces.use(1, first, 1), true)
    for (let i = 1; i < noncesMax; i++) nonces.use(2, nonces.issue(2), 1)
    assert.equal(nonces.size, noncesMax)
    assert.equal(nonces.use(3, nonces.issue(3), 1), true)
    assert.equal(nonces.size, noncesMax)
    assert.equal(nonces.use(4, first, 1), false, 'forgotten, and so never served again')
  })

  it('remembers its default number when nobody says otherwise, and forgets the oldest for one more', () => {
    const nonces = new Nonces({ ...crypto, hmac: () => '0'.repeat(64) }) // Fifty thousand real ones take a second.
    const first = nonces.issue(0)
    nonces.use(1, first, 1)
    for (let i = 1; i < NONCES_MAX; i++) nonces.use(2, nonces.issue(2), 1)
    assert.equal(nonces.size, NONCES_MAX)
    assert.equal(nonces.use(3, first, 2), true, 'the first is still there')
    nonces.use(4, nonces.issue(4), 1)
    assert.equal(nonces.size, NONCES_MAX)
    assert.equal(nonces.use(5, first, 3), false)
  })
})

describe('answerChallenge', () => {
  it('prefers SHA-256, and answers a peer that only knows MD5 (RFC 8760 §2.4)', () => {
    const md5 = 'Digest realm="r", nonce="n", algorithm=MD5, qop="auth"'
    const sha256 = 'Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth"'
    const algorithm = (values: string[]): string | undefined =>
      parseAuth(answered(values).headers.get('Authorization') ?? '')?.params.get('algorithm')
    assert.equal(algorithm([md5, sha256]), 'SHA-256')
    assert.equal(algorithm([md5]), 'MD5')
  })

  it('answers without qop where none was offered, and repeats opaque (RFC 2617 §3.2.2)', () => {
    const params = parseAuth(
      answered(['Digest realm="r", nonce="n", opaque="o"']).headers.get('Authorization') ?? '',
    )?.params
    assert.deepEqual(
      [params?.get('opaque'), params?.has('qop'), params?.has('algorithm')],
      ['o', false, false],
    )
  })

  it('answers nothing that it does not understand', () => {
    const credentials = ada
    for (const value of [
      'Basic realm="r"',
      'Digest realm="r", nonce="n", qop="auth-int"',
      'Digest realm="r"',
      '',
    ])
      assert.equal(
        answerChallenge(crypto, register(), challenged([value]), { credentials, cnonce: 'c' }),
        undefined,
        value,
      )
  })
})
