import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { ERRORS, type ErrorName } from '../error.ts'
import { ANY_TOKEN, RIGHTS, type TokenOperationId } from '../rights.ts'
import { errorsOf } from '../routes/errors-of.ts'
import type { Route } from '../routes/route.ts'
import { ROUTES } from '../routes.ts'
import { loadSchemas } from '../schema/load-schemas.ts'
import { makeOpenApi } from './load-open-api.ts'
import { PATH_PARAMETERS } from './texts.ts'

const document = await makeOpenApi({ publicUrl: 'https://pbx.example.com', version: '1.2.3' })
const schemas = await loadSchemas()
const rows = Object.entries(ROUTES as Record<string, Route>)

// biome-ignore lint/suspicious/noExplicitAny: a document is looked into by its tests, which know where.
type Json = any
const json: Json = JSON.parse(JSON.stringify(document))

/** Every object inside, with where it is. */
function* within(value: Json, path: string): Generator<readonly [string, Json]> {
  if (typeof value !== 'object' || value === null) return
  yield [path, value]
  for (const [name, inner] of Object.entries(value)) yield* within(inner, `${path}/${name}`)
}

/** All operations with the path and the method under which they stand. */
function* operations(): Generator<{ path: string; method: string; operation: Json; servers: Json }> {
  for (const [path, item] of Object.entries<Json>(json.paths))
    for (const method of ['get', 'post', 'put', 'delete'])
      if (item[method] !== undefined) yield { path, method, operation: item[method], servers: item.servers }
}

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1, says a validator that we did not write', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(structuredClone(json))
    assert.deepEqual(errors ?? [], [])
    assert.equal(valid, true)
    assert.equal(validator.version, '3.1')
  })

  it('has every operation but those that only the machine itself may ask, each where the server has it', () => {
    const shown = [...operations()].map(({ path, method, operation, servers }) => {
      const base = new URL(servers?.[0].url ?? json.servers[0].url).pathname.replace(/\/$/, '')
      return `${operation.operationId} ${method.toUpperCase()} ${base}${path}`
    })
    const offered = rows
      .filter(([, route]) => route.access !== 'local')
      .map(([id, { method, path }]) => `${id} ${method} ${path}`)
    assert.deepEqual(shown.toSorted(), offered.toSorted())
  })

  it('keeps what code made from the known document of converged recordings needs (contract README §10)', () => {
    const { get, delete: remove } = json.paths['/convergedRecordings/{recordingId}']
    const list = json.paths['/convergedRecordings'].get
    assert.equal(json.servers[0].url, 'https://pbx.example.com/v1')
    assert.deepEqual(json.security, [{ bearerAuth: [] }])
    assert.deepEqual(
      [json.components.securitySchemes.bearerAuth.type, json.components.securitySchemes.bearerAuth.scheme],
      ['http', 'bearer'],
    )
    assert.deepEqual(
      [list, get, remove].map(({ operationId, tags, security }) => [operationId, tags, security]),
      [
        ['listConvergedRecordings', ['Converged Recordings'], undefined],
        ['getConvergedRecordingDetails', ['Converged Recordings'], undefined],
        ['deleteConvergedRecording', ['Converged Recordings'], undefined],
      ],
    )
    const parameters = new Map(list.parameters.map((each: Json) => [`${each.in} ${each.name}`, each.schema]))
    for (const name of ['from', 'to'])
      assert.deepEqual(parameters.get(`query ${name}`), { type: 'string', format: 'date-time' })
    assert.deepEqual((parameters.get('query status') as Json).enum, ['available', 'deleted', 'purged'])
    for (const type of ['calling', 'meeting', 'all'])
      assert.ok((parameters.get('query serviceType') as Json).enum.includes(type))
    assert.deepEqual(parameters.get('query max'), { type: 'integer', minimum: 1, maximum: 100, default: 10 })
    for (const { parameters: own } of [get, remove]) {
      const [{ name, in: place, required, schema }] = own
      assert.deepEqual([name, place, required, schema.type], ['recordingId', 'path', true, 'string'])
    }
    assert.equal(remove.requestBody.required, false)
    const { reason, comment } = json.components.schemas.DeleteRecordingRequest.properties
    assert.deepEqual([reason.type, comment.type, comment.maxLength], ['string', 'string', 255])
    assert.ok(list.responses[200] && list.responses[401] && get.responses[200] && get.responses[404])
    assert.ok(remove.responses[204] && remove.responses[404])
    const ref = { $ref: '#/components/schemas/ConvergedRecording' }
    assert.deepEqual(json.components.schemas.ConvergedRecordingList.properties.items.items, ref)
    assert.deepEqual(get.responses[200].content['application/json'].schema, ref)
  })

  it('names every member of a recording that the known document names, in its form (README §10)', () => {
    const { properties } = json.components.schemas.ConvergedRecording
    const form = ({ type, format, enum: choices }: Json): Json => [type, format, choices?.length > 0]
    assert.deepEqual(
      Object.fromEntries(
        [
          'id',
          'createTime',
          'format',
          'serviceType',
          'status',
          'durationSeconds',
          'downloadUrl',
          'hostEmail',
        ].map((name) => [name, form(properties[name])]),
      ),
      {
        id: ['string', undefined, false],
        createTime: ['string', 'date-time', false],
        format: ['string', undefined, true],
        serviceType: ['string', undefined, true],
        status: ['string', undefined, true],
        durationSeconds: ['integer', undefined, false],
        downloadUrl: ['string', 'uri', false],
        hostEmail: ['string', 'email', false],
      },
    )
    for (const name of ['topic', 'timeRecorded', 'sizeBytes', 'playbackUrl', 'meetingId', 'hostDisplayName'])
      assert.ok(name in properties, name)
    const links = json.components.schemas.DownloadLinks.properties
    for (const name of ['recordingDownloadLink', 'audioDownloadLink', 'transcriptDownloadLink'])
      assert.deepEqual(form(links[name]), ['string', 'uri', false])
    assert.deepEqual(form(links.expiration), ['string', 'date-time', false])
  })

  it('refers to nothing that it does not hold, and holds nothing that is not referred to', () => {
    const targets = new Set<string>()
    for (const [path, { $ref }] of within(json, ''))
      if (typeof $ref === 'string') {
        targets.add($ref)
        const found = $ref
          .slice(2)
          .split('/')
          .reduce((inner, name) => inner?.[name], json)
        assert.ok(found !== undefined, `${path} refers to ${$ref}`)
      }
    for (const kind of ['schemas', 'responses', 'headers'])
      for (const name of Object.keys(json.components[kind])) {
        if (kind === 'responses') continue // Those that stand inside of operations are listed here too.
        assert.ok(targets.has(`#/components/${kind}/${name}`), `${kind} ${name}`)
      }
  })

  it('gives every list of texts a type, for generators of code', () => {
    for (const [path, { enum: choices, type }] of within(json, ''))
      if (Array.isArray(choices)) assert.equal(type, 'string', path)
  })

  it('says of every operation how it fails: the error body, and Retry-After with 429 and 503', () => {
    for (const { operation } of operations())
      for (const [status, given] of Object.entries<Json>(operation.responses)) {
        const name = given.$ref?.split('/').at(-1)
        const response = name === undefined ? given : json.components.responses[name]
        assert.ok(response.headers.trackingid, `${operation.operationId} ${status}`)
        if (Number(status) < 400 || operation.operationId === 'getReadiness') continue
        if (status === '429' || (status === '503' && response.content['application/json']))
          assert.ok(response.headers['Retry-After'], `${operation.operationId} ${status}`)
        const isPage = 'text/html' in (response.content ?? {})
        if (!isPage) assert.ok(response.content['application/json'].schema.$ref, operation.operationId)
      }
  })

  it('shows the body of errors beside a page or an answer of the same status', () => {
    const { get: page } = json.paths['/password/{secret}']
    assert.deepEqual(Object.keys(page.responses[404].content), ['application/json', 'text/html'])
    assert.match(page.responses[404].description, /^Nothing is offered here\. .*\(10103, `not_found`\)$/)
    const { get: ready } = json.paths['/readyz']
    assert.deepEqual(ready.responses[503].content, { 'application/json': {} }, 'an answer of its own form')
    for (const [id, route] of rows)
      for (const name of route.access === 'local' ? [] : errorsOf(route)) {
        const { status } = ERRORS[name]
        const found = [...operations()].find(({ operation }) => operation.operationId === id)
        const given = found?.operation.responses[status]
        const response = given?.$ref === undefined ? given : json.components.responses[name]
        assert.ok(response?.content['application/json'], `${id} ${status}`)
      }
  })

  it('says where a redirection leads, of every page that it is a text, and of bytes nothing', () => {
    for (const { operation } of operations())
      for (const [status, response] of Object.entries<Json>(operation.responses)) {
        if (status === '302' || status === '303') assert.ok(response.headers.location, operation.operationId)
        for (const [type, { schema }] of Object.entries<Json>(response.content ?? {}))
          if (type !== 'application/json') {
            const isText = type.startsWith('text/') && type !== 'text/event-stream'
            assert.equal(schema?.type, isText ? 'string' : undefined, `${operation.operationId} ${type}`)
          }
      }
  })

  it('gives the members of the forms of OAuth, and no form in JSON', () => {
    const forms = Object.entries({
      '/access_token': ['CreateAccessTokenRequest', ['grant_type'], 'OAuthTokens'],
      '/revoke': ['RevokeAccessTokenRequest', ['token'], 'TokenRevoked'],
      '/device/authorize': ['AuthorizeDeviceRequest', undefined, 'DeviceAuthorization'],
      '/device/token': ['CreateDeviceTokenRequest', ['grant_type'], 'OAuthTokens'],
    } as const)
    const ref = (name: string): Json => ({ schema: { $ref: `#/components/schemas/${name}` } })
    for (const [path, [body, required, answer]] of forms) {
      const { post } = json.paths[path]
      assert.deepEqual(post.requestBody, {
        required: true,
        content: { 'application/x-www-form-urlencoded': ref(body) },
      })
      assert.deepEqual(json.components.schemas[body].required, required)
      assert.deepEqual(post.responses[200].content, { 'application/json': ref(answer) })
    }
    const { post } = json.paths['/device/token']
    assert.ok(post.responses[428].headers === undefined) // A reference, since it is the only error of its status.
    assert.ok(json.components.responses.authorization_pending.headers['Retry-After'])
  })

  it('names the scopes that open an operation, and no other', () => {
    for (const { operation } of operations()) {
      const id = operation.operationId as TokenOperationId
      const route: Route = ROUTES[id]
      const scopes = (operation['x-tandem-scopes'] ?? []).map(({ scope }: Json) => scope)
      assert.deepEqual(
        scopes,
        (RIGHTS[id] ?? []).map(({ scope }) => scope),
      )
      assert.equal(operation.security?.length === 0, route.access !== 'token', id)
      if (!ANY_TOKEN.includes(id))
        for (const scope of scopes) assert.match(operation.description, new RegExp(`\`${scope}\``))
    }
  })
})

