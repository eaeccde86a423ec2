/**
 * One request to a transcription endpoint: multipart out, a bounded body back, and every way to fail sorted into what may
 * be tried again (429, 5xx, no connection, no answer in time) and what may not (any other 4xx). The key goes to this
 * address alone: redirects are refused, and no error text repeats it.
 */
import type { Secret } from '@tandem/base'
import { onOneLine } from './tidy-transcript.ts'
import { SENTENCE_CHARACTERS_MAX, TranscriberError } from './transcriber.ts'

/** Largest answer read: ten minutes of speech with all that engines add take far less than one. */
export const ANSWER_BYTES_MAX: number = 8 * 1_024 * 1_024
const PATH = '/audio/transcriptions'

/** Where requests go. */
export interface OpenAiEndpointOptions {
  readonly url: string
  readonly key?: Secret<string>
  readonly requestMs: number
  /** Unix milliseconds, for servers that name a date to come back at. */
  readonly now?: () => number
}

/** A file to be sent. */
export interface UploadedFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly name: string
  readonly contentType: string
}

/** One endpoint. */
export class OpenAiEndpoint {
  readonly #options: OpenAiEndpointOptions
  readonly #url: URL

  constructor(options: OpenAiEndpointOptions) {
    this.#options = options
    this.#url = endpointOf(options.url)
  }

  /** Sends a file with these fields; the answer's body. */
  async post(
    file: UploadedFile,
    fields: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<string> {
    const { key, requestMs } = this.#options
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.set(name, value)
    form.set('file', new Blob([file.bytes], { type: file.contentType }), file.name)
    const patience = AbortSignal.timeout(requestMs)
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        body: form,
        headers: key === undefined ? {} : { authorization: `Bearer ${key.reveal()}` },
        redirect: 'manual',
        signal: AbortSignal.any([signal, patience]),
      })
      const body = await readBody(response)
      if (response.ok) return body
      throw this.#refusal(response, body)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof TranscriberError) throw error
      throw patience.aborted
        ? new TranscriberError(`The transcriber did not answer within ${requestMs / 1_000} s`, {
            again: true,
          })
        : new TranscriberError(`The transcriber cannot be reached: ${this.#plain(causeOf(error))}`, {
            again: true,
          })
    }
  }

  #refusal(response: Response, body: string): TranscriberError {
    const { status } = response
    const said = this.#plain(sentenceOf(body))
    const message = `The transcriber answered ${status}${said === '' ? '' : `: ${said}`}`
    const again = status === 408 || status === 425 || status === 429 || status >= 500
    const retryAfterMs = again ? this.#retryAfter(response.headers.get('retry-after')) : undefined
    return new TranscriberError(message, {
      again,
      status,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
  }

  /** Seconds or a date (RFC 9110 §10.2.3). */
  #retryAfter(header: string | null): number | undefined {
    if (header === null) return undefined
    if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000
    const { now = Date.now } = this.#options
    const at = Date.parse(header)
    return Number.isNaN(at) ? undefined : Math.max(0, at - now())
  }

  /** A text of somebody else's, bounded and without our key. */
  #plain(text: string): string {
    const key = this.#options.key?.reveal() ?? ''
    const plain = onOneLine(key === '' ? text : text.replaceAll(key, '[redacted]'))
    return plain.length <= SENTENCE_CHARACTERS_MAX ? plain : `${plain.slice(0, SENTENCE_CHARACTERS_MAX)}…`
  }
}

/** The address of the operation. */
function endpointOf(text: string): URL {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new RangeError(
      `The transcriber's URL ${JSON.stringify(text)} is not an http or https address such as https://api.openai.com/v1`,
    )
  if (url.username !== '' || url.password !== '')
    throw new RangeError(
      "The transcriber's URL holds a user name or password: give the key as a setting of its own",
    )
  const path = url.pathname.replace(/\/+$/, '')
  url.pathname = path.endsWith(PATH) ? path : `${path}${PATH}`
  return url
}

async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > ANSWER_BYTES_MAX)
      throw new TranscriberError(`The transcriber's answer has more than ${ANSWER_BYTES_MAX} bytes`, {
        again: false,
      })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** OpenAI's `{"error": {"message"}}`, FastAPI's `{"detail"}`, or the text as it is. */
function sentenceOf(body: string): string {
  try {
    const { error, detail, message } = JSON.parse(body) as Readonly<Record<string, unknown>> // Checked one by one.
    const inner = (error as { readonly message?: unknown } | undefined)?.message
    const said = [inner, error, detail, message].find((each) => typeof each === 'string')
    if (typeof said === 'string') return said
  } catch {
    // Not JSON: then the body itself is the sentence.
  }
  return body
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (cause instanceof Error)
    return ('code' in cause && typeof cause.code === 'string' ? `${cause.code} ` : '') + cause.message
  return error.message
}
