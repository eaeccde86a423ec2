/** Case S32: credentials serve once, for what they were made for, by an algorithm that was offered. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Besieged } from './besieged.ts'
import { challengeOf, credentials } from './digest.ts'
import { DOMAIN, FOREIGN_DOMAIN, passwordOf, USERS, VICTIM } from './house.ts'

/** Registers the tests. */
export function forgery(house: () => Besieged): void {
  it('S32: a login serves once: not again, not in another request, not under a nonce of somebody else', async () => {
    const [knocker, thief] = [await house().knocker('127.0.0.12'), await house().knocker('127.0.0.13')]
    const user = USERS.replay
    const password = passwordOf(user)
    const challenge = await knocker.challenge(user)
    assert.equal(await knocker.logIn(user, { ...challenge, password }), 200)
    assert.equal(await knocker.logIn(user, { ...challenge, password }), 401, 'the same again')
    assert.equal(await thief.logIn(user, { ...challenge, password }), 401, 'from another address')
    assert.equal(await knocker.logIn(user, { ...challenge, password, nc: 2 }), 200, 'the next count')
    assert.equal(await knocker.logIn(user, { ...challenge, password, nc: 2 }), 401, 'a repeated count')
    assert.equal(await knocker.logIn(user, { ...challenge, password, nc: 1 }), 401, 'an old count')
    for (const nonce of ['', 'none', `${challenge.nonce}0`, challenge.nonce.replace(/^./, '0')])
      assert.equal(await knocker.logIn(user, { ...challenge, nonce, password }), 401, `nonce "${nonce}"`)
    house().findings.add('S32', 'own client', 'replay, repeated nc, invented nonce: 401')
  })

  it('S32: a login for another realm, target or method is none', async () => {
    const knocker = await house().knocker('127.0.0.14')
    const user = USERS.target
    const password = passwordOf(user)
    for (const [what, spoiled] of [
      ['realm', { realm: FOREIGN_DOMAIN }],
      ['name of a realm', { realm: FOREIGN_DOMAIN, hashedRealm: DOMAIN }],
      ['domain', { uri: `sip:${FOREIGN_DOMAIN}` }],
      ['user', { uri: `sip:${VICTIM}@${DOMAIN}` }],
      ['method', { method: 'INVITE' }],
    ] as const) {
      const challenge = await knocker.challenge(user)
      assert.equal(await knocker.logIn(user, { ...challenge, password, ...spoiled }), 401, what)
    }
    const abroad = await knocker.ask('REGISTER', { user: VICTIM, uri: `sip:${FOREIGN_DOMAIN}` })
    const login = { ...challengeOf(abroad), user: VICTIM, password: passwordOf(VICTIM) }
    const authorization = credentials({ ...login, method: 'REGISTER', uri: `sip:${DOMAIN}` })
    const headers = [['Authorization', authorization] as const]
    assert.equal(
      (await knocker.ask('REGISTER', { user: VICTIM, headers })).status,
      401,
      'login of a namesake',
    )
    house().findings.add('S32', 'own client', 'other realm, target, method: 401')
  })

  it('S32: no weaker algorithm than was offered, and no quality that was not', async () => {
    const knocker = await house().knocker('127.0.0.15')
    const password = passwordOf(USERS.algorithm)
    for (const [what, spoiled] of [
      ['MD5-sess', { algorithm: 'MD5-sess' }],
      ['unknown', { algorithm: 'SHA-1' }],
      ['SHA-256 by MD5', { algorithm: 'SHA-256', hash: 'md5' }],
      ['MD5 by SHA-256', { algorithm: 'MD5', hash: 'sha256' }],
      ['auth-int', { qop: 'auth-int' }],
      ['empty response', { response: '' }],
      ['half a response', { response: '0'.repeat(16) }],
    ] as const) {
      const challenge = await knocker.challenge(USERS.algorithm)
      assert.equal(await knocker.logIn(USERS.algorithm, { ...challenge, password, ...spoiled }), 401, what)
    }
    const sha = { ...(await knocker.challenge(USERS.algorithm)), password, algorithm: 'SHA-256' }
    assert.equal(await knocker.logIn(USERS.algorithm, sha), 200, 'SHA-256')
    const old = {
      ...(await knocker.challenge(USERS.wordless)),
      password: passwordOf(USERS.wordless),
      qop: '',
    }
    assert.equal(await knocker.logIn(USERS.wordless, old), 200, 'RFC 2069, for old phones')
    assert.equal(await knocker.logIn(USERS.wordless, old), 401, 'RFC 2069 again')
    house().findings.add('S32', 'own client', 'MD5-sess, crossed hashes, auth-int, short responses: 401')
  })
}
