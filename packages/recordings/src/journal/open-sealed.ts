/** The cipher that the journal's reader asks for (AES-256-GCM, see `media` journal), made of `node:crypto`. */
import { createDecipheriv } from 'node:crypto'
import type { Open } from '@tandem/media'

const TAG_BYTES = 16

/** Opens what was sealed; undefined when a bit, the key, the nonce or `aad` differs. */
export const openSealed: Open = (key, nonce, aad, sealed) => {
  if (sealed.length < TAG_BYTES) return undefined
  const end = sealed.length - TAG_BYTES
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(aad)
    decipher.setAuthTag(sealed.subarray(end))
    const plain = decipher.update(sealed.subarray(0, end))
    decipher.final()
    return plain
  } catch {
    return undefined // A wrong tag is the answer to a question here, not a failure.
  }
}
