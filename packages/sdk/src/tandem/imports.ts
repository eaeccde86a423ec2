/**
 * Imports: recordings from elsewhere, MP3, WAV or MP4, one file each (docs/guides/import.md). The hash of a file names a
 * recording: one that is there already becomes a duplicate, so that a batch is simply run again.
 */
import { segment } from '../api.ts'
import { sendForJson, type Transport } from '../http/requester.ts'
import type { CallOptions } from '../options.ts'
import { Pager } from '../pager/pager.ts'
import { checkPageSize } from '../recording-query.ts'
import type { NewImport, RecordingImport } from '../wire.ts'
import { type MediaSource, piecesOf } from './pieces.ts'
import { tandemUrl } from './tandem-url.ts'
import { type UploadProgress, upload } from './upload.ts'

const PATH = '/imports'

/** Options of an upload. */
export interface UploadOptions extends CallOptions {
  /** Length of the media; only a stream does not know its own. */
  readonly sizeBytes?: number | undefined
  /** Called whenever the server has more of it. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined
}

/** `client.tandem.imports`, for administrators. */
export class Imports {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Newest first; those that ended a week ago are forgotten. */
  list(
    { max }: { readonly max?: number | undefined } = {},
    options: CallOptions = {},
  ): Pager<RecordingImport> {
    checkPageSize(max)
    return new Pager(this.#transport, tandemUrl(this.#transport, PATH, { max }), options)
  }

  /** One import and how far it has come. */
  async get(id: string, options: CallOptions = {}): Promise<RecordingImport> {
    const url = tandemUrl(this.#transport, pathOf(id))
    return (await sendForJson(this.#transport, { method: 'GET', url, options })).body as RecordingImport // What a 200 carries.
  }

  /** Begins one. With the hash of a recording that is there it ends at once, as a duplicate. */
  async create(request: NewImport, options: CallOptions = {}): Promise<RecordingImport> {
    const url = tandemUrl(this.#transport, PATH)
    const { body } = await sendForJson(this.#transport, { method: 'POST', url, body: request, options })
    return body as RecordingImport // What a 201 of this path carries.
  }

  /**
   * Sends its media, from the byte that the server is missing on, and goes on by itself after a broken connection. Gives
   * the import as it ended: `done`, `duplicate`, or `failed` with the reason. One that is over is given as it is. Given
   * an import as the server answered it, it does not ask again how far that is.
   */
  async upload(
    begun: string | RecordingImport,
    media: MediaSource,
    options: UploadOptions = {},
  ): Promise<RecordingImport> {
    const { sizeBytes, onProgress, ...rest } = options
    const id = typeof begun === 'string' ? begun : begun.id
    const pieces = piecesOf(media)
    try {
      const url = tandemUrl(this.#transport, `${pathOf(id)}/media`)
      const get = (): Promise<RecordingImport> => this.get(id, rest)
      const state = typeof begun === 'string' ? await get() : begun
      return await upload(this.#transport, { media: url, state, get, pieces, sizeBytes, onProgress }, rest)
    } finally {
      await pieces.close()
    }
  }

  /**
   * Begins an import and sends its media.
   *
   * @example
   * const file = await openAsBlob('call-17.mp3')
   * const { state, recordingId } = await client.tandem.imports.run({ topic: 'Call 17', ownerEmail }, file)
   */
  async run(request: NewImport, media: MediaSource, options: UploadOptions = {}): Promise<RecordingImport> {
    const { sizeBytes, onProgress: _, ...rest } = options
    const known = piecesOf(media).sizeBytes ?? sizeBytes
    const begun = await this.create({ ...request, sizeBytes: request.sizeBytes ?? known }, rest)
    return await this.upload(begun, media, options)
  }

  /** Gives an unfinished one up. */
  async cancel(id: string, options: CallOptions = {}): Promise<void> {
    const url = tandemUrl(this.#transport, pathOf(id))
    await sendForJson(this.#transport, { method: 'DELETE', url, options })
  }
}

function pathOf(id: string): `/${string}` {
  return `${PATH}/${segment('id', id)}`
}
