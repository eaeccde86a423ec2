/**
 * Reads an error body of any shape that clients meet: the contract's, Webex's older one with nested `error`
 * lists, and plain text. A member that is missing or of the wrong type costs only itself.
 */

/** One entry of the list of errors. */
export interface ErrorDetail {
  readonly description: string
  readonly code?: number
}

/** What could be read. */
export interface ErrorBodyFacts {
  readonly message: string | undefined
  readonly code: number | undefined
  readonly errors: readonly ErrorDetail[]
  readonly trackingId: string | undefined
}

const TEXT_CHARACTERS_MAX = 500 // Of a plain-text body: a proxy's HTML page would drown the message.

/** Takes a body apart; never fails. */
export function readErrorBody(rawBody: string): ErrorBodyFacts {
  const body = parseObject(rawBody)
  if (body === undefined) {
    const text = rawBody.trim().slice(0, TEXT_CHARACTERS_MAX)
    return { message: text === '' ? undefined : text, code: undefined, errors: [], trackingId: undefined }
  }
  const errors = [...readErrors(body['errors']), ...readNested(body['error'])]
  const code = errors.find((error) => error.code !== undefined)?.code
  return {
    message: readText(body['message']) ?? readText(body['error']),
    code: code ?? readCode(body['errorCode']) ?? readCode(body['code']),
    errors,
    trackingId: readText(body['trackingId']),
  }
}

function readErrors(list: unknown): ErrorDetail[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((entry: unknown) => {
    if (typeof entry === 'string') return [{ description: entry }]
    if (!isObject(entry)) return []
    const description = readText(entry['description']) ?? readText(entry['message'])
    const code = readCode(entry['errorCode']) ?? readCode(entry['code'])
    if (description === undefined && code === undefined) return []
    return [{ description: description ?? `error ${code}`, ...(code === undefined ? {} : { code }) }]
  })
}

/** `{"error":[{"key":"400","message":[{"description":"…","code":400}]}]}`. */
function readNested(list: unknown): ErrorDetail[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((entry: unknown) => {
    if (!isObject(entry)) return []
    return typeof entry['message'] === 'string' ? readErrors([entry]) : readErrors(entry['message'])
  })
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined // Not JSON: the caller shows the text itself.
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function readCode(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined
}
