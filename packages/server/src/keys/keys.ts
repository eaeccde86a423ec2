/**
 * The keys of the server, all derived from one master key of 32 bytes (HKDF-SHA-256, RFC 5869): the key that wraps the
 * keys of recordings and seals SIP secrets, and the key that signs download links.
 *
 * The master comes from the setting `key`, or from `keys/master.key` in the data folder, which is made at the first
 * start, readable by its owner only. Whoever has it can open the recordings; without it nobody can.
 */
import { hkdfSync, randomBytes } from 'node:crypto'
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Secret } from '@tandem/base'
import { StartFailure } from '../start-failure.ts'

const KEY_BYTES = 32
const OWNER_ONLY = 0o600

/** The keys, 32 bytes each. */
export interface Keys {
  /** Wraps the data key of each recording and seals the secrets of devices. */
  readonly kek: Uint8Array
  /** Signs download links. */
  readonly linkKey: Uint8Array
  /** Tells whether the data belongs to this master key; may be stored beside the data. */
  readonly fingerprint: string
}

/** Opens or makes the keys of a data folder. Throws `StartFailure`. */
export function openKeys(dataFolder: string, given: Secret<string> | undefined): Keys {
  const file = join(dataFolder, 'keys', 'master.key')
  if (given !== undefined) return derive(parseKey(given.reveal(), 'The setting key'))
  return derive(parseKey(readKeyFile(file) ?? makeKeyFile(file), `The key file ${file}`))
}

/** The keys that come from a master key. */
export function derive(master: Uint8Array): Keys {
  const key = (purpose: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', master, new Uint8Array(0), `tandem ${purpose} 1`, KEY_BYTES))
  return {
    kek: key('key encryption'),
    linkKey: key('download links'),
    fingerprint: Buffer.from(key('fingerprint')).toString('hex').slice(0, 32),
  }
}

function parseKey(text: string, what: string): Uint8Array {
  const bytes = Buffer.from(text.trim(), 'base64')
  if (bytes.length !== KEY_BYTES || !/^[A-Za-z0-9+/_-]{43}=?$/.test(text.trim()))
    throw new StartFailure(
      `${what} must hold ${KEY_BYTES} bytes in base64; "openssl rand -base64 32" makes one.`,
    )
  return bytes
}

function readKeyFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined // The first start makes it.
    throw new StartFailure(`The key file ${file} cannot be read (${codeOf(error)}): check its rights.`)
  }
}

function makeKeyFile(file: string): string {
  const text = `${randomBytes(KEY_BYTES).toString('base64')}\n`
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const descriptor = openSync(file, 'wx', OWNER_ONLY)
    try {
      writeSync(descriptor, text)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    chmodSync(file, OWNER_ONLY) // Whatever the umask was.
    syncFolder(dirname(file))
    return text
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return readFileSync(file, 'utf8') // Another process of ours was first.
    throw new StartFailure(
      `The key file ${file} cannot be made (${codeOf(error)}): make the data folder writable for this user, or choose another with --data-folder.`,
    )
  }
}

/** A new file is on disk only once its folder is (storage rule R2). */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
