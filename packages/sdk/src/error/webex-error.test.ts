import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WebexClient } from '../client.ts'
import { FakeServer, type Reply } from '../fake-server.test.ts'
import {
  BadRequest,
  Conflict,
  Forbidden,
  NotFound,
  RateLimited,
  ServerError,
  Unauthorized,
  WebexApiError,
  WebexError,
} from './webex-error.ts'

async function failure(reply: Reply): Promise<WebexApiError> {
  const server = new FakeServer([reply])
  try {
    await new WebexClient(server.options({ retry: false })).calls.get('c', { trackingId: 'OWN' })
  } catch (error) {
    assert.ok(error instanceof WebexApiError && error instanceof WebexError)
    return error
  }
  assert.fail('no error')
}

describe('WebexApiError', () => {
  it('reads the error body of the contract (README §4)', async () => {
    const error = await failure({
      status: 404,
      json: {
        message: 'Call not found',
        errors: [{ description: 'Call not found', errorCode: 10001 }],
        trackingId: 'R_1',
      },
      headers: { 'X-Seen': '1' },
    })
    assert.ok(error instanceof NotFound)
    assert.equal(error.name, 'NotFound')
    assert.equal(error.message, '404 for GET /v1/telephony/calls/c: Call not found')
    assert.equal(error.status, 404)
    assert.equal(error.code, 10001)
    assert.equal(error.description, 'Call not found')
    assert.deepEqual(error.errors, [{ description: 'Call not found', code: 10001 }])
    assert.equal(error.trackingId, 'R_1')
    assert.equal(error.headers.get('x-seen'), '1')
    assert.equal(error.request?.url, 'https://pbx.example.test/v1/telephony/calls/c')
    assert.ok(!JSON.stringify(error).includes('secret-token'))
  })

  const shapes: readonly {
    readonly name: string
    readonly text: string
    readonly want: readonly [string, number | undefined, string]
  }[] = [
    {
      name: 'the nested list',
      text: '{"error":[{"key":"400","message":[{"description":"bad","code":400}]}],"trackingId":"R"}',
      want: ['bad', 400, 'R'],
    },
    { name: 'plain text', text: ' upstream said no \n', want: ['upstream said no', undefined, 'HEADER'] },
    { name: 'nothing', text: '', want: ['the server gave no reason', undefined, 'HEADER'] },
    {
      name: 'a body without tracking id and message',
      text: '{"errors":[{"description":"odd"}]}',
      want: ['odd', undefined, 'HEADER'],
    },
    {
      name: 'a code on the top level only',
      text: '{"message":"m","errorCode":7,"trackingId":"R"}',
      want: ['m', 7, 'R'],
    },
    {
      name: 'members of wrong types',
      text: '{"message":{},"errors":[null,3,{"description":4},{"description":"x","errorCode":"12"}],"trackingId":5}',
      want: ['x', 12, 'HEADER'],
    },
    {
      name: 'the form of OAuth',
      text: '{"error":"invalid_token","error_description":"d"}',
      want: ['invalid_token', undefined, 'HEADER'],
    },
    { name: 'a JSON list', text: '[1]', want: ['[1]', undefined, 'HEADER'] },
    { name: 'a string among the errors', text: '{"errors":["a"]}', want: ['a', undefined, 'HEADER'] },
  ]
  for (const { name, text, want } of shapes)
    it(`copes with ${name}`, async () => {
      const error = await failure({ status: 400, text, headers: { trackingid: 'HEADER' } })
      assert.deepEqual([error.description, error.code, error.trackingId], want)
      assert.equal(error.rawBody, text)
    })

  it('falls back to the tracking id that it sent', async () => {
    assert.equal((await failure({ status: 500 })).trackingId, 'OWN')
  })

  it('has a class for each kind of status', async () => {
    const classes = [
      [400, BadRequest],
      [401, Unauthorized],
      [403, Forbidden],
      [404, NotFound],
      [409, Conflict],
      [429, RateLimited],
      [500, ServerError],
      [599, ServerError],
      [410, WebexApiError],
    ] as const
    for (const [status, type] of classes) {
      const error = await failure({ status })
      assert.equal(error.constructor, type)
      assert.equal(error.name, type.name)
    }
  })

  it('says how long the server asked to wait', async () => {
    assert.equal((await failure({ status: 429, headers: { 'Retry-After': '90' } })).retryAfterMs, 90_000)
  })
})
