/**
 * The tracking id: one for each logical call, with a suffix for each further attempt, so that the server's log
 * shows both what belongs together and what was repeated.
 */

/** A new id. `randomUUID` is missing in browsers without TLS, so the bits are set here (RFC 9562 §5.4). */
export function newTrackingId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return `TANDEM_${uuid}`
}

/** The id of attempt `attempt`, counted from 1. */
export function attemptTrackingId(trackingId: string, attempt: number): string {
  return attempt === 1 ? trackingId : `${trackingId}_${attempt}`
}
