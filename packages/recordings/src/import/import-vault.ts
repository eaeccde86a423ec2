/**
 * What imports ask of the vault: files of a recording written from a stream, durable when the promise resolves (storage
 * rule R2), and removed again when the row that should have named them was refused.
 */
import type { WholeContent } from '../vault/part-stream.ts'

/** Where the files of imported recordings go; `Vault` is the real one. */
export interface ImportVault {
  write(
    recordingId: string,
    file: 'media' | 'audio',
    source: AsyncIterable<Uint8Array> | WholeContent,
    place: { readonly orgId: string; readonly startedAt: number },
  ): Promise<StoredMedia>
  remove(key: string): Promise<void>
  /** The recording will have no file: its key may go. */
  discard?(recordingId: string): Promise<void>
}

/** A file that is in the vault and has no row yet. */
export interface StoredMedia {
  readonly key: string
  readonly storage: 'sealed' | 'hashed' | 'bare'
  /** Of the content, lower-case hex. */
  readonly sha256: string
  /** Of the content. */
  readonly sizeBytes: number
}
