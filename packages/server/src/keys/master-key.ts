/**
 * The master key of 32 bytes, and where it comes from: the setting `key` (environment or file), the output of
 * `keyCommand`, or `keys/master.key` in the data folder, readable by its owner only. While a rotation goes on the next key
 * waits beside it in `keys/master.key.next`, sealed under the present one, so that a kill at any point loses neither.
 */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Secret } from '@tandem/base'
import { StartFailure } from '../start-failure.ts'
import { runKeyCommand } from './key-command.ts'
import { openText, sealText } from './seal.ts'

/** Length of a master key and of all that is derived from it. */
export const KEY_BYTES = 32
const OWNER_ONLY = 0o600
const NEXT_CONTEXT = 'tandem next master key 1'

/** What of the configuration says where the key is. */
export interface KeyConfig {
  readonly dataFolder: string
  readonly key: Secret<string> | undefined
  /** See the setting of that name; none when empty or absent. */
  readonly keyCommand?: string
}

/** A master key, and where it came from. */
export interface MasterKey {
  readonly bytes: Uint8Array
  readonly source: 'key' | 'keyCommand' | 'file'
}

/** Where the key file of a data folder is. */
export function masterKeyFile(dataFolder: string): string {
  return join(dataFolder, 'keys', 'master.key')
}

/** The master key that the configuration names; undefined when that is a file that is not there. Throws `StartFailure`. */
export function findMasterKey(config: KeyConfig): MasterKey | undefined {
  const { dataFolder, key, keyCommand = '' } = config
  if (key !== undefined && keyCommand !== '')
    throw new StartFailure('The settings key and keyCommand are both given: keep one of them.')
  if (key !== undefined) return { bytes: parseKey(key.reveal(), 'The setting key'), source: 'key' }
  if (keyCommand !== '')
    return {
      bytes: parseKey(runKeyCommand(keyCommand), 'What the command of the setting keyCommand prints'),
      source: 'keyCommand',
    }
  const file = masterKeyFile(dataFolder)
  const text = readIfThere(file)
  return text === undefined ? undefined : { bytes: parseKey(text, `The key file ${file}`), source: 'file' }
}

/** A master key from a file that the operator names. Throws `StartFailure`. */
export function readMasterKey(file: string): Uint8Array {
  const text = readIfThere(file)
  if (text === undefined) throw new StartFailure(`The key file ${file} is not there: check its name.`)
  return parseKey(text, `The key file ${file}`)
}

/** Makes the key file of a new data folder; when another process of ours was first, the key is that one's. */
export function makeMasterKey(dataFolder: string): MasterKey {
  const file = masterKeyFile(dataFolder)
  const bytes = new Uint8Array(randomBytes(KEY_BYTES))
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeKeyFile(file, textOf(bytes), 'wx')
    syncFolder(dirname(file))
    return { bytes, source: 'file' }
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return { bytes: readMasterKey(file), source: 'file' }
    throw new StartFailure(
      `The key file ${file} cannot be made (${codeOf(error)}): make the data folder writable for this user, or choose another with --data-folder.`,
    )
  }
}

/** Puts a key in the place of the key file of a data folder, whole or not at all. Throws `StartFailure`. */
export function replaceMasterKey(dataFolder: string, bytes: Uint8Array): void {
  replaceFile(masterKeyFile(dataFolder), textOf(bytes))
}

/** The key of a rotation that was begun. */
export interface NextKey {
  /** Of the key, as `Keys.fingerprint`. */
  readonly fingerprint: string
  /** Undefined when `kek` does not open it: it was sealed under that of a former key. */
  readonly bytes: Uint8Array | undefined
}

/** What a rotation left; undefined when none goes on. `kek`: of the present key. Throws `StartFailure`. */
export function readNextKey(dataFolder: string, kek: Uint8Array): NextKey | undefined {
  const file = nextFile(dataFolder)
  const [fingerprint = '', sealed = ''] = readIfThere(file)?.split('\n') ?? []
  if (fingerprint === '') return undefined
  const text = openText(kek, `${NEXT_CONTEXT} ${fingerprint}`, Buffer.from(sealed, 'base64'))
  return { fingerprint, bytes: text === undefined ? undefined : parseKey(text, `The key file ${file}`) }
}

/** Keeps the key of a rotation for whoever has the present one, on disk when it returns. Throws `StartFailure`. */
export function writeNextKey(
  dataFolder: string,
  kek: Uint8Array,
  next: { readonly fingerprint: string; readonly bytes: Uint8Array },
): void {
  const sealed = sealText(kek, `${NEXT_CONTEXT} ${next.fingerprint}`, textOf(next.bytes).trim())
  const text = `${next.fingerprint}\n${Buffer.from(sealed).toString('base64')}\n`
  replaceFile(nextFile(dataFolder), text)
}

/** Removes it, durable when it returns. */
export function removeNextKey(dataFolder: string): void {
  const file = nextFile(dataFolder)
  if (readIfThere(file) === undefined) return
  rmSync(file, { force: true })
  syncFolder(dirname(file))
}

function nextFile(dataFolder: string): string {
  return `${masterKeyFile(dataFolder)}.next`
}

function textOf(bytes: Uint8Array): string {
  return `${Buffer.from(bytes).toString('base64')}\n`
}

function parseKey(text: string, what: string): Uint8Array {
  const bytes = Buffer.from(text.trim(), 'base64')
  if (bytes.length !== KEY_BYTES || !/^[A-Za-z0-9+/_-]{43}=?$/.test(text.trim()))
    throw new StartFailure(
      `${what} must hold ${KEY_BYTES} bytes in base64; "openssl rand -base64 32" makes one.`,
    )
  return new Uint8Array(bytes)
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw new StartFailure(`The key file ${file} cannot be read (${codeOf(error)}): check its rights.`)
  }
}

function replaceFile(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeKeyFile(`${file}.part`, text, 'w')
    renameSync(`${file}.part`, file)
    syncFolder(dirname(file))
  } catch (error) {
    throw new StartFailure(
      `The key file ${file} cannot be written (${codeOf(error)}): make its folder writable for this user.`,
    )
  }
}

function writeKeyFile(file: string, text: string, flags: 'w' | 'wx'): void {
  const descriptor = openSync(file, flags, OWNER_ONLY)
  try {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  chmodSync(file, OWNER_ONLY) // Whatever the umask was.
}

/** A new name is on disk only once its folder is (storage rule R2). */
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
