/** The one sentence an operator reads when a socket cannot be opened: what failed, on which address, what to do. */

/** Thrown by everything in this package that binds a socket or opens a file at start. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** Turns what `bind` or `listen` threw into that sentence. */
export function bindError(
  error: unknown,
  what: string,
  at: { readonly host: string; readonly port: number },
): StartError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN'
  const where = `${at.host.includes(':') ? `[${at.host}]` : at.host}:${at.port}`
  return new StartError(`Cannot listen for ${what} on ${where}: ${explain(code)}.`, { cause: error })
}

function explain(code: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'the port is taken; stop the program that has it or choose another port'
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address; choose one that it has'
    case 'EACCES':
      return 'the port needs more rights; choose one above 1023'
    case 'EAFNOSUPPORT':
      return 'this machine has no IPv6; leave the address out'
    default:
      return `the system says ${code}`
  }
}
