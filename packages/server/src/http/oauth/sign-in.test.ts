/** Signing in, passwords and their links (promises P8, P12; cases A14, A16). */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { BAN_MS, WINDOW_MS } from '../../oauth/attempts.ts'
import { LINK_MS, makePasswordLink, setPassword } from '../../oauth/passwords.ts'
import { SESSION_MS } from '../../oauth/sessions.ts'
import { IDS, openTestApi, type TestApi } from '../../testing/api.ts'
import { TestBrowser } from '../../testing/browser.ts'
import { localTarget } from './browser.ts'

const EMAIL = 'owner@alpha.test'
const PASSWORD = 'a sentence of my own'

let api: TestApi
before(async () => {
  api = await openTestApi()
  const who = { orgId: IDS.org, personId: IDS.owner }
  await setPassword(api.data.db, api.access.hasher, { ...who, password: PASSWORD, now: api.now })
})
after(() => api.close())
beforeEach(() => {
  api.now += BAN_MS // What failed before is forgotten.
  api.library.entries.length = 0
})

async function tryWith(email: string, password: string, address?: string) {
  const browser = new TestBrowser(api.app, address)
  await browser.open('/signin')
  return { browser, answer: await browser.submit({ email, password }) }
}
const written = (): unknown[] => api.library.entries.map(({ action, actor }) => [action, actor.personId])

