/**
 * The sealed secrets that a plan ends in: the ones that are there as long as they still fit, so that applying a file
 * again changes nothing; new ones only where the file gives another password or PIN.
 */
import type { Selectable } from '@tandem/store'
import type { DeviceTable } from '../data/tables.ts'
import type { DocumentReader } from './entry-reader.ts'
import type { DeviceEntry } from './line-document.ts'
import { ha1Of, hashPin, openHa1, openPin, sealHa1, sealPin } from './secrets.ts'

/** The sealed PIN of a line's mailbox; null: none. Without a PIN in the file the mailbox keeps the one it has. */
export function plannedPin(
  kek: Uint8Array,
  line: { readonly orgId: string; readonly id: string },
  pin: string | undefined,
  kept: Uint8Array | null,
): Uint8Array | null {
  if (pin === undefined) return kept
  if (pin === 'none') return null
  const stored = kept === null ? undefined : openPin(kek, line, kept)
  if (stored !== undefined && hashPin(pin, stored.salt).hash === stored.hash) return kept
  return sealPin(kek, line, hashPin(pin))
}

/** The sealed secret of a phone, and the password when it had to be made. */
export interface PlannedSecret {
  readonly secret: Uint8Array
  readonly made?: string
}

/** What a phone's secret is made with. `newPassword` is asked when a password is needed and none is given. */
export interface SecretOptions {
  readonly kek: Uint8Array
  readonly reader: DocumentReader
  readonly newPassword?: () => string
}

/** The secret of a phone; an error and nothing when there is no password to make it from. */
export function plannedSecret(
  options: SecretOptions,
  device: { readonly orgId: string; readonly id: string; readonly realm: string },
  entry: DeviceEntry,
  old: Selectable<DeviceTable> | undefined,
): PlannedSecret {
  const { kek, reader, newPassword } = options
  const { realm } = device
  const kept = old?.realm === realm && old.sip_user === entry.sipUser ? old.secret : undefined
  if (entry.sipPassword === undefined) {
    if (kept !== undefined) return { secret: kept }
    if (newPassword !== undefined) {
      const made = newPassword()
      return { secret: sealHa1(kek, device, ha1Of({ user: entry.sipUser, realm, password: made })), made }
    }
    const why = old === undefined ? 'for a new device' : 'when the SIP user or the first domain changes'
    reader.fail([...entry.path, 'sipPassword'], `is missing; it is needed ${why}`)
    return { secret: new Uint8Array() }
  }
  const ha1 = ha1Of({ user: entry.sipUser, realm, password: entry.sipPassword })
  const stored = kept === undefined ? undefined : openHa1(kek, device, kept)
  if (kept !== undefined && stored?.sha256 === ha1.sha256 && stored.md5 === ha1.md5) return { secret: kept }
  return { secret: sealHa1(kek, device, ha1) }
}
