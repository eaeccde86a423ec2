/**
 * The folder that holds journal segments, behind the smallest interface that a test can make fail.
 *
 * Storage rules R2 and R4 (promises): a segment is created exclusively, its header and its name are on disk before
 * it is used, and what the disk refuses is thrown, once, without another try.
 */
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open as openFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StartError } from '../start-error.ts'

/** One segment being written. Every method rejects with what the disk said. */
export interface SegmentFile {
  /** Appends all of `bytes`; after it the kernel has them. */
  write(bytes: Uint8Array): Promise<void>
  /** After it the disk has everything written before. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** Where segments are made. */
export interface JournalFolder {
  /** A new segment that begins with `header`: file and folder are synced when this resolves. */
  create(name: string, header: Uint8Array): Promise<SegmentFile>
}

/** Makes sure the folder is there and can be written, or throws a `StartError` that names it. */
export async function openJournalFolder(path: string): Promise<JournalFolder> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    const probe = await openFile(path, constants.O_RDONLY | constants.O_DIRECTORY)
    await probe.sync().finally(() => probe.close())
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN'
    throw new StartError(
      `Cannot use the journal folder ${path}: the system says ${code}; make it writable for this user.`,
      { cause: error },
    )
  }
  return { create: (name, header) => createSegment(path, name, header) }
}

async function createSegment(folder: string, name: string, header: Uint8Array): Promise<SegmentFile> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND
  const file = await openFile(join(folder, name), flags, 0o600)
  try {
    await writeAll(file, header)
    await file.sync()
    const directory = await openFile(folder, constants.O_RDONLY | constants.O_DIRECTORY)
    await directory.sync().finally(() => directory.close())
  } catch (error) {
    await file.close()
    throw error
  }
  return {
    write: (bytes) => writeAll(file, bytes),
    sync: () => file.datasync(),
    close: () => file.close(),
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done)
    if (bytesWritten === 0) throw Object.assign(new Error('short write'), { code: 'EIO' })
    done += bytesWritten
  }
}
