/** One operation of the document: what it takes, what it answers, and which scopes open it. */
import { ANY_TOKEN, RIGHTS, type TokenOperationId } from '../rights.ts'
import type { Route } from '../routes/route.ts'
import type { ComponentSchemas, JsonObject } from './component-schemas.ts'
import { parameterObjects } from './parameter-objects.ts'
import { responsesOf } from './responses.ts'

/** The operation of a row of the route table. */
export function operationObject(id: string, route: Route, components: ComponentSchemas): JsonObject {
  const scopes = route.access === 'token' ? (RIGHTS[id as TokenOperationId] ?? []) : [] // Has a row, being such a route.
  const parameters = parameterObjects(route)
  const body = requestBody(route, components)
  return {
    operationId: id,
    summary: route.summary,
    description: descriptionOf(id, route),
    ...(route.tag === undefined ? {} : { tags: [route.tag] }),
    ...(route.access === 'token' ? {} : { security: [] }),
    ...(scopes.length === 0
      ? {}
      : { 'x-tandem-scopes': scopes.map(({ scope, as, reach }) => ({ scope, as, reach })) }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: responsesOf(route, components),
  }
}

function requestBody(route: Route, components: ComponentSchemas): JsonObject | undefined {
  const { body, bodyTypes = [] } = route
  if (body === undefined && bodyTypes.length === 0) return undefined
  const isForm = bodyTypes.includes('application/x-www-form-urlencoded')
  const schema = body === undefined ? undefined : components.refer(body)
  return {
    required: route.bodyRequired === true || (body !== undefined && components.hasRequired(body)),
    content: {
      ...(schema === undefined || isForm ? {} : { 'application/json': { schema } }),
      ...Object.fromEntries(bodyTypes.map((type) => [type, mediaType(type, isForm ? schema : undefined)])),
    },
  }
}

/** What is not JSON has no members to speak of: a text, a form, or bytes. */
function mediaType(type: string, schema: JsonObject | undefined): JsonObject {
  if (type.startsWith('text/')) return { schema: { type: 'string' } }
  if (type === 'application/x-www-form-urlencoded') return { schema: schema ?? { type: 'object' } }
  return {}
}

function descriptionOf(id: string, route: Route): string {
  const { access } = route
  if (access === 'open') return `${route.summary}. Needs no token.`
  if (access === 'setupLink') return `${route.summary}. Needs no token: the secret of the link opens it.`
  if (access === 'signedLink') return `${route.summary}. Needs no token: the signature of the link opens it.`
  const operation = id as TokenOperationId // Its route takes a token.
  if (ANY_TOKEN.includes(operation)) return `${route.summary}. Any valid token opens it.`
  const scopes = (RIGHTS[operation] ?? []).map(
    ({ scope, as, reach }) =>
      `\`${scope}\` (${ROLE_NAMES[as]}, ${reach === 'own' ? 'one’s own' : 'the whole organisation'})`,
  )
  return `${route.summary}. Scopes that open it: ${scopes.join(', ')}.`
}

const ROLE_NAMES = { user: 'user', admin: 'administrator', complianceOfficer: 'compliance officer' } as const
