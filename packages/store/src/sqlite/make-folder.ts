/**
 * Makes a folder so that it is still there after a power cut: each new one is written into its parent on disk (storage
 * rule R2). SQLite itself syncs no further up than the folder of its file.
 */
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Makes `folder` and what is missing above it; an existing one is left as it is. */
export function makeFolder(folder: string, options: { readonly mode?: number } = {}): void {
  const first = mkdirSync(folder, { recursive: true, ...options })
  if (first === undefined) return
  const last = dirname(resolve(first))
  for (let made = dirname(resolve(folder)); ; made = dirname(made)) {
    syncFolder(made)
    if (made === last || made === dirname(made)) return
  }
}

/** Puts the names in a folder on disk. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
