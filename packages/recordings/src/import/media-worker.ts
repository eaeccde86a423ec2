/**
 * The media thread: reads MP4 files, takes their sound out, encodes WAV. Whatever a hostile file makes of it happens
 * here, where memory is limited and the thread can be ended; the main thread goes on.
 */
import { parentPort } from 'node:worker_threads'
import { Lame } from '../mp3/lame.ts'
import { ImportFault } from './import-fault.ts'
import type { MediaFile, MediaReply, MediaRequest } from './media-protocol.ts'
import { FileMedia } from './media-source.ts'
import { mp4Sound, readMp4 } from './mp4-sound.ts'
import { partMask } from './part-mask.ts'
import { wavToMp3 } from './wav-mp3.ts'

let lame: Promise<Lame> | undefined
let pieces: AsyncGenerator<Uint8Array, void, undefined> | undefined

parentPort?.on('message', (request: MediaRequest) => {
  void answer(request).then(
    (reply) => {
      if (reply !== undefined) parentPort?.postMessage(reply)
    },
    (error: unknown) => parentPort?.postMessage(replyOf(error)),
  )
})

async function answer(request: MediaRequest): Promise<MediaReply | undefined> {
  switch (request.kind) {
    case 'readMp4': {
      const media = await opened(request.file)
      return { kind: 'facts', facts: await readMp4(media, request.now).finally(() => media.close()) }
    }
    case 'mp4Sound':
      pieces = ofFile(request.file, (media) => mp4Sound(media, request.as))
      return undefined
    case 'wavToMp3':
      pieces = ofFile(request.file, async function* (media) {
        lame ??= Lame.load()
        yield* wavToMp3(media, request.facts, await lame)
      })
      return undefined
    case 'next': {
      const next = await pieces?.next()
      return next?.done === false ? { kind: 'piece', bytes: next.value } : { kind: 'end' }
    }
    case 'stop':
      await pieces?.return(undefined)
      pieces = undefined
      return undefined
  }
}

async function* ofFile(
  file: MediaFile,
  make: (media: FileMedia) => AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const media = await opened(file)
  try {
    yield* make(media)
  } finally {
    await media.close()
  }
}

function opened({ path, mask }: MediaFile): Promise<FileMedia> {
  return FileMedia.open(path, mask === undefined ? undefined : partMask(mask.secret, mask.partId))
}

function replyOf(error: unknown): MediaReply {
  if (error instanceof ImportFault) return { kind: 'fault', fault: error.kind, message: error.message }
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  return { kind: 'failed', message, ...(code === undefined ? {} : { code }) }
}
