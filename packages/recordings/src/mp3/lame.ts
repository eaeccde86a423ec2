/**
 * LAME 3.100 in WebAssembly, as `@mediabunny/mp3-encoder` ships it, called directly: the package's own way through a
 * worker for each file would cost a thread per live recording. One module serves any number of encoders of a thread.
 *
 * The build is a script for bundlers (CommonJS that uses `import.meta`), so it is loaded from its file with its
 * `exports` given to it. The package is pinned by the lock file; a test encodes with it.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { MP3_BITS_PER_SECOND, MP3_RATE_HZ, type Mp3Encoder } from './mp3-encoder.ts'

/** Samples handed to LAME at a time, and so the size of its buffers: half a second. */
const CHUNK_SAMPLES = 4_096
/** LAME's own rule for the output of a chunk: 1.25 times its samples and 7,200 bytes. */
const OUTPUT_BYTES = Math.ceil(1.25 * CHUNK_SAMPLES) + 7_200
const CHANNELS_MAX = 2

/** What an encoder is to make: of our own recordings always the same, of imported sound what suits it. */
export interface Mp3Form {
  readonly channels: 1 | 2
  /** One of the nine rates that MPEG audio has. */
  readonly rateHz: number
  /** Constant, of all channels together. */
  readonly bitsPerSecond: number
}

const RECORDING_FORM: Mp3Form = { channels: 2, rateHz: MP3_RATE_HZ, bitsPerSecond: MP3_BITS_PER_SECOND }

interface LameModule {
  readonly HEAPU8: Uint8Array
  _malloc(bytes: number): number
  _free(pointer: number): void
  _init_lame(channels: number, rateHz: number, bitsPerSecond: number): number
  _encode_samples(
    lame: number,
    left: number,
    right: number,
    samples: number,
    out: number,
    outBytes: number,
  ): number
  _flush_lame(lame: number, out: number, outBytes: number): number
  _close_lame(lame: number): void
}

/** Makes encoders that share one WebAssembly memory. */
export class Lame {
  readonly #module: LameModule
  /** Shared by all encoders of this module: they run one after another. */
  readonly #left: number
  readonly #out: number

  private constructor(module: LameModule) {
    this.#module = module
    this.#left = module._malloc(CHANNELS_MAX * 2 * CHUNK_SAMPLES)
    this.#out = module._malloc(OUTPUT_BYTES)
  }

  /** Loads the module: once for each thread. */
  static async load(): Promise<Lame> {
    const face = import.meta.resolve('@mediabunny/mp3-encoder')
    const source = await readFile(fileURLToPath(new URL('../modules/build/lame.js', face)), 'utf8')
    const script = `const exports = {}\n${source}\nexport default exports.default`
    const loaded: unknown = await import(
      `data:text/javascript;base64,${Buffer.from(script).toString('base64')}`
    )
    const { default: create } = loaded as { default: () => Promise<LameModule> } // The build's only export.
    return new Lame(await create())
  }

  /** A new encoder for one file; of one channel it takes no notice of `right`. */
  encoder(form: Mp3Form = RECORDING_FORM): Mp3Encoder {
    return new LameEncoder(this.#module, { left: this.#left, out: this.#out }, form)
  }
}

class LameEncoder implements Mp3Encoder {
  readonly #module: LameModule
  readonly #left: number
  readonly #right: number
  readonly #out: number
  #lame: number

  constructor(module: LameModule, buffers: { readonly left: number; readonly out: number }, form: Mp3Form) {
    this.#module = module
    this.#left = buffers.left
    this.#right = buffers.left + 2 * CHUNK_SAMPLES
    this.#out = buffers.out
    this.#lame = module._init_lame(form.channels, form.rateHz, form.bitsPerSecond)
    if (this.#lame === 0) throw new Error('LAME has no memory left for another encoder')
  }

  encode(left: Int16Array, right: Int16Array): Uint8Array {
    if (left.length <= CHUNK_SAMPLES) return this.#encodeChunk(left, right)
    const pieces: Uint8Array[] = []
    for (let start = 0; start < left.length; start += CHUNK_SAMPLES) {
      const end = Math.min(start + CHUNK_SAMPLES, left.length)
      pieces.push(this.#encodeChunk(left.subarray(start, end), right.subarray(start, end)).slice())
    }
    return Buffer.concat(pieces)
  }

  finish(): Uint8Array {
    return this.#output(this.#module._flush_lame(this.#lame, this.#out, OUTPUT_BYTES))
  }

  close(): void {
    if (this.#lame !== 0) this.#module._close_lame(this.#lame)
    this.#lame = 0
  }

  #encodeChunk(left: Int16Array, right: Int16Array): Uint8Array {
    // The memory may have grown and moved since the last call, so its view is never kept.
    const heap = new Int16Array(this.#module.HEAPU8.buffer)
    heap.set(left, this.#left >> 1)
    heap.set(right, this.#right >> 1)
    const bytes = this.#module._encode_samples(
      this.#lame,
      this.#left,
      this.#right,
      left.length,
      this.#out,
      OUTPUT_BYTES,
    )
    return this.#output(bytes)
  }

  #output(bytes: number): Uint8Array {
    if (bytes < 0) throw new Error(`LAME refused to encode (${bytes})`)
    return this.#module.HEAPU8.subarray(this.#out, this.#out + bytes)
  }
}
