/** The error of a vault that cannot be opened: one sentence for whoever starts the server, which then changes nothing. */

/** See the head of this file. */
export class VaultUnusable extends Error {
  override readonly name = 'VaultUnusable'
}
