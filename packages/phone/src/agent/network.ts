/** Names and addresses of this machine: which one reaches the proxy, and what a host name means. */
import dgram from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { PhoneError } from '../phone-error.ts'

/** The numeric address of a host. Throws `PhoneError` when the name is unknown. */
export async function resolveHost(host: string): Promise<string> {
  if (isIP(host) !== 0) return host
  try {
    return (await lookup(host)).address
  } catch (cause) {
    throw new PhoneError(`the proxy ${host} is not known: check its name`, { cause })
  }
}

/** The address of ours from which packets to `host` leave. Nothing is sent to find out. */
export async function localAddressTowards(host: string, port: number): Promise<string> {
  const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4')
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.connect(port, host, resolve)
    })
    return socket.address().address
  } catch (cause) {
    throw new PhoneError(`there is no way to ${host}: check the network or give --listen`, { cause })
  } finally {
    socket.close()
  }
}
