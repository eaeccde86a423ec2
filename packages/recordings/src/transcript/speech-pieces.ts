/**
 * An MP3 as pieces of single channels, decoded in a thread of its own that lives as long as the pieces are read. Reading
 * slowly slows the decoding down; ending early ends the thread.
 */
import { Worker } from 'node:worker_threads'
import type { SpeechPiece } from './speech-channel.ts'
import type { SpeechReply, SpeechRequest, SpeechThreadData } from './speech-protocol.ts'

/** Bytes decoded at a time: eight seconds of a recording of ours. */
const STEP_BYTES = 65_536

/** The audio is not what it should be; another try gives the same. */
export class UndecodableAudio extends Error {
  override readonly name = 'UndecodableAudio'
}

/** Gives the pieces in the order of their ends; both channels of a stretch come before the next. */
export async function* speechPieces(
  audio: AsyncIterable<Uint8Array>,
  options: SpeechThreadData,
): AsyncGenerator<SpeechPiece, void, undefined> {
  const thread = new SpeechThread(options)
  try {
    for await (const bytes of audio) {
      for (let at = 0; at < bytes.length; at += STEP_BYTES)
        yield* await thread.decode(bytes.subarray(at, at + STEP_BYTES))
    }
    yield* await thread.finish()
  } finally {
    await thread.close()
  }
}

class SpeechThread {
  readonly #worker: Worker
  #waiting: PromiseWithResolvers<readonly SpeechPiece[]> | undefined
  #failed: Error | undefined

  constructor(data: SpeechThreadData) {
    // The decoder prints what it stumbles over; the thread's output is taken so that it does not reach ours.
    this.#worker = new Worker(new URL('./speech-worker.ts', import.meta.url), {
      workerData: data,
      name: 'speech',
      execArgv: [], // Flags of the main program, such as `--input-type`, are its own.
      stdout: true,
      stderr: true,
    })
    this.#worker.stdout.resume()
    this.#worker.stderr.resume()
    this.#worker.on('message', (reply: SpeechReply) => {
      if (reply.kind === 'pieces') this.#waiting?.resolve(reply.pieces)
      else this.#waiting?.reject(new UndecodableAudio(reply.message))
    })
    this.#worker.on('error', (error) => this.#end(new Error(`The decoding thread failed: ${String(error)}`)))
    this.#worker.on('exit', () => this.#end(new Error('The decoding thread ended')))
  }

  decode(bytes: Uint8Array): Promise<readonly SpeechPiece[]> {
    const copy = new Uint8Array(bytes) // Of its own memory: a view would take all that it looks into along.
    return this.#ask({ kind: 'audio', bytes: copy }, [copy.buffer])
  }

  finish(): Promise<readonly SpeechPiece[]> {
    return this.#ask({ kind: 'end' }, [])
  }

  #ask(request: SpeechRequest, transfer: ArrayBuffer[]): Promise<readonly SpeechPiece[]> {
    this.#waiting = Promise.withResolvers()
    if (this.#failed === undefined) this.#worker.postMessage(request, transfer)
    else this.#waiting.reject(this.#failed)
    return this.#waiting.promise
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  #end(error: Error): void {
    this.#failed ??= error
    this.#waiting?.reject(this.#failed)
  }
}
