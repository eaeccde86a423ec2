/**
 * An answer that is read as it arrives: sound, or records by the thousand.
 */
import { type Ask, sendForStream, type Transport } from './requester.ts'

/** A body on its way. Read `stream` to its end or cancel it: it holds a connection. */
export interface Download {
  readonly stream: ReadableStream<Uint8Array>
  /** 200, or 206 when a range was asked for. */
  readonly status: number
  readonly headers: Headers
}

/** Sends until there is an answer in the 200s. The client's `timeoutMs` ends with its headers. */
export async function download(transport: Transport, ask: Ask): Promise<Download> {
  const { response } = await sendForStream(transport, ask)
  const stream = response.body ?? new ReadableStream({ start: (controller) => controller.close() })
  return { stream, status: response.status, headers: response.headers }
}
