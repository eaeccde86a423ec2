/**
 * Fetches a file over its signed link (contract, converged-recordings §5). The link carries its own right: neither the
 * token nor any header of the API goes to it. `timeoutMs` ends with the headers.
 */
import { InvalidArgument, NoDownloadLink } from '../error/webex-error.ts'
import type { CallOptions } from '../options.ts'
import { type Download, download } from './download.ts'
import type { Transport } from './requester.ts'

/** How a file of a recording is downloaded. */
export interface DownloadOptions extends CallOptions {
  /** Bytes to fetch, both ends included; without `end` up to the end of the file. */
  readonly range?: { readonly start: number; readonly end?: number } | undefined
}

/** A link as the details carry it, and what it is for, in the words of an error. */
export interface FileLink {
  readonly recordingId: string
  readonly what: 'audio' | 'video' | 'transcript'
  readonly link: string | undefined
}

/** Fetches it; `NoDownloadLink` when the caller was given none. */
export async function downloadLink(
  transport: Transport,
  { recordingId, what, link }: FileLink,
  options: DownloadOptions,
): Promise<Download> {
  const headers = rangeHeader(options.range)
  if (link === undefined || link === '') throw new NoDownloadLink(noLink(recordingId, what))
  const url = URL.canParse(link, transport.baseUrl) ? new URL(link, transport.baseUrl) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new NoDownloadLink(`the ${what} link of recording ${recordingId} is not a web address`)
  const { signal } = options
  return download(transport, { method: 'GET', url, headers, anonymous: true, options: { signal } })
}

function noLink(recordingId: string, what: FileLink['what']): string {
  const none = what === 'audio' ? '' : `, or it has no ${what}`
  return `recording ${recordingId} has no ${what} link for this caller: ask as its owner or as a compliance officer${none}`
}

/** Refuses a range that no server would take. */
export function rangeHeader(range: DownloadOptions['range']): Record<string, string> {
  if (range === undefined) return {}
  const { start, end } = range
  const sound =
    Number.isInteger(start) && start >= 0 && (end === undefined || (Number.isInteger(end) && end >= start))
  if (!sound)
    throw new InvalidArgument('range must have whole numbers, start from 0 and end not before start')
  return { range: `bytes=${start}-${end ?? ''}` }
}
