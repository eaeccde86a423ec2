/**
 * Why a recording was not imported, as one sentence for whoever sent it: what is wrong with the file or with what was
 * said of it. Faults of our own store are `StorageFault`s and leave the import to be tried again.
 */

/**
 * - `empty`: no bytes.
 * - `unknown`: of no kind that is read here.
 * - `damaged`: of a known kind, but not to be read as it.
 * - `cut-off`: its end is missing.
 * - `encrypted`: protected by a key that is not ours.
 * - `silent`: it holds no sound, or lasts for no time.
 * - `too-large`: above `MEDIA_BYTES_MAX`, or than was announced.
 * - `mismatch`: another file than was announced.
 * - `request`: what was said of it does not fit it.
 * - `changed`: somebody wrote to the file while it was read.
 */
export type ImportFaultKind =
  | 'empty'
  | 'unknown'
  | 'damaged'
  | 'cut-off'
  | 'encrypted'
  | 'silent'
  | 'too-large'
  | 'mismatch'
  | 'request'
  | 'changed'

/** The one error of imported media. Its message is for people, in one sentence. */
export class ImportFault extends Error {
  override readonly name = 'ImportFault'
  readonly kind: ImportFaultKind

  constructor(kind: ImportFaultKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}
