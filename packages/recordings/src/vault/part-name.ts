/**
 * Names of parts, of finished files and of what chunks are bound to. Ids are ours (UUIDs), and nothing else becomes part
 * of a path (A08). The id of a recording is what stands before the first dot of a file's name, so that a store can be
 * compared with the catalogue.
 */
import { idKey } from '../catalogue/recording.ts'
import { LIST_SUFFIX } from './hashed-form.ts'

/** What a part of the encoder holds: a recording for the vault, or a message that leaves for its mailbox. */
export type PartFormat = 'mp3' | 'ulaw'

/** A file in the making. */
export interface Part {
  readonly id: string
  readonly name: string
}

/** The files that a recording may have: what was recorded, the audio track of a video, its transcript. */
export type VaultFile = 'media' | 'audio' | 'transcript'

/** How the names of parts end. */
export const PART_SUFFIX = '.part'

/** Names that may become part of a path. */
const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/

/** Whether an id can name a file. */
export function isSafeName(name: string): boolean {
  return SAFE_NAME.test(name)
}

/** The file name of a part, in the folder of parts. */
export function partName(id: string, format: string): string {
  return `${id}.${format}${PART_SUFFIX}`
}

/** Where the list of chunk hashes of a part is written. */
export function listPath(partPath: string): string {
  return `${partPath.slice(0, -PART_SUFFIX.length)}${LIST_SUFFIX}${PART_SUFFIX}`
}

/** The name that chunks are bound to: a recording and one of its files, whatever the store calls it. */
export function objectName(recordingId: string, file: VaultFile): string {
  return `${idKey(recordingId)}/${file}`
}

/**
 * The key of a recording's file. It follows from when recording began, so that every attempt makes the same one.
 * `extension` is `mp3` for calls; a sealed file has a name of its own, so that a plain one can stand beside it while it
 * is taken in.
 */
export function vaultKey(orgId: string, startedAt: number, id: string, extension: string = 'mp3'): string {
  const iso = new Date(startedAt).toISOString()
  return `${orgId}/${iso.slice(0, 4)}/${iso.slice(5, 7)}/${id}.${extension}`
}

/** How the names of sealed files end. */
export const SEALED_SUFFIX = '.sealed'

/** The id of the recording that a key belongs to. */
export function idOfKey(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1)
  const dot = name.indexOf('.')
  return dot < 0 ? name : name.slice(0, dot)
}
