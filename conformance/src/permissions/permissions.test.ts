/**
 * Every route of the server, asked over its sockets by everybody who could knock (promise P11, case A01). The routes come
 * from the OpenAPI document that the server itself publishes, so one that the rights table does not know fails here; what
 * is right comes from that table alone. A server with a forgotten check must turn the matrix red.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'
import { ROUTES, type Route } from '@tandem/contract'
import { createToken, openOperatorData, readConfig } from '@tandem/server'
import { Stage } from '../../../tools/stage.ts'
import { CAST, type CastName, DEAD, type DeadName, DIRECTORY } from './cast.ts'
import { type Cell, type CellAnswer, deadCell, liveCell, TOKEN_ROUTES } from './cells.ts'

/** What stands in a request to an operation that may change something: enough to be read, not enough to do much. */
const EMPTY_BODY = '{}'
const ASK_MS_MAX = 10_000

/** A server with everybody's tokens. */
class Door {
  readonly stage: Stage
  readonly tokens: ReadonlyMap<CastName | DeadName, string>
  /** Ids that the server gave out. */
  readonly made: Record<string, string> = {}

  private constructor(stage: Stage, tokens: ReadonlyMap<CastName | DeadName, string>) {
    this.stage = stage
    this.tokens = tokens
  }

  static async open(settings: Readonly<Record<string, string>> = {}): Promise<Door> {
    const stage = await Stage.open({ directory: DIRECTORY, settings: { TANDEM_LIMITS: 'off', ...settings } })
    try {
      return new Door(stage, await tokensOf(stage))
    } catch (error) {
      await stage.close()
      throw error
    }
  }

  /** Makes one of each thing that only the server can name, as Alpha's people. */
  async furnish(): Promise<void> {
    const make = async (who: CastName, path: string, body: object): Promise<string> => {
      const answer = await fetch(this.stage.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.tokens.get(who)}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      const text = await answer.text()
      assert.ok(answer.ok, `POST ${path}: ${answer.status} ${text}`)
      return (JSON.parse(text) as { id: string }).id
    }
    this.made['webhookId'] = await make('owner', '/v1/webhooks', {
      name: 'mine',
      targetUrl: 'https://192.0.32.8/hook',
      resource: 'telephony_calls',
      event: 'all',
    })
    this.made['tokenId'] = await make('owner', '/tandem/v1/tokens', {
      name: 'mine',
      scopes: ['spark:calls_read'],
    })
    this.made['clientId'] = await make('admin', '/tandem/v1/clients', {
      name: 'ours',
      kind: 'integration',
      redirectUris: ['https://app.example.com/back'],
      scopes: ['spark:calls_read'],
    })
    this.made['importId'] = await make('admin', '/tandem/v1/imports', {
      ownerEmail: 'owner@alpha.test',
      topic: 'From elsewhere',
    })
  }

  async ask(who: CastName | DeadName, cell: Cell): Promise<CellAnswer> {
    const { method } = cell
    const token = this.tokens.get(who)
    const inQuery = who === 'inTheQuery' ? `?access_token=${token}` : ''
    const stop = new AbortController()
    const late = setTimeout(() => stop.abort(), ASK_MS_MAX)
    try {
      const answer = await fetch(this.stage.url + cell.path + inQuery, {
        method,
        redirect: 'manual',
        signal: stop.signal,
        headers: {
          ...(who === 'none' || who === 'inTheQuery' ? {} : { authorization: `Bearer ${token}` }),
          ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
        },
        ...(method === 'GET' ? {} : { body: EMPTY_BODY }),
      })
      if (answer.ok) {
        await answer.body?.cancel() // A stream of events never ends by itself.
        return { status: answer.status, errorCode: undefined }
      }
      const body = (await answer.json()) as { errors?: { errorCode?: number }[] }
      return { status: answer.status, errorCode: body.errors?.[0]?.errorCode }
    } finally {
      clearTimeout(late)
    }
  }

