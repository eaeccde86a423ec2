/** How the store of files says that it cannot give what it should. */

/** The store of files cannot give what it should. */
export class StorageFault extends Error {
  override readonly name = 'StorageFault'
  readonly kind: 'damaged' | 'unreachable' | 'locked'

  constructor(kind: StorageFault['kind'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}
