/** What a vault in a folder asks of the file system, so that a test can make each step fail or die. */
import { constants } from 'node:fs'
import * as disk from 'node:fs/promises'

/** The steps that make and unmake names, and put them on disk (storage rules R2, R3). */
export interface VaultDisk {
  mkdir(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  syncFile(path: string): Promise<void>
  syncFolder(path: string): Promise<void>
}

/** The real disk. */
export const REAL_DISK: VaultDisk = {
  async mkdir(path) {
    await disk.mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
  },
  rename: (from, to) => disk.rename(from, to),
  unlink: (path) => disk.unlink(path),
  async syncFile(path) {
    const file = await disk.open(path, 'r+')
    await file.sync().finally(() => file.close())
  },
  async syncFolder(path) {
    const folder = await disk.open(path, constants.O_RDONLY | constants.O_DIRECTORY)
    await folder.sync().finally(() => folder.close())
  },
}

/** Turns "there is no such file" into undefined, and passes every other error on. */
export function absent(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
  throw error
}

/** The system's name of an error, or nothing. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
