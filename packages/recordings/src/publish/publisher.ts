/**
 * One recording from its journal to its row, in the order that leaves no half of it behind at any crash (rule R2):
 * part whole and proved; synced, renamed, folder synced; row and event in one commit. Each step may be repeated: the
 * part is made anew, the rename replaces, the row and its event are added once.
 */
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { EncoderPool } from '../encode/encoder-pool.ts'
import { type Vault, vaultKey } from '../vault/vault.ts'

/** What the publisher works with. */
export interface PublisherOptions {
  readonly catalogue: Catalogue
  readonly vault: Vault
  readonly pool: Pick<EncoderPool, 'finish'>
  readonly storageRegion: string
  readonly now: () => number
}

/** Publishes recordings. */
export class Publisher {
  readonly #options: PublisherOptions

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  /**
   * Makes a recording available; `cut` is the reason to show if its journal has no end. Returns false when it was
   * available already. Fails with whatever stood in the way, and can then be asked again.
   */
  async publish(id: string, cut: string): Promise<boolean> {
    const { catalogue, vault, pool, storageRegion, now } = this.#options
    if (await catalogue.has(id)) return false
    const assembled = await pool.finish(id, cut)
    const { orgId, startedAt } = assembled.facts.opening
    const key = vaultKey(orgId, startedAt, id)
    await vault.publish(id, key)
    return catalogue.add({ ...assembled, createTime: now(), vaultKey: key, storageRegion })
  }
}
