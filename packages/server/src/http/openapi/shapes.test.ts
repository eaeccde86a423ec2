/**
 * What the route table says of parameters, bodies and answers against what the operations do. Handlers read what they
 * need themselves; here every one is driven and watched, so that the document cannot say otherwise.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { loadSchemas, type Parameter, ROUTES, type Route, SCOPES } from '@tandem/contract'
import type { LightMyRequestResponse } from 'fastify'
import { IDS, openTestApi, type TestApi } from '../../testing/api.ts'
import { createToken } from '../../tokens/tokens.ts'
import { OPERATIONS } from '../operations.ts'
import { Query } from '../query.ts'

let api: TestApi
let token: string
const schemas = await loadSchemas()
/** Operations and their rows. */
const offered = OPERATIONS.map((operation) => ({ operation, route: ROUTES[operation.id] as Route }))

before(async () => {
  api = await openTestApi()
  const scopes = Object.keys(SCOPES)
  token = (await createToken(api.data.db, { email: 'everything@beta.test', scopes, now: api.now })).token
})
after(() => api.close())

/** A request for an operation, by somebody who may do everything and to whom nothing belongs. */
function ask(
  route: Route,
  given: {
    readonly query?: Readonly<Record<string, string>>
    readonly headers?: Readonly<Record<string, string>>
    readonly head?: boolean
    readonly body?: unknown
  } = {},
): Promise<LightMyRequestResponse> {
  const path = route.path.replace('{scope}', 'owner').replace(/\{\w+\}/g, IDS.foreign)
  const query = new URLSearchParams({ ...requiredOf(route), ...given.query })
  const method = given.head === true ? 'HEAD' : route.method
  return api.app.inject({
    url: `${path}?${query}`,
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...given.headers,
      ...(given.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(given.body === undefined ? {} : { payload: JSON.stringify(given.body) }),
  })
}

function requiredOf(route: Route): Record<string, string> {
  const required = Object.entries(route.query ?? {}).filter(([, parameter]) => parameter.required)
  const needed = Object.fromEntries(required.map(([name]) => [name, 'x']))
  return route.query?.['personId'] === undefined ? needed : { ...needed, personId: IDS.foreign } // Or the header.
}

/** Values that a parameter of this kind cannot have. */
function wrongValues(parameter: Parameter): readonly string[] {
  switch (parameter.kind) {
    case 'text':
      return ['x'.repeat(parameter.charsMax + 1)]
    case 'id':
      return ['', 'x'.repeat(parameter.charsMax + 1)]
    case 'choice':
      return ['', 'none-of-these', parameter.choices[0]?.toUpperCase() === parameter.choices[0] ? 'x' : 'X']
    case 'integer':
      return [String(parameter.min - 1), String(parameter.max + 1), '1.5', 'x']
    case 'boolean':
      return ['TRUE', '1', '']
    case 'time':
      return ['yesterday', '']
  }
}

/** The answer of a stream never ends, but that of HEAD does. */
function isEndless(route: Route): boolean {
  return route.answerTypes?.includes('text/event-stream') === true
}

/** What became of a request, for a list of faults. */
function said(route: Route, answer: LightMyRequestResponse): string {
  return `${route.method} ${route.path} says ${answer.statusCode} ${answer.body.slice(0, 120)}`
}

/** A body, where one is taken. */
function bodyOf(route: Route): unknown {
  return route.body === undefined ? undefined : exampleOf(route)
}

/** Parameters that are looked at for some callers only, and never refused for others (contract, meeting-recordings, head). */
const LENIENT: readonly string[] = ['hostEmail']

describe('parameters', () => {
  it('are refused by name when they are not what the route table says', async () => {
    const faults: string[] = []
    for (const { route } of offered)
      for (const [name, parameter] of Object.entries(route.query ?? {}))
        for (const value of wrongValues(parameter)) {
          if (LENIENT.includes(name) && value === '') continue
          const answer = await ask(route, { query: { [name]: value }, body: bodyOf(route) })
          const isRefused = answer.statusCode === 400 && answer.json().message.startsWith(name)
          if (!isRefused) faults.push(`${said(route, answer)} to ${name}=${value.slice(0, 20)}`)
        }
    assert.deepEqual(faults, [])
  })

  it('of the header are read as those of the query are, and go before them (Ruling 7)', async () => {
    for (const { route } of offered) {
      const isZoned = route.headers?.['timezone'] !== undefined
      assert.equal(isZoned, route.query?.['timezone'] !== undefined, route.path)
      if (!isZoned) continue
      const headers = { timezone: 'Nowhere/Land' }
      const answer = await ask(route, { query: { timezone: 'UTC' }, headers, body: bodyOf(route) })
      assert.match(`${answer.statusCode} ${answer.json().message}`, /^400 timezone /, route.path)
    }
  })

  it('are taken at both ends of their range', async () => {
    for (const { route } of offered)
      for (const [name, parameter] of Object.entries(route.query ?? {})) {
        const values =
          parameter.kind === 'integer'
            ? [parameter.min, parameter.max, parameter.default ?? parameter.min].map(String)
            : parameter.kind === 'choice'
              ? parameter.choices
              : []
        for (const value of values) {
          const answer = await ask(route, { query: { [name]: value }, head: isEndless(route) })
          const message = answer.statusCode === 400 && answer.body !== '' ? answer.json().message : ''
          assert.ok(!message.startsWith(name), `${route.path}?${name}=${value}: ${message}`)
        }
      }
  })

  it('are required where the route table says so', async () => {
    for (const { route } of offered)
      for (const name of Object.keys(requiredOf(route))) {
        const answer = await ask(route, { query: { [name]: '' } })
        assert.equal(answer.statusCode, 400, `${route.path} without ${name}`)
      }
  })

  it('that an operation reads are all in its row', async () => {
    const methods = ['raw', 'text', 'id', 'choice', 'integer', 'boolean', 'time'] as const
    let read = new Set<string>()
    const faults: string[] = []
    type Reading = (this: Query, name: string, more: never) => unknown
    const watched = Query.prototype as unknown as Record<string, Reading>
    const originals = new Map(methods.map((name) => [name as string, watched[name] as Reading]))
    for (const [method, original] of originals)
      watched[method] = function (name, more) {
        read.add(name)
        return original.call(this, name, more)
      }
    try {
      for (const { operation, route } of offered) {
        read = new Set()
        await ask(route, { body: bodyOf(route), head: isEndless(route) })
        const known = new Set([...Object.keys(route.query ?? {}), ...ignoredBy(operation.id)])
        for (const name of read) if (!known.has(name)) faults.push(`${operation.id} reads ${name}`)
      }
      assert.deepEqual(faults, [])
    } finally {
      for (const [method, original] of originals) watched[method] = original
    }
  })
})

/** What is looked at by code that operations share; nothing comes of it in these. */
function ignoredBy(operation: string): readonly string[] {
  if (/Member(Calls|CallDetails|Conference)$/.test(operation)) return ['lineOwnerId']
  if (/^list.*MeetingRecordings$/.test(operation)) return ['hostEmail', 'personId', 'meetingId', 'status']
  if (/^get(Workspace|VirtualLine)$/.test(operation)) return ['locationId'] // Its row is that of the list.
  return operation === 'getGroupMeetingRecordingDetails' ? ['cursor'] : []
}

/** A body that the schema of a row takes: every member that must be there. */
function exampleOf(route: Route): Record<string, unknown> {
  if (route.body === undefined) return {}
  const { required = [], properties } = schemas[route.body] as Json
  // What the operation asks beyond the schema.
  if ('callIds' in properties) return { callIds: ['x', 'y'] }
  if (/\/(softDelete|restore|purge)$/.test(route.path)) return { recordingIds: ['x'] }
  return Object.fromEntries(required.map((name: string) => [name, exampleValue(properties[name])]))
}

// biome-ignore lint/suspicious/noExplicitAny: JSON schemas are looked into by their keywords.
type Json = any

function exampleValue(schema: Json): unknown {
  if (schema.enum !== undefined) return schema.enum[0]
  if (schema.anyOf !== undefined) return exampleValue(schema.anyOf[0])
  if (schema.type === 'integer') return schema.minimum ?? 1
  if (schema.type === 'boolean') return true
  if (schema.type === 'array') return schema.minItems > 0 ? [exampleValue(schema.items)] : []
  if (schema.type === 'object')
    return Object.fromEntries(
      (schema.required ?? []).map((name: string) => [name, exampleValue(schema.properties[name])]),
    )
  return 'x'
}

/** What a member of this schema cannot be. */
function wrongMember(schema: Json): unknown {
  if (schema.type === 'string' || schema.enum !== undefined || schema.anyOf !== undefined) return 7
  if (schema.type === undefined) return undefined // Anything goes.
  return 'x'
}

describe('bodies', () => {
  it('are refused by the name of a member that is not what the schema says', async () => {
    const faults: string[] = []
    for (const { route } of offered) {
      if (route.body === undefined) continue
      const { properties } = schemas[route.body] as Json
      for (const [name, schema] of Object.entries<Json>(properties)) {
        const wrong = wrongMember(schema)
        if (wrong === undefined) continue
        const answer = await ask(route, { body: { ...exampleOf(route), [name]: wrong } })
        const isRefused = answer.statusCode === 400 && answer.json().message.startsWith(name)
        if (!isRefused) faults.push(`${said(route, answer)} to ${name}: ${JSON.stringify(wrong)}`)
      }
    }
    assert.deepEqual(faults, [])
  })

  it('are not looked into where the route table names none', async () => {
    const junk = Object.fromEntries(
      Object.values(schemas)
        .flatMap((schema) => Object.keys((schema as Json).properties ?? {}))
        .map((name) => [name, {}]),
    )
    for (const { operation, route } of offered) {
      if (route.body !== undefined || route.bodyTypes !== undefined || route.method === 'GET') continue
      await ask(route) // What it finds to do is done.
      const [without, junked] = [await ask(route), await ask(route, { body: junk })]
      assert.equal(junked.statusCode, without.statusCode, `${operation.id}: ${junked.body}`)
    }
  })

  it('of other kinds than JSON are taken where the route table says so', () => {
    for (const { operation, route } of offered)
      assert.equal((operation.takes ?? 'json') !== 'json', route.bodyTypes !== undefined, operation.id)
  })
})

describe('answers', () => {
  it('have the schema that the route table names', () => {
    for (const { operation, route } of offered) {
      const others = (route.alsoAnswers ?? []).flatMap(({ answer }) => answer ?? [])
      assert.equal(operation.answer, route.answer ?? others[0], operation.id)
    }
  })
})
