/**
 * Pours an answer that arrives in pieces to stdout, without keeping it. Whoever reads stdout may stop, as head does: then
 * so do we, and nothing more is fetched.
 */
import { once } from 'node:events'
import { CommandFailure } from './failure.ts'

/** Pours it to its end. `broken` is what to say when the connection breaks before. */
export async function pour(stream: AsyncIterable<Uint8Array>, broken: string): Promise<void> {
  let reading = true
  const stop = (): void => {
    reading = false
    process.stdout.emit('drain')
  }
  process.stdout.once('error', stop)
  try {
    for await (const chunk of stream) {
      if (reading && !process.stdout.write(chunk)) await once(process.stdout, 'drain')
      if (!reading) return
    }
  } catch (cause) {
    throw new CommandFailure(broken, { cause })
  } finally {
    if (reading) process.stdout.off('error', stop)
  }
}
