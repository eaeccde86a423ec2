/**
 * The files of a recording as links and exports name them (converged-recordings §5, meeting-recordings §1): `audio` of a
 * call is its media, of an MP4 its own sound track; `video` is the MP4; `transcript` is WebVTT made from what is stored.
 * Everything is checked while it is read; what is damaged is never given out (promise P5).
 */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Database } from '@tandem/store'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { idKey, type Recording } from '../catalogue/recording.ts'
import type { CatalogueTables, RecordingFileTable } from '../catalogue/tables.ts'
import type { LinkedFile } from '../link/download-links.ts'
import type { Transcripts } from '../transcript/transcripts.ts'
import { mediaOf, type StoredFile } from '../vault/stored-reader.ts'
import type { ByteRange, Vault } from '../vault/vault.ts'
import type { FileFacts, FilesOptions, OpenedFile } from './recording-files.ts'

/** What it works with. */
export interface LibraryFilesOptions {
  readonly db: Database<CatalogueTables>
  readonly catalogue: Pick<Catalogue, 'find'>
  readonly vault: Pick<Vault, 'open' | 'read'>
  readonly transcripts: Pick<Transcripts, 'get' | 'render'>
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'video/mp4': 'mp4',
  'text/vtt': 'vtt',
}

/** The files of all recordings. */
export class LibraryFiles {
  readonly #options: LibraryFilesOptions

  constructor(options: LibraryFilesOptions) {
    this.#options = options
  }

  /** What files there are, without opening any but a transcript that is to be measured. */
  async files(
    recording: Recording,
    { measured = false }: FilesOptions = {},
  ): Promise<ReadonlyMap<LinkedFile, FileFacts>> {
    const facts = new Map<LinkedFile, FileFacts>()
    const rows = await this.#rows(recording.id)
    for (const name of ['audio', 'video'] as const) {
      const stored = storedOf(recording, name, rows)
      if (stored === undefined) continue
      const { contentType, file } = stored
      facts.set(name, factsOf(contentType, file.sizeBytes, file.sha256))
    }
    const row = rows.find((each) => each.file === 'transcript')
    if (row === undefined) return facts
    if (!measured) return facts.set('transcript', factsOf('text/vtt', Number(row.size_bytes), row.sha256))
    const transcript = await this.#transcript(recording)
    if (transcript !== undefined)
      facts.set('transcript', factsOf(transcript.contentType, transcript.bytes.length, transcript.sha256))
    return facts
  }

  /** One file or a stretch of it; undefined when recording, file or key are gone. Throws `StorageFault`. */
  async open(recordingId: string, name: LinkedFile, range?: ByteRange): Promise<OpenedFile | undefined> {
    const recording = await this.#options.catalogue.find(recordingId)
    if (recording === undefined) return undefined
    if (name === 'transcript') return this.#openTranscript(recording, range)
    const stored = storedOf(recording, name, await this.#rows(recordingId))
    if (stored === undefined) return undefined
    const opened = await this.#options.vault.open(stored.file, range)
    if (opened === undefined) return undefined
    const { contentType, file } = stored
    return { ...opened, contentType, etag: `"${file.sha256}"` }
  }

  /** The plain content of a stored file, for exports; undefined when there is none. */
  async content(
    recording: Recording,
    name: StoredFile['file'],
  ): Promise<AsyncIterable<Uint8Array> | undefined> {
    if (name === 'media') return this.#options.vault.read(mediaOf(recording))
    const row = (await this.#rows(recording.id)).find((each) => each.file === name)
    return row === undefined ? undefined : this.#options.vault.read(fileOf(recording.id, row))
  }

  async #openTranscript(recording: Recording, range?: ByteRange): Promise<OpenedFile | undefined> {
    const transcript = await this.#transcript(recording)
    if (transcript === undefined) return undefined
    const { bytes, contentType, sha256 } = transcript
    const part = range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)
    const stream = Readable.from([part], { objectMode: false })
    return { stream, sizeBytes: bytes.length, contentType, etag: `"${sha256}"` }
  }

  async #transcript(recording: Recording) {
    const { transcripts } = this.#options
    const transcript = await transcripts.get(recording.orgId, recording.id)
    if (transcript === undefined) return undefined
    const { contentType, text } = transcripts.render(transcript, 'vtt')
    const bytes = Buffer.from(text)
    return { bytes, contentType, sha256: createHash('sha256').update(bytes).digest('hex') }
  }

  #rows(recordingId: string): Promise<RecordingFileTable[]> {
    return this.#options.db.kysely
      .selectFrom('recording_file')
      .selectAll()
      .where('id_key', '=', idKey(recordingId))
      .execute()
  }
}

function storedOf(
  recording: Recording,
  name: 'audio' | 'video',
  rows: readonly RecordingFileTable[],
): { readonly file: StoredFile; readonly contentType: string } | undefined {
  const isVideo = recording.format === 'MP4'
  if (name === 'video') return isVideo ? { file: mediaOf(recording), contentType: 'video/mp4' } : undefined
  if (!isVideo) return { file: mediaOf(recording), contentType: 'audio/mpeg' }
  const row = rows.find((each) => each.file === 'audio')
  return row === undefined ? undefined : { file: fileOf(recording.id, row), contentType: row.content_type }
}

/** A further file of a recording, as the vault names it. */
export function fileOf(recordingId: string, row: RecordingFileTable): StoredFile {
  return {
    recordingId,
    file: row.file as StoredFile['file'], // Written by imports and transcripts, which have no others.
    vaultKey: row.vault_key,
    storage: row.storage as StoredFile['storage'], // As above.
    sha256: row.sha256,
    sizeBytes: Number(row.size_bytes),
  }
}

function factsOf(contentType: string, sizeBytes: number, sha256: string): FileFacts {
  const type = contentType.split(';', 1)[0] ?? ''
  return { contentType, sizeBytes, sha256, extension: EXTENSIONS[type] ?? 'bin' }
}
