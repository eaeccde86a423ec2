import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openTestData, type TestData } from '../testing/open-test-data.ts'
import { authenticate } from './authenticate.ts'
import { administrators, makeSetupSecret, SETUP_LINK_MS, setupLinkWorks, useSetupLink } from './setup-link.ts'
import { isTokenText, newTokenText } from './token-text.ts'
import { createToken, revokeToken } from './tokens.ts'

let data: TestData
before(async () => {
  data = await openTestData()
})
after(() => data.remove())

describe('token text', () => {
  it('carries 256 random bits and a checksum that finds every changed character', () => {
    const token = newTokenText()
    assert.match(token, /^tdm_[\w-]{49}$/)
    assert.ok(isTokenText(token))
    for (let i = 0; i < token.length; i++) {
      const bent = `${token.slice(0, i)}${token[i] === 'A' ? 'B' : 'A'}${token.slice(i + 1)}`
      assert.ok(!isTokenText(bent), bent)
    }
    for (const text of ['', 'tdm_', `${token}A`, token.slice(1), 'x'.repeat(10_000)])
      assert.ok(!isTokenText(text))
  })
})

describe('createToken', () => {
  it('works for its person until it expires, to the millisecond', async () => {
    const made = await createToken(data.db, {
      email: 'ADA@radio.test',
      scopes: ['spark:all'],
      lifetimeMs: 1_000,
      now: 0,
    })
    const caller = await authenticate(data.db, made.token, 999)
    assert.equal(caller?.personId, made.personId)
    assert.equal(caller?.orgId, made.orgId)
    assert.ok(caller?.scopes.has('spark-admin:recordings_read'), 'Ada is an administrator')
    assert.equal(await authenticate(data.db, made.token, 1_000), undefined)
  })

  it('is dead with the next request after it was revoked (P12)', async () => {
    const made = await createToken(data.db, { email: 'ben@radio.test', scopes: ['spark:calls_read'] })
    assert.ok(await authenticate(data.db, made.token, Date.now()))
    assert.equal(await revokeToken(data.db, made.id), true)
    assert.equal(await authenticate(data.db, made.token, Date.now()), undefined)
    assert.equal(await revokeToken(data.db, made.id), false)
  })

  it('gives a person without the role no administrator’s scope, and follows a change of roles at once (P11)', async () => {
    const scopes = ['spark-admin:recordings_read', 'spark:recordings_read']
    const made = await createToken(data.db, { email: 'ben@radio.test', scopes })
    const held = async (): Promise<string[]> => [
      ...((await authenticate(data.db, made.token, 0))?.scopes ?? []),
    ]
    assert.deepEqual(await held(), ['spark:recordings_read'])
    const setRoles = (roles: string[]): Promise<unknown> =>
      data.db.kysely
        .updateTable('people')
        .set({ roles: JSON.stringify(roles) })
        .where('id', '=', made.personId)
        .execute()
    await setRoles(['user', 'admin'])
    assert.deepEqual(await held(), scopes)
    await setRoles(['user'])
    assert.deepEqual(await held(), ['spark:recordings_read'])
  })

  it('refuses unknown people and scopes in one sentence', async () => {
    const make = (email: string, scopes: string[]): Promise<unknown> =>
      createToken(data.db, { email, scopes })
    await assert.rejects(
      make('nobody@radio.test', ['spark:all']),
      /No person of the directory has this email/,
    )
    await assert.rejects(make('ada@radio.test', ['spark:everything']), /There is no scope spark:everything/)
    await assert.rejects(make('ada@radio.test', []), /at least one scope/)
  })

  it('asks for the organisation when two have the email', async () => {
    await data.db.kysely
      .updateTable('people')
      .set({ email: 'ada@radio.test', email_folded: 'ada@radio.test' })
      .where('email_folded', '=', 'ines@workshop.test')
      .execute()
    const scopes = ['spark:all']
    await assert.rejects(createToken(data.db, { email: 'ada@radio.test', scopes }), /Two organisations/)
    const a = await createToken(data.db, { email: 'ada@radio.test', organization: 'workshop.test', scopes })
    const b = await createToken(data.db, { email: 'ada@radio.test', organization: 'Radio', scopes })
    assert.notEqual(a.orgId, b.orgId)
  })

  it('leaves no token in the database files (P12, A16)', async () => {
    const { token } = await createToken(data.db, { email: 'ben@radio.test', scopes: ['spark:all'] })
    const bytes = ['tandem.db', 'tandem.db-wal']
      .map((name) => readFileSync(join(data.folder, name), 'latin1'))
      .join('')
    assert.ok(bytes.includes('spark:all') && !bytes.includes(token) && !bytes.includes(token.slice(4, 40)))
  })
})

describe('the set-up link', () => {
  it('is made only while there is no token, works once, and within 24 hours', async () => {
    const fresh = await openTestData()
    try {
      const { db } = fresh
      const replaced = await makeSetupSecret(db, 0)
      const secret = await makeSetupSecret(db, 0)
      assert.ok(secret !== undefined && replaced !== undefined)
      assert.equal(await setupLinkWorks(db, replaced, 1), false)
      assert.equal(await setupLinkWorks(db, secret, SETUP_LINK_MS - 1), true)
      assert.equal(await setupLinkWorks(db, secret, SETUP_LINK_MS), false)
      const [admin] = await administrators(db)
      const personId = admin?.id ?? ''
      assert.equal(await useSetupLink(db, { secret, personId, now: SETUP_LINK_MS }), undefined)
      assert.equal(await useSetupLink(db, { secret: `${secret}x`, personId, now: 1 }), undefined)
      assert.equal(await useSetupLink(db, { secret, personId: 'somebody', now: 1 }), undefined)
      const tries = await Promise.all([1, 2, 3].map(() => useSetupLink(db, { secret, personId, now: 1 })))
      const made = tries.filter((token) => token !== undefined)
      assert.equal(made.length, 1, 'three at the same time give one token')
      assert.ok((await authenticate(db, made[0]?.token ?? '', 1))?.scopes.has('spark-admin:people_write'))
      assert.equal(await setupLinkWorks(db, secret, 1), false)
      assert.equal(await makeSetupSecret(db, 2), undefined)
    } finally {
      await fresh.remove()
    }
  })
})
