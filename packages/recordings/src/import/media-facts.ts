/**
 * What a file of media is, by its bytes and not by its name (issue "Bad input"): MP3, WAV or MP4, how long it lasts,
 * and its hash. The file is read from end to end once, a piece at a time; MP3 frames are walked on the way.
 */
import { createHash } from 'node:crypto'
import { IMPORT_BYTES_MAX } from '@tandem/contract'
import { ImportFault } from './import-fault.ts'
import { type MediaSource, piecesOf } from './media-source.ts'
import { type Mp3Facts, Mp3Walker } from './mp3-walker.ts'
import { isMp4 } from './mp4-boxes.ts'
import type { Mp4Facts } from './mp4-sound.ts'
import { isWav, readWav, type WavFacts } from './wav-file.ts'

/** Largest media that is taken, that of the contract: a day of video at 6 Mbit/s. */
export const MEDIA_BYTES_MAX: number = IMPORT_BYTES_MAX

/** What the file is. */
export type MediaFacts = Readonly<{ sha256: string; sizeBytes: number }> &
  Readonly<{ kind: 'mp3'; mp3: Mp3Facts } | { kind: 'wav'; wav: WavFacts } | { kind: 'mp4'; mp4: Mp4Facts }>

/** Kinds that others send most, for a sentence that helps. */
const KNOWN_OTHERS: readonly (readonly [name: string, at: number, magic: string])[] = [
  ['an Ogg file', 0, 'OggS'],
  ['a FLAC file', 0, 'fLaC'],
  ['a Matroska or WebM file', 0, '\x1a\x45\xdf\xa3'],
  ['a ZIP archive', 0, 'PK\x03\x04'],
  ['a PDF document', 0, '%PDF'],
  ['an AMR file', 0, '#!AMR'],
  ['an AVI file', 8, 'AVI '],
  ['an AIFF file', 8, 'AIFF'],
  ['a Windows Media file', 0, '\x30\x26\xb2\x75'],
  ['a gzip archive', 0, '\x1f\x8b'],
]

/**
 * Finds out what a file is. `readMp4` looks into an MP4, in a thread of its own. Throws an `ImportFault`, or the error
 * of the system that could not read.
 */
export async function mediaFacts(source: MediaSource, readMp4: () => Promise<Mp4Facts>): Promise<MediaFacts> {
  const { sizeBytes } = source
  if (sizeBytes === 0) throw new ImportFault('empty', 'The file is empty.')
  if (sizeBytes > MEDIA_BYTES_MAX)
    throw new ImportFault('too-large', `The file has ${sizeBytes} bytes; the limit is ${MEDIA_BYTES_MAX}.`)
  const head = await source.read(0, 64)
  if (isWav(head)) {
    const wav = await readWav(source)
    return { kind: 'wav', wav, sizeBytes, sha256: await hashOf(source) }
  }
  if (isMp4(head)) {
    const mp4 = await readMp4()
    return { kind: 'mp4', mp4, sizeBytes, sha256: await hashOf(source) }
  }
  const other = KNOWN_OTHERS.find(([, at, magic]) => latin1(head.subarray(at, at + magic.length)) === magic)
  if (other !== undefined) throw new ImportFault('unknown', `The file is ${other[0]}; send MP3, WAV or MP4.`)
  const walker = new Mp3Walker()
  try {
    const sha256 = await hashOf(source, (piece) => walker.push(piece))
    return { kind: 'mp3', mp3: walker.finish(), sizeBytes, sha256 }
  } catch (error) {
    if (!(error instanceof ImportFault) || error.kind !== 'unknown') throw error
    throw new ImportFault('unknown', 'The file is neither MP3 nor WAV nor MP4.', { cause: error })
  }
}

async function hashOf(source: MediaSource, also?: (piece: Uint8Array) => void): Promise<string> {
  const { whole } = source
  if (whole !== undefined) {
    also?.(whole)
    // Outside of the main thread, which a batch of small files keeps busy enough.
    const digest = await crypto.subtle.digest('SHA-256', whole as Uint8Array<ArrayBuffer>) // Never shared memory here.
    return Buffer.from(digest).toString('hex')
  }
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of piecesOf(source)) {
    hash.update(piece)
    also?.(piece)
    bytes += piece.length
  }
  if (bytes !== source.sizeBytes)
    throw new ImportFault('changed', 'The file became shorter while it was read; import it again.')
  return hash.digest('hex')
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
