/** `GET /openapi.json`: this API as an OpenAPI 3.1 document, made from the tables of the contract at the first request. */
import { makeOpenApi } from '@tandem/contract'
import type { RouteHandlerMethod } from 'fastify'
import { keptAnswer, once, sendKept } from './kept-answer.ts'
import { serverVersion } from './server-version.ts'

/** The handler. Without a setting, `publicUrl` is known only once the server listens, so it is asked for at a request. */
export function serveOpenApi(services: { readonly publicUrl: string }): RouteHandlerMethod {
  const document = once(async () => {
    const { publicUrl } = services
    const made = await makeOpenApi({ publicUrl, version: await serverVersion() })
    return keptAnswer('application/json;charset=UTF-8', Buffer.from(JSON.stringify(made)))
  })
  return async (request, reply) => sendKept(request, reply, await document())
}
