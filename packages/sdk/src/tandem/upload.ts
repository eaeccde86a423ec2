/**
 * Sends the media of an import piece by piece, each from the byte that the server is missing. What arrived stays there
 * when the connection breaks, so that nothing is sent twice but what was under way; then the server checks the whole.
 */
import { ConnectionFailed, InvalidArgument, TimedOut, WebexApiError } from '../error/webex-error.ts'
import { sleep } from '../http/clock.ts'
import { sendForJson, type Transport } from '../http/requester.ts'
import type { CallOptions } from '../options.ts'
import type { RecordingImport } from '../wire.ts'
import { lengthOf, type Pieces } from './pieces.ts'

/** Bytes in one request: half a minute on a slow line, and little to send again after a break. */
export const PIECE_BYTES: number = 8 * 1_024 * 1_024
/** Attempts in a row that bring the upload no further before it is given up. */
export const FRUITLESS_MAX = 6
/** Wait after the first of them; it doubles. */
const FRUITLESS_WAIT_MS = 500
/** How often is asked whether a check is over: it reads the whole file, and may encode it. */
const CHECK_WAIT_MS = 1_000

/** How far an upload is. */
export interface UploadProgress {
  readonly receivedBytes: number
  readonly sizeBytes: number
}

/** What is uploaded, and where to. */
export interface Upload {
  readonly media: URL
  /** How far it is as far as is known. */
  readonly state: RecordingImport
  readonly get: () => Promise<RecordingImport>
  readonly pieces: Pieces
  /** Length of the whole where the source does not know it; else what was said when the import began. */
  readonly sizeBytes: number | undefined
  readonly onProgress: ((progress: UploadProgress) => void) | undefined
}

/** Sends until the server has everything and has checked it; gives the import as it ended. */
export async function upload(
  transport: Transport,
  { media, state: begun, get, pieces, sizeBytes, onProgress }: Upload,
  options: CallOptions,
): Promise<RecordingImport> {
  const { signal } = options
  let state = begun
  const total = pieces.sizeBytes ?? sizeBytes ?? state.sizeBytes
  if (total === undefined)
    throw new InvalidArgument(
      'a stream does not know its length: give sizeBytes, here or when the import begins',
    )
  if (total === 0) throw new InvalidArgument('the media is empty')
  for (let fruitless = 0; ; ) {
    if (state.state === 'checking') {
      await sleep(transport.clock, CHECK_WAIT_MS, signal)
      state = await get()
      continue
    }
    if (state.state !== 'waiting' && state.state !== 'receiving') return state
    const before = state.receivedBytes
    try {
      state = await sendPiece(transport, { media, pieces, offset: before, total }, options)
    } catch (error) {
      if (isRefusal(error)) return await refused(get, error)
      if (!isPassing(error) || ++fruitless > FRUITLESS_MAX) throw error
      await sleep(transport.clock, FRUITLESS_WAIT_MS * 2 ** (fruitless - 1), signal)
      state = await get()
    }
    if (state.receivedBytes > before) fruitless = 0
    onProgress?.({ receivedBytes: state.receivedBytes, sizeBytes: total })
  }
}

async function sendPiece(
  transport: Transport,
  part: { readonly media: URL; readonly pieces: Pieces; readonly offset: number; readonly total: number },
  options: CallOptions,
): Promise<RecordingImport> {
  const { media, pieces, offset, total } = part
  const piece = await pieces.read(offset, Math.min(PIECE_BYTES, total - offset))
  const bytes = lengthOf(piece)
  if (bytes === 0 && offset < total)
    throw new InvalidArgument(`the media ends at byte ${offset}, although it should have ${total}`)
  // With nothing left to send, the server is only told that this was all.
  const range = bytes === 0 ? `bytes */${total}` : `bytes ${offset}-${offset + bytes - 1}/${total}`
  const headers = { 'content-type': 'application/octet-stream', 'content-range': range }
  const ask = { method: 'PUT', url: media, bytes: piece, headers, options } as const
  return (await sendForJson(transport, ask)).body as RecordingImport // What a 200 of this path carries.
}

/** Media that cannot be read is refused in the answer to its last piece: the import tells why. */
function isRefusal(error: unknown): boolean {
  return error instanceof WebexApiError && error.status === 400
}

async function refused(get: () => Promise<RecordingImport>, error: unknown): Promise<RecordingImport> {
  const state = await get()
  if (state.state === 'failed') return state
  throw error
}

/** Whether asking the server how far it is may help: it or the way there failed, or it has another offset in mind. */
function isPassing(error: unknown): boolean {
  if (error instanceof ConnectionFailed || error instanceof TimedOut) return true
  return error instanceof WebexApiError && [409, 502, 503, 504].includes(error.status)
}
