/**
 * Gives the memory of a thread's start back to the system (docs/decisions/0008): loading modules leaves garbage and room
 * for more, which a thread that has nothing to do would keep. Call it before the thread is ready: collecting takes some
 * ten milliseconds, which nobody must wait for later.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Collects once, now. */
export function compactHeap(): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('typeof gc === "function" ? gc : undefined')
  setFlagsFromString('--no-expose-gc')
  // Another thread may have taken the flag back meanwhile: then this heap stays as it is.
  if (typeof collect === 'function') collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
