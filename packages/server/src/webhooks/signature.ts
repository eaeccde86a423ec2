/**
 * How a delivery is signed (contract, webhooks §7): the signature of Webex over the body, and the headers of the Standard
 * Webhooks specification over id, time and body. Both are made of the exact bytes that are sent.
 */
import { createHmac } from 'node:crypto'

/** Marks a secret whose rest is a key in base64 (Standard Webhooks). */
const SECRET_PREFIX = 'whsec_'

/** The headers of one attempt. `atMs` is its moment in Unix milliseconds. */
export function signatureHeaders(delivery: {
  readonly id: string
  readonly atMs: number
  readonly body: Uint8Array
  readonly secret: string | undefined
}): Readonly<Record<string, string>> {
  const { id, body, secret } = delivery
  const timestamp = String(Math.floor(delivery.atMs / 1_000))
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp }
  if (secret === undefined) return headers
  return {
    ...headers,
    'webhook-signature': `v1,${createHmac('sha256', standardKey(secret)).update(`${id}.${timestamp}.`).update(body).digest('base64')}`,
    'X-Spark-Signature': createHmac('sha1', secret).update(body).digest('hex'),
  }
}

/** The decoded part of `whsec_…`, else the bytes of the whole secret. What is no base64 is no key: it counts whole. */
function standardKey(secret: string): Uint8Array {
  const rest = secret.slice(SECRET_PREFIX.length)
  if (!secret.startsWith(SECRET_PREFIX) || !/^[A-Za-z0-9+/]+={0,2}$/.test(rest)) return Buffer.from(secret)
  return Buffer.from(rest, 'base64')
}
