/** The files of a recording as others see them: what they are, opened, and with an address. */
import type { Readable } from 'node:stream'

/** A file of a recording, opened and being checked while it is read. `undefined` bytes never leave: a fault ends it. */
export interface OpenedFile {
  readonly stream: Readable
  /** Of the whole file. */
  readonly sizeBytes: number
  readonly contentType: string
  /** Strong, in quotes. */
  readonly etag: string
}

/** What a file of a recording is, without opening it. */
export interface FileFacts {
  readonly sizeBytes: number
  readonly contentType: string
  readonly sha256: string
  /** Of the name in `Content-Disposition`. */
  readonly extension: string
}

/** How the files of a recording are looked at. */
export interface FilesOptions {
  /** Size and hash of a transcript are those of what is given out, for which it is read; else those of what is stored. */
  readonly measured?: boolean
}

/** A signed address. */
export interface SignedLink {
  /** Absolute when `publicUrl` was given, else a path. */
  readonly url: string
  /** Unix milliseconds. */
  readonly expiresAt: number
}
