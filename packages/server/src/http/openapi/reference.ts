/**
 * `GET /reference`: the OpenAPI document as a page for people, by a program that comes from this server too: nothing is
 * loaded from elsewhere, and the page may speak to nobody else. The program is four megabytes of text, so it is loaded when
 * somebody opens the page and not before.
 */
import fastify, { type RouteHandlerMethod } from 'fastify'
import { keptAnswer, once, sendKept } from './kept-answer.ts'

/** Styles are set by the program itself; the rest comes from here or is part of the program. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'cache-control': 'no-cache',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** No fonts, no words to a maker, no links to a program elsewhere, none that answers questions. */
const CONFIGURATION = {
  url: '/openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: 'never',
  hideClientButton: true,
  mcp: { disabled: true },
  agent: { disabled: true },
  persistAuth: false,
}

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tandem API</title></head>
<body>
<noscript>This page needs JavaScript. The document that it shows is <a href="/openapi.json">openapi.json</a>.</noscript>
<script id="api-reference" type="application/json" data-url="/openapi.json" data-configuration="${JSON.stringify(CONFIGURATION).replaceAll('"', '&quot;')}"></script>
<script src="/reference/reference.js"></script>
</body></html>
`

/** The page. */
export const serveReference: RouteHandlerMethod = async (_request, reply) =>
  reply.headers(HEADERS).type('text/html;charset=UTF-8').send(PAGE)

/** The program of the page. */
export function serveReferenceScript(): RouteHandlerMethod {
  const program = once(async () => keptAnswer('text/javascript;charset=UTF-8', await referenceProgram()))
  return async (request, reply) => sendKept(request, reply, await program())
}

/** Taken from the plugin as it serves it, in an application of its own that never listens. */
async function referenceProgram(): Promise<Buffer> {
  const { default: apiReference } = await import('@scalar/fastify-api-reference')
  const app = fastify()
  await app.register(apiReference, { routePrefix: '/reference', configuration: { url: '/openapi.json' } })
  const answer = await app.inject('/reference/js/scalar.js')
  await app.close()
  if (answer.statusCode !== 200) throw new Error(`The API page has no program: ${answer.statusCode}`)
  return answer.rawPayload
}
