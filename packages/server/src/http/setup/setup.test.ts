import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { openTestApi, type TestApi } from '../../testing/api.ts'
import { makeSetupSecret, SETUP_LINK_MS } from '../../tokens/setup-link.ts'

const ADMIN = 'd81c5b2f-40a7-4d93-b0c6-2f7e9a3d1504'

let api: TestApi
let secret: string
before(async () => {
  api = await openTestApi()
  await api.data.db.kysely.deleteFrom('tokens').execute()
  secret = (await makeSetupSecret(api.data.db, api.now)) ?? ''
})
after(() => api.close())

const form = (body: string, path = secret): Promise<LightMyRequestResponse> =>
  api.app.inject({
    method: 'POST',
    url: `/setup/${path}`,
    payload: body,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })

describe('the set-up page', () => {
  it('offers the administrators, may be looked at often, and tells nobody else', async () => {
    for (let i = 0; i < 2; i++) {
      const answer = await api.app.inject({ url: `/setup/${secret}` })
      assert.equal(answer.statusCode, 200)
      assert.match(answer.body, new RegExp(`<option value="${ADMIN}">admin@alpha.test \\(Alpha\\)</option>`))
      assert.ok(!answer.body.includes('owner@alpha.test'))
      assert.equal(answer.headers['cache-control'], 'no-store')
      assert.equal(answer.headers['referrer-policy'], 'no-referrer')
      assert.match(String(answer.headers['content-security-policy']), /default-src 'none'/)
    }
  })

  it('wants one of them, and the right secret, before it is used up', async () => {
    assert.equal((await form('person=nobody')).statusCode, 400)
    assert.equal((await form('')).statusCode, 400)
    assert.equal((await form(`person=${ADMIN}`, `${secret}x`)).statusCode, 410)
    api.now += SETUP_LINK_MS
    assert.equal((await form(`person=${ADMIN}`)).statusCode, 410)
    api.now -= SETUP_LINK_MS
  })

  it('shows a token that works, once', async () => {
    const answer = await form(`person=${ADMIN}`)
    assert.equal(answer.statusCode, 200)
    const token = /tdm_[\w-]{49}/.exec(answer.body)?.[0]
    const me = await api.app.inject({ url: '/v1/people/me', headers: { authorization: `Bearer ${token}` } })
    assert.equal(me.json().emails[0], 'admin@alpha.test')
    assert.equal((await form(`person=${ADMIN}`)).statusCode, 410)
    assert.equal((await api.app.inject({ url: `/setup/${secret}` })).statusCode, 410)
  })
})
