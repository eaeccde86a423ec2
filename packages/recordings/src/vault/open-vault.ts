/**
 * Opens the vault that a URL names (`TANDEM_VAULT_URL`): `file:vault` below the data folder or `file:///srv/vault`, or
 * `s3://bucket/prefix?endpoint=…&region=…&pathStyle=true` with the credentials of the environment. What is wrong with it
 * is said in one sentence at start, before anything is changed.
 */
import * as disk from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FolderStore, PARTS_FOLDER } from './folder-store.ts'
import type { PartForm } from './part-builder.ts'
import { PartFolder } from './part-folder.ts'
import type { RawStore } from './raw-store.ts'
import { openS3Store } from './s3-store.ts'
import { Vault, type VaultKeys } from './vault.ts'
import { codeOf, REAL_DISK, type VaultDisk } from './vault-disk.ts'
import { VaultUnusable } from './vault-unusable.ts'

/** How to open a vault. */
export interface OpenVaultOptions {
  /** Paths are below it; an S3 vault has its spool of parts in `vault/tmp` there. */
  readonly dataFolder: string
  /** How new files are stored: `sealed` with encryption on, `hashed` with encryption off. */
  readonly form: PartForm['kind']
  /** Where what belongs to nothing goes; on the volume of a folder vault. `quarantine` in the data folder by default. */
  readonly quarantine?: string
  /** Opens and makes the keys of recordings; needed to seal, and to read what was sealed. */
  readonly keys?: VaultKeys
  /** `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION` are read from it. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The file system, for tests that make it fail. */
  readonly disk?: VaultDisk
}

/** Opens a vault, making its folders where they are missing. Fails with a `VaultUnusable`. */
export async function openVault(url: string, options: OpenVaultOptions): Promise<Vault> {
  const { dataFolder, form, keys, disk: vaultDisk = REAL_DISK } = options
  const quarantine = options.quarantine ?? join(dataFolder, 'quarantine')
  const isFolder = url.startsWith('file:')
  if (!isFolder && !url.startsWith('s3:')) {
    throw new VaultUnusable(`The vault ${schemeOf(url)} is of no kind that is known: use file:… or s3://….`)
  }
  const folder = isFolder ? folderOf(url, dataFolder) : join(dataFolder, 'vault')
  const parts = await openParts(folder, { quarantine, disk: vaultDisk })
  const store: RawStore = isFolder
    ? new FolderStore(folder, { quarantine, disk: vaultDisk })
    : await openS3Store(url, { env: options.env ?? {} })
  return new Vault({ store, parts, form, ...(keys === undefined ? {} : { keys }) })
}

async function openParts(
  folder: string,
  options: { readonly quarantine: string; readonly disk: VaultDisk },
): Promise<PartFolder> {
  const path = join(folder, PARTS_FOLDER)
  try {
    await disk.mkdir(path, { recursive: true, mode: 0o700 })
    await disk.access(path, disk.constants.W_OK | disk.constants.X_OK)
  } catch (cause) {
    const why = codeOf(cause)
    const message = `The folder of the vault, ${folder}, cannot be written (${why}): make it writable for this user.`
    throw new VaultUnusable(message, { cause })
  }
  await options.disk.syncFolder(folder)
  return new PartFolder(path, options)
}

/** The folder of a vault that is one on this machine; undefined for an object store. Fails with a `VaultUnusable`. */
export function vaultFolder(url: string, dataFolder: string): string | undefined {
  return url.startsWith('file:') ? folderOf(url, dataFolder) : undefined
}

function folderOf(url: string, dataFolder: string): string {
  if (!url.startsWith('file://')) return resolve(dataFolder, url.slice('file:'.length))
  try {
    return fileURLToPath(url)
  } catch (cause) {
    const message = 'The vault is no folder of this machine: write file:name or file:///absolute/path.'
    throw new VaultUnusable(message, { cause })
  }
}

/** What stands before the colon: a URL may hold secrets, so no more of it is shown. */
function schemeOf(url: string): string {
  return url.includes(':') ? url.slice(0, url.indexOf(':') + 1) : 'URL'
}
