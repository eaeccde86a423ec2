/**
 * The way in for who opens a vault without a URL and without keys: files are written bare there, as releases before
 * encryption did. `openVault` is the way in for a server.
 */
import { join } from 'node:path'
import { openVault } from './open-vault.ts'
import type { Vault } from './vault.ts'
import { REAL_DISK, type VaultDisk } from './vault-disk.ts'

export { REAL_DISK, type VaultDisk }

/** See the head of this file. */
export const FolderVault = {
  /** Makes the folders where they are missing. */
  open(folder: string, options: { readonly quarantine: string; readonly disk?: VaultDisk }): Promise<Vault> {
    return openVault(`file:${folder}`, { dataFolder: join(folder, '..'), form: 'bare', ...options })
  },
}
