import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ROUTES } from '@tandem/contract'
import { WebexClient } from '@tandem/sdk'
import { EXIT } from '../failure.ts'
import { FakeApi, type Reply } from '../fake-api.test.ts'

const GUIDE = join(import.meta.dirname, '../../../../docs/guides/call-controls.md')
const VALUES: Readonly<Record<string, unknown>> = {
  callId: 'A',
  callId1: 'A',
  callId2: 'B',
  callIds: ['A', 'B'],
  endpointId: 'E',
}
const VARIABLES: Readonly<Record<string, string>> = { CALL: 'A', OTHER: 'B', ENDPOINT: 'E', NUMBER: '103' }

const api = FakeApi.forFile()

/** A row of the guide: the same thing as a request, as a command and in TypeScript. */
interface Row {
  readonly request: string
  readonly words: readonly string[]
  readonly code: string
}

/** `POST /dial` `{...}` with the placeholders filled in, below the path of its section. */
function requestOf(cell: string, base: string): string {
  const [, method, path, body] = /^`([A-Z]+) (\S+)`(?: `(.*)`)?$/.exec(cell) ?? []
  assert.ok(method !== undefined && path !== undefined, `no request: ${cell}`)
  const line = `${method} ${base}${path.replace(/^\/(?=$)/, '').replace('{callId}', 'A')}`
  if (body === undefined) return line
  const filled = Object.entries(JSON.parse(body) as Record<string, unknown>).map(([name, value]) => [
    name,
    VALUES[name] ?? value,
  ])
  return `${line} ${JSON.stringify(Object.fromEntries(filled))}`
}

function rowsOfGuide(): Row[] {
  const rows: Row[] = []
  let base = '/v1/telephony/calls'
  for (const line of readFileSync(GUIDE, 'utf8').split('\n')) {
    base = /^Below `(\S+)`;/.exec(line)?.[1] ?? base
    const cells = /^\| (`[A-Z]+ .*`) \| `(.*)` \| `(.*)` \|$/.exec(line)
    if (cells === null) continue
    const [, request = '', command = '', code = ''] = cells
    const words = command
      .replace(/^[A-Z]+=\$\((.*)\)$/, '$1')
      .replace(/"\$([A-Z]+)"/g, (_, name: string) => VARIABLES[name] ?? '')
      .split(' ')
    assert.equal(words.shift(), 'tandem')
    rows.push({ request: requestOf(request, base), words, code: code.replace(/^const .* = /, '') })
  }
  return rows
}

/** Members in whatever order, and none that is absent. */
function plain(line: string | undefined): string {
  const [, head = '', body] = /^(\S+ \S+)(?: (.*))?$/.exec(line ?? '') ?? []
  if (body === undefined) return head
  return `${head} ${JSON.stringify(Object.entries(JSON.parse(body) as object).sort())}`
}

/** Anything that every operation can read. */
const REPLY: Reply = {
  status: 200,
  json: {
    items: [],
    id: 'A',
    callId: 'A',
    callSessionId: 'S',
    remoteParty: { privacyEnabled: false },
    parkedAgainst: { number: '103', privacyEnabled: false },
  },
}

const rows = rowsOfGuide()

describe('the guide to call controls', () => {
  it('has a row for every operation of calls and conferences', () => {
    const shown = new Set(rows.map(({ request }) => request.split(' ', 2).join(' ')))
    const operations = Object.values(ROUTES).filter(
      ({ path }) => /^\/v1\/telephony\/(calls|conference)/.test(path) && !path.includes('/members/'),
    )
    for (const { method, path } of operations) {
      const at = `${method} ${path.replace('{callId}', 'A')}`
      assert.ok(
        [...shown].some((line) => line.replace(/\?.*/, '') === at),
        at,
      )
    }
    assert.ok(operations.length >= 34)
  })

  for (const { request, words, code } of rows)
    it(`tandem ${words.join(' ')}: the command and the code send ${request}`, async () => {
      const ran = await api.run(words, REPLY)
      assert.equal(ran.code, EXIT.done, ran.stderr)
      api.replies = [REPLY]
      const client = new WebexClient({ token: 'x', baseUrl: `${api.origin}/v1` })
      const { callId, callId1, callId2, endpointId } = VALUES
      // The guide is ours: its code runs as a reader would paste it.
      const run = new Function(
        'client, callId, callId1, callId2, endpointId, number',
        `return (async () => { ${code} })()`,
      ) as (...values: unknown[]) => Promise<void>
      await run(client, callId, callId1, callId2, endpointId, '103')
      assert.deepEqual(api.asked.map(plain), [plain(request), plain(request)])
    })
})
