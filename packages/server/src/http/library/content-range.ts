/**
 * `Content-Range` of an upload (RFC 9110 §14.4, §14.5): which bytes of the file a request sends. `bytes a-b/total` is a
 * stretch, the last one when it reaches the end; `bytes a-b/*` is never the last; `bytes *` with a total and no bytes says
 * that everything was sent.
 */
import { IMPORT_BYTES_MAX } from '@tandem/contract'
import { Failure, invalid } from '../failure.ts'

/** What a request sends. */
export interface SentRange {
  readonly offset: number
  /** Bytes of the stretch; undefined when the body says it by its end. */
  readonly lengthBytes?: number
  /** Of the whole file. */
  readonly totalBytes?: number
  /** Whether the file is whole with it. */
  readonly isLast: boolean
}

/** A body without the header is the whole file. */
const WHOLE: SentRange = { offset: 0, isLast: true }

/** Reads the header against what the body announces; a 400 that says what is wrong, 413 for more than is taken. */
export function sentRange(header: string | undefined, bodyBytes: number | undefined): SentRange {
  const range = header === undefined ? WHOLE : rangeOf(header)
  const { offset, lengthBytes, totalBytes } = range
  const end = totalBytes ?? offset + (lengthBytes ?? bodyBytes ?? 0)
  if (end > IMPORT_BYTES_MAX)
    throw new Failure('body_too_large', `The media must have at most ${IMPORT_BYTES_MAX} bytes`)
  if (lengthBytes !== undefined && bodyBytes !== undefined && bodyBytes !== lengthBytes)
    throw invalid('Content-Range', `names ${lengthBytes} bytes where the body has ${bodyBytes}`)
  return range
}

function rangeOf(header: string): SentRange {
  const match = /^bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)$/.exec(header.trim())
  if (match === null) throw unreadable()
  const [, first, last, total] = match
  const totalBytes = total === '*' ? undefined : Number(total)
  if (first === undefined || last === undefined) {
    if (totalBytes === undefined) throw unreadable()
    return { offset: totalBytes, lengthBytes: 0, totalBytes, isLast: true }
  }
  const [offset, end] = [Number(first), Number(last) + 1]
  if (end <= offset || end > (totalBytes ?? end)) throw unreadable()
  const lengthBytes = end - offset
  if (totalBytes === undefined) return { offset, lengthBytes, isLast: false }
  return { offset, lengthBytes, totalBytes, isLast: end === totalBytes }
}

function unreadable(): Failure {
  return invalid('Content-Range', 'must be such as bytes 0-1023/4096')
}
