/** Responses of the document: successes of a route, and one response for each status that its errors have. */
import { ERRORS, type ErrorEntry, type ErrorName } from '../error.ts'
import { errorsOf } from '../routes/errors-of.ts'
import type { OtherAnswer, Route } from '../routes/route.ts'
import type { ComponentSchemas, JsonObject } from './component-schemas.ts'

/** Header fields of answers, as components. */
export const HEADERS: JsonObject = {
  TrackingId: {
    description: 'Names this request; the client’s own `TrackingID` when it sent one',
    required: true,
    schema: { type: 'string' },
  },
  RetryAfter: {
    description: 'Seconds to wait before the next try',
    schema: { type: 'integer', minimum: 1 },
  },
  Link: {
    description: 'The next page, `rel="next"`, when there is one (RFC 8288); an absolute address',
    schema: { type: 'string' },
  },
  Location: { description: 'Where the client goes on', schema: { type: 'string' } },
}

const header = (name: string): JsonObject => ({ $ref: `#/components/headers/${name}` })
const TRACKING = { trackingid: header('TrackingId') }
const ERROR_CONTENT = { 'application/json': { schema: { $ref: '#/components/schemas/ErrorBody' } } }

/** All responses of a route by their status. */
export function responsesOf(route: Route, components: ComponentSchemas): JsonObject {
  const responses: Record<string, JsonObject> = { [route.success]: usualResponse(route, components) }
  const byStatus = errorsByStatus(route)
  for (const [status, names] of byStatus) {
    const [name] = names
    responses[status] =
      names.length === 1 && !isPage(route)
        ? { $ref: `#/components/responses/${name}` }
        : errorResponse(status, names, isPage(route))
  }
  for (const answer of route.alsoAnswers ?? []) {
    const names = byStatus.get(answer.status) ?? []
    responses[answer.status] = otherResponse(answer, names, components)
  }
  return responses
}

/** The response of some errors that share a status. */
export function errorResponse(status: number, names: readonly ErrorName[], isPage = false): JsonObject {
  return {
    description: describe(names),
    headers: headersOf(status),
    content: isPage ? { ...ERROR_CONTENT, 'text/html': contentSchema('text/html') } : ERROR_CONTENT,
  }
}

function describe(names: readonly ErrorName[]): string {
  const entries: readonly (readonly [ErrorName, ErrorEntry])[] = names.map((name) => [name, ERRORS[name]])
  return entries
    .map(([name, { errorCode, description }]) => `${description} (${errorCode}, \`${name}\`)`)
    .join('. ')
}

function headersOf(status: number): JsonObject {
  const mayWait = status === 428 || status === 429 || status === 503
  return {
    ...TRACKING,
    ...(mayWait ? { 'Retry-After': header('RetryAfter') } : {}),
    ...(status === 302 || status === 303 ? { location: header('Location') } : {}),
  }
}

/** Pages tell people what went wrong, and programs that knock there get the error body. */
function isPage({ answerTypes = [], success }: Route): boolean {
  return success === 302 || answerTypes.includes('text/html')
}

function errorsByStatus(route: Route): ReadonlyMap<number, readonly ErrorName[]> {
  const byStatus = new Map<number, ErrorName[]>()
  for (const name of errorsOf(route)) {
    const { status } = ERRORS[name]
    byStatus.set(status, [...(byStatus.get(status) ?? []), name])
  }
  return new Map([...byStatus].toSorted(([one], [other]) => one - other))
}

function usualResponse(route: Route, components: ComponentSchemas): JsonObject {
  const content = contentOf(route, components)
  return {
    description: DESCRIPTIONS[route.success],
    headers: {
      ...headersOf(route.success),
      ...(route.paged === true ? { link: header('Link') } : {}),
    },
    ...(content === undefined ? {} : { content }),
  }
}

const DESCRIPTIONS: Readonly<Record<Route['success'], string>> = {
  200: 'Success',
  201: 'Something new came into being',
  204: 'Success, without a body',
  302: 'Goes on elsewhere',
}

/** Beside such an answer the status may be that of errors, in their own form. */
function otherResponse(
  answer: OtherAnswer,
  errors: readonly ErrorName[],
  components: ComponentSchemas,
): JsonObject {
  const content = {
    ...(errors.length === 0 ? {} : ERROR_CONTENT),
    ...contentOf(answer, components),
  }
  return {
    description: errors.length === 0 ? answer.description : `${answer.description}. ${describe(errors)}`,
    headers: headersOf(answer.status),
    ...(Object.keys(content).length === 0 ? {} : { content }),
  }
}

function contentOf(
  { answer, answerTypes = [] }: Pick<OtherAnswer, 'answer' | 'answerTypes'>,
  components: ComponentSchemas,
): JsonObject | undefined {
  if (answer === undefined && answerTypes.length === 0) return undefined
  return {
    ...(answer === undefined ? {} : { 'application/json': { schema: components.refer(answer) } }),
    ...Object.fromEntries(answerTypes.map((type) => [type, contentSchema(type)])),
  }
}

/** Pages and other texts are texts; bytes have no schema (OpenAPI 3.1 §4.8.14.4). */
function contentSchema(type: string): JsonObject {
  return type.startsWith('text/') && type !== 'text/event-stream' ? { schema: { type: 'string' } } : {}
}
