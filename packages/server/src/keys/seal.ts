/** Secrets of the server's own tables, sealed under its key-encryption key: see `sealed-text.ts` of the store. */
import * as store from '@tandem/store'

/** Seals `text` for the place named by `context`. */
export function sealText(kek: Uint8Array, context: string, text: string): Uint8Array {
  return store.sealText(kek, context, text)
}

/** Opens what `sealText` made for the same place with the same key; `undefined` for anything else. */
export function openText(kek: Uint8Array, context: string, sealed: Uint8Array): string | undefined {
  return store.openText(kek, context, sealed)
}
