/** Can every configured port be opened, and if not, who has it? */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { parseListen } from '../config/listen.ts'
import { type Config, flagOf } from '../config/settings.ts'
import { codeOf, type DoctorCheck, fail, ok, warn } from './check.ts'
import { portHolder } from './port-holder.ts'

/** RTP ports that are tried: enough to see whether the range is free, few enough to be quick. */
const RTP_PORTS_TRIED = 32
/** Where most systems begin to hand out ports by themselves. */
const EPHEMERAL_FILE_HINT = 'net.ipv4.ip_local_port_range'

interface Place {
  readonly transport: 'tcp' | 'udp'
  readonly host: string
  readonly port: number
}

/** Looks at the ports of HTTP, management and SIP. `running`: the server of this configuration answers already. */
export async function checkPorts(config: Config, running: boolean): Promise<DoctorCheck[]> {
  const places: { what: string; flag: string; place: Place }[] = [
    {
      what: 'HTTP port',
      flag: flagOf('httpPort'),
      place: { transport: 'tcp', host: config.httpHost, port: config.httpPort },
    },
    {
      what: 'Management port',
      flag: flagOf('managementPort'),
      place: { transport: 'tcp', host: config.managementHost, port: config.managementPort },
    },
  ]
  for (const address of config.sipListen) {
    const parsed = parseListen(address)
    if (parsed === undefined) continue // Checked with the settings.
    const transport = parsed.transport === 'udp' ? 'udp' : 'tcp'
    places.push({
      what: `SIP port ${parsed.transport}`,
      flag: flagOf('sipListen'),
      place: { transport, host: parsed.host, port: parsed.port },
    })
  }
  return Promise.all(places.map(({ what, flag, place }) => checkPort({ what, flag, place, running })))
}

/** Looks at some ports of the RTP range. `portsInUse` gives what the system keeps for outgoing connections. */
export async function checkRtpPorts(
  config: Pick<Config, 'mediaHost' | 'mediaPortMin' | 'mediaPortMax'>,
  options: { readonly running: boolean; readonly ephemeral: readonly [number, number] | undefined },
): Promise<DoctorCheck[]> {
  const { mediaHost: host, mediaPortMin: min, mediaPortMax: max } = config
  const what = `RTP ports ${min} to ${max}`
  const checks: DoctorCheck[] = []
  const step = Math.max(2, 2 * Math.floor((max - min) / (2 * RTP_PORTS_TRIED)))
  let [tried, taken] = [0, 0]
  for (let port = min; port <= max && tried < RTP_PORTS_TRIED; port += step) {
    tried += 1
    const error = await opened({ transport: 'udp', host, port })
    if (error === undefined) continue
    if (error !== 'EADDRINUSE') {
      return [fail(what, `cannot be opened on ${host} (${error})`, notHere(flagOf('mediaHost')))]
    }
    taken += 1
  }
  if (taken === 0 || options.running)
    checks.push(ok(what, options.running ? 'the running server has them' : `${tried} tried, all free`))
  else
    checks.push(
      warn(
        what,
        `${taken} of ${tried} tried are taken`,
        'Stop the program that has them, or choose a range of its own with --media-port-min and --media-port-max.',
      ),
    )
  const [from, to] = options.ephemeral ?? [0, -1]
  if (min <= to && max >= from)
    checks.push(
      warn(
        what,
        `the system hands out ${from} to ${to} itself`,
        `Choose a range below ${from}, or reserve this one with ${EPHEMERAL_FILE_HINT} or net.ipv4.ip_local_reserved_ports.`,
      ),
    )
  return checks
}

async function checkPort(options: {
  readonly what: string
  readonly flag: string
  readonly place: Place
  readonly running: boolean
}): Promise<DoctorCheck> {
  const { flag, place, running } = options
  const what = `${options.what} ${place.host}:${place.port}`
  if (place.port === 0) return ok(what, 'a free one is taken at start')
  const error = await opened(place)
  if (error === undefined) {
    if (!running) return ok(what, 'free')
    return warn(what, 'free, although the server runs', 'Check that both are given the same settings.')
  }
  if (error === 'EADDRINUSE') {
    const holder = portHolder(place.transport, place.port)
    if (running) return ok(what, `the running server has it${holder === undefined ? '' : `: ${holder}`}`)
    return fail(what, `taken by ${holder ?? 'another program'}`, `Stop it, or choose another with ${flag}.`)
  }
  if (error === 'EACCES')
    return fail(
      what,
      'needs more rights',
      `Choose one above 1023 with ${flag}, or grant CAP_NET_BIND_SERVICE.`,
    )
  return fail(what, `cannot be opened (${error})`, notHere(flag.replace(/-port$/, '-host')))
}

function notHere(flag: string): string {
  return `Choose an address of this machine with ${flag}.`
}

/** Opens a port and closes it again; the system's reason when it would not. */
function opened({ transport, host, port }: Place): Promise<string | undefined> {
  return new Promise((resolve) => {
    const failed = (error: unknown): void => resolve(codeOf(error))
    if (transport === 'tcp') {
      const server = createServer()
      server.once('error', failed)
      server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
      return
    }
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    socket.once('error', (error) => {
      socket.close()
      failed(error)
    })
    socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => resolve(undefined)))
  })
}