describe('the route table', () => {
  it('says of every row under which heading it stands and what a success carries', () => {
    for (const [id, route] of rows) {
      if (route.access === 'local') continue
      assert.ok(route.tag !== undefined, `${id} has no tag`)
      const hasAnswer = route.answer !== undefined || route.answerTypes !== undefined
      const mustHave = route.success === 200 || route.success === 201
      assert.equal(hasAnswer, mustHave, `${id} answers ${route.success}`)
    }
  })

  it('describes the parameters of its paths, and no others', () => {
    const used = rows.flatMap(([, { path }]) => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
    assert.deepEqual(Object.keys(PATH_PARAMETERS).toSorted(), [...new Set(used)].toSorted())
  })

  it('uses every schema: requests as bodies, the rest as answers or inside of them', () => {
    const published = new Set(Object.keys(json.components.schemas))
    const elsewhere = new Set([
      'ConvergedRecordingDetails', // Published as ConvergedRecording.
      'CallRecord', // A line of NDJSON.
    ])
    for (const name of Object.keys(schemas))
      if (!elsewhere.has(name)) assert.ok(published.has(name), `${name} is no body and no answer`)
  })

  it('takes bodies of requests and gives bodies of answers, never the other way round', () => {
    for (const [id, { body, answer, method }] of rows) {
      if (body !== undefined) assert.match(body, /(Request|Change)$/, id)
      if (body !== undefined) assert.notEqual(method, 'GET', id)
      if (answer !== undefined) assert.doesNotMatch(answer, /(Request|Change)$/, id)
    }
  })

  it('gives every error of the registry to an operation, but those that no operation is at the time', () => {
    const given = new Set(rows.flatMap(([, route]) => errorsOf(route)))
    const nowhere: readonly ErrorName[] = [
      'method_not_allowed', // There is no such operation.
    ]
    for (const name of Object.keys(ERRORS) as ErrorName[])
      if (!nowhere.includes(name)) assert.ok(given.has(name), `${name} is in no row of the route table`)
  })
})
