/**
 * The tracks of an MP4 and its sound as a file of its own, remuxed by `mediabunny` without encoding anything again:
 * MPEG-4 audio (.m4a), or MP3 frames as .mp3. Runs in the media thread, after the boxes were looked over.
 *
 * The file is made twice: once to learn what a muxer goes back to write (the size before the media), once to give its
 * bytes in order, so that it can be sealed as it comes and never lies on a disk.
 */
import {
  CustomSource,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  Input,
  type InputAudioTrack,
  Logging,
  LogLevel,
  MP4,
  Mp3OutputFormat,
  Mp4OutputFormat,
  Output,
  type OutputFormat,
  QTFF,
  StreamTarget,
  type StreamTargetChunk,
} from 'mediabunny'
import { ImportFault } from './import-fault.ts'
import type { MediaSource } from './media-source.ts'
import { MP4_INDEX_BYTES_MAX, outlineMp4 } from './mp4-boxes.ts'

Logging.level = LogLevel.Silent // What is wrong with a file is said by its import, not by lines on the console.

/** Memory that the reader keeps of the file. */
const CACHE_BYTES: number = 4 * 1_024 * 1_024
/** What a muxer may go back to write, in all. */
const PATCH_BYTES_MAX: number = 1_024 * 1_024

/** Most that is read for one thing, an index or a sample; a picture of 8K takes a few MB. */
const READ_AT_ONCE_BYTES_MAX: number = MP4_INDEX_BYTES_MAX + CACHE_BYTES

/** What an MP4 is. */
export interface Mp4Facts {
  readonly durationMs: number
  readonly hasVideo: boolean
  /** How its sound goes into a file of its own; absent: it has none, or of a kind that no such file takes. */
  readonly sound?: 'mp4' | 'mp3'
  /** When it was made, by its own account. */
  readonly madeAt?: number
}

/** Reads the index. Throws an `ImportFault`. */
export async function readMp4(source: MediaSource, now: number): Promise<Mp4Facts> {
  const { madeAt } = await outlineMp4(source, now)
  return await withInput(source, async (input) => {
    const tracks = await input.getTracks()
    const hasVideo = tracks.some((track) => track.type === 'video')
    const audio = await input.getPrimaryAudioTrack()
    if (!hasVideo && audio === null)
      throw new ImportFault('silent', 'The MP4 file has neither picture nor sound.')
    const durationMs = Math.round((await input.computeDuration()) * 1_000)
    if (!(durationMs > 0)) throw new ImportFault('silent', 'The MP4 file lasts for no time.')
    const sound = audio === null ? undefined : await soundKind(audio)
    return {
      durationMs,
      hasVideo,
      ...(sound === undefined ? {} : { sound }),
      ...(madeAt === undefined ? {} : { madeAt }),
    }
  })
}

/** The sound as a file of its own. Throws an `ImportFault` when its packets cannot be read. */
export async function* mp4Sound(
  source: MediaSource,
  kind: 'mp4' | 'mp3',
): AsyncGenerator<Uint8Array, void, undefined> {
  const patches: StreamTargetChunk[] = []
  await remux(source, kind, (chunk, isBack) => {
    if (isBack) patches.push({ ...chunk, data: chunk.data.slice() })
    if (patches.reduce((sum, patch) => sum + patch.data.length, 0) > PATCH_BYTES_MAX)
      throw new ImportFault('damaged', 'The sound of the MP4 file cannot be taken out.')
  })
  const ready: Uint8Array[] = []
  let wake: (() => void) | undefined
  let isFull: PromiseWithResolvers<void> | undefined
  let ended: { readonly error?: unknown } | undefined
  const running = remux(source, kind, async (chunk, isBack) => {
    if (isBack) return
    ready.push(patched(chunk, patches))
    wake?.()
    isFull = Promise.withResolvers()
    await isFull.promise // One piece at a time: whoever writes the file is slower than we are.
  }).then(
    () => {
      ended = {}
      wake?.()
    },
    (error: unknown) => {
      ended = { error }
      wake?.()
    },
  )
  try {
    for (;;) {
      const piece = ready.shift()
      if (piece !== undefined) {
        yield piece
        isFull?.resolve()
      } else if (ended === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
          if (ready.length > 0 || ended !== undefined) resolve()
        })
      } else {
        if (ended.error !== undefined) throw ended.error
        return
      }
    }
  } finally {
    isFull?.reject(new Error('nobody wants the sound any more'))
    await running
  }
}

