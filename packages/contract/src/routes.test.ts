import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { matchRoute, ROUTES } from './routes.ts'

const brief = (method: string, path: string): string => {
  const match = matchRoute(method, path)
  if (match.kind === 'operation')
    return [match.operation, ...Object.values(match.params).map((value) => JSON.stringify(value))].join(' ')
  return match.kind === 'method' ? `405 ${match.allow.join(', ')}` : '404'
}

describe('matchRoute', () => {
  it('finds every route of the table by its own path', () => {
    for (const [operation, route] of Object.entries(ROUTES))
      assert.equal(brief(route.method, route.path.replace(/\{\w+\}/g, 'x')).split(' ')[0], operation)
  })

  it('accepts one trailing slash and no more (contract README §1)', () => {
    assert.equal(brief('GET', '/v1/telephony/calls/'), 'listCalls')
    assert.equal(brief('POST', '/v1/telephony/calls/dial/'), 'dialCall')
    assert.equal(brief('GET', '/v1/telephony/calls//'), '404')
    assert.equal(brief('GET', '/'), '404')
  })

  it('matches fixed words before a call id (call-controls §1)', () => {
    assert.equal(brief('GET', '/v1/telephony/calls/dial'), '405 POST')
    assert.equal(brief('GET', '/v1/telephony/calls/dialled'), 'getCallDetails "dialled"')
  })

  it('matches history and members before a call id, and “me” before a member id (§1, §8)', () => {
    assert.equal(brief('GET', '/v1/telephony/calls/history'), 'listCallHistory')
    assert.equal(brief('POST', '/v1/telephony/calls/history'), '405 GET, HEAD')
    assert.equal(brief('GET', '/v1/telephony/calls/members/me/calls'), 'listMyCalls')
    assert.equal(brief('GET', '/v1/telephony/calls/members/mee/calls'), 'listMemberCalls "mee"')
    assert.equal(brief('GET', '/v1/telephony/calls/members/me/calls/x'), 'getMyCallDetails "x"')
    assert.equal(brief('GET', '/v1/telephony/calls/members/m/calls/x'), 'getMemberCallDetails "m" "x"')
    assert.equal(brief('DELETE', '/v1/telephony/conference/members/me'), 'releaseMyConference')
    assert.equal(brief('PUT', '/v1/telephony/conference'), '405 POST, GET, HEAD, DELETE')
    assert.equal(
      brief('GET', '/v1/telephony/config/people/me/settings/secondaryLines/l/preferredAnswerEndpoint'),
      'getSecondaryLinePreferredAnswerEndpoint "l"',
    )
  })

  it('has no two operations on one method and path', () => {
    const lines = Object.values(ROUTES).map(
      ({ method, path }) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`,
    )
    assert.equal(new Set(lines).size, lines.length)
  })

  it('names the methods that a known path offers, HEAD with GET', () => {
    assert.equal(brief('DELETE', '/v1/telephony/calls'), '405 GET, HEAD')
    assert.equal(brief('HEAD', '/v1/telephony/calls'), 'listCalls')
    assert.equal(brief('PATCH', '/setup/x'), '405 GET, HEAD, POST')
  })

  it('is case-sensitive, and decodes a parameter once', () => {
    assert.equal(brief('GET', '/v1/convergedrecordings'), '404')
    assert.equal(brief('GET', '/v1/telephony/calls/a%2Fb%2520'), 'getCallDetails "a/b%20"')
    assert.equal(brief('GET', '/v1/telephony/calls/%ZZ'), '404')
  })
})
