import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { openTestApi, PUBLIC_URL, type TestApi } from '../../testing/api.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())

describe('GET /openapi.json', () => {
  it('shows the document to anybody, under the public address', async () => {
    const answer = await api.send('none', { url: '/openapi.json' })
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.headers['content-type'], 'application/json;charset=UTF-8')
    const document = answer.json()
    assert.deepEqual([document.openapi, document.servers[0].url], ['3.1.0', `${PUBLIC_URL}/v1`])
    assert.match(document.info.version, /^\d+\.\d+\.\d+$/)
  })

  it('says when nothing has changed', async () => {
    const { etag } = (await api.send('none', { url: '/openapi.json' })).headers
    for (const [sent, status] of [
      [etag, 304],
      [`"other", W/${etag}`, 304],
      ['"other"', 200],
    ] as const) {
      const answer = await api.send('none', { url: '/openapi.json', headers: { 'if-none-match': sent } })
      assert.equal(answer.statusCode, status)
      assert.equal(answer.body === '', status === 304)
    }
  })
})

describe('GET /reference', () => {
  it('is a page that loads from this server alone', async () => {
    const page = await api.send('none', { url: '/reference' })
    assert.equal(page.statusCode, 200)
    const policy = String(page.headers['content-security-policy'])
    assert.match(policy, /^default-src 'none'; script-src 'self';/)
    assert.doesNotMatch(policy, /https?:|script-src[^;]*unsafe/)
    const sources = [...page.body.matchAll(/(?:src|href|data-url)="([^"]*)"/g)].map(([, source]) => source)
    assert.deepEqual(sources, ['/openapi.json', '/openapi.json', '/reference/reference.js'])
    for (const source of sources)
      assert.equal((await api.send('none', { url: source as string })).statusCode, 200, source)
  })

  it('has the program of the page, with its tag', async () => {
    const program = await api.send('none', { url: '/reference/reference.js' })
    assert.equal(program.headers['content-type'], 'text/javascript;charset=UTF-8')
    assert.match(program.body, /createApiReference/)
    const headers = { 'if-none-match': String(program.headers['etag']) }
    const again = await api.send('none', { url: '/reference/reference.js', headers })
    assert.deepEqual([again.statusCode, again.body], [304, ''])
  })

  it('escapes nothing of a visitor into the page', async () => {
    const plain = await api.send('none', { url: '/reference' })
    const asked = await api.send('none', { url: '/reference?url=https://evil.example/x.json' })
    assert.equal(asked.body, plain.body)
  })
})
