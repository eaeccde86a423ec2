/** Converts one upload in a thread of its own: seconds of arithmetic that would else hold back every HTTP request. */
import { parentPort, workerData } from 'node:worker_threads'
import { SoundError } from './sound-error.ts'
import { toMulaw } from './to-mulaw.ts'

const { bytes, contentType } = workerData as { bytes: Uint8Array; contentType: string } // From `convertSound`.
try {
  const clip = await toMulaw(bytes, contentType)
  parentPort?.postMessage({ clip })
} catch (error) {
  if (!(error instanceof SoundError)) throw error // A bug of ours; whoever waits hears that the thread has ended.
  parentPort?.postMessage({ refused: error.message })
}
