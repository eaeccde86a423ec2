/**
 * The `Range` header of a request for a file (RFC 9110 §14). One range is served; several, and what cannot be read,
 * mean the whole file, as the RFC allows.
 */

/** First and last byte, both included. */
export interface RequestedRange {
  readonly start: number
  readonly end: number
}

/** What a `Range` header asks of a file of this size. */
export function requestedRange(
  header: string | undefined,
  sizeBytes: number,
): RequestedRange | 'whole' | 'unsatisfiable' {
  const match = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/.exec(header ?? '')
  if (match === null) return 'whole'
  const [first, last] = [match[1] as string, match[2] as string]
  if (first === '' && last === '') return 'whole'
  if (first === '') {
    const length = Number(last) // The last so many bytes.
    if (length === 0 || sizeBytes === 0) return 'unsatisfiable'
    return { start: Math.max(0, sizeBytes - length), end: sizeBytes - 1 }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return 'whole' // Not a valid range, so it is ignored (§14.1.1).
  if (start >= sizeBytes) return 'unsatisfiable'
  return { start, end: last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1) }
}
