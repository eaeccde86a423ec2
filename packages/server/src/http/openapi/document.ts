/** `GET /openapi.json`: this API as an OpenAPI 3.1 document, made from the tables of the contract at the first request. */
import { makeOpenApi } from '@tandem/contract'
import type { RouteHandlerMethod } from 'fastify'
import { keptAnswer, once, sendKept } from './kept-answer.ts'
import { serverVersion } from './server-version.ts'

/** The handler; `publicUrl` is the origin under which clients reach us. */
export function serveOpenApi({ publicUrl }: { readonly publicUrl: string }): RouteHandlerMethod {
  const document = once(async () => {
    const made = await makeOpenApi({ publicUrl, version: await serverVersion() })
    return keptAnswer('application/json;charset=UTF-8', Buffer.from(JSON.stringify(made)))
  })
  return async (request, reply) => sendKept(request, reply, await document())
}
