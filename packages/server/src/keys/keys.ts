/**
 * The keys of the server, all derived from one master key (HKDF-SHA-256, RFC 5869): the key that wraps the keys of
 * recordings and seals SIP secrets, and the key that signs download links. Whoever has the master key can open the
 * recordings; without it nobody can. Which one the data belong to, the fingerprint beside them says.
 */
import { hkdfSync } from 'node:crypto'
import { KEY_BYTES } from './master-key.ts'

/** The keys, 32 bytes each. */
export interface Keys {
  /** Wraps the data key of each recording and seals the secrets of devices. */
  readonly kek: Uint8Array
  /** Keys of that kind that may still open what was wrapped under them, while a rotation goes on. */
  readonly others: readonly Uint8Array[]
  /** Signs download links. */
  readonly linkKey: Uint8Array
  /** Tells whether the data belongs to this master key; may be stored beside the data. */
  readonly fingerprint: string
}

/** The keys that come from a master key. */
export function derive(master: Uint8Array): Keys {
  const key = (purpose: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', master, new Uint8Array(0), `tandem ${purpose} 1`, KEY_BYTES))
  return {
    kek: key('key encryption'),
    others: [],
    linkKey: key('download links'),
    fingerprint: Buffer.from(key('fingerprint')).toString('hex').slice(0, 32),
  }
}

/** The keys of the master key whose fingerprint the data bear, the others beside it; undefined when it is none of them. */
export function chooseKeys(masters: readonly Uint8Array[], fingerprint: string): Keys | undefined {
  const all = masters.map(derive)
  const keys = all.find((each) => each.fingerprint === fingerprint)
  if (keys === undefined) return undefined
  return { ...keys, others: all.filter((each) => each !== keys).map((each) => each.kek) }
}