describe('/signin', () => {
  it('lets somebody in under a new session id, and knows them until they leave', async () => {
    const browser = new TestBrowser(api.app)
    await browser.open('/signin')
    const [name, before] = [...browser.cookies][0] ?? ['', '']
    assert.equal(name, '__Host-tandem_session')
    const answer = await browser.submit({ email: EMAIL.toUpperCase(), password: PASSWORD })
    assert.equal(answer.statusCode, 302)
    assert.match(
      String(answer.headers['set-cookie']),
      /^__Host-tandem_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    )
    assert.notEqual(browser.cookies.get(name), before)
    assert.match((await browser.open('/signin')).body, /signed in as <strong>Tomas Lind/)
    const kept = new TestBrowser(api.app)
    kept.cookies.set(name, browser.cookies.get(name) ?? '')
    assert.equal((await browser.submit({})).headers.location, '/signin')
    assert.match((await kept.open('/signin')).body, /<label for="password">/, 'the old id is dead')
    assert.deepEqual(written(), [['signin.succeeded', IDS.owner]])
  })

  it('ends the session that a browser had when it signs in again', async () => {
    const { browser } = await tryWith(EMAIL, PASSWORD)
    const [name, before] = [...browser.cookies][0] ?? ['', '']
    await browser.open('/signin')
    const token = browser.fields().get('token') ?? ''
    assert.equal((await browser.post('/signin', { token, email: EMAIL, password: PASSWORD })).statusCode, 302)
    const kept = new TestBrowser(api.app)
    kept.cookies.set(name, before)
    assert.doesNotMatch((await kept.open('/signin')).body, /signed in as/)
  })

  it('ends a session after twelve hours, when the password changes, and with its person', async () => {
    const { browser } = await tryWith(EMAIL, PASSWORD)
    api.now += SESSION_MS - 1
    assert.match((await browser.open('/signin')).body, /signed in as/)
    api.now += 1
    assert.doesNotMatch((await browser.open('/signin')).body, /signed in as/)
    const other = (await tryWith(EMAIL, PASSWORD)).browser
    const who = { orgId: IDS.org, personId: IDS.owner }
    await setPassword(api.data.db, api.access.hasher, { ...who, password: PASSWORD, now: api.now })
    assert.doesNotMatch((await other.open('/signin')).body, /signed in as/)
  })

  it('answers wrong, unknown and without a password with one and the same page (P8)', async () => {
    const pages = new Set<string>()
    for (const [email, password] of [
      [EMAIL, 'something else entirely'],
      ['nobody@alpha.test', PASSWORD],
      ['colleague@alpha.test', PASSWORD],
      [EMAIL, ''],
      [EMAIL, PASSWORD.repeat(100)],
      ["' or 1=1 --", PASSWORD],
    ] as const) {
      const { answer } = await tryWith(email, password)
      assert.equal(answer.statusCode, 401)
      pages.add(
        answer.body
          .replace(/name="token" value="[^"]*"/, '')
          .replace(/autocomplete="username" value="[^"]*"/, ''),
      )
    }
    assert.equal(pages.size, 1)
    assert.deepEqual(written(), [
      ['signin.refused', IDS.owner],
      ['signin.refused', IDS.colleague],
      ['signin.refused', IDS.owner],
      ['signin.refused', IDS.owner],
    ])
  })

  it('does the same work for the unknown as for the known (P8)', async () => {
    const { hasher } = api.access
    const { verify } = hasher
    const checked: (string | undefined)[] = []
    hasher.verify = (password, stored) => {
      checked.push(stored?.slice(0, 31))
      return verify.call(hasher, password, stored)
    }
    for (const email of [EMAIL, 'nobody@alpha.test', 'colleague@alpha.test'])
      await tryWith(email, 'something else entirely')
    hasher.verify = verify
    // What stands in for nothing costs what a stored one does: see `PasswordHasher`.
    assert.deepEqual(checked, ['$argon2id$v=19$m=19456,t=2,p=1$', undefined, undefined])
  })

  it('bans source and account for 15 minutes after ten failures in ten, known or not (P8)', async () => {
    for (const email of [EMAIL, 'nobody@alpha.test']) {
      for (let i = 0; i < 10; i++) {
        assert.equal((await tryWith(email, `wrong password ${i}`, '192.0.2.77')).answer.statusCode, 401)
        api.now += 1_000
      }
      const { answer } = await tryWith(email, PASSWORD, '192.0.2.77')
      assert.equal(answer.statusCode, 429)
      assert.equal(answer.headers['retry-after'], '899')
      assert.equal((await tryWith('officer@alpha.test', 'x', '192.0.2.77')).answer.statusCode, 401)
    }
    assert.equal((await tryWith(EMAIL, PASSWORD, '192.0.2.78')).answer.statusCode, 302, 'another source')
    api.now += BAN_MS - 11_001
    assert.equal((await tryWith(EMAIL, PASSWORD, '192.0.2.77')).answer.statusCode, 429)
    api.now += 1
    assert.equal((await tryWith(EMAIL, PASSWORD, '192.0.2.77')).answer.statusCode, 302)
  })

  it('counts tries that come at the same time, and forgets failures after ten minutes', async () => {
    const many = await Promise.all(
      Array.from({ length: 15 }, () => tryWith(EMAIL, 'wrong at once', '192.0.2.79')),
    )
    const statuses = many.map(({ answer }) => answer.statusCode).toSorted()
    assert.deepEqual(statuses, [...Array(10).fill(401), ...Array(5).fill(429)])
    for (let i = 0; i < 9; i++) await tryWith(EMAIL, 'wrong', '2001:db8::1')
    api.now += WINDOW_MS
    assert.equal((await tryWith(EMAIL, 'wrong', '2001:db8::2')).answer.statusCode, 401)
    assert.equal((await tryWith(EMAIL, PASSWORD, '2001:db8::3')).answer.statusCode, 302)
  })

  it('takes no form of a foreign page (A14)', async () => {
    const answer = await new TestBrowser(api.app).post('/signin', { email: EMAIL, password: PASSWORD })
    assert.equal(answer.statusCode, 403)
    const victim = new TestBrowser(api.app)
    await victim.open('/signin')
    const attacker = new TestBrowser(api.app)
    await attacker.open('/signin')
    const token = attacker.fields().get('token') ?? ''
    assert.equal((await victim.post('/signin', { token, email: EMAIL, password: PASSWORD })).statusCode, 403)
  })

  it('asks for the organisation only of whom two know by the same password', async () => {
    const { db } = api.data
    await db.kysely
      .updateTable('people')
      .set({ email: EMAIL, email_folded: EMAIL })
      .where('id', '=', IDS.foreign)
      .execute()
    const foreign = { orgId: IDS.foreignOrg, personId: IDS.foreign, now: api.now }
    await setPassword(db, api.access.hasher, { ...foreign, password: 'a password of Beta' })
    assert.equal((await tryWith(EMAIL, 'a password of Beta')).answer.statusCode, 302)
    await setPassword(db, api.access.hasher, { ...foreign, password: PASSWORD })
    const { browser, answer } = await tryWith(EMAIL, PASSWORD)
    assert.match(answer.body, /Two organisations/)
    await browser.submit({ email: EMAIL, password: PASSWORD, organization: 'beta.test' })
    assert.match((await browser.open('/signin')).body, /<strong>Bo</)
    await db.kysely.deleteFrom('passwords').where('person_id', '=', IDS.foreign).execute()
  })

  it('sends nobody to another server', async () => {
    for (const text of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      '/signin/../..//evil.example',
      '/v1/people/me',
      '/\tevil',
      'javascript:alert(1)',
      '',
      null,
    ])
      assert.equal(localTarget(text), undefined, String(text))
    assert.equal(localTarget('/device?user_code=BCDF-GHJK'), '/device?user_code=BCDF-GHJK')
    const browser = new TestBrowser(api.app)
    await browser.open('/signin?return=https://evil.example/')
    assert.equal((await browser.submit({ email: EMAIL, password: PASSWORD })).headers.location, '/signin')
  })

  it('has pages without script that cannot be framed or kept, and say their language (A14)', async () => {
    for (const url of ['/signin', '/password/none', '/v1/authorize', '/signin/provider']) {
      const { headers, body } = await new TestBrowser(api.app).open(url)
      const policy = String(headers['content-security-policy'])
      for (const part of [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
      ])
        assert.ok(policy.includes(part), `${url} ${part}`)
      assert.doesNotMatch(policy, /script-src|\*/)
      assert.equal(headers['x-frame-options'], 'DENY')
      assert.equal(headers['cache-control'], 'no-store')
      assert.match(body, /<html lang="en">/)
      assert.doesNotMatch(body, /<script|\son\w+="/)
      for (const [, id] of body.matchAll(/<input id="(\w+)"/g))
        assert.ok(body.includes(`<label for="${id}"`), id)
    }
  })
})

