/** Opens and closes the HTTP port of an application. */
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config/settings.ts'
import { StartFailure } from '../start-failure.ts'
import { listenFailure, originOf } from './management.ts'

/** How long a stop waits for answers that are still being sent. */
const HTTP_CLOSE_MS_MAX = 5_000

/** Lets answers on their way finish, but not for ever: a slow download must not keep the process alive. */
export async function closeHttp(app: FastifyInstance): Promise<void> {
  const late = setTimeout(() => app.server.closeAllConnections(), HTTP_CLOSE_MS_MAX)
  await app.close()
  clearTimeout(late)
}

/** Listens where the settings say; the origin that reaches it from this machine. Throws `StartFailure`. */
export async function listenHttp(
  app: FastifyInstance,
  config: Pick<Config, 'httpHost' | 'httpPort' | 'tlsCertificateFile'>,
): Promise<string> {
  try {
    await app.listen({ host: config.httpHost, port: config.httpPort })
  } catch (error) {
    const why = listenFailure(error, 'http')
    throw new StartFailure(`Cannot listen for HTTP on ${config.httpHost}:${config.httpPort}: ${why}.`)
  }
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : config.httpPort
  return originOf(config.tlsCertificateFile === '' ? 'http' : 'https', config.httpHost, port)
}
