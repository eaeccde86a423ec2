/**
 * What a row of the route table is. `{name}` in a path marks a parameter; paths are case-sensitive. A row names the schemas
 * of body and answer and holds none of them, so that the table can be loaded without the schema library.
 */
import type { ErrorName } from '../error.ts'
import type { Schemas } from '../schema/load-schemas.ts'

/**
 * What opens a route: a bearer token; a signature in the link; the secret of a set-up link; nothing at all (`open`, for
 * health checks); or only a request from the machine itself or to the management address (`local`).
 */
export type Access = 'token' | 'signedLink' | 'setupLink' | 'open' | 'local'

/** Under which heading an operation is described. The first is a promise (contract README §10). */
export type Tag =
  | 'Converged Recordings'
  | 'Meeting Recordings'
  | 'Call Controls'
  | 'Call Controls by Member'
  | 'Conference Controls'
  | 'Call Settings'
  | 'People and Places'
  | 'Webhooks'
  | 'OAuth'
  | 'Directory'
  | 'Tokens and Clients'
  | 'Live Events'
  | 'Recording Library'
  | 'Telephony'
  | 'Links and Pages'
  | 'Operation'

/** The name of a schema. */
export type SchemaName = keyof Schemas

/**
 * A parameter of the query or of the header, as the server reads it: `text` of at most `charsMax` characters, empty counting
 * as absent; `id` likewise but never empty; one `choice`; a whole number; `true` or `false`; a date or date-time of ISO 8601.
 */
export type Parameter = {
  readonly description: string
  readonly required?: true
} & (
  | { readonly kind: 'text' | 'id'; readonly charsMax: number }
  | { readonly kind: 'choice'; readonly choices: readonly string[]; readonly default?: string }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number; readonly default?: number }
  | { readonly kind: 'boolean'; readonly default?: boolean }
  | { readonly kind: 'time' }
)

/** Parameters by their names. */
export type Parameters = Readonly<Record<string, Parameter>>

/** An answer that is neither the usual success nor an error body; one with neither schema nor media types has no body. */
export interface OtherAnswer {
  readonly status: number
  readonly description: string
  readonly answer?: SchemaName
  readonly answerTypes?: readonly string[]
}

/** One operation. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly access: Access
  /** The usual status of a success. */
  readonly success: 200 | 201 | 204 | 302
  readonly summary: string
  readonly tag?: Tag
  readonly query?: Parameters
  /** Header fields beside `Authorization` and `TrackingID`, by the names that documents show. */
  readonly headers?: Parameters
  /** Schema of a body in JSON, or of the members of a form. */
  readonly body?: SchemaName
  /** Media types of a body that is not, or not only, JSON. */
  readonly bodyTypes?: readonly string[]
  /** A request without a body is refused; where the schema needs a member, that says so already. */
  readonly bodyRequired?: true
  /** Schema of the usual success, in JSON. */
  readonly answer?: SchemaName
  /** Media types of a usual success that is not, or not only, JSON. */
  readonly answerTypes?: readonly string[]
  /** The usual success may carry a `Link` to the next page. */
  readonly paged?: true
  readonly alsoAnswers?: readonly OtherAnswer[]
  /** What can go wrong beside what can with every operation of its kind: see `errorsOf`. */
  readonly errors?: readonly ErrorName[]
}
