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
      assert.equal(answer.headers['cache-control'], 'no-cache', 'another version has another')
      assert.equal(answer.headers['x-content-type-options'], 'nosniff')
      assert.equal(answer.headers.etag, etag)
    }
  })
})

describe('GET /reference', () => {
  it('is a page that loads from this server alone', async () => {
    const page = await api.send('none', { url: '/reference' })
    assert.equal(page.statusCode, 200)
    const policy = String(page.headers['content-security-policy'])
    assert.deepEqual(policy.split('; '), [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data:",
      "font-src 'self' data:",
      "connect-src 'self'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ])
    assert.equal(page.headers['referrer-policy'], 'no-referrer')
    assert.equal(page.headers['x-content-type-options'], 'nosniff')
    const sources = [...page.body.matchAll(/(?:src|href|data-url)="([^"]*)"/g)].map(([, source]) => source)
    assert.deepEqual(sources, ['/openapi.json', '/openapi.json', '/reference/reference.js'])
    for (const source of sources)
      assert.equal((await api.send('none', { url: source as string })).statusCode, 200, source)
  })

  it('tells the program to speak to nobody else and to keep no token', async () => {
    const { body } = await api.send('none', { url: '/reference' })
    const attribute = /data-configuration="([^"]*)"/.exec(body)?.[1] ?? ''
    assert.deepEqual(JSON.parse(attribute.replaceAll('&quot;', '"')), {
      url: '/openapi.json',
      withDefaultFonts: false,
      telemetry: false,
      showDeveloperTools: 'never',
      hideClientButton: true,
      mcp: { disabled: true },
      agent: { disabled: true },
      persistAuth: false,
    })
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
