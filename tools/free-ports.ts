/** Ports on loopback that nobody uses just now. */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

/** Ranges are searched from here upwards, clear of the ports that the system hands out itself. */
const SEARCH_FROM = 12_000
const SEARCH_TO = 30_000
let next = SEARCH_FROM + (process.pid % 400) * 40

/** The first of `count` neighbouring ports, even, all free for UDP and TCP when asked. */
export async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const first = next + (next % 2)
    // A big stride, since whoever holds one port here often holds its neighbours too.
    next = first + Math.max(count, 102)
    if (next > SEARCH_TO) next = SEARCH_FROM
    const ports = Array.from({ length: count }, (_, index) => first + index)
    const free = await Promise.all(ports.map(async (port) => (await udpFree(port)) && (await tcpFree(port))))
    if (free.every(Boolean)) return first
  }
  throw new Error(`no ${count} neighbouring ports are free on 127.0.0.1`)
}

function udpFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', () => resolve(false))
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)))
  })
}

function tcpFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
