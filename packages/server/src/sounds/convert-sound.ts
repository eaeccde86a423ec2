/** Uploads converted one after the other, each in a thread that ends with it: memory of one at a time, none at rest. */
import { Worker } from 'node:worker_threads'
import { SoundError } from './sound-error.ts'

/** Longest conversion: ten minutes of MP3 take a few seconds. */
const CONVERSION_MS_MAX = 60_000

/** What a conversion answers. */
type Answer = { readonly clip: Uint8Array } | { readonly refused: string }

/** Converts; a test may stand in for the threads. */
export type ConvertSound = (bytes: Uint8Array, contentType: string) => Promise<Uint8Array>

/** A converter with a queue of its own. */
export function soundConverter(): ConvertSound {
  let last: Promise<unknown> = Promise.resolve()
  return (bytes, contentType) => {
    const turn = last.then(() => convertSound(bytes, contentType))
    last = turn.catch(() => {}) // Its own caller hears of it.
    return turn
  }
}

async function convertSound(bytes: Uint8Array, contentType: string): Promise<Uint8Array> {
  const worker = new Worker(new URL('./sound-worker.ts', import.meta.url), {
    name: 'sound',
    workerData: { bytes, contentType },
    stderr: true, // The MP3 decoder complains there of what is refused in words here.
  })
  const timer = setTimeout(() => void worker.terminate(), CONVERSION_MS_MAX)
  try {
    const answer = await new Promise<Answer>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => reject(new SoundError('The sound could not be converted in time')))
    })
    if ('refused' in answer) throw new SoundError(answer.refused)
    return answer.clip
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}