describe('/password/{secret}', () => {
  const link = async (): Promise<string> => {
    const who = { orgId: IDS.org, personId: IDS.colleague, now: api.now }
    return `/password/${(await makePasswordLink(api.data.db, who)).secret}`
  }

  it('sets a password once, within 72 hours, and may be looked at often', async () => {
    const url = await link()
    const browser = new TestBrowser(api.app)
    api.now += LINK_MS - 1
    assert.equal((await browser.open(url)).statusCode, 200)
    assert.equal((await browser.open(url)).statusCode, 200)
    const password = 'twelve chars'
    const answer = await browser.post(url, { password, again: password })
    assert.equal(answer.statusCode, 200, answer.body)
    assert.deepEqual(written(), [['password.set', IDS.colleague]])
    assert.equal((await tryWith('colleague@alpha.test', password)).answer.statusCode, 302)
    assert.equal((await browser.post(url, { password: 'another one', again: 'another one' })).statusCode, 410)
    const late = await link()
    api.now += LINK_MS
    assert.equal((await browser.open(late)).statusCode, 410)
    assert.equal((await browser.post(late, { password, again: password })).statusCode, 410)
  })

  it('is replaced by a newer link, and keeps working after a password that will not do', async () => {
    const old = await link()
    const url = await link()
    const browser = new TestBrowser(api.app)
    assert.equal((await browser.open(old)).statusCode, 410)
    for (const [password, again, fault] of [
      ['eleven char', 'eleven char', 'at least 12'],
      ['x'.repeat(257), 'x'.repeat(257), 'at most 256'],
      ['Colleague@alpha.test', 'Colleague@alpha.test', 'must not be the email'],
      ['long enough now', 'long enough not', 'not the same'],
    ] as const) {
      const answer = await browser.post(url, { password, again })
      assert.equal(answer.statusCode, 400)
      assert.ok(answer.body.includes(fault), fault)
    }
    assert.equal(
      (await browser.post(url, { password: '密'.repeat(12), again: '密'.repeat(12) })).statusCode,
      200,
    )
  })

  it('leaves neither password nor link in the database files (P12, A16)', async () => {
    const url = await link()
    await new TestBrowser(api.app).post(url, { password: 'canary password', again: 'canary password' })
    const other = await link()
    const bytes = ['tandem.db', 'tandem.db-wal']
      .map((name) => readFileSync(join(api.data.folder, name), 'latin1'))
      .join('')
    assert.ok(bytes.includes('$argon2id$v=19$m=19456,t=2,p=1$'))
    for (const secret of ['canary password', url.slice(10), other.slice(10)])
      assert.ok(!bytes.includes(secret), secret)
  })
})
