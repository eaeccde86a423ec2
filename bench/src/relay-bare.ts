/**
 * The least that a relay in Node can be: the limit that ours is measured against. Few shared sockets, a table from
 * source port to the other leg's address, one look at the version; nothing is learned, checked, counted or restamped.
 *
 * Usage: `node relay-bare.ts CALLS GENERATOR_BASE`; prints `{"ports": [...]}`, leg by leg, as `relay-host.ts` does.
 */
import dgram from 'node:dgram'

const HOST = '127.0.0.1'
/** As many as share a port of our media workers. */
const LEGS_PER_SOCKET = 40
const BUFFER_BYTES = 1 << 20
const RTP_HEADER_BYTES = 12

const [calls, base] = [Number(process.argv[2]), Number(process.argv[3])]
const legs = 2 * calls
const sockets: dgram.Socket[] = []
/** By the port that a leg speaks from. */
const others = new Map<number, { readonly socket: dgram.Socket; readonly port: number }>()

for (let first = 0; first < legs; first += LEGS_PER_SOCKET) {
  const socket = dgram.createSocket({
    type: 'udp4',
    lookup: (host, _options, done) => done(null, host, 4),
    recvBufferSize: BUFFER_BYTES,
    sendBufferSize: BUFFER_BYTES,
  })
  socket.on('message', (packet, from) => {
    const other = others.get(from.port)
    if (other === undefined || packet.length < RTP_HEADER_BYTES || (packet[0] ?? 0) >> 6 !== 2) return
    other.socket.send(packet, other.port, HOST)
  })
  await new Promise<void>((resolve) => socket.bind(0, HOST, resolve))
  sockets.push(socket)
}

function socketOf(leg: number): dgram.Socket {
  return sockets[Math.floor(leg / LEGS_PER_SOCKET)] as dgram.Socket // One was made for every leg.
}

for (let leg = 0; leg < legs; leg++) {
  const other = leg ^ 1
  others.set(base + 2 * leg, { socket: socketOf(other), port: base + 2 * other })
}
const ports = Array.from({ length: legs }, (_, leg) => socketOf(leg).address().port)
console.log(JSON.stringify({ ports }))
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