  /** Asks every cell of some operations, all unless said; how many there are, and what was not as it must be. */
  async matrix(
    routes = TOKEN_ROUTES,
  ): Promise<{ readonly cells: number; readonly unexpected: readonly string[] }> {
    const unexpected: string[] = []
    let cells = 0
    const check = async (who: CastName | DeadName, cell: Cell): Promise<void> => {
      cells += 1
      const answer = await this.ask(who, cell)
      const why = cell.wrong(answer)
      const { operation, method, path } = cell
      if (why !== undefined)
        unexpected.push(
          `${operation} (${method} ${path}) as ${who}: ${answer.status} ${answer.errorCode ?? ''}, ${why}`,
        )
    }
    const live = Object.keys(CAST) as CastName[]
    for (const [operation, route] of routes)
      await Promise.all([
        ...DEAD.map((who) => check(who, deadCell(operation, route, this.made))),
        ...live.map((who) => check(who, liveCell(operation, route, who, this.made))),
      ])
    return { cells, unexpected }
  }
}

/** A token for everybody, those that are worth nothing included. */
async function tokensOf(stage: Stage): Promise<ReadonlyMap<CastName | DeadName, string>> {
  const tokens = new Map<CastName | DeadName, string>()
  const data = await openOperatorData(readConfig({ env: { TANDEM_DATA_FOLDER: stage.dataFolder } }))
  try {
    const make = async (email: string, scopes: readonly string[], lifetimeMs?: number) =>
      await createToken(data.db, { email, scopes, ...(lifetimeMs === undefined ? {} : { lifetimeMs }) })
    for (const [name, { email, scopes }] of Object.entries(CAST))
      tokens.set(name as CastName, (await make(email, scopes)).token)
    const { email, scopes } = CAST.owner
    tokens.set('expired', (await make(email, scopes, -1)).token)
    const revoked = await make(email, scopes)
    tokens.set('revoked', revoked.token)
    const { status } = await fetch(`${stage.url}/tandem/v1/tokens/${revoked.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${revoked.token}` },
    })
    assert.equal(status, 204)
  } finally {
    await data.close()
  }
  tokens.set('malformed', `tdm_${'x'.repeat(49)}`)
  tokens.set('unknown', neverIssued())
  tokens.set('inTheQuery', tokens.get('owner') as string)
  return tokens
}

/** A token in the right form that nobody was given. */
function neverIssued(): string {
  const body = `tdm_${randomBytes(32).toString('base64url')}`
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return body + sum.toString('base64url')
}

describe('the rights of a running server', () => {
  let door: Door
  before(async () => {
    door = await Door.open()
    await door.furnish()
  })
  after(() => door.stage.close())

  it('publishes exactly the routes that the rights table is made for', async () => {
    const document = (await (await fetch(`${door.stage.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { operationId?: string }>>
    }
    const published = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).flatMap(({ operationId }) => operationId ?? []),
    )
    const known = Object.entries(ROUTES as Record<string, Route>)
      .filter(([, route]) => route.access === 'token')
      .map(([id]) => id)
    assert.deepEqual(
      known.filter((id) => !published.includes(id)),
      [],
      'routes that the document lacks',
    )
    assert.deepEqual(
      published.filter((id) => !Object.hasOwn(ROUTES, id)),
      [],
      'routes that the table lacks',
    )
  })

  it('are those of the table, for every route and everybody', async (test) => {
    const { cells, unexpected } = await door.matrix()
    test.diagnostic(`cells: ${cells}, unexpected: ${unexpected.length}`)
    assert.deepEqual(unexpected, [])
    assert.equal(cells, TOKEN_ROUTES.length * (DEAD.length + Object.keys(CAST).length))
  })
})

it('a forgotten check turns the matrix red', async (test) => {
  const planted = fileURLToPath(new URL('./planted-grant.ts', import.meta.url))
  const door = await Door.open({ NODE_OPTIONS: `--import=${planted}` })
  try {
    const near = TOKEN_ROUTES.filter(([id]) => /^(list|get)(Audit|People|Person|Holds)$/.test(id))
    const { unexpected } = await door.matrix(near)
    test.diagnostic(`caught: ${unexpected.length}, e.g. ${unexpected[0]}`)
    assert.ok(unexpected.some((line) => /^listAudit .* as owner: 200/.test(line)))
    assert.ok(unexpected.some((line) => line.startsWith('getPerson ')))
  } finally {
    await door.stage.close()
  }
})
