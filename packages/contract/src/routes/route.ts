/**
 * What a row of the route table is. `{name}` in a path marks a parameter; paths are case-sensitive.
 */

/**
 * What opens a route: a bearer token; a signature in the link; the secret of a set-up link; nothing at all (`open`, for
 * health checks); or only a request from the machine itself or to the management address (`local`).
 */
export type Access = 'token' | 'signedLink' | 'setupLink' | 'open' | 'local'

/** One operation. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly access: Access
  /** The usual status of a success; an operation with two says the other one itself. */
  readonly success: 200 | 201 | 204 | 302
  readonly summary: string
}
