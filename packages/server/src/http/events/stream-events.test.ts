/** The stream of live events over real connections: answers, rights (A02), a token that dies (P12). */
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { outboxEvent } from '@tandem/store'
import { type CallerName, IDS, NOW, openTestApi, type TestApi } from '../../testing/api.ts'
import { createToken, revokeToken } from '../../tokens/tokens.ts'

const PATH = '/tandem/v1/events'

let api: TestApi
let origin: string
before(async () => {
  api = await openTestApi()
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  origin = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}` // It listens.
})
after(async () => {
  const closed = api.close()
  api.app.server.closeAllConnections() // Clients here keep theirs for the next request, which does not come.
  await closed
})

/** An open stream; `until` resolves when the text that came fits. */
async function open(
  token: string | undefined,
  options: { query?: string; headers?: Record<string, string> } = {},
) {
  const aborting = new AbortController()
  const answer = await fetch(`${origin}${PATH}${options.query ?? ''}`, {
    headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...options.headers },
    signal: aborting.signal,
  })
  let text = ''
  let ended = false
  let heard = (): void => {}
  const reading = (async () => {
    const decoder = new TextDecoder()
    for await (const bytes of answer.body ?? []) {
      text += decoder.decode(bytes as Uint8Array, { stream: true })
      heard()
    }
  })()
    .catch(() => {})
    .finally(() => {
      ended = true
      heard()
    })
  return {
    answer,
    close: () => aborting.abort(),
    ended: () => reading,
    async until(fits: RegExp): Promise<string> {
      while (!fits.test(text) && !ended) await new Promise<void>((resolve) => (heard = resolve))
      assert.match(text, fits)
      return text
    },
  }
}

async function happen(person: string, resource = 'telephony_calls', org: string = IDS.org): Promise<void> {
  await api.data.db.commit([
    outboxEvent(api.data.db, {
      orgId: org,
      resource,
      event: 'created',
      personId: person,
      key: 'k',
      payload: { about: `${resource} of ${person}` },
      createdAt: NOW,
    }),
  ])
}

describe('GET /tandem/v1/events', () => {
  it('is a stream of events that nothing between keeps or gathers', async () => {
    const stream = await open(api.tokens.owner)
    assert.equal(stream.answer.status, 200)
    assert.equal(stream.answer.headers.get('content-type'), 'text/event-stream')
    assert.equal(stream.answer.headers.get('cache-control'), 'no-store')
    assert.equal(stream.answer.headers.get('x-accel-buffering'), 'no')
    await happen(IDS.owner)
    await stream.until(/event: telephony_calls\.created\ndata: \{.*\}\n\n/)
    stream.close()
  })

  it('shows each caller what the table of rights lets them see (A02)', async () => {
    const asked: readonly (readonly [CallerName, string, number])[] = [
      ['none', '', 401],
      ['malformed', '', 401],
      ['unknown', '', 401],
      ['revoked', '', 401],
      ['expired', '', 401],
      ['scopeless', '', 403],
      ['admin', '', 403],
      ['owner', '?ownedBy=org', 403],
      ['pretender', '?ownedBy=org', 403],
      ['officer', '?ownedBy=org&resource=telephony_calls', 403],
      ['owner', '?resource=tandem_alarms', 400],
      ['admin', '?ownedBy=org&resource=telephony_conference', 400],
      ['owner', '?resource=nonsense', 400],
      ['owner', '?resource=', 200],
      ['owner', '?ownedBy=everybody', 400],
      ['owner', '?lastEventId=x', 400],
      ['owner', '?lastEventId=99999', 410],
      ['owner', '?resource=telephony_calls,recordings', 200],
      ['officerOwner', '?ownedBy=org', 200],
    ]
    for (const [caller, query, status] of asked) {
      const stream = await open(api.tokens[caller], { query })
      assert.equal(stream.answer.status, status, `${caller} ${query}`)
      stream.close()
    }
    const streams = {
      owner: await open(api.tokens.owner),
      colleague: await open(api.tokens.colleague),
      admin: await open(api.tokens.admin, { query: '?ownedBy=org' }),
      officer: await open(api.tokens.officer, { query: '?ownedBy=org' }),
      foreign: await open(api.tokens.foreign, { query: '?ownedBy=org' }),
    }
    await happen(IDS.owner)
    await happen(IDS.owner, 'convergedRecordings')
    // The last event is for everybody, so whoever has it has everything before it.
    for (const person of [IDS.colleague, IDS.owner]) await happen(person, 'recordings')
    await happen(IDS.foreign, 'recordings', IDS.foreignOrg)
    const last = new RegExp(`recordings of ${IDS.owner}"\\}\\}\\n\\n$`)
    const lines = (text: string): string[] =>
      [...text.matchAll(/^event: (\w+)\.created\ndata: .*"about":"\w+ of ([\w-]+)"/gm)].map(
        ([, resource, person]) => `${resource} ${Object.entries(IDS).find(([, id]) => id === person)?.[0]}`,
      )
    assert.deepEqual(lines(await streams.owner.until(last)), [
      'telephony_calls owner',
      'convergedRecordings owner',
      'recordings owner',
    ])
    assert.deepEqual(lines(await streams.admin.until(last)), [
      'telephony_calls owner',
      'convergedRecordings owner',
      'recordings colleague',
      'recordings owner',
    ])
    assert.deepEqual(lines(await streams.officer.until(last)), [
      'convergedRecordings owner',
      'recordings colleague',
      'recordings owner',
    ])
    assert.deepEqual(lines(await streams.colleague.until(/recordings of/)), ['recordings colleague'])
    assert.deepEqual(lines(await streams.foreign.until(/recordings of/)), ['recordings foreign'])
    for (const stream of Object.values(streams)) stream.close()
  })

  it('resumes by header or query, the header first', async () => {
    const stream = await open(api.tokens.owner)
    const id = Number(/id: (\d+)/.exec(await stream.until(/id: \d+\n\n/))?.[1])
    stream.close()
    await happen(IDS.owner)
    await happen(IDS.owner)
    for (const [query, headers, first] of [
      [`?lastEventId=${id}`, {}, id + 1],
      ['', { 'last-event-id': String(id + 1) }, id + 2],
      [`?lastEventId=${id}`, { 'last-event-id': String(id + 1) }, id + 2],
      [`?lastEventId=${id}`, { 'last-event-id': '' }, id + 1],
    ] as const) {
      const again = await open(api.tokens.owner, { query, headers })
      const text = await again.until(new RegExp(`id: ${id + 2}\nevent`))
      assert.equal(Number(/id: (\d+)\nevent/.exec(text)?.[1]), first)
      again.close()
    }
  })

  it('ends within a second when its token is revoked, even by another process (P12)', async () => {
    const made = await createToken(api.data.db, {
      email: 'owner@alpha.test',
      scopes: ['spark:all'],
      now: NOW,
    })
    const stream = await open(made.token)
    await stream.until(/id: \d+/)
    // As another process would: nothing in this one is told.
    await api.data.db.kysely
      .updateTable('tokens')
      .set({ revoked_at: NOW })
      .where('id', '=', made.id)
      .execute()
    const revokedAt = performance.now()
    await stream.ended()
    assert.ok(performance.now() - revokedAt < 1_000, `${performance.now() - revokedAt} ms`)
    await stream.until(/: the token works no more\n\n$/)
    assert.equal(await revokeToken(api.data.db, made.id, NOW), false)
  })

  it('ends when its token expires, and when the role behind a scope is lost', async () => {
    const scopes = ['spark-admin:calls_read']
    const short = await createToken(api.data.db, {
      email: 'admin@alpha.test',
      scopes,
      lifetimeMs: 1_000,
      now: NOW,
    })
    const long = await createToken(api.data.db, { email: 'admin@alpha.test', scopes, now: NOW })
    const query = '?ownedBy=org'
    const expiring = await open(short.token, { query })
    await expiring.until(/id: \d+/)
    api.now = NOW + 1_000
    await expiring.until(/: the token works no more\n\n$/)
    api.now = NOW
    const demoted = await open(long.token, { query })
    await demoted.until(/id: \d+/)
    const roles = (text: string) =>
      api.data.db.kysely.updateTable('people').set({ roles: text }).where('id', '=', IDS.admin).execute()
    await roles('[]')
    await demoted.until(/: the token has lost a scope\n\n$/)
    await roles('["admin"]')
  })

  it('counts a stream once, when it closes, whichever side closes it', async () => {
    const counted = (): number =>
      api.counters
        .read('tandem_http_requests_total')
        .filter(({ labels }) => labels['operation'] === 'streamEvents' && labels['status'] === '200')
        .reduce((sum, { value }) => sum + value, 0)
    const made = await createToken(api.data.db, {
      email: 'owner@alpha.test',
      scopes: ['spark:all'],
      now: NOW,
    })
    const before = counted()
    const ours = await open(made.token, { headers: { trackingid: 'TEST_1' } })
    const theirs = await open(made.token)
    assert.equal(ours.answer.headers.get('trackingid'), 'TEST_1')
    await ours.until(/id: \d+/)
    assert.equal(counted(), before)
    theirs.close()
    for (let n = 0; n < 1_000 && counted() === before; n++)
      await new Promise((resolve) => setImmediate(resolve))
    assert.equal(counted(), before + 1)
    await revokeToken(api.data.db, made.id, NOW)
    await ours.ended()
    for (let n = 0; n < 1_000 && counted() === before + 1; n++)
      await new Promise((resolve) => setTimeout(resolve, 1))
    assert.equal(counted(), before + 2)
  })

  it('answers HEAD with the head alone, and lets go of a stream whose client has gone', async () => {
    const head = await api.send('owner', { method: 'HEAD', url: PATH })
    assert.deepEqual(
      [head.statusCode, head.headers['content-type'], head.body],
      [200, 'text/event-stream', ''],
    )
    for (let n = 0; n < 20; n++) {
      const stream = await open(api.tokens.reader)
      if (stream.answer.status === 429) {
        // The server learns of a closed connection a moment later.
        await new Promise((resolve) => setImmediate(resolve))
        n -= 1
      } else assert.equal(stream.answer.status, 200)
      stream.close()
    }
  })
})