async function remux(
  source: MediaSource,
  kind: 'mp4' | 'mp3',
  write: (chunk: StreamTargetChunk, isBack: boolean) => void | Promise<void>,
): Promise<void> {
  await withInput(source, async (input) => {
    const audio = await input.getPrimaryAudioTrack()
    const codec = await audio?.getCodec()
    if (audio === null || codec === null || codec === undefined)
      throw new ImportFault('silent', 'The MP4 file has no sound that is known here.')
    const order = new InOrder(write)
    const target = new StreamTarget(
      new WritableStream({ write: (chunk: StreamTargetChunk) => order.write(chunk) }),
      { chunked: true, chunkSize: 1 << 18 },
    )
    const output = new Output({ format: formatFor(kind), target })
    const packets = new EncodedAudioPacketSource(codec)
    output.addAudioTrack(packets)
    await output.start()
    const decoderConfig = await audio.getDecoderConfig()
    let isFirst = true
    for await (const packet of new EncodedPacketSink(audio).packets()) {
      await packets.add(packet, isFirst && decoderConfig !== null ? { decoderConfig } : undefined)
      isFirst = false
    }
    if (isFirst) throw new ImportFault('silent', 'The sound of the MP4 file is empty.')
    await output.finalize()
  })
}

/** Takes writes as a muxer makes them, and tells what goes on from the end apart from what goes back. */
class InOrder {
  readonly #write: (chunk: StreamTargetChunk, isBack: boolean) => void | Promise<void>
  #end = 0

  constructor(write: (chunk: StreamTargetChunk, isBack: boolean) => void | Promise<void>) {
    this.#write = write
  }

  async write({ type, data, position }: StreamTargetChunk): Promise<void> {
    const known = Math.max(0, Math.min(data.length, this.#end - position))
    if (known > 0) await this.#write({ type, data: data.slice(0, known), position }, true)
    if (known === data.length) return
    const gap = Math.max(0, position - this.#end)
    if (gap > PATCH_BYTES_MAX)
      throw new ImportFault('damaged', 'The sound of the MP4 file cannot be taken out.')
    const fresh = new Uint8Array(gap + data.length - known) // What is left out comes later, going back.
    fresh.set(data.subarray(known), gap)
    const at = this.#end
    this.#end = at + fresh.length
    await this.#write({ type, data: fresh, position: at }, false)
  }
}

function formatFor(kind: 'mp4' | 'mp3'): OutputFormat {
  return kind === 'mp3'
    ? new Mp3OutputFormat({ xingHeader: true })
    : new Mp4OutputFormat({ fastStart: false })
}

/** MP3 frames are a file by themselves; everything else goes where MPEG-4 takes it. */
async function soundKind(audio: InputAudioTrack): Promise<'mp4' | 'mp3' | undefined> {
  const codec = await audio.getCodec()
  if (codec === null || (await audio.getDecoderConfig()) === null) return undefined
  if (codec === 'mp3') return 'mp3'
  return new Mp4OutputFormat().getSupportedCodecs().includes(codec) ? 'mp4' : undefined
}

/** The bytes of a chunk as they are when the muxer is done. */
function patched(chunk: StreamTargetChunk, patches: readonly StreamTargetChunk[]): Uint8Array {
  const bytes = chunk.data.slice()
  for (const patch of patches) {
    const at = patch.position - chunk.position
    const from = Math.max(0, -at)
    const count = Math.min(patch.data.length - from, bytes.length - Math.max(0, at))
    if (count > 0) bytes.set(patch.data.subarray(from, from + count), Math.max(0, at))
  }
  return bytes
}

async function withInput<Result>(
  source: MediaSource,
  work: (input: Input) => Promise<Result>,
): Promise<Result> {
  const input = new Input({
    formats: [MP4, QTFF],
    source: new CustomSource({
      getSize: () => source.sizeBytes,
      read: (start, end) => wholly(source, start, end),
      maxCacheSize: CACHE_BYTES,
    }),
  })
  try {
    return await work(input)
  } catch (error) {
    if (error instanceof ImportFault || isOfSystem(error)) throw error
    throw new ImportFault('damaged', 'The MP4 file is damaged: its index or its media cannot be read.', {
      cause: error,
    })
  } finally {
    input.dispose()
  }
}

/** Reads larger than one piece are put together: they were bounded when the boxes were looked over. */
async function wholly(source: MediaSource, start: number, end: number): Promise<Uint8Array> {
  if (end - start > READ_AT_ONCE_BYTES_MAX)
    throw new ImportFault(
      'damaged',
      'The index of the MP4 file is damaged: it names a sample of enormous size.',
    )
  const bytes = new Uint8Array(end - start)
  for (let at = start; at < end; ) {
    const piece = await source.read(at, end - at)
    if (piece.length === 0) throw new ImportFault('cut-off', 'The MP4 file is cut off: its end is missing.')
    bytes.set(piece, at - start)
    at += piece.length
  }
  return bytes
}

function isOfSystem(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^E[A-Z]+$/.test(String(error.code))
}
