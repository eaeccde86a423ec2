/** Which process holds a port, from Linux's own tables below `/proc`. Elsewhere, or of other users, nothing is found. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Processes that are looked through at most. */
const PROCESSES_MAX = 10_000
/** A TCP socket that listens, in the table's `st` column. */
const LISTENS = '0A'

/** Name and process id, e.g. `node (4711)`; undefined when it cannot be told. */
export function portHolder(transport: 'tcp' | 'udp', port: number): string | undefined {
  const sockets = new Set([...socketsAt(transport, port), ...socketsAt(`${transport}6`, port)])
  if (sockets.size === 0) return undefined
  const processes = listed('/proc').filter((name) => /^\d+$/.test(name))
  for (const id of processes.slice(0, PROCESSES_MAX))
    for (const descriptor of listed(`/proc/${id}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linked(`/proc/${id}/fd/${descriptor}`))?.[1]
      if (inode !== undefined && sockets.has(inode))
        return `${text(`/proc/${id}/comm`).trim() || 'a process'} (${id})`
    }
  return undefined
}

/** The inodes of the sockets bound to a port: columns `local_address`, `st` and `inode` of the table. */
function socketsAt(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return text(`/proc/net/${table}`)
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const columns = line.trim().split(/\s+/)
      const [, local = '', , state = ''] = columns
      const inode = columns[9]
      const bound = local.endsWith(suffix) && (table.startsWith('udp') || state === LISTENS)
      return bound && inode !== undefined ? [inode] : []
    })
}

function text(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return '' // Not Linux, or gone meanwhile.
  }
}

function linked(file: string): string {
  try {
    return readlinkSync(file)
  } catch {
    return ''
  }
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // Of another user, or gone meanwhile.
  }
}
