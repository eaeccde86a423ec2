/** What the system lets the server have: descriptors, receive buffers, memory. Read from Linux's `/proc`. */
import { readFileSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import type { Config } from '../config/settings.ts'
import { type DoctorCheck, inBytes, ok, warn } from './check.ts'

/** What the media workers and UDP transports ask the system for, in bytes. */
const RECEIVE_BUFFER_BYTES = 1_048_576
/** Descriptors beside ports and connections: files, threads, database. */
const OTHER_DESCRIPTORS = 1_000
/** As `CONNECTIONS_MAX` of HTTP: what one flood may take. */
const HTTP_CONNECTIONS = 12_000
/** Below this the server starts, and a burst of encoding may be killed. */
const MEMORY_BYTES_MIN = 512 * 1_024 ** 2

/** Where the values come from; the system's own unless a test says otherwise. */
export interface LimitsSource {
  readonly read: (file: string) => string | undefined
  readonly memory: { readonly total: number; readonly free: number }
}

/** The machine that this runs on. */
export const THIS_MACHINE: LimitsSource = {
  read(file) {
    try {
      return readFileSync(file, 'utf8')
    } catch {
      return undefined // Not Linux.
    }
  },
  get memory() {
    return { total: totalmem(), free: freemem() }
  },
}

/** Looks at them. */
export function checkLimits(
  config: Pick<Config, 'mediaPortMin' | 'mediaPortMax'>,
  source: LimitsSource = THIS_MACHINE,
): DoctorCheck[] {
  return [descriptors(config, source), receiveBuffer(source), memory(source)]
}

/** The range from which the system takes ports for outgoing connections; undefined when it cannot be told. */
export function ephemeralPorts(source: LimitsSource = THIS_MACHINE): readonly [number, number] | undefined {
  const [from, to] = (source.read('/proc/sys/net/ipv4/ip_local_port_range') ?? '')
    .trim()
    .split(/\s+/)
    .map(Number)
  return from === undefined || to === undefined || Number.isNaN(to) ? undefined : [from, to]
}

function descriptors(
  config: Pick<Config, 'mediaPortMin' | 'mediaPortMax'>,
  source: LimitsSource,
): DoctorCheck {
  const what = 'Open files and sockets'
  const limit = /^Max open files\s+(\d+|unlimited)/m.exec(source.read('/proc/self/limits') ?? '')?.[1]
  if (limit === undefined) return ok(what, 'this system does not say')
  const needed = config.mediaPortMax - config.mediaPortMin + 1 + HTTP_CONNECTIONS + OTHER_DESCRIPTORS
  if (limit === 'unlimited' || Number(limit) >= needed)
    return ok(what, `${limit} allowed, ${needed} at most needed`)
  return warn(
    what,
    `${limit} allowed here, up to ${needed} needed`,
    `Set LimitNOFILE=${2 ** Math.ceil(Math.log2(needed))} in the service, or ulimit -n where it is started by hand.`,
  )
}

function receiveBuffer(source: LimitsSource): DoctorCheck {
  const what = 'Receive buffers'
  const bytes = Number(source.read('/proc/sys/net/core/rmem_max') ?? Number.NaN)
  if (Number.isNaN(bytes)) return ok(what, 'this system does not say')
  if (bytes >= RECEIVE_BUFFER_BYTES) return ok(what, `${inBytes(bytes)} allowed`)
  return warn(
    what,
    `${inBytes(bytes)} allowed, ${inBytes(RECEIVE_BUFFER_BYTES)} asked for: bursts of RTP may be lost`,
    `Run sysctl -w net.core.rmem_max=${RECEIVE_BUFFER_BYTES}, and put it into /etc/sysctl.d to keep it.`,
  )
}

function memory(source: LimitsSource): DoctorCheck {
  const what = 'Memory'
  const { total, free } = source.memory
  const group = Number(source.read('/sys/fs/cgroup/memory.max')?.trim() ?? Number.NaN)
  const allowed = Number.isNaN(group) ? total : Math.min(group, total)
  const found = `${inBytes(allowed)}, ${inBytes(Math.min(free, allowed))} free`
  if (allowed >= MEMORY_BYTES_MIN) return ok(what, found)
  return warn(what, found, 'Give the machine or container 512 MiB at least: encoding comes in bursts.')
}
