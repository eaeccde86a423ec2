/**
 * Where finished files live, whole or not at all (promise P2). A file is written as a part, which nobody serves, and
 * published under its key by one atomic step (storage rule R2).
 */
import type { Readable } from 'node:stream'

/** A stretch of a file in bytes, both ends included, as HTTP names it. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** A file opened for reading. `stream` must be read to its end or destroyed. */
export interface OpenFile {
  readonly stream: Readable
  /** Of the whole file. */
  readonly sizeBytes: number
}

/** What a part holds: a recording for the vault, or a message that leaves for its mailbox. */
export type PartFormat = 'mp3' | 'ulaw'

/** A file in the making. */
export interface Part {
  readonly id: string
  readonly name: string
}

/** A store of finished files. Keys are ours, made by `vaultKey`. */
export interface Vault {
  /** Where the part of a recording is written before it is published or handed over. */
  partPath(id: string, format: PartFormat): string
  /** Makes the part the file of this key, on disk with its name when it resolves. Replaces an earlier file of the key. */
  publish(id: string, key: string): Promise<void>
  /** Opens a file or a stretch of it; undefined when it is not there. */
  open(key: string, range?: ByteRange): Promise<OpenFile | undefined>
  /** Size of a file; undefined when it is not there. */
  stat(key: string): Promise<{ readonly sizeBytes: number } | undefined>
  /** Where a file can be read back for verification. */
  path(key: string): string
  /** Removes a file, on disk when it resolves; nothing happens when it is not there. */
  remove(key: string): Promise<void>
  /** Puts a part on disk, for whoever will move it away. */
  syncPart(id: string, format: PartFormat): Promise<void>
  /** Removes a part that nobody needs; nothing happens when it is not there. */
  removePart(id: string, format: PartFormat): Promise<void>
  /** Parts that are there. */
  parts(): Promise<readonly Part[]>
  /** Moves a part out of the way, never deleting it (storage rule R5). */
  quarantinePart(part: Part): Promise<void>
}

/** Names that may become part of a path: ids are UUIDs of ours, and nothing else is trusted to be one. */
const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/

/** Whether an id can name a file. */
export function isSafeName(name: string): boolean {
  return SAFE_NAME.test(name)
}

/** The file name of a part, in the folder of parts. */
export function partName(id: string, format: PartFormat): string {
  return `${id}.${format}${PART_SUFFIX}`
}

/** How the names of parts end. */
export const PART_SUFFIX = '.part'

/** The key of a recording's file. It follows from when recording began, so that every attempt makes the same one. */
export function vaultKey(orgId: string, startedAt: number, id: string): string {
  const iso = new Date(startedAt).toISOString()
  return `${orgId}/${iso.slice(0, 4)}/${iso.slice(5, 7)}/${id}.mp3`
}
