/** Something that the phone was told to do and cannot: the message is one sentence that says what to do. */
export class PhoneError extends Error {
  override readonly name = 'PhoneError'
}
