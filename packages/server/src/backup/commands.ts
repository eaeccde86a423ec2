/**
 * The commands of keys and backups as the CLI calls them. What they need is loaded when they are called: whoever imports
 * this package to start a server carries none of it.
 */

import type { DataConfig } from '../data/open-data.ts'
import type { RotateOptions, Rotation } from '../keys/rotate.ts'
import type { BackupConfig, BackupDone, BackupOptions } from './back-up.ts'
import type { RestoreConfig, RestoreDone, RestoreOptions } from './restore.ts'

/** Makes a backup in a folder, or brings the one there up to date. Throws `StartFailure`, the last one being whole still. */
export async function backUp(
  config: BackupConfig,
  folder: string,
  options: BackupOptions,
): Promise<BackupDone> {
  return (await import('./back-up.ts')).backUp(config, folder, options)
}

/** Copies the wrapped keys of recordings into a folder. Throws `StartFailure`, the copy there being whole still. */
export async function backUpKeys(config: BackupConfig, folder: string): Promise<void> {
  return (await import('./back-up-keys.ts')).backUpKeys(config, folder)
}

/** Restores a backup into the data folder of the configuration. Throws `StartFailure`, having left nothing there. */
export async function restore(config: RestoreConfig, options: RestoreOptions): Promise<RestoreDone> {
  return (await import('./restore.ts')).restore(config, options)
}

/** Proves a backup and keeps nothing of it. Throws `StartFailure`. */
export async function checkBackup(config: RestoreConfig, options: RestoreOptions): Promise<RestoreDone> {
  return (await import('./restore.ts')).checkBackup(config, options)
}

/** Gives a data folder another master key; the server must not run. Throws `StartFailure`. */
export async function rotateKey(config: DataConfig, options: RotateOptions): Promise<Rotation> {
  return (await import('../keys/rotate.ts')).rotateKey(config, options)
}
