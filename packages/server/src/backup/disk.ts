/** Files of a backup on their way: copied with their hash, whole under their name and on disk, or not at all (rule R2). */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import * as disk from 'node:fs/promises'
import { dirname } from 'node:path'

/** Bytes read at a time. */
const PIECE_BYTES = 1_048_576
const OWNER_ONLY = 0o600

/** What was copied. */
export interface Copied {
  /** Lower-case hex. */
  readonly sha256: string
  readonly sizeBytes: number
}

/** Copies a file; undefined when it is not there. Its folder must be synced by the caller before it counts on the name. */
export async function copyFile(from: string, to: string): Promise<Copied | undefined> {
  const source = await disk.open(from, 'r').catch(absent)
  if (source === undefined) return undefined
  try {
    await disk.mkdir(dirname(to), { recursive: true, mode: 0o700 })
    const part = `${to}.part`
    const target = await disk.open(part, 'w', OWNER_ONLY)
    let copied: Copied
    try {
      copied = await pieces(source, (bytes) => target.writeFile(bytes))
      await target.sync()
    } finally {
      await target.close()
    }
    await disk.rename(part, to)
    return copied
  } finally {
    await source.close()
  }
}

/** The hash of a file; undefined when it is not there. */
export async function hashFile(file: string): Promise<Copied | undefined> {
  const source = await disk.open(file, 'r').catch(absent)
  if (source === undefined) return undefined
  return await pieces(source, async () => {}).finally(() => source.close())
}

/** Writes a small file, whole under its name and on disk when it resolves. */
export async function putText(file: string, text: string): Promise<void> {
  const part = `${file}.part`
  const target = await disk.open(part, 'w', OWNER_ONLY)
  try {
    await target.writeFile(text)
    await target.sync()
  } finally {
    await target.close()
  }
  await disk.rename(part, file)
  await syncFolder(dirname(file))
}

/** Puts the names in a folder on disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await disk.open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  await handle.sync().finally(() => handle.close())
}

/** Every file below a folder, by its path from there with `/`; nothing when it is not there. */
export async function* filesBelow(folder: string, prefix = ''): AsyncGenerator<string, void> {
  const entries = (await disk.readdir(`${folder}/${prefix}`, { withFileTypes: true }).catch(absent)) ?? []
  for (const entry of entries) {
    const path = `${prefix}${entry.name}`
    if (entry.isDirectory()) yield* filesBelow(folder, `${path}/`)
    else yield path
  }
}

/** Turns "there is no such file" into undefined, and passes every other error on. */
export function absent(error: unknown): undefined {
  if (reasonOf(error) === 'ENOENT') return undefined
  throw error
}

/** The system's name of an error, for a sentence. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

async function pieces(
  source: disk.FileHandle,
  take: (bytes: Uint8Array) => Promise<unknown>,
): Promise<Copied> {
  const hash = createHash('sha256')
  const memory = Buffer.allocUnsafe(PIECE_BYTES)
  let sizeBytes = 0
  for (;;) {
    const { bytesRead } = await source.read(memory, 0, PIECE_BYTES, sizeBytes)
    if (bytesRead === 0) return { sha256: hash.digest('hex'), sizeBytes }
    const bytes = memory.subarray(0, bytesRead)
    hash.update(bytes)
    await take(bytes)
    sizeBytes += bytesRead
  }
}
