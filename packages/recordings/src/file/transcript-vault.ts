/** The vault as transcripts use it: bytes in and out, and the sound to be heard. */
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { TranscriptVault } from '../transcript/transcript-shelf.ts'
import { mediaOf } from '../vault/stored-reader.ts'
import type { Vault } from '../vault/vault.ts'

/** The transcripts' view of a vault. `content` opens the sound track of an MP4. */
export function transcriptVault(
  vault: Vault,
  catalogue: Pick<Catalogue, 'find'>,
  soundTrack: (recordingId: string) => Promise<AsyncIterable<Uint8Array> | undefined>,
): TranscriptVault {
  return {
    async write(recordingId, file, bytes) {
      const recording = await catalogue.find(recordingId)
      if (recording === undefined) throw new Error(`There is no recording ${recordingId}.`)
      const place = { orgId: recording.orgId, startedAt: recording.timeRecorded }
      return vault.write(recordingId, file, chunksOf(bytes), place)
    },
    async read(recordingId, file, { key, storage, sha256, sizeBytes }) {
      const stored = { recordingId, file, vaultKey: key, sha256, sizeBytes }
      const opened = await vault.open({ ...stored, storage: storage as 'sealed' | 'hashed' | 'bare' }) // As written.
      if (opened === undefined) return undefined
      const chunks: Uint8Array[] = []
      for await (const chunk of opened.stream) chunks.push(chunk as Uint8Array) // A byte stream's chunks are bytes.
      return Buffer.concat(chunks)
    },
    remove: (key) => vault.remove(key),
    async audio(recordingId) {
      const recording = await catalogue.find(recordingId)
      if (recording === undefined) return undefined
      if (recording.format === 'MP4') return soundTrack(recordingId)
      return vault.read(mediaOf(recording))
    },
  }
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
