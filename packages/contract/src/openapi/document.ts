/**
 * The OpenAPI 3.1 document of this API, made from the tables of the contract alone (contract README §10): routes with their
 * parameters and schemas, rights, errors. A pure function, so that the document cannot say what the tables do not.
 *
 * The server of the document is the base of the Webex paths, `<origin>/v1`, and those paths are relative to it, as in the
 * document that Webex clients know: code made from that one finds the same paths and operations here. Everything else,
 * `/tandem/v1` and pages, names the bare origin as its own server, which a path may do (OpenAPI 3.1 §4.8.9).
 */
import { ERRORS, type ErrorName } from '../error.ts'
import { errorsOf } from '../routes/errors-of.ts'
import type { Route, Tag } from '../routes/route.ts'
import { BASE_PATH, ROUTES } from '../routes.ts'
import type { Schemas } from '../schema/load-schemas.ts'
import { ComponentSchemas, type JsonObject } from './component-schemas.ts'
import { operationObject } from './operation-object.ts'
import { errorResponse, HEADERS } from './responses.ts'
import { DESCRIPTION, TAGS } from './texts.ts'

/** Who publishes the document. */
export interface Publisher {
  /** Origin under which clients reach the server, without a trailing slash. */
  readonly publicUrl: string
  /** Version of the server. */
  readonly version: string
}

/** An OpenAPI 3.1 document, as JSON. */
export interface OpenApiDocument extends JsonObject {
  readonly openapi: '3.1.0'
  readonly paths: Readonly<Record<string, JsonObject>>
}

/** Makes the document. Throws when two routes come to the same operation of it. */
export function openApiDocument(publisher: Publisher, schemas: Schemas): OpenApiDocument {
  const { publicUrl, version } = publisher
  const components = new ComponentSchemas(schemas)
  const paths = new Map<string, Record<string, unknown>>()
  const tags = new Set<Tag>()
  const errors = new Set<ErrorName>()
  for (const [id, route] of published()) {
    const isWebex = route.path.startsWith(`${BASE_PATH}/`)
    const path = isWebex ? route.path.slice(BASE_PATH.length) : route.path
    const item = paths.get(path) ?? (isWebex ? {} : { servers: [{ url: publicUrl }] })
    const method = route.method.toLowerCase()
    if (method in item || 'servers' in item === isWebex) throw new Error(`Two routes come to ${path}`)
    item[method] = operationObject(id, route, components)
    paths.set(path, item)
    if (route.tag !== undefined) tags.add(route.tag)
    for (const name of errorsOf(route)) errors.add(name)
  }
  components.refer('ErrorBody')
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tandem API',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl + BASE_PATH, description: 'This server' }],
    security: [{ bearerAuth: [] }],
    tags: Object.entries(TAGS)
      .filter(([name]) => tags.has(name as Tag)) // The names are those of the table.
      .map(([name, description]) => ({ name, description })),
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: {
        bearerAuth: {
          type: 'http',
          scheme: 'bearer',
          description: 'An access token of OAuth 2.0, or a personal access token',
        },
      },
      headers: HEADERS,
      responses: Object.fromEntries(
        [...errors].map((name) => [name, errorResponse(ERRORS[name].status, [name])]),
      ),
      schemas: components.all(),
    },
  }
}

/** What is for clients: not what only the machine itself may ask. */
function published(): [string, Route][] {
  return Object.entries(ROUTES as Record<string, Route>).filter(([, route]) => route.access !== 'local')
}
