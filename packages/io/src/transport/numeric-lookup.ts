/**
 * A lookup for UDP sockets that are only ever given numeric addresses: no resolver, no thread pool, no wait.
 * Names are refused; whoever takes a name from a user resolves it before.
 */
import { isIP } from 'node:net'

/** Answers at once with the address itself; fails with `ENOTFOUND` on a name. */
export function numericLookup(
  host: string,
  _options: unknown,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  const family = isIP(host)
  if (family === 0) callback(Object.assign(new Error('not a numeric address'), { code: 'ENOTFOUND' }), '', 4)
  else callback(null, host, family)
}
