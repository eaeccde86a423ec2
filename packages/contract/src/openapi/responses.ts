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
  for (const [status, names] of errorsByStatus(route)) {
    const [name] = names
    responses[status] =
      names.length === 1 && !isPage(route)
        ? { $ref: `#/components/responses/${name}` }
        : errorResponse(status, names, isPage(route))
  }
  for (const answer of route.alsoAnswers ?? []) responses[answer.status] = otherResponse(answer, components)
  return responses
}

/** The response of some errors that share a status. */
export function errorResponse(status: number, names: readonly ErrorName[], isPage = false): JsonObject {
  const entries: readonly (readonly [ErrorName, ErrorEntry])[] = names.map((name) => [name, ERRORS[name]])
  return {
    description: entries
      .map(([name, { errorCode, description }]) => `${description} (${errorCode}, \`${name}\`)`)
      .join('. '),
    headers: headersOf(status),
    content: isPage ? { ...ERROR_CONTENT, 'text/html': {} } : ERROR_CONTENT,
  }
}

function headersOf(status: number): JsonObject {
  const mayWait = status === 429 || status === 503
  return { ...TRACKING, ...(mayWait ? { 'Retry-After': header('RetryAfter') } : {}) }
}

/** Pages tell people what went wrong, and programs that knock there get the error body. */
function isPage({ answerTypes = [], success }: Route): boolean {
  return success === 302 || answerTypes.includes('text/html')
}

function errorsByStatus(route: Route): readonly (readonly [number, readonly ErrorName[]])[] {
  const byStatus = new Map<number, ErrorName[]>()
  for (const name of errorsOf(route)) {
    const { status } = ERRORS[name]
    byStatus.set(status, [...(byStatus.get(status) ?? []), name])
  }
  return [...byStatus].toSorted(([one], [other]) => one - other)
}

function usualResponse(route: Route, components: ComponentSchemas): JsonObject {
  const content = contentOf(route, components)
  return {
    description: DESCRIPTIONS[route.success],
    headers: {
      ...TRACKING,
      ...(route.paged === true ? { link: header('Link') } : {}),
      ...(route.success === 302 ? { location: header('Location') } : {}),
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

function otherResponse(answer: OtherAnswer, components: ComponentSchemas): JsonObject {
  const content = contentOf(answer, components)
  return {
    description: answer.description,
    headers: headersOf(answer.status),
    ...(content === undefined ? {} : { content }),
  }
}

function contentOf(
  { answer, answerTypes = [] }: Pick<OtherAnswer, 'answer' | 'answerTypes'>,
  components: ComponentSchemas,
): JsonObject | undefined {
  if (answer === undefined && answerTypes.length === 0) return undefined
  return {
    ...(answer === undefined ? {} : { 'application/json': { schema: components.refer(answer) } }),
    ...Object.fromEntries(answerTypes.map((type) => [type, {}])),
  }
}
