/**
 * Where Tandem's own operations are: `/tandem/v1` beside the contract's `/v1`, on the same server and under the same
 * prefix when there is one.
 */
import { type Query, withQuery } from '../api.ts'
import { InvalidArgument } from '../error/webex-error.ts'
import type { Transport } from '../http/requester.ts'

const CONTRACT = /\/v1$/

/** The URL of one of Tandem's own paths. Throws when the client's base URL does not end in `/v1`. */
export function tandemUrl(transport: Transport, path: `/${string}`, query: Query = {}): URL {
  const base = transport.baseUrl.href
  if (!CONTRACT.test(base))
    throw new InvalidArgument(`the baseUrl of a Tandem server ends in /v1, which ${base} does not`)
  return withQuery(new URL(`${base.replace(CONTRACT, '/tandem/v1')}${path}`), query)
}
