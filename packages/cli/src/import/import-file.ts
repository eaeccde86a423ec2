/**
 * Imports one file: hashes it, says what is known of it, and sends it when the server does not have it yet. What is wrong
 * with the file or with what lies beside it is an outcome; what is wrong with the server or the token is thrown.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import {
  FILE_NAME_CHARS_MAX,
  IMPORT_BYTES_MAX,
  TOPIC_CHARS_MAX,
  TRANSCRIPT_CHARS_MAX,
} from '@tandem/contract'
import type { NewImport, RecordingImport, UploadProgress, WebexClient } from '@tandem/sdk'
import { type MediaFile, stem, whyOf } from './found-files.ts'
import { type BatchDefaults, knownFacts, SIDECAR_BYTES_MAX } from './sidecar.ts'

/** Bytes read from a file at once. */
const READ_BYTES = 256 * 1_024

/** What became of a file. */
export type Outcome =
  | { readonly state: 'imported' | 'duplicate'; readonly recordingId: string }
  | { readonly state: 'failed'; readonly error: string }

/** What one file is imported with. */
export interface FileImport {
  readonly client: WebexClient
  readonly file: MediaFile
  readonly defaults: BatchDefaults
  /** An import that was begun before, of this very file. */
  readonly importId?: string
  readonly onProgress?: (progress: UploadProgress) => void
}

/** Imports it. Throws errors of the client, unless they are about this file. */
export async function importFile({ client, file, ...rest }: FileImport): Promise<Outcome> {
  const { imports } = client.tandem
  const request = await requestOf(file, rest.defaults)
  if (typeof request === 'string') return { state: 'failed', error: request }
  const begun = rest.importId === undefined ? await imports.create(request) : await imports.get(rest.importId)
  if (begun.state === 'duplicate') return outcomeOf(begun)
  const { sizeBytes } = request
  const from = (offset: number): AsyncIterable<Uint8Array> =>
    createReadStream(file.path, { start: offset, highWaterMark: READ_BYTES })
  const ended = await imports.upload(begun, from, { sizeBytes, onProgress: rest.onProgress })
  return outcomeOf(ended)
}

function outcomeOf({ state, recordingId, error }: RecordingImport): Outcome {
  if ((state === 'done' || state === 'duplicate') && recordingId !== undefined)
    return { state: state === 'done' ? 'imported' : 'duplicate', recordingId }
  return { state: 'failed', error: error ?? `the import is ${state}` }
}

/** Everything that is known of a file; a sentence when it cannot be imported. */
async function requestOf(file: MediaFile, defaults: BatchDefaults): Promise<NewImport | string> {
  try {
    const { size: sizeBytes } = await stat(file.path)
    if (sizeBytes === 0) return 'the file is empty'
    if (sizeBytes > IMPORT_BYTES_MAX)
      return `the file has ${sizeBytes} bytes; ${IMPORT_BYTES_MAX} are the most that is taken`
    const topic = basename(file.path, extname(file.path)).slice(0, TOPIC_CHARS_MAX)
    const json = await besides(file.path, '.json', SIDECAR_BYTES_MAX)
    const facts = knownFacts(json, topic, defaults)
    if (typeof facts === 'string') return facts
    const sha256 = await hashOf(file.path)
    if (facts.sha256 !== undefined && facts.sha256 !== sha256)
      return `its SHA-256 is ${sha256}, which is not what the .json file beside it says`
    const transcript = await transcriptOf(file.path)
    const fileName = file.name.slice(-FILE_NAME_CHARS_MAX)
    return { ...facts, sha256, sizeBytes, fileName, ...(transcript === undefined ? {} : { transcript }) }
  } catch (error) {
    return `it cannot be read: ${whyOf(error)}`
  }
}

async function transcriptOf(path: string): Promise<NewImport['transcript']> {
  for (const format of ['vtt', 'txt'] as const) {
    const text = await besides(path, `.${format}`, 4 * TRANSCRIPT_CHARS_MAX)
    if (text !== undefined) return { format, text }
  }
  return undefined
}

/** The file beside it; undefined when there is none. */
async function besides(path: string, extension: string, bytesMax: number): Promise<string | undefined> {
  const beside = `${stem(path)}${extension}`
  if (beside === path) return undefined
  try {
    const { size } = await stat(beside)
    if (size > bytesMax) throw new Error(`the ${extension} file beside it has more than ${bytesMax} bytes`)
    return await readFile(beside, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: READ_BYTES }))
    hash.update(piece as Buffer)
  return hash.digest('hex')
}
