/** The key-encryption keys as the library takes them: each by the public id that wrapped keys name. */
import { type KeyRing, keyIdOf } from '@tandem/recordings'
import type { Keys } from './keys.ts'

/** The ring of a server's keys: the present one, and those that open older wrappings during a rotation. */
export function ringOf(keys: Pick<Keys, 'kek' | 'others'>): KeyRing {
  const named = (key: Uint8Array): KeyRing['current'] => ({ id: keyIdOf(key), key })
  return { current: named(keys.kek), others: keys.others.map(named) }
}
