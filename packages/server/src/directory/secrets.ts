/**
 * SIP secrets of devices: what a digest is checked against (RFC 7616 §3.4.2, RFC 8760), never the password itself.
 * Stored sealed under the server's key, bound to its organisation and device.
 */
import { createHash } from 'node:crypto'
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
