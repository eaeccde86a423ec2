/** A SIP address to listen on, as the settings write it: `udp:127.0.0.1:5060`, `tcp:[::1]:5060`. */
import { isIP } from 'node:net'

/** Where one SIP socket is bound; the host without brackets. */
export interface ListenAddress {
  readonly transport: 'udp' | 'tcp'
  readonly host: string
  readonly port: number
}

/** Reads such an address; `undefined` when it is none. Port 0 takes a free one. */
export function parseListen(text: string): ListenAddress | undefined {
  const match = /^(udp|tcp):(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d{1,5})$/i.exec(text)
  if (match === null) return undefined
  const host = match[2] ?? match[3] ?? ''
  const port = Number(match[4])
  if (isIP(host) !== (match[2] === undefined ? 4 : 6) || port > 65_535) return undefined
  return { transport: match[1]?.toLowerCase() === 'udp' ? 'udp' : 'tcp', host, port }
}
