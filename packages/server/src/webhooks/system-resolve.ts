/**
 * Asks the name servers of this machine for all A and AAAA records of a name. Names that only the machine itself knows
 * (its hosts file, local discovery) are asked of the system's resolver, two at a time: it has four threads for everything.
 */
import { lookup, Resolver } from 'node:dns/promises'
import type { Resolve } from './resolve-target.ts'

/** How long one name server may take, and how often it is asked. */
const QUERY_MS_MAX = 2_000
const QUERY_TRIES = 2
/** Questions to the system's resolver at the same time. */
const LOOKUPS_MAX = 2

/** Makes a resolver. */
export function systemResolve(): Resolve {
  const resolver = new Resolver({ timeout: QUERY_MS_MAX, tries: QUERY_TRIES })
  let looking = 0
  return async (host) => {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    if (found.length > 0) return found
    const silent = answers.every(
      (answer) => answer.status === 'rejected' && codeOf(answer.reason) === 'ETIMEOUT',
    )
    if (silent || looking >= LOOKUPS_MAX) return []
    looking++
    try {
      return (await lookup(host, { all: true })).map(({ address }) => address)
    } finally {
      looking--
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
