/**
 * Keeps room for those who have something to ask: when nearly as many connections are open as there may be, those that
 * wait between requests are closed (case A12: 10,000 idle sockets). Their clients connect again when they need to.
 */
import type { Server } from 'node:http'

/** Share of the room above which idle connections have to go. */
const FULL_SHARE = 0.9
/** Least time between two sweeps: each looks at every connection. */
const SWEEP_MS = 1_000

/** Holds a server to `max` connections. */
export function keepRoom(server: Server, max: number, now: () => number = () => performance.now()): void {
  server.maxConnections = max
  let open = 0
  let sweptAt = Number.NEGATIVE_INFINITY
  server.on('connection', (socket) => {
    open += 1
    socket.once('close', () => {
      open -= 1
    })
    if (open < max * FULL_SHARE || now() - sweptAt < SWEEP_MS) return
    sweptAt = now()
    server.closeIdleConnections()
  })
}
