/** Opens and closes the HTTP port of an application. */
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config/settings.ts'
import { StartFailure } from '../start-failure.ts'

/** How long a stop waits for answers that are still being sent. */
const HTTP_CLOSE_MS_MAX = 5_000

/** Lets answers on their way finish, but not for ever: a slow download must not keep the process alive. */
export async function closeHttp(app: FastifyInstance): Promise<void> {
  const late = setTimeout(() => app.server.closeAllConnections(), HTTP_CLOSE_MS_MAX)
  await app.close()
  clearTimeout(late)
}

/** Listens where the settings say; the origin that reaches it from this machine. Throws `StartFailure`. */
export async function listenHttp(app: FastifyInstance, config: Config): Promise<string> {
  try {
    await app.listen({ host: config.httpHost, port: config.httpPort })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const why =
      code === 'EADDRINUSE'
        ? 'the port is taken; stop the program that has it or choose another with --http-port'
        : code === 'EACCES'
          ? 'the port needs more rights; choose one above 1023 with --http-port'
          : `the system says ${code}; choose an address of this machine with --http-host`
    throw new StartFailure(`Cannot listen for HTTP on ${config.httpHost}:${config.httpPort}: ${why}.`)
  }
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : config.httpPort
  // Whatever is bound to all addresses is named by one that a browser on this machine can open.
  const host =
    config.httpHost === '0.0.0.0' ? '127.0.0.1' : config.httpHost === '::' ? '::1' : config.httpHost
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
