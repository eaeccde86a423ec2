/**
 * Closes a connection whose client does not take the answer (case A12, promise P15): when something of it has been waiting
 * for half a minute and not one byte has gone. A download that goes slowly goes on; Node's timer of a socket starts anew
 * with every byte that leaves or comes. When nothing waits to be taken, we are the slow ones, and nobody is blamed.
 */
import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'

/** How long an answer may wait without one byte of it being taken, in milliseconds. */
export const READER_STILL_MS_MAX = 30_000

/** Watches one answer, from its request on; Node's limit on idle connections takes over behind it. */
export function closeWhenNotTaken(response: ServerResponse, stillMs: number = READER_STILL_MS_MAX): void {
  const { socket } = response
  if (!(socket instanceof Socket)) return // A test that injects has none.
  socket.setTimeout(stillMs)
  response.on('timeout', (still: Socket) => {
    if (still.writableLength > 0) still.destroy()
    else still.setTimeout(stillMs)
  })
}
