import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WebexClient } from '../client.ts'
import { LinkRefused, UnreadableResponse } from '../error/webex-error.ts'
import { FakeServer, type Reply } from '../fake-server.test.ts'
import { nextLink } from './next-link.ts'
import type { Pager } from './pager.ts'

function page(items: readonly unknown[], next?: string): Reply {
  return {
    status: 200,
    json: { items },
    headers: next === undefined ? {} : { Link: `<${next}>; rel="next"` },
  }
}

function paged(
  replies: readonly Reply[],
  signal?: AbortSignal,
): { server: FakeServer; pager: Pager<number> } {
  const server = new FakeServer(replies)
  const client = new WebexClient(server.options({ retry: false }))
  return { server, pager: client.paginate<number>('/things', { max: 2 }, { signal }) }
}

describe('Pager', () => {
  it('asks for nothing until it is iterated, and then follows next to the end', async () => {
    const { server, pager } = paged([page([1, 2], 'https://pbx.example.test/v1/things?cursor=a'), page([3])])
    await new Promise(setImmediate)
    assert.equal(server.sent.length, 0)
    assert.deepEqual(await pager.toArray(), [1, 2, 3])
    assert.deepEqual(
      server.sent.map((sent) => sent.url),
      ['https://pbx.example.test/v1/things?max=2', 'https://pbx.example.test/v1/things?cursor=a'],
    )
  })

  it('goes on over empty pages', async () => {
    const { pager } = paged([page([], '/v1/things?cursor=a'), page([], '/v1/things?cursor=b'), page([1])])
    assert.deepEqual(await pager.toArray(), [1])
  })

  it('resolves a relative link against its page', async () => {
    const { server, pager } = paged([page([1], '?cursor=a'), page([2], 'things?cursor=b'), page([3])])
    assert.deepEqual(await pager.toArray(), [1, 2, 3])
    assert.equal(server.sent[2]?.url, 'https://pbx.example.test/v1/things?cursor=b')
  })

  for (const link of [
    'https://evil.test/v1/things?c=1',
    'http://pbx.example.test/v1/things?c=1',
    'https://pbx.example.test:444/v1/things',
    '//evil.test/x',
    'data:text/plain,x',
    'https://pbx.example.test@evil.test/',
  ])
    it(`refuses ${link}, and sends nothing there`, async () => {
      const { server, pager } = paged([page([1, 2], link)])
      await assert.rejects(pager.toArray(), LinkRefused)
      assert.equal(server.sent.length, 1)
    })

  it('refuses a page that names itself', async () => {
    const { pager } = paged([page([1], 'https://pbx.example.test/v1/things?max=2')])
    await assert.rejects(pager.toArray(), LinkRefused)
  })

  it('asks for no page beyond the limit', async () => {
    const { server, pager } = paged([page([1, 2], '?c=1')])
    assert.deepEqual(await pager.toArray({ limit: 2 }), [1, 2])
    assert.equal(server.sent.length, 1)
    assert.deepEqual(await paged([]).pager.toArray({ limit: 0 }), [])
  })

  it('gives the first item, or undefined', async () => {
    assert.equal(await paged([page([7, 8], '?c=1')]).pager.first(), 7)
    assert.equal(await paged([page([])]).pager.first(), undefined)
  })

  it('shows the pages with their tracking ids', async () => {
    const { pager } = paged([page([1], '?c=1'), page([2])])
    const seen: unknown[] = []
    for await (const { items, next, trackingId } of pager.pages())
      seen.push([items, next, trackingId.startsWith('TANDEM_')])
    assert.deepEqual(seen, [
      [[1], 'https://pbx.example.test/v1/things?c=1', true],
      [[2], undefined, true],
    ])
  })

  it('starts anew with each iteration', async () => {
    const { pager } = paged([page([1]), page([2])])
    assert.deepEqual([await pager.toArray(), await pager.toArray()], [[1], [2]])
  })

  it('stops between pages when the signal is aborted', async () => {
    const controller = new AbortController()
    const { pager } = paged([page([1], '?c=1')], controller.signal)
    const walk = async (): Promise<void> => {
      for await (const item of pager) if (item === 1) controller.abort(new Error('enough'))
    }
    await assert.rejects(walk(), /enough/)
  })

  it('is unreadable without items, and keeps items that it does not understand', async () => {
    await assert.rejects(paged([{ status: 200, json: {} }]).pager.toArray(), UnreadableResponse)
    await assert.rejects(paged([{ status: 204 }]).pager.toArray(), UnreadableResponse)
    assert.deepEqual(await paged([page([1, null, { odd: true }])]).pager.toArray(), [1, null, { odd: true }])
  })
})

describe('nextLink (RFC 8288 §3)', () => {
  const cases: readonly (readonly [string | null, string | undefined])[] = [
    [null, undefined],
    ['', undefined],
    ['<a>; rel="next"', 'a'],
    ['<a>;rel=next', 'a'],
    ['<a>; title="x, <b>; rel=next"; rel="prev", <c>; rel="first next"', 'c'],
    ['<a,b>; REL="NEXT"', 'a,b'],
    ['<a>; rel="nextish"', undefined],
    ['<a>; norel="next"', undefined],
    ['<a', undefined],
  ]
  for (const [header, want] of cases) it(`reads ${header}`, () => assert.equal(nextLink(header), want))
})
