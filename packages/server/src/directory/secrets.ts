/**
 * Secrets of the directory, stored sealed under the server's key and bound to the thing they belong to: of a device what
 * a digest is checked against (RFC 7616 §3.4.2, RFC 8760), of a mailbox the salted hash of its PIN. Never the password
 * or the PIN itself.
 */
import { createHash, randomBytes } from 'node:crypto'
import { openText, sealText } from '../keys/seal.ts'

/** H(user:realm:password) by both algorithms, lower-case hex. */
export interface Ha1 {
  readonly md5: string
  readonly sha256: string
}

/** The HA1s of a password. */
export function ha1Of(account: {
  readonly user: string
  readonly realm: string
  readonly password: string
}): Ha1 {
  const text = `${account.user}:${account.realm}:${account.password}`
  const hash = (algorithm: string): string => createHash(algorithm).update(text, 'utf8').digest('hex')
  return { md5: hash('md5'), sha256: hash('sha256') }
}

/** Seals the HA1s of one device. */
export function sealHa1(
  kek: Uint8Array,
  device: { readonly orgId: string; readonly id: string },
  ha1: Ha1,
): Uint8Array {
  return sealText(kek, contextOf(device), `${ha1.md5} ${ha1.sha256}`)
}

/** Opens them again; `undefined` when the key or the device is another one. */
export function openHa1(
  kek: Uint8Array,
  device: { readonly orgId: string; readonly id: string },
  sealed: Uint8Array,
): Ha1 | undefined {
  const [md5, sha256] = openText(kek, contextOf(device), sealed)?.split(' ') ?? []
  return md5 === undefined || sha256 === undefined ? undefined : { md5, sha256 }
}

function contextOf(device: { readonly orgId: string; readonly id: string }): string {
  return `sip secret of device ${device.orgId}/${device.id}`
}

/** What a mailbox PIN is checked against: lower-case hex SHA-256 of `salt:pin`. */
export interface PinHash {
  readonly salt: string
  readonly hash: string
}

const SALT_BYTES = 16

/** The hash of a PIN, with a salt of its own unless one is given. */
export function hashPin(pin: string, salt: string = randomBytes(SALT_BYTES).toString('hex')): PinHash {
  return { salt, hash: createHash('sha256').update(`${salt}:${pin}`, 'utf8').digest('hex') }
}

/** Seals the PIN of one line's mailbox: a PIN has few digits, so its hash alone would not keep it secret. */
export function sealPin(
  kek: Uint8Array,
  line: { readonly orgId: string; readonly id: string },
  pin: PinHash,
): Uint8Array {
  return sealText(kek, pinContext(line), `${pin.salt} ${pin.hash}`)
}

/** Opens it again; `undefined` when the key or the line is another one. */
export function openPin(
  kek: Uint8Array,
  line: { readonly orgId: string; readonly id: string },
  sealed: Uint8Array,
): PinHash | undefined {
  const [salt, hash] = openText(kek, pinContext(line), sealed)?.split(' ') ?? []
  return salt === undefined || hash === undefined ? undefined : { salt, hash }
}

function pinContext(line: { readonly orgId: string; readonly id: string }): string {
  return `voicemail pin of line ${line.orgId}/${line.id}`
}
