/**
 * Request bodies: JSON objects checked against a schema of the contract (contract README §1). An absent or empty body is
 * `{}`, `null` members are absent ones, and members that the schema does not name never get past here, whatever they
 * are called.
 */
import { loadSchemas, type Schemas } from '@tandem/contract'
import type { Static, TObject } from 'typebox'
import type { Validator } from 'typebox/compile'
import { type Failure, invalid } from './failure.ts'

/** Largest body that is read, in bytes: a list of 100 ids is under 8 KiB. */
export const BODY_BYTES_MAX: number = 64 * 1_024

/** Checks a parsed body; throws a `Failure` that names the field. */
export type BodyReader<Schema extends TObject> = (body: unknown) => Promise<Static<Schema>>

/** The schemas of bodies: what the contract calls a request or a change. */
export type BodySchemaName = Extract<keyof Schemas, `${string}Request` | `${string}Change`>

/** Makes the reader of one schema, once. Schema and compiler are loaded at the first use. */
export function bodyReader<Name extends BodySchemaName>(name: Name): BodyReader<Schemas[Name]> {
  let validator: Validator | undefined
  return async (body) => {
    const schema: TObject = (await loadSchemas())[name]
    const value = pick(schema, body)
    validator ??= (await import('typebox/compile')).Compile(schema)
    if (!validator.Check(value)) throw explain(schema, value, validator)
    return value as Static<Schemas[Name]> // Checked just now.
  }
}

/** Parses the bytes of a body. The media type was checked before; nothing at all is an empty object. */
export function parseBody(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return {}
  const text = decodeUtf8(bytes)
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('the body', 'is not valid JSON')
  }
}

/** The text of a body; a 400 when it is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw invalid('the body', 'is not UTF-8')
  }
}

/** Whether a media type is JSON; its parameters (charset) are of no account. */
export function isJson(contentType: string): boolean {
  return /^\s*application\/json\s*(;|$)/i.test(contentType)
}

/**
 * The members that the schema names, own ones only, without those that are `null` where the schema does not take it; the
 * same in objects within.
 */
function pick(schema: TObject, body: unknown): Record<string, unknown> {
  if (body === undefined || body === null) return {}
  if (typeof body !== 'object' || Array.isArray(body)) throw invalid('the body', 'must be a JSON object')
  const picked: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(schema.properties)) {
    if (!Object.hasOwn(body, name)) continue
    const value = (body as Record<string, unknown>)[name] // An object, as checked above.
    if (value === null && !takesNull(member)) continue
    picked[name] = isObjectSchema(member) && isObject(value) ? pick(member, value) : value
  }
  return picked
}

function takesNull(schema: unknown): boolean {
  const { anyOf } = schema as { anyOf?: readonly { type?: string }[] } // Any JSON schema may be looked at so.
  return anyOf?.some((choice) => choice.type === 'null') ?? false
}

function isObjectSchema(schema: unknown): schema is TObject {
  return (schema as { type?: string }).type === 'object' // Any JSON schema may be looked at so.
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function explain(schema: TObject, value: Record<string, unknown>, validator: Validator): Failure {
  const missing = (schema.required as string[] | undefined)?.find((name) => !Object.hasOwn(value, name))
  if (missing !== undefined) return invalid(missing, 'is required')
  const [error] = validator.Errors(value)
  const field = error?.instancePath.replace(/^\//, '').replaceAll('/', '.')
  const choices = error?.keyword === 'enum' ? choicesIn(error.params) : undefined
  const must = choices ?? error?.message ?? 'is not valid'
  return invalid(field === undefined || field === '' ? 'the body' : field, must)
}

function choicesIn(params: object): string | undefined {
  const { allowedValues } = params as { allowedValues?: unknown } // JSON Schema's keyword "enum" says them so.
  return Array.isArray(allowedValues) ? `must be one of ${allowedValues.join(', ')}` : undefined
}
