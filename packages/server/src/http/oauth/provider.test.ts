/** Sign-in through an external OpenID Connect provider, against one that the test runs itself. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { Secret } from '@tandem/base'
import type { LightMyRequestResponse } from 'fastify'
import { Provider } from '../../oauth/provider.ts'
import { IDS, openTestApi, type TestApi } from '../../testing/api.ts'
import { TestBrowser } from '../../testing/browser.ts'
import { startTestProvider, type TestProvider } from './test-provider.ts'

let api: TestApi
let provider: TestProvider
before(async () => {
  api = await openTestApi()
  provider = await startTestProvider('tandem', 'provider secret')
})
after(async () => {
  await provider.close()
  await api.close()
})
beforeEach(() => {
  useProvider([])
  provider.claims = { email: 'Owner@alpha.test', email_verified: true }
  provider.wrong = {}
  provider.isUp = true
})

/** Gives the application a provider that it has not met before. */
function useProvider(domains: readonly string[]): void {
  const clientSecret = new Secret('provider secret')
  const config = { issuer: provider.issuer, clientId: 'tandem', clientSecret, name: 'Acme', domains }
  Object.assign(api.access, { provider: new Provider(config) })
}

async function signIn(browser = new TestBrowser(api.app)): Promise<LightMyRequestResponse> {
  const start = await browser.open('/signin/provider?return=%2Fdevice')
  assert.equal(start.statusCode, 302, start.body)
  return browser.open(provider.signIn(String(start.headers.location)))
}

/** Refused on the page, in one sentence, with the password still there. */
function refused(answer: LightMyRequestResponse, sentence: RegExp): void {
  assert.equal(answer.statusCode, 403)
  assert.match(answer.body, sentence)
  assert.match(answer.body, /<label for="password">/)
}

describe('/signin/provider', () => {
  it('lets the person of the verified email in, and back to where they were', async () => {
    const browser = new TestBrowser(api.app)
    assert.match((await browser.open('/signin')).body, /href="\/signin\/provider">sign in with Acme/)
    const answer = await signIn(browser)
    assert.equal(answer.statusCode, 302, answer.body)
    assert.equal(answer.headers.location, '/device')
    assert.match((await browser.open('/signin')).body, /signed in as <strong>Tomas Lind/)
    assert.equal(browser.cookies.get('__Host-tandem_provider'), '')
  })

  it('believes no token that is not exactly the one that was asked for', async () => {
    for (const wrong of [
      { nonce: 'another' },
      { issuer: 'https://evil.example' },
      { audience: 'somebody else' },
      { key: 'other' },
      { expired: true },
    ] as const) {
      provider.wrong = wrong
      refused(await signIn(), /did not confirm who you are/)
    }
  })

  it('believes no answer of another browser, nor one twice', async () => {
    const browser = new TestBrowser(api.app)
    const start = await browser.open('/signin/provider')
    const back = provider.signIn(String(start.headers.location))
    refused(await new TestBrowser(api.app).open(back), /not begun here/)
    refused(await browser.open(back.replace(/state=[^&]*/, 'state=forged')), /did not confirm/)
    refused(await browser.open(back), /not begun here/)
  })

  it('takes nobody whose email is not verified, not here, or not the provider’s to speak for', async () => {
    provider.claims = { email: 'owner@alpha.test', email_verified: false }
    refused(await signIn(), /does not say that your email address is verified/)
    provider.claims = { email: 'owner@alpha.test', email_verified: 'true' }
    refused(await signIn(), /verified/)
    provider.claims = { email: 'nobody@alpha.test', email_verified: true }
    refused(await signIn(), /Nobody here/)
    useProvider(['beta.test'])
    provider.claims = { email: 'owner@alpha.test', email_verified: true }
    refused(await signIn(), /Nobody here/)
    useProvider(['Alpha.test'])
    assert.equal((await signIn()).statusCode, 302)
  })

  it('refuses an email that two organisations have', async () => {
    const { kysely } = api.data.db
    await kysely
      .updateTable('people')
      .set({ email_folded: 'owner@alpha.test' })
      .where('id', '=', IDS.foreign)
      .execute()
    assert.equal((await signIn()).statusCode, 302, 'the SIP domain says which')
    useProvider(['alpha.test'])
    refused(await signIn(), /Two organisations/)
    await kysely
      .updateTable('people')
      .set({ email_folded: 'everything@beta.test' })
      .where('id', '=', IDS.foreign)
      .execute()
  })

  it('says in one sentence that the provider is down, and asks it again the next time', async () => {
    provider.isUp = false
    const browser = new TestBrowser(api.app)
    refused(await browser.open('/signin/provider'), /cannot be reached now/)
    provider.isUp = true
    assert.equal((await signIn(browser)).statusCode, 302)
  })
})
