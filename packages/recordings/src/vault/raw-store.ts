/**
 * Where stored bytes live, as the vault asks for it: a folder or an S3 bucket, one suite of tests over both. A store knows
 * nothing of keys and chunks. Whatever cannot be reached throws `StorageFault('unreachable')`; what is not there is
 * undefined, and is never confused with it.
 */

/** Bytes of one stored file, in order. */
export interface RawReader {
  /** The next so many bytes; fewer only at the end of the stretch. They may lie in `into`, which is as long. */
  next(bytes: number, into?: Buffer): Promise<Uint8Array>
  /** Lets go of it. Safe to call twice. */
  close(): Promise<void>
}

/** A stored file that was found. Close it, and every reader of it. */
export interface RawFile {
  readonly sizeBytes: number
  /** A stretch of it: from `start` on, up to but without `end`. */
  from(start: number, end: number): RawReader
  close(): Promise<void>
}

/** What a list says of a stored file. */
export interface RawEntry {
  readonly key: string
  readonly sizeBytes: number
  /** Unix milliseconds. */
  readonly modifiedAt: number
}

/** A store of bytes under keys. */
export interface RawStore {
  readonly kind: 'folder' | 's3'
  /** Moves a part of the local disk to its key, durable with its name when it resolves. Replaces what was there. */
  put(partPath: string, key: string): Promise<void>
  open(key: string): Promise<RawFile | undefined>
  stat(key: string): Promise<{ readonly sizeBytes: number } | undefined>
  /** Removes it, durable when it resolves; nothing happens when it is not there. */
  remove(key: string): Promise<void>
  /** Everything after a key, in an order of its own that does not change. */
  list(after?: string): AsyncIterable<RawEntry>
  /** Moves it out of the way, never deleting it (storage rule R5); undefined when it is not there. */
  quarantine(key: string): Promise<string | undefined>
  /** Lets go of connections. */
  close(): Promise<void>
}
